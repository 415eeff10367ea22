"""The goods of the shop and where they lie, as lists for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain import batch as batch_rules
from pos_app.domain.batch import Batch, Strategy
from pos_app.domain.item import Item, ItemUnknown
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import batch as lots
from pos_app.store import catalogue, stock
from pos_app.store import item as items
from pos_app.store import price as prices
from pos_app.store import warehouse as warehouses
from pos_app.store.fast import Record
from pos_app.store.item import ItemFilter

NOTHING = Decimal(0)
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse."""

    code: str
    name: str
    street: str
    city: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """One batch in one warehouse."""

    number: str
    warehouse: str
    quantity: Decimal
    status: str
    expiry: date | None
    admission: date | None
    manufactured: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """An item with its stock, in one warehouse or over all of them.

    Attributes:
        price: on the shop's own list; None where there is none.
        group: the name of its group.
    """

    item: Item
    on_hand: Decimal
    committed: Decimal
    ordered: Decimal
    price: Decimal | None
    group: str
    warehouse: str
    lots: tuple[Lot, ...] = ()

    @property
    def available(self) -> Decimal:
        """What is in stock and not promised by an order; reservations are not looked at."""
        return self.on_hand - self.committed


def every(shop: Shop) -> list[Goods]:
    """Every active item with its stock over all warehouses."""
    with shop.store.read() as connection:
        found: list[Goods] = []
        for page in _pages(connection):
            known = catalogue.totals(connection, (item.code for item in page))
            nothing = catalogue.Total(NOTHING, NOTHING, NOTHING)
            found += _priced(
                shop,
                connection,
                [
                    _goods(item, known.get(item.code, nothing), warehouse=shop.rules.warehouse)
                    for item in page
                ],
            )
        return found


def one(shop: Shop, code: str) -> Goods:
    """One item with its stock over all warehouses, and its batches.

    Raises:
        ItemUnknown: there is none of this code.
    """
    with shop.store.read() as connection:
        item = _item(connection, code)
        total = catalogue.totals(connection, [code]).get(
            code, catalogue.Total(NOTHING, NOTHING, NOTHING)
        )
        lots = catalogue.batches_of(connection, code)
        goods = _goods(item, total, warehouse=shop.rules.warehouse, lots=lots)
        return _priced(shop, connection, [goods])[0]


def in_warehouse(shop: Shop, code: str) -> list[Goods]:
    """The goods of one warehouse, each with its batches there.

    Raises:
        RecordNotFound: there is no such warehouse.
    """
    with shop.store.read() as connection:
        _check_warehouse(connection, code)
        lots = catalogue.batches_in(connection, code)
        found: list[Goods] = []
        for rows in _stock_pages(connection, code):
            known = items.find_by_codes(connection, [row["item"] for row in rows])
            page = [
                _goods(
                    known[row["item"]],
                    catalogue.Total(row["on_hand"], row["committed"], row["ordered"]),
                    warehouse=code,
                    lots=lots.get(row["item"], ()),
                )
                for row in rows
                if row["item"] in known
            ]
            found += _priced(shop, connection, page)
        return found


def page_of_warehouse(
    shop: Shop, code: str, *, offset: int, limit: int
) -> tuple[list[Goods], bool]:
    """Some of the goods of one warehouse by item, with their batches, and whether more follow.

    Raises:
        RecordNotFound: there is no such warehouse.
    """
    with shop.store.read() as connection:
        _check_warehouse(connection, code)
        rows = catalogue.rows_in(connection, code, offset=offset, limit=limit + 1)
        return _goods_of(shop, connection, code, rows[:limit]), len(rows) > limit


def some_of_warehouse(shop: Shop, code: str, only: Sequence[str]) -> list[Goods]:
    """Some goods of one warehouse, named; without any name nothing is read (lesson L99).

    Raises:
        RecordNotFound: there is no such warehouse.
    """
    with shop.store.read() as connection:
        _check_warehouse(connection, code)
        wanted = sorted(set(only))
        places = stock.of_places(connection, [(item, code) for item in wanted])
        rows = [places[item, code] for item in wanted if (item, code) in places]
        return _goods_of(shop, connection, code, rows)


def _goods_of(shop: Shop, connection: Connection, code: str, rows: Sequence[Record]) -> list[Goods]:
    codes = [row["item"] for row in rows]
    known = items.find_by_codes(connection, codes)
    lots = catalogue.batches_at(connection, code, codes)
    found = [
        _goods(
            known[row["item"]],
            catalogue.Total(row["on_hand"], row["committed"], row["ordered"]),
            warehouse=code,
            lots=lots.get(row["item"], ()),
        )
        for row in rows
        if row["item"] in known
    ]
    return _priced(shop, connection, found)


def batches(shop: Shop, item: str, *, warehouse: str | None = None) -> tuple[Item, list[Lot]]:
    """The batches of one item, everywhere or in one warehouse.

    Raises:
        ItemUnknown, RecordNotFound: there is no such item or warehouse.
    """
    with shop.store.read() as connection:
        if warehouse is not None:
            _check_warehouse(connection, warehouse)
        found = _item(connection, item)
        rows = catalogue.batches_of(connection, item, warehouse=warehouse)
        return found, [_lot(row) for row in rows]


def lots_in_order(
    shop: Shop, item: str, warehouse: str, *, strategy: Strategy
) -> tuple[Item, list[Batch]]:
    """The batches of one item that can be taken from one warehouse, in the order they would be.

    Raises:
        ItemUnknown, RecordNotFound: there is no such item or warehouse.
    """
    now = shop.clock.now()
    with shop.store.read() as connection:
        _check_warehouse(connection, warehouse)
        found = _item(connection, item)
        rows = lots.free(connection, [(found.code, warehouse)], now)
    return found, batch_rules.in_order(rows, strategy, on=shop.today)


def places(shop: Shop, *, with_inactive: bool = False) -> list[Place]:
    """The warehouses by code; closed ones only where they are asked for."""
    with shop.store.read() as connection:
        found = warehouses.every(connection)
    return [
        Place(row.code, row.name, row.street, row.city, row.is_active)
        for row in found
        if row.is_active or with_inactive
    ]


def _pages(connection: Connection) -> Iterator[list[Item]]:
    after, only = "", ItemFilter(is_active=True)
    while page := items.page(connection, after=after, limit=CHUNK, only=only):
        yield page
        after = page[-1].code


def _stock_pages(connection: Connection, warehouse: str) -> Iterator[list[RowMapping]]:
    after = ""
    while rows := stock.of_warehouse(connection, warehouse, after=after, limit=CHUNK):
        yield rows
        after = rows[-1]["item"]


def _item(connection: Connection, code: str) -> Item:
    found = items.find_by_code(connection, code)
    if found is None:
        raise ItemUnknown(code)
    return found


def _check_warehouse(connection: Connection, code: str) -> None:
    if warehouses.by_code(connection, code) is None:
        raise RecordNotFound("warehouse", code)


def _goods(
    item: Item, total: catalogue.Total, *, warehouse: str, lots: Iterable[Record] = ()
) -> Goods:
    return Goods(
        item=item,
        on_hand=total.on_hand,
        committed=total.committed,
        ordered=total.ordered,
        price=None,
        group="",
        warehouse=warehouse,
        lots=tuple(_lot(row) for row in lots),
    )


def _priced(shop: Shop, connection: Connection, goods: Sequence[Goods]) -> list[Goods]:
    """Put the prices of the shop's own list and the names of the groups on the goods."""
    names = items.group_names(connection, (row.item.group for row in goods))
    own = shop.rules.price_lists.get(shop.rules.currency)
    codes = [row.item.code for row in goods]
    known = prices.for_items(connection, codes, price_list=own) if own else {}
    listed = {code: rows[0].price for code, rows in known.items() if rows}
    return [
        replace(row, price=listed.get(row.item.code), group=names.get(row.item.group, ""))
        for row in goods
    ]


def _lot(row: Record) -> Lot:
    return Lot(
        number=row["batch"],
        warehouse=row["warehouse"],
        quantity=row["on_hand"],
        status=row["status"],
        expiry=row["expiry"],
        admission=row["admission"],
        manufactured=row["manufactured"],
    )


def sum_of(lots: Iterable[Lot]) -> Decimal:
    """What some batches hold together."""
    return sum((lot.quantity for lot in lots), NOTHING)
