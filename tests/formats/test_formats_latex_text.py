"""Words as LaTeX takes them: harmless, and printed as they are read."""

import unicodedata

import pytest
from latex_judge import assert_compiles, words_of

from nnplay.formats.latex_text import latex_number, latex_text

WRITTEN = {
    "a_b & 50 %": r"a\_b \& 50 \%",
    "#1 {$x$}~^": r"\#1 \{\$x\$\}\textasciitilde{}\textasciicircum{}",
    "\\input{/etc/passwd}": r"\textbackslash{}input\{/etc/passwd\}",
    "größe": "größe",
    "gro\u0308ße": "größe",  # two signs for one letter
    "α₁": r"\ensuremath{\alpha}\textsubscript{1}",
    "Λ": r"\ensuremath{\Lambda}",
    "Α": "A",  # the Greek one
    "x²ⁿ": r"x\textsuperscript{2}\textsuperscript{n}",
    "x̂ ẋ ạ": r"\^{x} \.{x} \d {a}",
    "x → 1": r"x \ensuremath{\to} 1",
    "神経x": r"\ifdefined\Umathchar 神経\else ??\fi{}x",
    "a--b ``q''": "a-{}-b `{}`q'{}'",
    "\n a\tb\0 ": "a b",
    "": "",
}


@pytest.mark.parametrize("name", WRITTEN, ids=ascii)
def test_names_are_written_for_latex(name):
    assert latex_text(name) == WRITTEN[name]


def document(body, fonts):
    return (
        f"\\documentclass{{article}}{fonts}\\parindent0pt\\pagestyle{{empty}}"
        f"\\begin{{document}}\n{body}\n\\end{{document}}\n"
    )


@pytest.mark.parametrize("fonts", ["\\usepackage[T1]{fontenc}", ""])
def test_latex_takes_every_character(tmp_path, fonts):
    """All that people are likely to type, and much more; the oldest fonts have no quotes below."""
    ranges = [
        (0x20, 0x530),
        (0x1E00, 0x2300),
        (0x3040, 0x30A0),
        (0x4E00, 0x4E40),
        (0x1F600, 0x1F650),
    ]
    characters = [chr(code) for first, last in ranges for code in range(first, last)]
    characters += [f"x{chr(code)}" for code in range(0x300, 0x370)]
    if not fonts:  # these letters are in the newer fonts alone, which are usual
        lacking = "«»ÐÞðþĄąĐđĘęĮįŊŋŲų‚„‹›"
        characters = [
            c
            for c in characters
            if not set(unicodedata.normalize("NFD", c)) & set(lacking + "\u0328")
        ]
        characters = [c for c in characters if c not in lacking]
    assert len(characters) > 2000
    assert_compiles(document("\n\n".join(map(latex_text, characters)), fonts), tmp_path, "all")


def test_names_are_printed_as_they_are_read(tmp_path):
    names = ["a_b & 50 % #1 {$x$} \\y", "é naïve", "R&D<1>|2|", "x--y", 'say "h"']
    body = "\n\n".join(map(latex_text, names))
    assert_compiles(document(body, "\\usepackage[T1]{fontenc}"), tmp_path, "names")
    printed = words_of(tmp_path / "names.pdf")
    if printed is not None:
        assert printed == " ".join(names).split()


def test_numbers_have_powers_of_ten():
    assert latex_number(-1.234567e-7, 3) == r"-1.23 \cdot 10^{-7}"
    assert latex_number(2e20, 3) == r"2 \cdot 10^{20}"
    assert latex_number(-0.0, 3) == "0"
    assert latex_number(0.25, 6) == "0.25"
    assert latex_number(float("-inf"), 3) == r"-\infty"
    assert latex_number(float("nan"), 3) == r"\text{--}"
