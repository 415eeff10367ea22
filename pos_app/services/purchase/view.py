"""Purchase orders as they are read, with what SAP knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.purchase import PurchaseState
from pos_app.errors import RecordNotFound
from pos_app.services import goods
from pos_app.services.goods import Way
from pos_app.services.posting.purchase import PURCHASE_ORDER
from pos_app.services.shop import Shop
from pos_app.store import purchase as purchases
from pos_app.store import queue
from pos_app.store import user as users
from pos_app.store.purchase import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """One line."""

    line: int
    item: str
    name: str
    uom: str
    warehouse: str
    quantity: Decimal
    received: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal
    net: Money
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One order to a supplier."""

    id: str
    entry: int
    number: str
    state: PurchaseState
    partner: str
    partner_name: str
    reference: str
    warehouse: str
    currency: str
    discount_percent: Decimal
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    doc_date: date
    due_date: date | None
    comments: str
    buyer_code: int | None
    buyer_name: str
    ship_to: str
    bill_to: str
    created_by: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    changed_at: datetime
    people: Mapping[str, str]
    way: Way
    lines: tuple[PurchaseLine, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the orders wanted, and how many there are."""

    total: int
    purchases: tuple[Purchase, ...]


def get(shop: Shop, purchase_id: str) -> Purchase:
    """One order by its identity; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, purchases.by_id(connection, purchase_id), purchase_id)


def by_entry(shop: Shop, entry: int) -> Purchase:
    """One order by its number in lists; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, purchases.by_entry(connection, entry), entry)


def by_number(shop: Shop, number: str) -> Purchase:
    """One order as it is printed; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, purchases.by_number(connection, number), number)


def by_sap(shop: Shop, doc_entry: int) -> Purchase:
    """One order by what SAP calls it; raises RecordNotFound."""
    with shop.store.read() as connection:
        known = queue.document_of(connection, kinds=[PURCHASE_ORDER], doc_entry=doc_entry)
        row = purchases.by_id(connection, known) if known else None
        return _only(connection, row, doc_entry)


def page(
    shop: Shop,
    *,
    states: Sequence[PurchaseState] = (),
    partner: str | None = None,
    since: date | None = None,
    until: date | None = None,
    in_sap: bool = False,
    offset: int,
    limit: int,
) -> Page:
    """A page of orders, from the newest back."""
    wanted = Wanted(
        states=tuple(state.value for state in states),
        partner=partner,
        since=since,
        until=until,
        in_sap=in_sap,
    )
    with shop.store.read() as connection:
        total, rows = purchases.page(connection, wanted, offset=offset, limit=limit)
        return Page(total, tuple(_views(connection, rows)))


def _only(connection: Connection, row: RowMapping | None, name: object) -> Purchase:
    if row is None or row["is_deleted"]:
        raise RecordNotFound("purchase order", name)
    return _views(connection, [row])[0]


def _views(connection: Connection, rows: Sequence[RowMapping]) -> list[Purchase]:
    ids = [row["id"] for row in rows]
    ways = goods.ways(connection, ids, kinds=[PURCHASE_ORDER])
    currencies = {row["id"]: row["currency"] for row in rows}
    lines: dict[str, list[PurchaseLine]] = {}
    for line in purchases.lines_of(connection, ids):
        own = lines.setdefault(line["purchase_id"], [])
        own.append(_line(line, currencies[line["purchase_id"]]))
    named = [name for row in rows for name in (row["created_by"], row["approved_by"])]
    people = users.ids_of(connection, named)
    return [
        _view(row, ways.get(row["id"], Way()), lines.get(row["id"], []), people) for row in rows
    ]


def _view(
    row: RowMapping, way: Way, lines: Sequence[PurchaseLine], people: Mapping[str, str]
) -> Purchase:
    currency = row["currency"]
    return Purchase(
        id=row["id"],
        entry=row["entry"],
        number=row["number"],
        state=PurchaseState(row["state"]),
        partner=row["partner"],
        partner_name=row["partner_name"],
        reference=row["reference"],
        warehouse=row["warehouse"],
        currency=currency,
        discount_percent=row["discount_percent"],
        subtotal=Money(row["subtotal"], currency),
        discount=Money(row["discount"], currency),
        tax=Money(row["tax"], currency),
        total=Money(row["total"], currency),
        doc_date=row["doc_date"],
        due_date=row["due_date"],
        comments=row["comments"],
        buyer_code=row["buyer_code"],
        buyer_name=row["buyer_name"],
        ship_to=row["ship_to"],
        bill_to=row["bill_to"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        changed_at=row["changed_at"],
        people=people,
        way=way,
        lines=tuple(lines),
    )


def _line(line: RowMapping, currency: str) -> PurchaseLine:
    return PurchaseLine(
        line=line["line"],
        item=line["item"],
        name=line["name"],
        uom=line["uom"],
        warehouse=line["warehouse"],
        quantity=line["quantity"],
        received=line["received"],
        unit_price=line["unit_price"],
        discount_percent=line["discount_percent"],
        tax_percent=line["tax_percent"],
        net=Money(line["net"], currency),
        batch=line["batch"],
    )
