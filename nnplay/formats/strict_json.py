"""JSON without Python's liberties: finite numbers, unique keys, bounded depth, valid text.

Python's own reader accepts ``NaN``, ``Infinity``, ``1e999`` and repeated keys, and gives up on
deep nesting with an error of its own; here all of that is one :class:`FormatError`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats.errors import FormatError

__all__ = ["MAX_DEPTH", "check_plain", "parse", "pretty"]

MAX_DEPTH: Final = 64
LINE_WIDTH: Final = 100
DIGIT_BLOCK: Final = 100


def parse(data: bytes) -> Any:
    """Parse UTF-8 JSON (with or without a byte order mark); raises :class:`FormatError`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"The text is not valid UTF-8 (byte {error.start}). Save it again as UTF-8."
        ) from None
    _check_depth(data)
    may_be_large = _may_hold_large_numbers(np.frombuffer(data, dtype=np.uint8))
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_float=_finite if may_be_large else None,
        )
    except json.JSONDecodeError as error:
        raise FormatError(
            f"Line {error.lineno}, column {error.colno}: this is not valid JSON "
            f"({error.msg[:1].lower()}{error.msg[1:].removesuffix(' starting at')})."
        ) from None
    except FormatError:
        raise
    except (ValueError, RecursionError, MemoryError):
        # A number of thousands of digits, or more nesting or data than fits.
        raise FormatError("It holds a number or a structure beyond all bounds.") from None
    return value


def _check_depth(data: bytes) -> None:
    # Without escaped quotes, whatever follows an odd number of quotes is inside a string.
    plain = data.replace(rb"\\", b"").replace(rb"\"", b"")
    signs = np.frombuffer(plain, dtype=np.uint8)
    opening = (signs == ord("{")) | (signs == ord("["))
    closing = (signs == ord("}")) | (signs == ord("]"))
    outside = np.cumsum(signs == ord('"'), dtype=np.uint8) & 1 == 0
    steps = opening.astype(np.int8)[(opening | closing) & outside] * 2 - 1
    if steps.size and int(np.cumsum(steps, dtype=np.int64).max()) > MAX_DEPTH:
        raise FormatError(f"It is nested more than {MAX_DEPTH} levels deep.")


def _may_hold_large_numbers(signs: npt.NDArray[np.uint8]) -> bool:
    """Whether a text could hold a number beyond all bounds; almost none could, and that is quick.

    Without exponents of three digits and rows of 200 digits, numbers stay below 1e299.
    """
    digits = (signs >= ord("0")) & (signs <= ord("9"))
    # Any row of twice a block's length fills a whole block.
    blocks = digits[: digits.size // DIGIT_BLOCK * DIGIT_BLOCK].reshape(-1, DIGIT_BLOCK)
    three = digits[:-2] & digits[1:-1] & digits[2:]
    exponent = (signs | 32) == ord("e")
    with_sign = exponent[:-1] & (signs[1:] == ord("+"))
    return bool(
        blocks.all(axis=1).any()
        or (exponent[: three[1:].size] & three[1:]).any()
        or (with_sign[: three[2:].size] & three[2:]).any()
    )


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise FormatError(f"The key {shown(twice)} appears twice in one object. Keep only one.")
    return result


def _refuse_constant(name: str) -> float:
    raise FormatError(f"{name} is not a number; only finite numbers are allowed.")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise FormatError(f"The number {text[:40]} is too large; only finite numbers are allowed.")
    return value


def shown(value: object) -> str:
    """A short, printable picture of any JSON value, for messages."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def check_plain(value: object, place: str, depth: int = 1) -> Any:
    """Copy a JSON value that is kept without being understood; tuples become lists.

    Raises:
        FormatError: the value is not plain JSON (or not finite, too deep, broken text).
    """
    if depth > MAX_DEPTH - 8:  # it will be nested inside the document again
        raise FormatError(f"{place} is nested too deeply.")
    if isinstance(value, dict):
        result = {}
        for key, inner in value.items():
            if not isinstance(key, str):
                raise FormatError(f"{place} has a key that is not text: {shown(str(key))}.")
            check_text(key, place)
            result[key] = check_plain(inner, f"{place}.{key}", depth + 1)
        return result
    if isinstance(value, list | tuple):
        return [check_plain(inner, f"{place}[{i}]", depth + 1) for i, inner in enumerate(value)]
    if isinstance(value, str):
        return check_text(value, place)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > 10**300:
            raise FormatError(f"{place} holds a number beyond all bounds.")
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise FormatError(f"{place} holds {shown(str(value))}, which no JSON file can hold.")


def check_text(value: str, place: str) -> str:
    """The text itself; raises :class:`FormatError` if it holds half a character (surrogate)."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise FormatError(f"{place} holds broken text: {shown(value)}.") from None
    return value


def pretty(value: Any) -> str:
    """JSON for people and for version control.

    What fits on one line stays on one; long lists of numbers are filled lines; keys keep their
    order. The same value always gives the same text.
    """
    return _pretty(value, 0) + "\n"


def _pretty(value: Any, indent: int) -> str:
    if not isinstance(value, dict | list):
        return _on_one_line(value)
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    inner, outer = " " * (indent + 1), " " * indent
    if isinstance(value, list):
        if not any(isinstance(item, dict | list) for item in value):
            return _filled(value, indent)
        parts = _records(value, indent + 1) or [_pretty(item, indent + 1) for item in value]
    else:
        parts = [f"{_on_one_line(key)}: {_pretty(item, indent + 1)}" for key, item in value.items()]
    left, right = "{}" if isinstance(value, dict) else "[]"
    on_one_line = indent >= 2 and sum(map(len, parts)) + 2 * len(parts) + indent <= LINE_WIDTH
    if on_one_line and not any("\n" in part for part in parts):
        return left + ", ".join(parts) + right
    return f"{left}\n{inner}" + f",\n{inner}".join(parts) + f"\n{outer}{right}"


def _records(values: list[Any], indent: int) -> list[str] | None:
    """The items of a list of objects without inner ones, all encoded in one go, or None.

    The comma between two objects is told from one in a text by the number of such places.
    """
    if indent < 2 or not all(type(item) is dict for item in values):
        return None
    if any(isinstance(item, dict | list) for item in values[0].values()):
        return None
    parts = _on_one_line(values)[2:-2].split("}, {")
    if len(parts) != len(values):
        return None
    room = LINE_WIDTH - indent - 2
    return [
        f"{{{part}}}" if len(part) <= room else _pretty(item, indent)
        for part, item in zip(parts, values, strict=True)
    ]


def _filled(values: list[Any], indent: int) -> str:
    one_line = _on_one_line(values)
    if len(one_line) + indent <= LINE_WIDTH:
        return one_line
    parts = one_line[1:-1].split(", ")
    if len(parts) != len(values):  # a text holds a comma, too
        parts = [_on_one_line(item) for item in values]
    inner = " " * (indent + 1)
    lines, line = [], inner
    for part in parts:
        if len(line) + len(part) > LINE_WIDTH and line != inner:
            lines.append(line.rstrip())
            line = inner
        line += part + ", "
    lines.append(line.rstrip(", "))
    return "[\n" + "\n".join(lines) + "\n" + " " * indent + "]"


def _on_one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
