"""Names, sentences and numbers as they may stand in generated code."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.formats.groups import InputStage, Plan

__all__ = [
    "input_sentences",
    "one_line",
    "output_sentences",
    "python_literal",
    "safe_in_c_comment",
    "safe_in_docstring",
    "wrapped_numbers",
]

MAX_WORDS: Final = 40
LONGEST_NAME: Final = 80


def one_line(text: str) -> str:
    """A name without line breaks and characters that cannot be seen."""
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"


def safe_in_docstring(text: str) -> str:
    """A line that may stand between triple quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def safe_in_c_comment(text: str) -> str:
    """A line that may stand in a comment: ASCII, and nothing that ends or nests it."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return plain.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?").rstrip("\\")


def python_literal(value: object) -> str:
    """Texts, numbers and tuples as Python writes them, in ASCII."""
    return ascii(value)


def wrapped_numbers(texts: Iterable[str], indent: str, width: int = 99) -> str:
    """Numbers separated by commas, in lines."""
    return textwrap.fill(
        ", ".join(texts),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def input_sentences(plan: Plan, stage: InputStage | None) -> list[str]:
    """One line for each value that is given to a program."""
    if stage is None:
        return [one_line(name) for name in plan.names_of(plan.input_rows)]
    lines = []
    for name, words in zip(stage.raw_names, stage.raw_categories, strict=True):
        text = one_line(name)
        if words is not None:
            shown = ", ".join(f"{i} {one_line(word)}" for i, word in enumerate(words[:MAX_WORDS]))
            text += f": a number that stands for a word: {shown}"
            text += " …" if len(words) > MAX_WORDS else ""
        lines.append(text)
    return lines


def output_sentences(plan: Plan, with_preparation: bool) -> list[str]:
    """One line for each value that comes out."""
    after = plan.output_stage
    if after is None:
        return [one_line(name) for name in plan.names_of(plan.output_rows)]
    names = [one_line(name) for name in after.names]
    if after.classes is not None:
        if len(names) == 1 and len(after.classes) == 2:
            low, high = (one_line(name) for name in after.classes)
            return [f"how much speaks for the class {high} and against {low}"]
        return [f"how much speaks for the class {name}" for name in names]
    if after.is_trivial:
        return names
    return [f"{names[0]}, in its own units" if with_preparation else f"{names[0]}, scaled"]


def as_python_floats(values: npt.NDArray[np.float64]) -> list[str]:
    """Numbers with all their digits."""
    return [repr(value) for value in values.tolist()]
