"""Items, their barcodes and groups: what they are, and how one is found by an exact code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from pos_app.domain.item import Item
from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.item_search import by_last_digits, search, sold
from pos_app.store.item_table import (
    ITEM_COLUMNS,
    barcodes,
    chunks,
    item_groups,
    items,
    with_barcodes,
)
from pos_app.store.upsert import upsert
from pos_app.store.words import backwards, search_text

__all__ = [
    "EVERY_ITEM",
    "BarcodeUse",
    "ItemFilter",
    "ItemGroup",
    "barcodes_of",
    "by_last_digits",
    "count",
    "find_by_barcode",
    "find_by_code",
    "find_by_codes",
    "group_names",
    "groups",
    "page",
    "put",
    "put_groups",
    "search",
    "sold",
    "uses_of_barcode",
    "uses_of_items",
]


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """A group of items, as SAP keeps them."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class BarcodeUse:
    """One barcode of one item: on what it is printed, and how many units that holds.

    Attributes:
        uom: the unit that carries it, such as a case.
        factor: units of the item's own unit of measure in it.
    """

    barcode: str
    item: str
    uom: str
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items a page shows; the empty filter shows all."""

    group: str | None = None
    is_active: bool | None = None
    is_batch_managed: bool | None = None


EVERY_ITEM = ItemFilter()


def find_by_code(connection: Connection, code: str) -> Item | None:
    """The item with exactly this code, active or not."""
    rows = _BY_CODE.all(connection, {"of_code": code})
    return with_barcodes(connection, rows)[0] if rows else None


def find_by_barcode(connection: Connection, barcode: str) -> list[Item]:
    """Every item that carries this barcode, by code; more than one is for people to decide."""
    return with_barcodes(connection, _BY_BARCODE.all(connection, {"of_barcode": barcode}))


def uses_of_barcode(connection: Connection, barcode: str) -> list[BarcodeUse]:
    """On what the barcode is printed, per item: a case of 12 sells 12."""
    return [BarcodeUse(*row) for row in _USES_OF_BARCODE.all(connection, {"of_barcode": barcode})]


def barcodes_of(connection: Connection, code: str) -> list[BarcodeUse]:
    """Every barcode of an item."""
    return [BarcodeUse(*row) for row in _USES_BY_ITEM.all(connection, {"of_item": code})]


def uses_of_items(connection: Connection, codes: Iterable[str]) -> dict[str, list[BarcodeUse]]:
    """Every barcode of several items, by item; an item without any is left out."""
    found: dict[str, list[BarcodeUse]] = {}
    for chunk in chunks(codes):
        for row in _USES_BY_ITEMS.all(connection, {"of_items": chunk}):
            found.setdefault(row[1], []).append(BarcodeUse(*row))
    return found


def find_by_codes(connection: Connection, codes: Iterable[str]) -> dict[str, Item]:
    """Items by their codes; codes nobody has are left out."""
    found: dict[str, Item] = {}
    for chunk in chunks(codes):
        rows = _BY_CODES.all(connection, {"of_codes": chunk})
        found |= {item.code: item for item in with_barcodes(connection, rows)}
    return found


def page(
    connection: Connection, *, after: str = "", limit: int, only: ItemFilter = EVERY_ITEM
) -> list[Item]:
    """The next items by code behind `after`; a short page is the last one."""
    query = select(*ITEM_COLUMNS).where(items.c.code > after, *_conditions(only))
    rows = connection.execute(query.order_by(items.c.code).limit(limit)).all()
    return with_barcodes(connection, rows)


def count(connection: Connection, *, only: ItemFilter = EVERY_ITEM) -> int:
    """How many items the filter lets through."""
    query = select(func.count()).select_from(items).where(*_conditions(only))
    return int(connection.execute(query).scalar_one())


def groups(connection: Connection) -> list[ItemGroup]:
    """Every item group, by code."""
    return [ItemGroup(code, name) for code, name in _GROUPS.all(connection, {})]


def group_names(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """The names of some item groups, by code; of one nobody told us of there is none."""
    told = {"of_codes": sorted(set(codes))}
    return dict(_GROUPS_OF.all(connection, told))


def put_groups(connection: Connection, groups: Iterable[ItemGroup]) -> None:
    """Insert or change item groups."""
    upsert(connection, item_groups, [{"code": group.code, "name": group.name} for group in groups])


def put(
    connection: Connection,
    goods: Iterable[Item],
    *,
    at: datetime,
    uses: Iterable[BarcodeUse] | None = None,
) -> None:
    """Insert or change items with all their barcodes, any number of them.

    Args:
        connection: of a writing transaction.
        goods: the items as they are now.
        at: when they were changed.
        uses: every barcode of these items where units differ; without it the items' own barcodes,
            each standing for one unit.
    """
    told: dict[str, list[BarcodeUse]] | None = None
    if uses is not None:
        told = {}
        for use in uses:
            told.setdefault(use.item, []).append(use)
    for chunk in chunks(goods):
        upsert(connection, items, [_row(item, at) for item in chunk], key=("code",))
        connection.execute(_DROP_BARCODES, [{"of_item": item.code} for item in chunk])
        rows = [_use_row(use) for item in chunk for use in _uses(item, told)]
        if rows:
            connection.execute(_ADD_BARCODES, rows)


def _conditions(only: ItemFilter) -> Iterator[Any]:
    if only.group is not None:
        yield items.c.group_code == only.group
    if only.is_active is not None:
        yield items.c.is_active == only.is_active
    if only.is_batch_managed is not None:
        yield items.c.is_batch_managed == only.is_batch_managed


def _uses(item: Item, told: dict[str, list[BarcodeUse]] | None) -> Iterable[BarcodeUse]:
    if told is not None:
        return told.get(item.code, ())
    return [
        BarcodeUse(barcode=barcode, item=item.code, uom=item.uom)
        for barcode in dict.fromkeys(item.barcodes)
    ]


def _row(item: Item, at: datetime) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "uom": item.uom,
        "decimals": item.decimals,
        "tax_group": item.tax_group,
        "hs_code": item.hs_code,
        "group_code": item.group,
        "is_batch_managed": item.is_batch_managed,
        "is_active": item.is_active,
        "is_free": item.is_free,
        "is_weighed": item.is_weighed,
        "words": search_text(item.name, item.code),
        "code_backwards": backwards(item.code),
        "changed_at": at,
    }


def _use_row(use: BarcodeUse) -> dict[str, Any]:
    return {
        "barcode": use.barcode,
        "item": use.item,
        "uom": use.uom,
        "factor": use.factor,
        "backwards": backwards(use.barcode),
    }


_EVERY_GROUP = select(item_groups.c.code, item_groups.c.name).order_by(item_groups.c.code)
_GROUPS = Prepared(_EVERY_GROUP)
_GROUPS_OF = Prepared(_EVERY_GROUP.where(among(item_groups.c.code, "of_codes")))
_BY_CODE = Prepared(select(*ITEM_COLUMNS).where(items.c.code == bindparam("of_code")))
_BY_CODES = Prepared(select(*ITEM_COLUMNS).where(among(items.c.code, "of_codes")))
_BY_BARCODE = Prepared(
    select(*ITEM_COLUMNS)
    .join(barcodes, barcodes.c.item == items.c.code)
    .where(barcodes.c.barcode == bindparam("of_barcode"))
    .order_by(items.c.code)
)
_USES = select(barcodes.c.barcode, barcodes.c.item, barcodes.c.uom, barcodes.c.factor)
_USES_OF_BARCODE = Prepared(
    _USES.where(barcodes.c.barcode == bindparam("of_barcode")).order_by(barcodes.c.item)
)
_USES_BY_ITEM = Prepared(
    _USES.where(barcodes.c.item == bindparam("of_item")).order_by(barcodes.c.barcode)
)
_USES_BY_ITEMS = Prepared(
    _USES.where(among(barcodes.c.item, "of_items")).order_by(barcodes.c.barcode)
)
_DROP_BARCODES = delete(barcodes).where(barcodes.c.item == bindparam("of_item"))
_ADD_BARCODES = insert(barcodes)
