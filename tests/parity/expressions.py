"""The expression language of the reference folder: parse once, evaluate on whole columns."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.parity.tables import Column, Table, as_labels, is_text, missing

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|'(?P<text>[^']*)'|`(?P<quoted>[^`]*)`"
    r"|(?P<name>[A-Za-z._][A-Za-z0-9._]*)|(?P<op>==|!=|<=|>=|[-+*/<>|&~(),\[\]]))"
)
Value = Any  # a column, or a list of values
Node = Callable[[Table, Sequence[str]], Value]


class ExpressionError(ValueError):
    """The text is not an expression of the language."""


def evaluate(text: str, table: Table, samples: Sequence[str] = ()) -> Value:
    """A column as long as the table, or a list of single values."""
    value = _Parser(text).whole()(table, samples)
    if isinstance(value, list):
        return [scalar(item) for item in value]
    return _full(value, len(table))


def scalar(value: Value) -> float:
    """One number, from a constant expression."""
    distinct = np.unique(np.asarray(value, dtype=np.float64))
    if distinct.size != 1:
        raise ExpressionError("One number was expected, not a column.")
    return float(distinct[0])


def truth(text: str, table: Table, samples: Sequence[str] = ()) -> NDArray[np.bool_]:
    """Rows where the expression is true; missing is not true."""
    column = evaluate(text, table, samples)
    true: NDArray[np.bool_] = ~np.isnan(column) & (column != 0)
    return true


def _full(value: Column, n: int) -> Column:
    return np.broadcast_to(value, (n,)).copy() if value.ndim == 0 or len(value) != n else value


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0

    def whole(self) -> Node:
        node = self.either()
        if self.at != len(self.tokens):
            raise ExpressionError(f"Unexpected {self.tokens[self.at][1]!r} in {self.text!r}.")
        return node

    def peek(self, *ops: str) -> str | None:
        if self.at < len(self.tokens):
            kind, value = self.tokens[self.at]
            if kind == "op" and value in ops:
                return value
        return None

    def take(self, *ops: str) -> str | None:
        found = self.peek(*ops)
        self.at += found is not None
        return found

    def expect(self, op: str) -> None:
        if not self.take(op):
            raise ExpressionError(f"{op!r} is missing in {self.text!r}.")

    def either(self) -> Node:
        node = self.both()
        while self.take("|"):
            node = _binary(_or, node, self.both())
        return node

    def both(self) -> Node:
        node = self.negation()
        while self.take("&"):
            node = _binary(_and, node, self.negation())
        return node

    def negation(self) -> Node:
        if self.take("~"):
            return _unary(lambda x: 1.0 - _bool(x), self.negation())
        return self.comparison()

    def comparison(self) -> Node:
        node = self.sum()
        op = self.take("==", "!=", "<", "<=", ">", ">=")
        return _binary(_comparing(op), node, self.sum()) if op else node

    def sum(self) -> Node:
        node = self.product()
        while op := self.take("+", "-"):
            node = _binary(np.add if op == "+" else np.subtract, node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while op := self.take("*", "/"):
            node = _binary(np.multiply if op == "*" else _divide, node, self.signed())
        return node

    def signed(self) -> Node:
        if self.take("-"):
            return _unary(np.negative, self.signed())
        return self.primary()

    def primary(self) -> Node:
        if self.take("("):
            node = self.either()
            self.expect(")")
            return node
        if self.take("["):
            items = self.items("]")
            return lambda table, samples: [item(table, samples) for item in items]
        if self.at == len(self.tokens) or self.tokens[self.at][0] == "op":
            raise ExpressionError(f"A value is missing in {self.text!r}.")
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "name" and self.take("("):
            return _call(value, self.items(")"))
        return _literal(kind, value)

    def items(self, end: str) -> list[Node]:
        found: list[Node] = []
        if self.take(end):
            return found
        found.append(self.either())
        while self.take(","):
            found.append(self.either())
        self.expect(end)
        return found


def _tokens(text: str) -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"{text[at:]!r} is not understood.")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _literal(kind: str, value: str) -> Node:
    if kind == "number":
        return lambda table, samples: np.array(float(value))
    if kind == "text":
        return lambda table, samples: np.array(value, dtype=object)
    return lambda table, samples: _named(table, value)


def _named(table: Table, name: str) -> Column:
    if name not in table.columns:
        raise ExpressionError(f"There is no column {name!r}.")
    return table.columns[name]


def _unary(function: Callable[[Column], Column], node: Node) -> Node:
    return lambda table, samples: np.asarray(function(node(table, samples)))


def _binary(function: Callable[[Column, Column], Column], left: Node, right: Node) -> Node:
    return lambda table, samples: np.asarray(function(left(table, samples), right(table, samples)))


def _bool(x: Column) -> Column:
    return np.where(np.isnan(x), np.nan, (x != 0).astype(np.float64))


def _or(a: Column, b: Column) -> Column:
    a, b = _bool(a), _bool(b)
    return np.where((a == 1) | (b == 1), 1.0, np.where(np.isnan(a) | np.isnan(b), np.nan, 0.0))


def _and(a: Column, b: Column) -> Column:
    a, b = _bool(a), _bool(b)
    return np.where((a == 0) | (b == 0), 0.0, np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0))


def _divide(a: Column, b: Column) -> Column:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.true_divide(a, b))


COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _comparing(op: str) -> Callable[[Column, Column], Column]:
    def compare(a: Column, b: Column) -> Column:
        if is_text(a) or is_text(b):
            a, b = (as_labels(np.atleast_1d(x)) for x in (a, b))
        a, b = np.broadcast_arrays(a, b)
        unknown = missing(np.atleast_1d(a)) | missing(np.atleast_1d(b))
        result = np.full(unknown.shape, np.nan)
        known = ~unknown
        result[known] = COMPARE[op](np.atleast_1d(a)[known], np.atleast_1d(b)[known]).astype(np.float64)
        return result if a.ndim else result[0]

    return compare


def _call(name: str, arguments: list[Node]) -> Node:
    if name == "rownumber":
        return lambda table, samples: table.numbers
    if name == "total":
        return lambda table, samples: np.sum([table.columns[sample] for sample in samples], axis=0)
    if name not in FUNCTIONS:
        raise ExpressionError(f"There is no function {name!r}.")
    return lambda table, samples: np.asarray(FUNCTIONS[name](*(node(table, samples) for node in arguments)))


def _elementwise(function: Callable[[Column], Column]) -> Callable[[Column], Column]:
    def apply(x: Column) -> Column:
        with np.errstate(divide="ignore", invalid="ignore"):
            return function(x)

    return apply


def _isin(x: Column, values: list[Column]) -> Column:
    found = [_comparing("==")(x, value) for value in values]
    result = found[0]
    for other in found[1:]:
        result = _or(result, other)
    return result


def _ifelse(condition: Column, a: Column, b: Column) -> Column:
    if is_text(a) or is_text(b):
        chosen = np.where(condition == 1, as_labels(np.atleast_1d(a)), as_labels(np.atleast_1d(b)))
        chosen[np.isnan(condition)] = None
        return chosen
    return np.where(np.isnan(condition), np.nan, np.where(condition == 1, a, b))


def _cut(x: Column, breaks: list[Column], names: list[Column]) -> Column:
    edges = [scalar(item) for item in breaks]
    index = np.searchsorted(edges, x, side="left") - 1
    index = np.where(x == edges[0], 0, index)
    inside = ~np.isnan(x) & (index >= 0) & (index < len(names))
    result = np.full(x.shape, None, dtype=object)
    result[inside] = np.array([str(name) for name in names], dtype=object)[index[inside]]
    return result


def _known(x: Column) -> Column:
    return x[~np.isnan(x)]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log": _elementwise(np.log),
    "exp": _elementwise(np.exp),
    "sqrt": _elementwise(np.sqrt),
    "abs": _elementwise(np.abs),
    "median": lambda x: np.median(_known(x)),
    "quantile7": lambda x, p: np.quantile(_known(x), scalar(p)),
    "notna": lambda x: (~missing(x)).astype(np.float64),
    "isin": _isin,
    "ifelse": _ifelse,
    "pmin": np.minimum,
    "pmax": np.maximum,
    "cut": _cut,
}
