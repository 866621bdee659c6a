"""Formulas typed by people: input features such as ``x1^2`` and numbers such as ``1/4``.

A text is cut into tokens, the tokens are handed to Python's parser with every name replaced by a
placeholder, and the tree is walked by an allow-list. All arithmetic is float64 on arrays, so no
formula can take long, whatever it says.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.data.errors import DataError

__all__ = [
    "FUNCTIONS",
    "Expression",
    "Formula",
    "canonical_feature",
    "compile_formula",
    "evaluate_number",
    "quoted_name",
    "split_features",
]

FloatArray = npt.NDArray[np.float64]

MAX_LENGTH: Final = 200
MAX_NODES: Final = 100
MAX_DEPTH: Final = 40
MAX_EXPONENT: Final = 100.0

# Name -> (function, number of arguments). The functions work element by element.
FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], int]]] = {
    "sin": (np.sin, 1),
    "cos": (np.cos, 1),
    "tan": (np.tan, 1),
    "tanh": (np.tanh, 1),
    "exp": (np.exp, 1),
    "log": (np.log, 1),
    "sqrt": (np.sqrt, 1),
    "abs": (np.abs, 1),
    "sign": (np.sign, 1),
    "min": (np.minimum, 2),
    "max": (np.maximum, 2),
}
CONSTANTS: Final = {"pi": float(np.pi), "π": float(np.pi)}

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.Pow: np.power,
}

_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT_RUN: Final = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS: Final = str.maketrans({"·": "*", "×": "*", "⋅": "*", "∙": "*", "−": "-", "÷": "/"})
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<quoted>`[^`]+`)
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>\*\*|[-+*/^(),])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str, what: str) -> list[_Token]:
    """Cut a formula into tokens; raises DataError at the first character that fits nowhere."""
    if len(text) > MAX_LENGTH:
        raise DataError(f"{what} is longer than {MAX_LENGTH} characters. Please shorten it.")
    parts = re.split("(`[^`]*`)", text)  # a quoted column name stays as it is
    plain = "".join(p if p.startswith("`") else _plain_signs(p) for p in parts).rstrip()
    found: list[_Token] = []
    place = 0
    while place < len(plain):
        match = _TOKEN.match(plain, place)
        if match is None:
            rest = plain[place:].lstrip()
            raise DataError(
                f"{what} has a character that does not belong there: “{rest[0]}”. Use numbers, "
                "column names, + − * / ^, parentheses and functions such as sin."
            )
        kind = match.lastgroup or ""
        token = match.group(kind)
        if kind in ("number", "name") and found and found[-1].kind in ("number", "name", "quoted"):
            raise DataError(
                f"{what} lacks a sign between “{found[-1].text}” and “{token}”. "
                "Write * to multiply."
            )
        if token == "**":  # noqa: S105 - a sign, not a password
            token = "^"  # noqa: S105
        if kind == "quoted":
            token = token[1:-1]
        found.append(_Token(kind, token))
        place = match.end()
    return found


def _plain_signs(text: str) -> str:
    powers = _SUPERSCRIPT_RUN.sub(lambda m: "^" + m.group().translate(_SUPERSCRIPTS), text)
    return powers.translate(_SIGNS)


def canonical_feature(text: str) -> str:
    """One spelling for formulas that say the same: ``x1²``, ``x1 ** 2`` become ``x1^2``.

    Texts that are no formula come back trimmed.
    """
    try:
        tokens = _tokens(text, "The formula")
    except DataError:
        return text.strip()
    if len(tokens) == 1 and tokens[0].kind == "quoted":
        return tokens[0].text
    return "".join(f"`{t.text}`" if t.kind == "quoted" else t.text for t in tokens)


def quoted_name(column: str) -> str:
    """A column name as it must be written inside a formula (backquotes around odd names)."""
    return column if re.fullmatch(r"[^\W\d]\w*", column) else f"`{column}`"


def split_features(text: str) -> tuple[str, ...]:
    """Split a list such as ``x1, x2, max(x1,x2)`` at the commas outside parentheses.

    Raises:
        DataError: an entry is empty.
    """
    entries, depth, quoted, start = [], 0, False, 0
    for i, character in enumerate(text):
        if character == "`":
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth <= 0:
            entries.append(text[start:i].strip())
            start = i + 1
    entries.append(text[start:].strip())
    if not all(entries):
        raise DataError(
            "The list of features has an empty entry. Write it like x1,x2,x1^2,sin(x1)."
        )
    return tuple(entries)


@dataclass(frozen=True)
class Expression:
    """A formula as a tree, for programs that write it in another language.

    Attributes:
        kind: ``number``, ``column``, ``negative``, one of ``+ - * / ^``, or a name in
            :data:`FUNCTIONS`.
        number: value of a ``number``.
        column: name of a ``column``.
        parts: what the operator or function works on.
    """

    kind: str
    number: float = 0.0
    column: str = ""
    parts: tuple[Expression, ...] = ()


_SIGN_OF: Final[Mapping[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "^",
}


@dataclass(frozen=True, eq=False)
class Formula:
    """A checked formula over columns.

    Attributes:
        text: canonical spelling.
        columns: the column names it reads, in order of appearance.
    """

    text: str
    columns: tuple[str, ...]
    _tree: ast.expr
    _names: tuple[str, ...]

    def evaluate(self, columns: Mapping[str, FloatArray]) -> FloatArray:
        """Values of the formula, ``float64[n]``; NaN or infinite where it has none.

        Args:
            columns: ``float64[n]`` per column name, at least those of :attr:`columns`.
        """
        count = max((len(columns[name]) for name in self.columns), default=1)
        with np.errstate(all="ignore"):
            value = self._value(self._tree, columns)
        result = np.empty(count)
        result[...] = value
        return result

    @property
    def expression(self) -> Expression:
        """The formula as a tree."""
        return self._expression(self._tree)

    def _expression(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(value=value):
                return Expression("number", number=float(value))  # type: ignore[arg-type]
            case ast.Name(id=placeholder):
                name = self._names[int(placeholder[1:])]
                if name in self.columns:
                    return Expression("column", column=name)
                return Expression("number", number=CONSTANTS[name])
            case ast.UnaryOp(op=sign, operand=operand):
                inner = self._expression(operand)
                return (
                    Expression("negative", parts=(inner,)) if isinstance(sign, ast.USub) else inner
                )
            case ast.BinOp(left=left, op=operator, right=right):
                return Expression(
                    _SIGN_OF[type(operator)],
                    parts=(self._expression(left), self._expression(right)),
                )
            case ast.Call(func=ast.Name(id=placeholder), args=arguments):
                return Expression(
                    self._names[int(placeholder[1:])],
                    parts=tuple(self._expression(a) for a in arguments),
                )
        raise AssertionError(f"an unchecked node: {node!r}")

    def _value(self, node: ast.expr, columns: Mapping[str, FloatArray]) -> Any:
        match node:
            case ast.Constant(value=value):
                return np.float64(value)  # type: ignore[arg-type]
            case ast.Name(id=placeholder):
                name = self._names[int(placeholder[1:])]
                return columns[name] if name in self.columns else np.float64(CONSTANTS[name])
            case ast.UnaryOp(op=sign, operand=operand):
                inner = self._value(operand, columns)
                return np.negative(inner) if isinstance(sign, ast.USub) else inner
            case ast.BinOp(left=left, op=operator, right=right):
                return _OPERATORS[type(operator)](
                    self._value(left, columns), self._value(right, columns)
                )
            case ast.Call(func=ast.Name(id=placeholder), args=arguments):
                function, _ = FUNCTIONS[self._names[int(placeholder[1:])]]
                return function(*(self._value(a, columns) for a in arguments))
        raise AssertionError(f"an unchecked node: {node!r}")


def compile_formula(text: str, column_names: Sequence[str]) -> Formula:
    """Check a formula over the given columns.

    Args:
        text: the formula, at most 200 characters; ``^`` or ``**`` is the power, ``·`` and ``×``
            multiply, superscripts are powers, odd column names stand in backquotes.
        column_names: the columns it may read. A column named like a function or constant wins.

    Raises:
        DataError: the text is no formula of the allowed kind; the message says where and why.
    """
    what = f"The formula “{_shortened(text)}”"
    tokens = _tokens(text, what)
    if not tokens:
        raise DataError("A formula is empty. Write for example x1^2 or sin(x1).")
    known = set(column_names)
    names: list[str] = []
    pieces: list[str] = []
    depth = 0
    for i, token in enumerate(tokens):
        if token.kind == "number":
            value = float(token.text)
            if not np.isfinite(value):
                raise DataError(f"{what} has a number that is too large: {token.text}.")
            pieces.append(repr(value))
        elif token.kind in ("name", "quoted"):
            called = i + 1 < len(tokens) and tokens[i + 1].text == "("
            _check_name(token, called, known, what, column_names)
            names.append(token.text)
            pieces.append(f"n{len(names) - 1}")
        else:
            depth += (token.text == "(") - (token.text == ")")
            if depth > MAX_DEPTH:
                raise DataError(f"{what} is nested too deeply. Please simplify it.")
            pieces.append("**" if token.text == "^" else token.text)
    if len(tokens) > 2 * MAX_NODES:
        raise DataError(f"{what} has more than {MAX_NODES} parts. Please simplify it.")
    try:
        tree = ast.parse(" ".join(pieces), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise DataError(
            f"{what} cannot be read. Check that every parenthesis is closed and that a value "
            "stands on both sides of each sign."
        ) from None
    counter = [0]
    _check_tree(tree, names, known, what, counter, 0)
    read = tuple(dict.fromkeys(n for n in names if n in known))
    return Formula(canonical_feature(text), read, tree, tuple(names))


def _check_name(
    token: _Token, called: bool, known: set[str], what: str, column_names: Sequence[str]
) -> None:
    name = token.text
    if token.kind == "name" and called and name in FUNCTIONS:
        return
    if called:
        raise DataError(
            f"{what} uses the function “{name}”, which does not exist. "
            f"There are {', '.join(FUNCTIONS)}."
        )
    if name in known or (token.kind == "name" and name in CONSTANTS):
        return
    if name in FUNCTIONS:
        raise DataError(f"{what}: write {name} with what it works on, as in {name}(x1).")
    if not column_names:
        raise DataError(f"{what} has the name “{name}”, and only numbers can stand here.")
    listed = ", ".join(quoted_name(c) for c in column_names[:12])
    more = "" if len(column_names) <= 12 else f" and {len(column_names) - 12} more"
    raise DataError(f"{what} reads “{name}”, which is no numeric column. There are {listed}{more}.")


def _check_tree(
    node: ast.expr, names: list[str], known: set[str], what: str, counter: list[int], depth: int
) -> None:
    counter[0] += 1
    if counter[0] > MAX_NODES or depth > MAX_NODES:
        raise DataError(f"{what} has more than {MAX_NODES} parts. Please simplify it.")
    children: list[ast.expr]
    match node:
        case ast.Constant(value=float()) | ast.Name():
            children = []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            children = [operand]
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            children = [left, right]
        case ast.Call(func=ast.Name(id=placeholder), args=arguments, keywords=[]):
            name = names[int(placeholder[1:])]
            if name not in FUNCTIONS:
                raise DataError(f"{what} uses “{name}” like a function. Write * to multiply.")
            wanted = FUNCTIONS[name][1]
            if wanted != len(arguments):
                plural = "value" if wanted == 1 else "values"
                raise DataError(
                    f"{what}: {name} takes {wanted} {plural}, but {len(arguments)} are given."
                )
            children = list(arguments)
        case ast.Tuple():
            raise DataError(
                f"{what} has a comma where none belongs. Inside a formula write decimals with a "
                "dot."
            )
        case _:
            raise DataError(
                f"{what} uses something other than + − * / ^, numbers, columns and functions."
            )
    for child in children:
        _check_tree(child, names, known, what, counter, depth + 1)
    match node:
        case ast.BinOp(op=ast.Pow(), right=exponent) if not _reads_columns(exponent, names, known):
            value = Formula("", (), exponent, tuple(names)).evaluate({})[0]
            if not abs(value) <= MAX_EXPONENT:
                raise DataError(f"{what} has an exponent beyond {MAX_EXPONENT:.0f}.")


def _reads_columns(node: ast.expr, names: list[str], known: set[str]) -> bool:
    called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    return any(
        isinstance(n, ast.Name) and id(n) not in called and names[int(n.id[1:])] in known
        for n in ast.walk(node)
    )


def _shortened(text: str) -> str:
    text = " ".join(text.split())  # a sentence has one line
    return text if len(text) <= 60 else text[:57] + "…"


def evaluate_number(text: str) -> float:
    """The number meant by a text in a number field: ``0.5``, ``0,5``, ``1/4``, ``2^-3``, ``1e-3``.

    A comma is a decimal comma here, never a separator of thousands.

    Raises:
        DataError: the text is no finite number.
    """
    way_out = "Write for example 0.03, 0,03 or 1/4."
    if not text.strip():
        raise DataError(f"A number is missing. {way_out}")
    shown = _shortened(text.strip())
    try:
        formula = compile_formula(text.replace(",", "."), ())
    except DataError:
        raise DataError(f"“{shown}” is not a number. {way_out}") from None
    value = float(formula.evaluate({})[0])
    if not np.isfinite(value):
        raise DataError(f"“{shown}” has no finite value. {way_out}")
    return value
