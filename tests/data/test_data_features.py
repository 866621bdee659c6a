"""Formulas: equal to numpy, never hanging, never raising anything but DataError."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnplay.data.errors import DataError
from nnplay.data.features import (
    FUNCTIONS,
    canonical_feature,
    compile_formula,
    evaluate_number,
    quoted_name,
    split_features,
)

X1 = np.array([-3.0, -0.5, 0.0, 0.7, 2.0])
X2 = np.array([1.5, -2.0, 0.25, 3.0, -1.0])
COLUMNS = {"x1": X1, "x2": X2}


def value(text: str) -> np.ndarray:
    return compile_formula(text, ("x1", "x2")).evaluate(COLUMNS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x1", X1),
        ("x1^2", X1**2),
        ("x1**2", X1**2),
        ("x1²", X1**2),
        ("x1³ - x2⁻²", X1**3 - X2**-2.0),
        ("x1·x2", X1 * X2),
        ("x1 × x2 − 1", X1 * X2 - 1),
        ("x1*x2", X1 * X2),
        ("-x1^2", -(X1**2)),
        ("(-x1)^2", X1**2),
        ("2^3^2 + 0*x1", np.full(5, 512.0)),
        ("1 - 2 - 3 + 0*x1", np.full(5, -4.0)),
        ("x1 - x2 / 2 * 3", X1 - X2 / 2 * 3),
        ("sin(x1)", np.sin(X1)),
        ("sin (x1) + cos(x2)", np.sin(X1) + np.cos(X2)),
        ("exp(-(x1^2+x2^2)/2)", np.exp(-(X1**2 + X2**2) / 2)),
        ("max(x1, x2)", np.maximum(X1, X2)),
        ("min(x1,0)", np.minimum(X1, 0)),
        ("abs(x1) + sign(x2)", np.abs(X1) + np.sign(X2)),
        ("sqrt(x1^2)", np.abs(X1)),
        ("tanh(2*x1)", np.tanh(2 * X1)),
        ("2*pi + π*0*x1", np.full(5, 2 * np.pi)),
        ("1e-3*x1 + .5 + 5.", 1e-3 * X1 + 5.5),
        ("2^x1", 2**X1),
        ("+x1", X1),
    ],
)
def test_formulas_give_what_numpy_gives(text: str, expected: np.ndarray):
    np.testing.assert_allclose(value(text), expected, rtol=1e-15, atol=0)


def test_a_formula_without_columns_is_one_value():
    assert compile_formula("1/4", ("x1",)).evaluate({}).tolist() == [0.25]


def test_columns_with_odd_names_stand_in_backquotes():
    columns = {"body mass (g)": X1, "a-b": X2, "m²": X1, "größe": X2, "µ": X1}
    names = tuple(columns)
    formula = compile_formula("`body mass (g)`*2 + `a-b`", names)
    assert formula.columns == ("body mass (g)", "a-b")
    np.testing.assert_array_equal(formula.evaluate(columns), X1 * 2 + X2)
    np.testing.assert_array_equal(compile_formula("`m²`²", names).evaluate(columns), X1**2)
    np.testing.assert_array_equal(compile_formula("größe+µ", names).evaluate(columns), X1 + X2)
    assert quoted_name("x1") == "x1"
    assert quoted_name("a b") == "`a b`"


def test_a_column_named_like_a_function_or_constant_wins():
    columns = {"sin": X1, "pi": X2}
    formula = compile_formula("sin(sin) + pi", ("sin", "pi"))
    np.testing.assert_array_equal(formula.evaluate(columns), np.sin(X1) + X2)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("x1²", "x1^2"),
        (" x1 ** 2 ", "x1^2"),
        ("x1 · x2", "x1*x2"),
        ("sin( x1 )", "sin(x1)"),
        ("`x1`", "x1"),
        ("`a b`^2", "`a b`^2"),
        ("what is this?", "what is this?"),
    ],
)
def test_one_spelling_for_the_same_formula(text: str, spelling: str):
    assert canonical_feature(text) == spelling
    assert canonical_feature(spelling) == spelling


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("x3^2", "x3"),
        ("x1 x2", "Write * to multiply"),
        ("2x1", "Write * to multiply"),
        ("x1 +", "cannot be read"),
        ("(x1", "parenthesis"),
        ("x1)", "parenthesis"),
        ("()", ""),
        ("sin x1", "sin"),
        ("sin()", "takes 1 value"),
        ("sin(x1, x2)", "takes 1 value"),
        ("max(x1)", "takes 2 values"),
        ("foo(x1)", "foo"),
        ("x1(2)", "x1"),
        ("2(3)", "something other"),
        ("__import__('os')", "'"),
        ("__import__(x1)", "__import__"),
        ("x1.real", "."),
        ("x1[0]", "["),
        ("lambda: x1", ":"),
        ("x1 if x2 else 1", "Write * to multiply"),
        ("x1; x2", ";"),
        ("x1 = 2", "="),
        ("x1 // 2", "cannot be read"),
        ("x1 % 2", "%"),
        ("x1 and x2", "Write * to multiply"),
        ("x1, x2", "comma"),
        ("x1 @ x2", "@"),
        ("~x1", "~"),
        ("9**9**9", "exponent"),
        ("x1^101", "exponent"),
        ("x1^(50+51)", "exponent"),
        ("x1^-101", "exponent"),
        ("x1^(0/0)", "exponent"),
        ("1e999", "too large"),
        ("9" * 150 + "e99" + "9" * 40, "too large"),
        ("x1" + "+x1" * 99, "longer"),
        ("-" * 150 + "x1", "parts"),
        ("(" * 60 + "x1" + ")" * 60, "deeply"),
        ("1j", "Write * to multiply"),
        ("0x1f", "Write * to multiply"),
        ("1_000", "Write * to multiply"),
        ("x1\0", "belong"),
        ("`x1", "`"),
        ("``", "`"),
        ("*(1,2)", "cannot be read"),
        ("sin(*x1)", "something other"),
        ("sin(**x1)", ""),
    ],
)
def test_everything_else_is_refused_with_a_sentence(text: str, words: str):
    with pytest.raises(DataError) as caught:
        compile_formula(text, ("x1", "x2"))
    message = str(caught.value)
    assert words in message
    assert message.endswith(".")
    assert len(message) < 400


NUMBERS = st.floats(0.01, 50.0).map(lambda v: f"{v:.4g}")
FORMULAS = st.recursive(
    st.sampled_from(["x1", "x2", "pi"]) | NUMBERS,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})")
        | inner.map(lambda t: f"(-{t})")
        | st.tuples(inner, st.integers(0, 4)).map(lambda t: f"({t[0]})^{t[1]}")
        | st.tuples(st.sampled_from(["sin", "cos", "tanh", "abs", "exp"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        )
        | st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]},{t[2]})"
        )
    ),
    max_leaves=8,
)


@settings(max_examples=200)
@given(FORMULAS)
def test_random_formulas_equal_python_with_numpy(text: str):
    try:
        ours = value(text)
    except DataError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:  # only for breaking a bound
        assert any(w in refusal for w in ("longer", "parts", "deeply", "exponent"))
        return
    names = {n: f for n, (f, _) in FUNCTIONS.items()} | {"x1": X1, "x2": X2, "pi": np.pi}
    with np.errstate(all="ignore"):
        # Judged by Python's own evaluation; powers of float64, never of integers.
        theirs = eval(text.replace("^", "**"), {"__builtins__": {}}, names)
    np.testing.assert_allclose(ours[:5], np.broadcast_to(theirs, ours.shape), rtol=1e-9)


PIECES = st.sampled_from(
    ["x1", "x2", "x", "1", "9", "0.5", "1e9", "e", "**", "^", "+", "-", "*", "/", "(", ")", ",",
     "sin", "exp", "max", "log", "pi", " ", "`", "²", "⁻", "·", ".", "_", "'", "\n", "\\", "[",
     "lambda", "if", "for", "9" * 30]
)  # fmt: skip


@settings(max_examples=600)
@given(st.lists(PIECES, max_size=70).map("".join) | st.text(max_size=250))
@example("(" * 200)
@example("9**" * 60 + "9")
@example("-" * 199 + "1")
@example("exp(" * 49 + "x1")
@example("²" * 200)
@example("٣")
def test_fuzzed_formulas_never_hang_and_only_ever_raise_data_errors(text: str):
    try:
        result = compile_formula(text, ("x1", "x2")).evaluate(COLUMNS)
    except DataError:
        pass
    else:
        assert result.dtype == np.float64
    try:
        assert math.isfinite(evaluate_number(text))
    except DataError:
        pass
    canonical_feature(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (" 1/4 ", 0.25),
        ("1/3", 1 / 3),
        ("-1/4", -0.25),
        ("−0,25", -0.25),
        ("1e-3", 1e-3),
        ("1E+2", 100.0),
        ("2^-3", 0.125),
        ("2⁻³", 0.125),
        (",5", 0.5),
        (".5", 0.5),
        ("3", 3.0),
        ("1,5/2", 0.75),
        ("sqrt(2)", math.sqrt(2)),
        ("pi/2", math.pi / 2),
        ("0.1", 0.1),
        ("1e308", 1e308),
    ],
)
def test_numbers_people_type(text: str, number: float):
    assert evaluate_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "  ", "abc", "1,000.5", "1.000,5", "1,2,3", "1/0", "0/0", "9**9**9", "1e999", "nan", "inf",
     "1 2", "--", "0x10", "1_0", "x1", "½½", "10^100^2", "log(-1)", "1/", "exp(10^5)"],
)  # fmt: skip
def test_texts_that_are_no_number_say_so(text: str):
    with pytest.raises(DataError, match=r"1/4"):
        evaluate_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back_exactly(number: float):
    assert evaluate_number(repr(number)) == number
    assert evaluate_number(repr(number).replace(".", ",")) == number


def test_feature_lists_are_split_outside_parentheses():
    assert split_features("x1,x2, x1^2 ,max(x1,x2),`a,b`") == (
        "x1", "x2", "x1^2", "max(x1,x2)", "`a,b`",
    )  # fmt: skip
    for bad in ("", "x1,,x2", "x1,", ","):
        with pytest.raises(DataError, match="empty"):
            split_features(bad)


def test_a_sentence_about_a_formula_of_several_lines_has_one() -> None:
    with pytest.raises(DataError) as caught:
        compile_formula("0\n0", ())
    assert "“0 0” lacks a sign" in str(caught.value)
