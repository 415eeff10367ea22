"""Rows on the wire: whole minor and micro units, moments and dates as ISO text, JSON as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

from pos_app.domain.quantity import QuantityInvalid, from_micro, to_micro
from pos_app.errors import MalformedInput
from pos_app.store.schema import BusinessDate, Flag, Instant, Json, Micro, Minor, big

_LARGEST = 2**63 - 1


def decode(table: Table, data: object, *, where: str, **given: Any) -> dict[str, Any]:
    """Read one row that another program wrote, every value checked by its column.

    Names the table does not have are ignored, so that a newer till may say more.

    Args:
        table: where the row belongs.
        data: the JSON object.
        where: what it is, for the sentence, such as ``line 3``.
        given: values that are not taken from the wire.

    Raises:
        MalformedInput: a value is missing or of a wrong form.
    """
    if not isinstance(data, Mapping):
        raise MalformedInput(where, "is not a JSON object")
    row = dict(given)
    for column in table.columns:
        name = column.name
        if name in given or column is table.autoincrement_column:
            continue
        if name not in data:
            if column.nullable or column.server_default is not None:
                continue
            raise MalformedInput(where, f"has no {name}")
        row[name] = _value(column, data[name], where)
    return row


def _value(column: Column[Any], value: Any, where: str) -> Any:
    if value is None:
        if column.nullable:
            return None
        raise MalformedInput(where, f"has nothing as {column.name}")
    for kind, read in _READERS:
        if isinstance(column.type, kind):
            try:
                return read(value)
            except (ValueError, TypeError, ArithmeticError, QuantityInvalid) as error:
                raise MalformedInput(where, f"has a {column.name} that is wrong") from error
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) > _LARGEST:
        raise ValueError
    return value


def _micro(value: Any) -> Decimal:
    """Whole millionths, or a decimal as text."""
    if isinstance(value, str):
        return from_micro(_whole(to_micro(Decimal(value))))
    return from_micro(_whole(value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise TypeError
    return value


_READERS: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
    (Micro, _micro),
    (Minor, _whole),
    (Instant, _moment),
    (BusinessDate, date.fromisoformat),
    (Flag, _flag),
    (Json, lambda value: value),
    (Integer, _whole),
    (Text, _text),
    (TypeDecorator, _text),
)


@cache
def plain(table: Table) -> Table:
    """The same table with its values as the database keeps them, for copying many rows as is."""
    columns = [
        Column(column.name, _kept(column), primary_key=column.primary_key)
        for column in table.columns
    ]
    return Table(table.name, MetaData(), *columns)


def _kept(column: Column[Any]) -> Any:
    whole = isinstance(column.type, Micro | Minor | Instant | Integer)
    return big() if whole else Flag.impl() if isinstance(column.type, Flag) else Text()
