"""Words of any alphabet and numbers as LaTeX takes them, whichever program compiles it.

Names of neurons are free text. What LaTeX would take for a command becomes harmless; Greek letters,
indices, accents and signs are written with commands of plain LaTeX; other letters stand as they are
for LuaLaTeX and XeLaTeX, while pdfLaTeX, which would stop at them, prints a question mark.
"""

from __future__ import annotations

import math
import unicodedata
from itertools import pairwise
from typing import Final

__all__ = ["latex_number", "latex_text"]

_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "#$%&_"},
    # These are other signs in LaTeX's oldest fonts.
    **{sign: rf"\ensuremath{{{sign}}}" for sign in "<>|"},
    '"': r"\symbol{34}",
    "…": r"\dots{}",
    **dict.fromkeys("‐‑", "-"),
}
_MATHEMATICAL: Final = {
    "−": "-",
    "·": r"\cdot",
    "⋅": r"\cdot",
    "×": r"\times",
    "÷": r"\div",
    "±": r"\pm",
    "→": r"\to",
    "←": r"\leftarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "↔": r"\leftrightarrow",
    "⇒": r"\Rightarrow",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "≡": r"\equiv",
    "∝": r"\propto",
    "∈": r"\in",
    "∂": r"\partial",
    "∇": r"\nabla",
    "∑": r"\sum",
    "∏": r"\prod",
    "∫": r"\int",
    "√": r"\surd",
    "∞": r"\infty",
    "∘": r"\circ",
    "•": r"\bullet",
    "′": "'",
    "″": "''",
    "µ": r"\mu",  # the micro sign
    "μ": r"\mu",
}
_GREEK: Final = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
# Capitals that look like Latin ones have no command.
_LATIN_CAPITALS: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))
_ACCENTS: Final = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0323\u0327\u0331",
        ("`", "'", "^", "~", "=", "u ", ".", '"', "r ", "H ", "v ", "d ", "c ", "b "),
        strict=True,
    )
)
# Letters that pdfLaTeX knows by themselves in its usual encoding (T1).
_KNOWN: Final = frozenset(chr(code) for code in range(0xA1, 0x180)) - frozenset("ĦħĸĿŀŉŦŧſ")
_KNOWN_MARKS: Final = frozenset("–—‘’“”‚„‹›†‡‰€™")
# Two signs that LaTeX joins to another one.
_LIGATURES: Final = frozenset(("--", "``", "''", ",,", "?`", "!`"))


def latex_text(text: str) -> str:
    """A name as LaTeX prints it, in running text, in a table or in the name of a node.

    Line breaks and signs that cannot be seen are spaces.
    """
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    characters = _with_accents(unicodedata.normalize("NFC", shown))
    parts: list[str] = []
    strange = ""
    for before, character in pairwise(["", *characters]):
        code = _known(character)
        if code is None:
            strange += character
            continue
        if strange:
            parts.append(_unknown(strange))
            strange = ""
        if before + character in _LIGATURES:
            parts.append("{}")
        parts.append(code)
    if strange:
        parts.append(_unknown(strange))
    return "".join(parts)


def _with_accents(text: str) -> list[str]:
    """Characters, each together with the accents that follow it."""
    found: list[str] = []
    for character in text:
        if found and unicodedata.combining(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _known(character: str) -> str | None:
    """What pdfLaTeX takes for a character (with accents); None if it knows no such thing."""
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character in _MATHEMATICAL:
        return rf"\ensuremath{{{_MATHEMATICAL[character]}}}"
    if character.isascii() or character in _KNOWN_MARKS:
        return character
    kind, _, shape = unicodedata.decomposition(character[0]).partition("> ")
    if len(character) == 1 and kind in ("<sub", "<super"):
        inside = _known("".join(chr(int(code, 16)) for code in shape.split()))
        return None if inside is None else rf"\text{kind[1:]}script{{{inside}}}"
    if character in _KNOWN:
        return character
    if character in _LATIN_CAPITALS:
        return _LATIN_CAPITALS[character]
    name = unicodedata.name(character[0], "").lower()
    if len(character) == 1 and name.startswith("greek "):
        return _greek(name)
    first, *accents = list(unicodedata.normalize("NFD", character))
    code = _known(first) if accents else None
    for accent in accents:
        if code is None or accent not in _ACCENTS:
            return None
        code = rf"\{_ACCENTS[accent]}{{{code}}}"
    return code


def _greek(name: str) -> str | None:
    """The command for a letter of this Unicode name."""
    *_, size, _, letter = name.split() if name.count(" ") == 3 else ["", "", "", ""]
    letter = {"lamda": "lambda"}.get(letter, letter)
    if letter not in _GREEK:
        return None
    if letter == "omicron":
        return "o"
    return rf"\ensuremath{{\{letter.capitalize() if size == 'capital' else letter}}}"


def _unknown(characters: str) -> str:
    """Characters for LuaLaTeX and XeLaTeX; the others have no command of this name."""
    return rf"\ifdefined\Umathchar {characters}\else {'?' * len(characters)}\fi{{}}"


def latex_number(value: float, digits: int) -> str:
    """A number for formulas: with a power of ten where ``g`` would write an ``e``."""
    if math.isnan(value):
        return r"\text{--}"
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    mantissa, _, exponent = f"{value + 0.0:.{digits}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
