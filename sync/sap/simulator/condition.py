"""A filter tree bound to one entity set: a test for rows, and where to start looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sync.sap.simulator.expression import Both, Call, Compare, Either, Match, Node, Not
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.schema import NUMERIC, Schema, SetSchema
from sync.sap.simulator.table import Row, Table

Test = Callable[[Row], bool]
Read = Callable[[Row, str], Any]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}
TEXT: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda left, right: left.startswith(right),
    "endswith": lambda left, right: left.endswith(right),
    "contains": lambda left, right: right in left,
}


Subject = TypeVar("Subject")


def composed(
    node: Node, leaf: Callable[[Match | Call | Compare], Callable[[Subject], bool]]
) -> Callable[[Subject], bool]:
    """The test of a tree from the tests of its leaves."""
    if isinstance(node, Both):
        parts = [composed(part, leaf) for part in node.parts]
        return lambda one: all(part(one) for part in parts)
    if isinstance(node, Either):
        parts = [composed(part, leaf) for part in node.parts]
        return lambda one: any(part(one) for part in parts)
    if isinstance(node, Not):
        inner = composed(node.inner, leaf)
        return lambda one: not inner(one)
    return leaf(node)


@dataclass(frozen=True, slots=True)
class Binder:
    """Checks names and literals against the schema while it builds the test.

    Attributes:
        schema: the company's schema.
        owner: the entity set.
        read: gives a property of a row, with defaults and computed ones.
        ignores_case: texts are equal whatever their case.
    """

    schema: Schema
    owner: SetSchema
    read: Read
    ignores_case: bool = False

    def test(self, node: Node) -> Test:
        """The test of a tree; raises Refusal 201 or 205 for a wrong name or literal."""
        return composed(node, self._leaf)

    def _leaf(self, node: Match | Call | Compare) -> Test:
        if isinstance(node, Match):
            raise Refusal(202, f"'{node.other}' is not a value")
        return self._call(node) if isinstance(node, Call) else self._compare(node)

    def value(self, node: Compare) -> Any:
        """The literal of a comparison in the property's own type."""
        kind = self.schema.plain_type(self.owner, node.name)
        if node.value is None:
            return None
        if kind in self.schema.enums:
            return self.schema.member(kind, node.name, str(node.value))
        if kind in NUMERIC:
            if not isinstance(node.value, Decimal):
                raise Refusal(205, f"Value '{node.value}' of property '{node.name}' is not numeric")
            return node.value
        if not isinstance(node.value, str):
            raise Refusal(202, f"Value of property '{node.name}' must be quoted")
        return _day(node.name, node.value) if kind == "DateTime" else node.value

    def folded(self, value: Any) -> Any:
        """A text without its case where that does not matter."""
        return value.casefold() if self.ignores_case and isinstance(value, str) else value

    def _read_folded(self, row: Row, name: str) -> Any:
        return self.folded(self.read(row, name))

    def _compare(self, node: Compare) -> Test:
        name, wanted = node.name, self.folded(self.value(node))
        read = self.read if not self.ignores_case else self._read_folded
        if node.operator == "eq":
            return lambda row: bool(read(row, name) == wanted)
        if node.operator == "ne":
            return lambda row: bool(read(row, name) != wanted)
        if wanted is None:
            return lambda _row: False
        compare = COMPARE[node.operator]

        def test(row: Row) -> bool:
            value = read(row, name)
            return value is not None and compare(value, wanted)

        return test

    def _call(self, node: Call) -> Test:
        if self.schema.plain_type(self.owner, node.name) != "String":
            raise Refusal(202, f"{node.function} needs a text property")
        name, wanted, function = node.name, self.folded(node.value), TEXT[node.function]
        read = self.read if not self.ignores_case else self._read_folded
        return lambda row: function(read(row, name) or "", wanted)


def candidates(
    node: Node | None, table: Table, binder: Binder, *, descending: bool
) -> Iterator[Row]:
    """The rows worth testing, in key order: by key, by index, behind a cursor, or all."""
    key = table.key[0]
    # Indexes tell upper from lower case.
    known = [] if binder.ignores_case else _conjuncts(node)
    for part in known:
        if part.operator != "eq":
            continue
        value = binder.value(part)
        if part.name == key and len(table.key) == 1:
            row = table.get(int(value) if isinstance(value, Decimal) else value)
            return iter([] if row is None else [row])
        found = table.having(part.name, value)
        if found is not None:
            return iter(reversed(found) if descending else found)
    for part in known:
        if part.name == key and part.operator in ("gt", "ge") and len(table.key) == 1:
            bound = binder.value(part)
            return table.between(bound, inclusive=part.operator == "ge", descending=descending)
    return table.between(None, inclusive=True, descending=descending)


def _conjuncts(node: Node | None) -> list[Compare]:
    parts = node.parts if isinstance(node, Both) else (node,)
    return [part for part in parts if isinstance(part, Compare) and part.value is not None]


def _day(name: str, value: str) -> str:
    """A day in any of the forms Service Layer reads, as stored."""
    digits = value[:10].replace("-", "")[:8]
    try:
        return date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}").isoformat()
    except ValueError:
        raise Refusal(202, f"Invalid date '{value}' for property '{name}'") from None
