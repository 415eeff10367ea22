"""What is running out, and what the stock is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain.item import Item
from pos_app.domain.money import half_up, multiply
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services import rate_book
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.rate_book import RateUnknown
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import level as levels
from pos_app.store import stock, warehouse
from pos_app.store.warehouse import Warehouse

NOTHING = Decimal(0)
HALF, TWICE = Decimal("0.5"), Decimal(2)
CHUNK = 2000
MOST_THRESHOLD = 10**9


class ThresholdInvalid(InvalidInput):
    """A threshold below nothing, or beyond any stock."""

    code = "threshold_invalid"

    def __init__(self) -> None:
        super().__init__("A threshold is a quantity of at least 0: leave it out for 10.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Low:
    """An item that runs out in a warehouse.

    Attributes:
        reorder: order from this quantity on: SAP's minimum, or the threshold where it has none.
        minimum: half of that; at or below it the item is critical.
        suggested: twice the reorder level.
    """

    item: Item
    warehouse: str
    on_hand: Decimal
    reorder: Decimal

    @property
    def minimum(self) -> Decimal:
        """At or below it the item is critical."""
        return multiply(self.reorder, HALF)

    @property
    def is_critical(self) -> bool:
        """Whether little or nothing is left."""
        return self.on_hand <= self.minimum

    @property
    def suggested(self) -> Decimal:
        """How much to order."""
        return multiply(self.reorder, TWICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceValue:
    """What lies in a warehouse: items with stock, pieces, worth at average cost."""

    warehouse: Warehouse
    items: int
    quantity: Decimal
    value: Decimal
    without_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The stock of some warehouses and what it is worth, in the shop's first currency.

    Attributes:
        rate: of the second currency now, None when nobody knows.
    """

    at: datetime
    products: int
    in_stock: int
    out_of_stock: int
    low: int
    places: tuple[PlaceValue, ...]
    rate: Decimal | None

    @property
    def value(self) -> Decimal:
        """Of all of it together."""
        return sum((place.value for place in self.places), NOTHING)


@dataclass(frozen=True, slots=True)
class _Held:
    """An item in a warehouse."""

    item: Item
    on_hand: Decimal
    minimum: Decimal
    cost: Decimal


def low(shop: Shop, *, warehouse: str | None, threshold: Decimal) -> list[Low]:
    """Items at or below their level, the emptiest first.

    Args:
        shop: the server.
        warehouse: one warehouse, or None for every active one.
        threshold: the level of items for which SAP keeps none.

    Raises:
        RecordNotFound: there is no such warehouse.
        ThresholdInvalid: below nothing.
    """
    if not 0 <= threshold <= MOST_THRESHOLD:
        raise ThresholdInvalid
    with shop.store.read() as connection:
        found = [
            Low(item=held.item, warehouse=place.code, on_hand=held.on_hand, reorder=reorder)
            for place in _places(connection, warehouse)
            for held in _held(connection, place.code)
            if held.on_hand <= (reorder := held.minimum or threshold)
        ]
    return sorted(found, key=lambda one: (not one.is_critical, one.on_hand, one.item.code))


def value(shop: Shop, *, warehouse: str | None, threshold: Decimal = Decimal(10)) -> Value:
    """What the stock is worth at SAP's average cost, per warehouse.

    Raises:
        RecordNotFound: there is no such warehouse.
    """
    places: list[PlaceValue] = []
    held_of: dict[str, Decimal] = {}
    low_items: set[str] = set()
    with shop.store.read() as connection:
        for place in _places(connection, warehouse):
            rows = list(_held(connection, place.code))
            for row in rows:
                held_of[row.item.code] = held_of.get(row.item.code, NOTHING) + row.on_hand
                if row.on_hand <= (row.minimum or threshold):
                    low_items.add(row.item.code)
            places.append(_valued(place, rows))
    in_stock = sum(held > 0 for held in held_of.values())
    return Value(
        at=shop.clock.now(),
        products=len(held_of),
        in_stock=in_stock,
        out_of_stock=len(held_of) - in_stock,
        low=len(low_items),
        places=tuple(places),
        rate=_rate(shop),
    )


def _valued(place: Warehouse, rows: list[_Held]) -> PlaceValue:
    there = [row for row in rows if row.on_hand > 0]
    worth = sum((multiply(row.on_hand, row.cost) for row in there), NOTHING)
    return PlaceValue(
        warehouse=place,
        items=len(there),
        quantity=sum((row.on_hand for row in there), NOTHING),
        value=half_up(worth, 2),
        without_cost=sum(row.cost == 0 for row in there),
    )


def _places(connection: Connection, code: str | None) -> list[Warehouse]:
    every = [place for place in warehouse.every(connection) if place.is_active]
    found = [place for place in every if code in (None, place.code)]
    if code is not None and not found:
        raise RecordNotFound("warehouse", code)
    return found


def _held(connection: Connection, code: str) -> Iterator[_Held]:
    """The active items of a warehouse."""
    after = ""
    while rows := stock.of_warehouse(connection, code, after=after, limit=CHUNK):
        codes = [row["item"] for row in rows]
        known = items.find_by_codes(connection, codes)
        told = levels.of_items(connection, codes)
        for row in rows:
            item, level = known.get(row["item"]), told.get((row["item"], code))
            if item is not None and item.is_active:
                minimum = level.minimum if level else NOTHING
                cost = level.cost if level else NOTHING
                yield _Held(item, row["on_hand"], minimum, cost)
        after = codes[-1]


def _rate(shop: Shop) -> Decimal | None:
    try:
        return rate_book.current(shop, BASE, QUOTE).rate
    except RateUnknown:
        return None
