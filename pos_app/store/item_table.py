"""The tables of items, and items made from their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    select,
)

from pos_app.domain.item import Item
from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.schema import Flag, Id, Instant, Micro, SortText, autokey, table
from pos_app.store.words import full_text

item_groups = table(
    "item_groups",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
)

items = table(
    "items",
    autokey("number"),  # the row of the full-text table; codes are what the shop knows
    Column("code", Id, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("tax_group", Text, nullable=False),
    Column("hs_code", Text, nullable=False),
    Column("group_code", Text, nullable=False),
    Column("is_batch_managed", Flag, nullable=False),
    Column("is_active", Flag, nullable=False),
    Column("is_free", Flag, nullable=False),
    Column("is_weighed", Flag, nullable=False),
    Column("words", SortText, nullable=False),
    Column("code_backwards", SortText, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("items_by_words", "words"),
    Index("items_by_code_backwards", "code_backwards"),
    Index("items_by_group", "group_code", "code"),
)

barcodes = table(
    "barcodes",
    Column("barcode", Id, primary_key=True),
    Column("item", Id, ForeignKey("items.code"), primary_key=True),
    Column("uom", Text, nullable=False),
    Column("factor", Micro, nullable=False),  # units of the item in one of what carries it
    Column("backwards", SortText, nullable=False),
    Index("barcodes_by_item", "item"),
    Index("barcodes_by_backwards", "backwards"),
)

item_recent = table(
    "item_recent",
    Column("warehouse", Id, primary_key=True),
    Column("item", Id, ForeignKey("items.code"), primary_key=True),
    Column("last_sold_at", Instant, nullable=False),
    Column("sold_count", Integer, nullable=False),
    Index("item_recent_by_time", "warehouse", "last_sold_at"),
)

full_text(items)

ITEM_COLUMNS = (
    items.c.code,
    items.c.name,
    items.c.uom,
    items.c.decimals,
    items.c.tax_group,
    items.c.hs_code,
    items.c.group_code,
    items.c.is_batch_managed,
    items.c.is_active,
    items.c.is_free,
    items.c.is_weighed,
)
"""In the order of the fields of `Item`."""

_CHUNK = 5000
_Thing = TypeVar("_Thing")


def with_barcodes(connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Item]:
    """Items from rows of `ITEM_COLUMNS`, each with its barcodes."""
    known: dict[str, list[str]] = {}
    for chunk in chunks(row[0] for row in rows):
        for item, barcode in _BARCODES_OF.all(connection, {"of_items": chunk}):
            known.setdefault(item, []).append(barcode)
    return [_item(row, tuple(known.get(row[0], ()))) for row in rows]


def chunks(things: Iterable[_Thing]) -> Iterator[list[_Thing]]:
    """The same things in lists that one statement can take."""
    source = iter(things)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


def _item(row: Sequence[Any], codes: tuple[str, ...]) -> Item:
    return Item(*(*row, codes))


_BARCODES_OF = Prepared(
    select(barcodes.c.item, barcodes.c.barcode)
    .where(among(barcodes.c.item, "of_items"))
    .order_by(barcodes.c.barcode)
)
