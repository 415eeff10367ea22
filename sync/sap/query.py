"""OData query options and keys, quoted and encoded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import quote

Literal = str | int | Decimal | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to read of an entity set; `$select` is never left out.

    Attributes:
        select: property names.
        where: a filter expression, empty for all rows.
        order_by: such as ``ItemCode`` or ``DocEntry desc``.
        top: most rows, None for no limit.
    """

    select: Sequence[str]
    where: str = ""
    order_by: str = ""
    top: int | None = None

    def options(self) -> str:
        """The part of a URL behind the question mark."""
        parts = {"$select": ",".join(self.select)}
        if self.where:
            parts["$filter"] = self.where
        if self.order_by:
            parts["$orderby"] = self.order_by
        if self.top is not None:
            parts["$top"] = str(self.top)
        return encode(parts)


def literal(value: Literal) -> str:
    """A value as it stands in a filter: text and dates quoted, quotes doubled."""
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def equals(name: str, value: Literal) -> str:
    """A comparison for a filter."""
    return f"{name} eq {literal(value)}"


def after(name: str, value: Literal) -> str:
    """The comparison of a key cursor."""
    return f"{name} gt {literal(value)}"


def both(*conditions: str) -> str:
    """Conditions joined by `and`; empty ones fall away."""
    return " and ".join(condition for condition in conditions if condition)


def one_of(conditions: Iterable[str]) -> str:
    """Conditions joined by `or`."""
    return "(" + " or ".join(conditions) + ")"


def any_of(name: str, values: Sequence[Literal]) -> str:
    """`name` equals one of the values; Service Layer has no `in`."""
    return one_of(equals(name, value) for value in values)


def encode(options: Mapping[str, str]) -> str:
    """Options percent-encoded, with `$` and quotes left readable."""
    kept = "$,()*'"
    return "&".join(f"{name}={quote(value, safe=kept)}" for name, value in options.items())


def entity(set_name: str, key: Literal | Mapping[str, Literal]) -> str:
    """The path of one entity, such as ``Items('A1')``."""
    if isinstance(key, Mapping):
        inside = ",".join(f"{name}={_key(value)}" for name, value in key.items())
    else:
        inside = _key(key)
    return f"{set_name}({inside})"


def _key(value: Literal) -> str:
    return quote(literal(value), safe="'")
