"""What was sold from one warehouse over some days, by item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import RowMapping

from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.errors import RecordNotFound
from pos_app.services.rate import BASE, QUOTE
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import report as store
from pos_app.store import warehouse

MOST_ITEMS = 100_000
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """One item; what came back is taken off. Worth per currency, with VAT."""

    item: str
    name: str
    barcode: str
    uom: str
    quantity: Decimal
    worth: tuple[Money, ...]
    invoices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseSales:
    """A warehouse over some days."""

    warehouse: str
    since: date
    until: date
    invoices: int
    items: tuple[Sold, ...]

    @property
    def worth(self) -> tuple[Money, ...]:
        """All items together, per currency."""
        return tuple(
            Money(sum(sold.worth[place].minor for sold in self.items), currency)
            for place, currency in enumerate((BASE, QUOTE))
        )


def sales(shop: Shop, place: str, *, since: date, until: date) -> WarehouseSales:
    """What tills and programs sold from a warehouse; the items most sold first.

    Raises:
        RecordNotFound: there is no such warehouse.
    """
    scope = store.Scope(since=since, until=until, base=BASE, quote=QUOTE, warehouse=place)
    with shop.store.read() as connection:
        if warehouse.by_code(connection, place) is None:
            raise RecordNotFound("warehouse", place)
        rows = store.top_items(connection, scope, limit=MOST_ITEMS)
        goods = items.find_by_codes(connection, [row["item"] for row in rows])
        days = store.days(connection, scope)
    return WarehouseSales(
        warehouse=place,
        since=since,
        until=until,
        invoices=sum(row["documents"] for row in days if row["kind"] == store.INVOICE),
        items=tuple(_sold(row, goods.get(row["item"])) for row in rows),
    )


def _sold(row: RowMapping, item: Item | None) -> Sold:
    return Sold(
        item=row["item"],
        name=row["name"],
        barcode=item.barcodes[0] if item and item.barcodes else "",
        uom=item.uom if item else "",
        quantity=row["quantity"] or NOTHING,
        worth=(Money(int(row["base"] or 0), BASE), Money(int(row["quote"] or 0), QUOTE)),
        invoices=row["invoices"],
    )
