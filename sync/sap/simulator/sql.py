"""SQLQueries: the few statements Service Layer allows, taken apart.

``SELECT columns FROM table [JOIN table ON …] [WHERE … AND …] [ORDER BY …]`` with bound
parameters; everything else is refused with SAP's own codes: 701 syntax, 702 table, 703 column,
704 parameter. Batch quantity per warehouse exists nowhere else (SAP Service Layer user guide).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.sql_tables import TABLES

Column = tuple[str, str]
Record = dict[Column, Any]
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}
STATEMENT = re.compile(
    r"select\s+(?P<columns>.+?)\s+from\s+(?P<tables>.+?)"
    r"(?:\s+where\s+(?P<where>.+?))?(?:\s+order\s+by\s+(?P<order>.+?))?",
    re.IGNORECASE | re.DOTALL,
)
JOIN = re.compile(r"\s+(?:inner\s+)?join\s+", re.IGNORECASE)
AND = re.compile(r"\s+and\s+", re.IGNORECASE)
TABLE = re.compile(r'"?(?P<name>\w+)"?(?:\s+(?:as\s+)?"?(?P<alias>\w+)"?)?', re.IGNORECASE)
COLUMN = re.compile(r'(?:(?P<alias>\w+)\.)?"?(?P<name>\w+)"?')
LABELLED = re.compile(r"(?P<column>[^ ]+)(?:\s+as\s+[\"'](?P<label>[^\"']+)[\"'])?", re.IGNORECASE)
CONDITION = re.compile(r"(?P<left>\S+)\s*(?P<sign><>|>=|<=|=|>|<)\s*(?P<right>:\w+|'[^']*'|\S+)")


@dataclass(frozen=True, slots=True)
class Operand:
    """A column, or a value known before the rows are."""

    column: tuple[str, str] | None
    value: Any = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Two operands and a sign."""

    left: tuple[str, str]
    sign: str
    right: Operand

    def holds(self, record: Record) -> bool:
        """Whether a record meets it; null meets nothing."""
        left = record[self.left]
        right = self.right.value if self.right.column is None else record[self.right.column]
        if left is None or right is None:
            return False
        return OPERATORS[self.sign](*_alike(left, right))


@dataclass(frozen=True, slots=True)
class Select:
    """A statement taken apart.

    Attributes:
        columns: label and column.
        tables: alias to table, in order of joining.
        conditions: from ON and WHERE alike; joins are inner.
        order: columns and whether descending.
    """

    columns: tuple[tuple[str, tuple[str, str]], ...]
    tables: Mapping[str, str]
    conditions: tuple[Condition, ...]
    order: tuple[tuple[tuple[str, str], bool], ...]


def parse(text: str, parameters: Mapping[str, str] | None = None) -> Select:
    """Take a statement apart; without parameters only its shape is checked."""
    match = STATEMENT.fullmatch(text.strip())
    if match is None or ";" in text:
        raise Refusal(701, "Invalid SQL syntax")
    aliases, on = _tables(match["tables"])
    reader = _Columns(aliases)
    where = on + (AND.split(match["where"]) if match["where"] else [])
    return Select(
        tuple(_labelled(reader, part) for part in match["columns"].split(",")),
        aliases,
        tuple(_condition(reader, part, parameters) for part in where),
        tuple(_order(reader, part) for part in (match["order"] or "").split(",") if part.strip()),
    )


def _tables(text: str) -> tuple[dict[str, str], list[str]]:
    aliases: dict[str, str] = {}
    conditions: list[str] = []
    for place, part in enumerate(JOIN.split(text)):
        named, *on = re.split(r"\s+on\s+", part, flags=re.IGNORECASE)
        if len(on) != (1 if place else 0):
            raise Refusal(701, "Invalid SQL syntax: a join needs one ON")
        match = TABLE.fullmatch(named.strip())
        if match is None:
            raise Refusal(701, f"Invalid SQL syntax: '{named.strip()}'")
        if match["name"].upper() not in TABLES:
            raise Refusal(702, f"Table '{match['name']}' is not accessible")
        aliases[match["alias"] or match["name"]] = match["name"].upper()
        conditions += [one for text in on for one in AND.split(text)]
    return aliases, conditions


class _Columns:
    """Resolves columns against the tables of a statement."""

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._aliases = aliases

    def resolve(self, text: str) -> tuple[str, str]:
        match = COLUMN.fullmatch(text.strip())
        if match is None:
            raise Refusal(701, f"Invalid SQL syntax: '{text.strip()}'")
        alias, name = match["alias"], match["name"]
        if alias is not None and alias not in self._aliases:
            raise Refusal(702, f"Table '{alias}' is not accessible")
        owners = [alias] if alias is not None else list(self._aliases)
        for owner in owners:
            if name in TABLES[self._aliases[owner]].columns:
                return owner, name
        raise Refusal(703, f"Column '{name}' is not accessible")


def _labelled(reader: _Columns, text: str) -> tuple[str, tuple[str, str]]:
    match = LABELLED.fullmatch(text.strip())
    if match is None:
        raise Refusal(701, f"Invalid SQL syntax: '{text.strip()}'")
    column = reader.resolve(match["column"])
    return match["label"] or column[1], column


def _condition(reader: _Columns, text: str, parameters: Mapping[str, str] | None) -> Condition:
    match = CONDITION.fullmatch(text.strip())
    if match is None:
        raise Refusal(701, f"Invalid SQL syntax: '{text.strip()}'")
    return Condition(
        reader.resolve(match["left"]), match["sign"], _operand(reader, match["right"], parameters)
    )


def _operand(reader: _Columns, text: str, parameters: Mapping[str, str] | None) -> Operand:
    if text.startswith(":"):
        if parameters is None:
            return Operand(None)
        if text[1:] not in parameters:
            raise Refusal(704, f"Parameter '{text[1:]}' is missing")
        return Operand(None, _value(parameters[text[1:]]))
    if text.startswith("'") or text.lstrip("-")[:1].isdigit():
        return Operand(None, _value(text))
    return Operand(reader.resolve(text))


def _value(text: str) -> Any:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Refusal(704, f"Parameter value {text} must be a number or quoted") from None


def _order(reader: _Columns, text: str) -> tuple[tuple[str, str], bool]:
    words = text.split()
    if len(words) > 1 and words[1].lower() not in ("asc", "desc"):
        raise Refusal(701, f"Invalid SQL syntax: '{text.strip()}'")
    return reader.resolve(words[0]), len(words) > 1 and words[1].lower() == "desc"


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Both as numbers when one is, as a database would compare them."""
    if isinstance(left, str) == isinstance(right, str):
        return left, right
    try:
        return Decimal(left), Decimal(right)
    except InvalidOperation:
        return str(left), str(right)
