"""Stock as reservations leave it: what lies there, what is held, what can still be promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.item import Item, ItemUnknown
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import catalogue, stock
from pos_app.store import item as items
from pos_app.store import reservation as reservations
from pos_app.store import warehouse as warehouses
from pos_app.store.stock import Place

NOTHING = Decimal(0)
MOST = 100
"""How many items a list has that names none (contract §2.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotStock:
    """One batch in one warehouse; ``reserved`` is what pending reservations hold of it."""

    number: str
    on_hand: Decimal
    reserved: Decimal
    status: str
    expiry: date | None
    manufactured: date | None

    @property
    def available(self) -> Decimal:
        """What can still be promised of it, never below nothing."""
        return max(self.on_hand - self.reserved, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStock:
    """One item in one warehouse.

    Attributes:
        committed: what orders in SAP hold back; batches are not committed, so none for those.
        reserved: what pending reservations that have not run out hold.
        reservations: how many those are.
    """

    item: str
    warehouse: str
    on_hand: Decimal
    committed: Decimal
    reserved: Decimal
    reservations: int
    lots: tuple[LotStock, ...]

    @property
    def available(self) -> Decimal:
        """What a new reservation can have, by the very rule it is judged by."""
        return max(self.on_hand - self.committed - self.reserved, NOTHING)


def one(shop: Shop, warehouse: str, item: str) -> ItemStock:
    """One item in one warehouse.

    Raises:
        RecordNotFound: there is no such warehouse, or nobody told of the item there.
        ItemUnknown: there is no such item.
    """
    with shop.store.read() as connection:
        _check_warehouse(connection, warehouse)
        if items.find_by_code(connection, item) is None:
            raise ItemUnknown(item)
        found = _seen(shop, connection, warehouse, stock.of_places(connection, [(item, warehouse)]))
        if not found:
            raise RecordNotFound("stock of", f"{item} in {warehouse}")
        return found[0]


def some(shop: Shop, warehouse: str, codes: Sequence[str]) -> list[ItemStock]:
    """These items in one warehouse, by code; the first hundred where none is named.

    Raises:
        RecordNotFound: there is no such warehouse.
    """
    with shop.store.read() as connection:
        _check_warehouse(connection, warehouse)
        if codes:
            rows = stock.of_places(connection, [(code, warehouse) for code in codes])
        else:
            first = catalogue.rows_in(connection, warehouse, offset=0, limit=MOST)
            rows = {(row["item"], warehouse): row for row in first}
        return _seen(shop, connection, warehouse, rows)


def _seen(
    shop: Shop,
    connection: Connection,
    warehouse: str,
    rows: Mapping[Place, Mapping[str, Any]],
) -> list[ItemStock]:
    goods = items.find_by_codes(connection, sorted(code for code, _ in rows))
    places = [(code, warehouse) for code in sorted(goods)]
    if not places:
        return []
    claims, counts = reservations.claims(connection, places, shop.clock.now())
    lots: dict[str, list[RowMapping]] = {}
    for lot in stock.batches_of(connection, places):
        lots.setdefault(lot["item"], []).append(lot)
    held: dict[str, dict[str, Decimal]] = {}
    for claim in claims:
        held.setdefault(claim.item, {})[claim.batch] = claim.quantity
    return [
        _item(
            goods[code],
            warehouse,
            rows[code, warehouse],
            lots=lots.get(code, ()),
            held=held.get(code, {}),
            count=counts.get((code, warehouse), 0),
        )
        for code, _ in places
    ]


def _item(
    item: Item,
    warehouse: str,
    row: Mapping[str, Any],
    *,
    lots: Iterable[RowMapping],
    held: Mapping[str, Decimal],
    count: int,
) -> ItemStock:
    return ItemStock(
        item=item.code,
        warehouse=warehouse,
        on_hand=row["on_hand"],
        committed=NOTHING if item.is_batch_managed else row["committed"],
        reserved=sum(held.values(), NOTHING),
        reservations=count,
        lots=tuple(
            LotStock(
                number=lot["batch"],
                on_hand=lot["on_hand"],
                reserved=held.get(lot["batch"], NOTHING),
                status=lot["status"],
                expiry=lot["expiry"],
                manufactured=lot["manufactured"],
            )
            for lot in lots
            if lot["on_hand"] or lot["batch"] in held
        ),
    )


def _check_warehouse(connection: Connection, code: str) -> None:
    if warehouses.by_code(connection, code) is None:
        raise RecordNotFound("warehouse", code)
