"""CSV files as people really have them."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay.data.errors import DataError
from nnplay.data.tables import choose_target, default_features, read_csv, read_table


def read(text: str | bytes, name: str = "my.csv"):
    return read_csv(text.encode() if isinstance(text, str) else text, name)


def column(table, name: str) -> list[float]:
    return next(c.values.tolist() for c in table.columns if c.name == name)


def refused(text: str | bytes) -> str:
    with pytest.raises(DataError) as caught:
        read(text)
    assert "my.csv" in str(caught.value)
    return str(caught.value)


PLAIN = "a,b,c\n1,2,x\n3.5,-4,y\n"


def check_plain(table) -> None:
    assert table.column_names == ("a", "b", "c")
    assert column(table, "a") == [1.0, 3.5]
    assert column(table, "b") == [2.0, -4.0]
    assert table.columns[2].categories == ("x", "y")
    assert table.notes == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, newline: str):
    check_plain(read(PLAIN.replace(",", delimiter).replace("\n", newline)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_no_part_of_the_first_name(encoding: str):
    check_plain(read(PLAIN.encode(encoding)))


def test_windows_1252():
    table = read("größe,art\n1,süß\n2,groß\n3,süß\n".encode("cp1252"))
    assert table.column_names == ("größe", "art")
    assert table.columns[1].categories == ("groß", "süß")


def test_semicolons_with_decimal_commas():
    table = read("x;y;t\n0,5;-1,25;3\n1;2,0;4\n")
    assert column(table, "x") == [0.5, 1.0]
    assert column(table, "y") == [-1.25, 2.0]
    assert column(table, "t") == [3.0, 4.0]


def test_decimal_commas_without_a_header_do_not_turn_into_columns():
    table = read("1,5;2,5;3,5\n4,5;5,5;6,5\n7,5;8,5;9,5\n")
    assert table.column_names == ("column1", "column2", "column3")
    assert column(table, "column2") == [2.5, 5.5, 8.5]


def test_thousands_with_dots_beside_decimal_commas():
    table = read("x;t\n1.234,5;1\n999,25;2\n12.345;3\n")
    assert column(table, "x") == [1234.5, 999.25, 12345.0]


def test_dots_in_a_semicolon_file_are_decimal_dots():
    assert column(read("x;t\n1.234;1\n0.5;2\n"), "x") == [1.234, 0.5]


def test_tabs_with_decimal_commas():
    assert column(read("x\tt\n1,5\t1\n2,5\t2\n"), "x") == [1.5, 2.5]


def test_quotes_with_delimiters_newlines_and_doubled_quotes():
    table = read('name,v\n"Doe, Jane",1\n"two\nlines",2\n"say ""hi""",3\n"Doe, Jane",bad,5\n')
    assert table.columns[0].categories == ("Doe, Jane", 'say "hi"', "two\nlines")
    assert table.lines.tolist() == [2, 3, 5]
    assert any("Line 6" in note for note in table.notes)


def test_blanks_around_cells_and_empty_lines_do_not_matter():
    check_plain(read("\n\n a , b, c \n1, 2 ,x\n\n   \n3.5,-4, y\n\n"))


def test_a_sep_line_of_a_spreadsheet_program():
    table = read("sep=;\nx;t\n1,5;1\n2,5;2\n")
    assert column(table, "x") == [1.5, 2.5]
    assert table.lines.tolist() == [3, 4]


def test_trailing_delimiters():
    check_plain(read("a,b,c\n1,2,x,\n3.5,-4,y,,\n"))


def test_a_file_without_header_gets_names_and_says_so():
    table = read("1,2\n3,4\n5,6\n")
    assert table.column_names == ("column1", "column2")
    assert table.row_count == 3
    assert any("column1" in note for note in table.notes)


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        ("a,b\n1,2\n3,4\n", ("a", "b"), 2),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n7,3.2,virginica\n", None, 3),
        ("name,city\nann,rome\nbob,oslo\n", ("name", "city"), 2),
        ("id,2019,2020\nx,1,2\ny,3,4\n", ("id", "2019", "2020"), 2),
        (",a,b\n0,1,2\n1,3,4\n", ("column1", "a", "b"), 2),
        ("a,b\n?,1\n2,3\n4,5\n", ("a", "b"), 2),
        ("1,a\n2,b\n3,a\n", None, 3),
    ],
)
def test_whether_the_first_line_is_a_header(text: str, names, rows: int):
    table = read(text)
    assert table.row_count == rows
    if names is not None:
        assert table.column_names == names


def test_duplicate_names_are_numbered_and_said():
    table = read("a,a,b,a,a_2\n1,2,3,4,5\n6,7,8,9,0\n")
    assert len(set(table.column_names)) == 5
    assert table.column_names[0] == "a"
    assert table.column_names[4] == "a_2"
    assert sum("named “a”" in note for note in table.notes) == 2


def test_holes_are_left_out_by_line():
    text = "a,b,t\n1,2,x\n,2,y\n3,NA,x\n4,?,y\n5,null,x\n6,n/a,y\n7,NaN,x\n8,9,\n10,11,y\n"
    table = read(text)
    assert column(table, "a") == [1.0, 10.0]
    assert table.lines.tolist() == [2, 10]
    assert table.columns[2].categories == ("x", "y")
    assert table.notes == ("7 rows with holes or faulty values were left out (lines 3, 4, 5, 6, 7 "
                           "and 2 more).",)  # fmt: skip


def test_words_that_only_stood_in_dropped_rows_are_gone():
    table = read("w,a\nred,1\nblue,\ngreen,3\nred,4\n")
    assert table.columns[0].categories == ("green", "red")
    assert column(table, "w") == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("bad", ["inf", "-inf", "Infinity", "1e999", "1_000", "12abc", "0x1F"])
def test_one_faulty_cell_does_not_turn_numbers_into_words(bad: str):
    rows = "".join(f"{i},{i % 3}\n" for i in range(30))
    table = read(f"a,t\n{rows}{bad},1\n5,2\n")
    assert table.columns[0].categories is None
    assert table.row_count == 31
    assert any(f"Line 32, column “a”: “{bad}”" in note for note in table.notes)
    assert any("1 row with holes" in note for note in table.notes)


def test_a_column_of_infinities_and_few_numbers_is_no_column_of_words():
    table = read("a,t\n1,1\n2,2\ninf,3\n-inf,4\n")
    assert table.columns[0].categories is None
    assert table.row_count == 2


def test_an_empty_column_is_left_out_instead_of_every_row():
    table = read("a,nothing,t\n1,,2\n3,NA,4\n")
    assert table.column_names == ("a", "t")
    assert "“nothing” is empty" in table.notes[0]


def test_ragged_rows_are_left_out_by_line():
    table = read("a,b\n1,2\n3\n4,5\n6,7,8\n9,10\n11,12\n")
    assert column(table, "a") == [1.0, 4.0, 9.0, 11.0]
    assert "Lines 3 and 5 were left out" in table.notes[0]
    one = read("a,b\n1,2\n3\n4,5\n6,7\n")
    assert one.notes == ("Line 3 was left out: it has 1 cell instead of 2.",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        (",,\n,", "is empty"),
        ("  \n\n \t\n", "is empty"),
        ("\ufeff", "is empty"),
        ("a,b\n", "no rows below"),
        ("a\n1\n2\n", "only one column"),
        ("just a line of prose", ""),
        ("a,b\n,1\n2,\n", "Every row of my.csv has a hole"),
        ("a,b\n,\nNA,?\n", "fewer than two columns"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (b"PK\x03\x04" + bytes(range(256)) * 4, "not a text file"),
        (b"a,b\n\x81\x8d,\x9d\n", "not a text file"),
        ("a,b,c\n" + "1\n2,3\n4,5,6,7\n" * 5, "no even table"),
        ('a,b\n1,2\n"3,4\n5,6\n' + "7,8\n" * 40_000, "quotation mark"),
    ],
)
def test_files_without_a_usable_table(content: str | bytes, words: str):
    message = refused(content)
    assert words in message
    assert message.endswith(".")


def test_an_open_quotation_mark_is_noticed_whatever_other_code_has_set():
    before = csv.field_size_limit(10_000_000)
    try:
        message = refused('a,b\n1,2\n"3,4\n5,6\n' + "7,8\n" * 40_000)
    finally:
        csv.field_size_limit(before)
    assert "at line 3" in message
    assert "quotation mark" in message


def test_files_that_cannot_be_opened(tmp_path: Path):
    with pytest.raises(DataError, match=r"gone\.csv could not be opened: No such file"):
        read_csv(tmp_path / "gone.csv")
    with pytest.raises(DataError, match="not a file"):
        read_csv(tmp_path)
    with pytest.raises(DataError, match="could not be opened"):
        read_csv("a\0b.csv")


def test_a_path_gives_the_name(tmp_path: Path):
    path = tmp_path / "flowers.csv"
    path.write_text(PLAIN)
    assert read_csv(path).name == "flowers.csv"
    table, notes = read_table(path)
    assert table.target == "c"
    assert "“c” is predicted" in notes[-1]
    assert read_table(path, "a")[0].target == "a"


def test_a_hundred_thousand_rows_are_read_whole():
    random = np.random.default_rng(0)
    values = random.normal(size=(100_000, 8))
    words = random.choice(["red", "green", "blue"], 100_000)
    buffer = io.StringIO()
    np.savetxt(buffer, values, delimiter=",", fmt="%.6g")
    lines = buffer.getvalue().splitlines()
    text = "a,b,c,d,e,f,g,h,w\n" + "\n".join(
        f"{line},{word}" for line, word in zip(lines, words, strict=True)
    )
    table = read(text)
    assert table.row_count == 100_000
    np.testing.assert_allclose(table.columns[3].values, values[:, 3], rtol=1e-5)
    assert [table.columns[8].categories[int(i)] for i in table.columns[8].values] == list(words)


# ---------------------------------------------------------------------- round trips
CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs", "Cc", "Z")),
    min_size=1,
    max_size=8,
)


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), CELL), min_size=3),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_python_writes_is_read_back_bit_for_bit(rows, delimiter: str):
    rows = [(number, f"w{word}") for number, word in rows]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["number", "word"])
    writer.writerows([repr(number), word] for number, word in rows)
    table = read(buffer.getvalue())
    assert column(table, "number") == [number for number, _ in rows]
    words = table.columns[1]
    assert [words.categories[int(i)] for i in words.values] == [word for _, word in rows]


@settings(max_examples=300)
@given(
    st.binary(max_size=300)
    | st.text(st.sampled_from('ab1,;\t|"\n\r .-?e'), max_size=120).map(str.encode)
)
def test_any_bytes_give_a_table_or_a_sentence(content: bytes):
    table, refusal = attempt(lambda: read(content))
    if table is None:
        assert refusal.endswith(".")
        return
    assert len(table.columns) >= 2
    assert table.row_count >= 1
    for found in table.columns:
        assert np.isfinite(found.values).all()
        assert len(found.values) == table.row_count == len(table.lines)
        if found.categories is not None:
            assert set(found.values) == set(range(len(found.categories)))
    chosen, refusal = attempt(lambda: choose_target(table, table.suggested_target))
    assert chosen is not None or refusal.endswith(".")


def attempt(action):
    try:
        return action(), ""
    except DataError as error:
        return None, str(error)


# ---------------------------------------------------------------------- target
def test_words_are_classes_in_natural_order():
    table = read("x,t\n1,class_10\n2,class_9\n3,class_10\n4,Alpha\n")
    chosen = choose_target(table, "t")
    assert chosen.classes == ("Alpha", "class_9", "class_10")
    assert chosen.column("t").values.tolist() == [2.0, 1.0, 2.0, 0.0]
    assert chosen.raw_names == ("x",)


def test_few_whole_numbers_are_classes():
    text = "x,t\n" + "".join(f"{i},{[0, 5, -2][i % 3]}\n" for i in range(30))
    chosen = choose_target(read(text), "t")
    assert chosen.classes == ("-2", "0", "5")
    assert chosen.column("t").values[:3].tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize(
    "values",
    [
        [0.5, 1, 0.5, 1, 0.5, 1],  # no whole numbers
        list(range(40)),  # too many
        [1, 4, 9, 16],  # hardly any twice
        [3, 3, 3, 3],  # a single one
    ],
)
def test_amounts_are_no_classes(values: list[float]):
    text = "x,t\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values))
    assert choose_target(read(text), "t").classes is None


def test_people_can_decide_otherwise():
    table = read("x,t\n1,1\n2,2\n3,1\n4,2\n")
    assert choose_target(table, "t").classes == ("1", "2")
    assert choose_target(table, "t", as_classes=False).classes is None
    assert choose_target(table, "x", as_classes=True).classes == ("1", "2", "3", "4")
    with pytest.raises(DataError, match="holds words"):
        choose_target(read("x,t\n1,a\n2,b\n"), "t", as_classes=False)


def test_targets_that_cannot_be_predicted():
    table = read("x,t\n1,same\n2,same\n")
    with pytest.raises(DataError, match="same value in every row"):
        choose_target(table, "t")
    with pytest.raises(DataError, match=r"no column “z”.*x, t"):
        choose_target(table, "z")
    many = read("x,t\n" + "".join(f"{i},name{i}\n" for i in range(150)))
    with pytest.raises(DataError, match="150 different values"):
        choose_target(many, "t")


@pytest.mark.parametrize(
    ("header", "suggested"),
    [("a,b,c", "c"), ("target,b,c", "target"), ("a,Species,c", "Species"), ("y,b,label", "label")],
)
def test_the_target_is_guessed_by_name_else_it_is_the_last_column(header: str, suggested: str):
    assert read(f"{header}\n1,2,3\n4,5,6\n").suggested_target == suggested


def test_columns_of_no_use_are_not_features_and_that_is_said():
    text = "k,id,x,w,t\n" + "".join(f"7,code{i},{i},{'ab'[i % 2]},{i % 2}\n" for i in range(60))
    features, notes = default_features(choose_target(read(text), "t"))
    assert features == ("x", "w")
    assert any("“k” is the same" in n for n in notes)
    assert any("“id” has 60 different words" in n for n in notes)


@pytest.mark.parametrize("stray", ["x", "-", "12 cm", "unknown"])
def test_a_few_stray_words_leave_a_column_of_numbers(stray: str) -> None:
    lines = "".join(f"{stray if i in (5, 30) else i / 4},{i * i % 7},{i % 2}\n" for i in range(50))
    table = read("a,b,t\n" + lines)
    assert table.columns[0].categories is None
    assert table.row_count == 48
    assert table.is_incomplete
    assert any(f"Line 7, column “a”: “{stray}” is not a finite number" in n for n in table.notes)
    assert any("2 rows" in n and "lines 7, 32" in n.replace(" and", ",") for n in table.notes)


def test_a_column_of_numbers_and_many_words_is_said_to_be_words() -> None:
    lines = "".join(f"{'x' if i % 5 == 0 else i / 4},{i},{i % 2}\n" for i in range(50))
    table = read("a,b,t\n" + lines)
    assert table.columns[0].categories is not None
    assert not table.is_incomplete
    assert table.notes == (
        "The column “a” is taken as words, because 10 of its 50 values are no numbers.",
    )
    assert read("a,b\nu,1\nv,2\nw,3\n").notes == ()


def test_a_table_says_whether_something_was_left_out() -> None:
    whole = "".join(f"{i},{i % 3},{i % 2}\n" for i in range(9))
    assert not read("a,b,t\n" + whole).is_incomplete
    assert not read("a,a,t\n" + whole).is_incomplete  # a remark, but nothing is missing
    assert read("a,b,t\n" + whole + "1\n").is_incomplete
    assert read("a,b,t\n" + whole + "1,,1\n").is_incomplete
    assert read("a,b,t\n" + "".join(f"{i},,{i % 2}\n" for i in range(9))).is_incomplete


@pytest.mark.parametrize("name", ["id", "ID", "Index", "row", "#"])
@pytest.mark.parametrize("first", [0, 1, 1000])
def test_a_column_that_numbers_the_rows_is_no_usual_input(name: str, first: int) -> None:
    text = f"{name},width,date,t\n" + "".join(
        f"{first + i},{i * i % 7},2024-{1 + i // 28:02}-{1 + i % 28:02},{i % 2}\n"
        for i in range(30)
    )
    features, notes = default_features(choose_target(read(text), "t"))
    assert features == ("width",)
    assert notes == (
        "The column “date” has 30 different words and is not used as an input.",
        f"The column “{name}” only numbers the rows and is not used as an input.",
    )


def test_numbers_that_describe_the_rows_are_inputs() -> None:
    text = "id,age,no,t\n" + "".join(f"{i % 9},{i},{i / 2},{i % 2}\n" for i in range(30))
    assert default_features(choose_target(read(text), "t"))[0] == ("id", "age", "no")
    only = "id,t\n" + "".join(f"{i},{i % 2}\n" for i in range(30))
    assert default_features(choose_target(read(only), "t")) == (("id",), ())
