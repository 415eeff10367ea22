"""Quotations and sales orders as they are read, with what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.trade import TradeKind, TradeState, is_over
from pos_app.errors import RecordNotFound
from pos_app.services import invoice_view
from pos_app.services.invoice_view import Booked
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import queue
from pos_app.store import sale as sales
from pos_app.store import trade as trades
from pos_app.store import user as users
from pos_app.store.trade import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLine:
    """One line; amounts in the sense of the price list, before the discount of the whole."""

    number: int
    item: str
    name: str
    uom: str
    quantity: Decimal
    fulfilled: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    amount: Money
    tax_group: str
    tax_percent: Decimal | None
    net: Money
    vat: Money
    gross: Money
    warehouse: str
    batch: str

    @property
    def left(self) -> Decimal:
        """What no invoice has taken yet."""
        return self.quantity - self.fulfilled


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One quotation or sales order.

    Attributes:
        entry: our own number, for ever.
        due_date: last day of a quotation, delivery day of an order.
        is_gross: whether unit prices, line amounts and the subtotal include VAT.
        is_over: whether it is a quotation that does not hold any more.
        next_entry: of a quotation, the order it became; of an order, its last invoice by number.
        next_doc_num: what SAP calls that.
        base_entry: of an order, the quotation it came from.
    """

    id: str
    entry: int
    kind: TradeKind
    number: str
    state: TradeState
    version: int
    partner: str
    partner_name: str
    contact: str
    reference: str
    warehouse: str
    currency: str
    rate: Decimal | None
    is_gross: bool
    discount_percent: Decimal
    subtotal: Money
    discount: Money
    vat: Money
    total: Money
    taxes: tuple[dict[str, Any], ...]
    doc_date: date
    due_date: date | None
    comments: str
    terms: str
    ship_to: str
    bill_to: str
    sales_person: int | None
    sales_person_name: str
    source: str
    details: dict[str, Any]
    has_other_prices: bool
    client_request: str
    booked: Booked
    created_by: str
    created_at: datetime
    changed_at: datetime
    approved_by: str
    approved_at: datetime | None
    people: Mapping[str, str]
    is_over: bool
    lines: tuple[TradeLine, ...]
    next_entry: int | None = None
    next_doc_num: int | None = None
    base_entry: int | None = None
    queue_id: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of those wanted, and how many there are."""

    total: int
    trades: tuple[Trade, ...]


def get(shop: Shop, trade_id: str) -> Trade:
    """One by its identity.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = trades.by_id(connection, trade_id)
        return _only(shop, connection, row, "document", name=trade_id)


def by_entry(shop: Shop, kind: TradeKind, entry: int) -> Trade:
    """One by our own number.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = trades.by_entry(connection, kind.value, entry)
        return _only(shop, connection, row, kind.spoken, name=entry)


def by_number(shop: Shop, kind: TradeKind | None, number: str) -> Trade:
    """One by the number people know it by; None takes either kind.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = trades.by_number(connection, number)
        if row is not None and kind is not None and row["kind"] != kind.value:
            row = None
        spoken = kind.spoken if kind else "quotation or sales order"
        return _only(shop, connection, row, spoken, name=number)


def by_sap(shop: Shop, kind: TradeKind, doc_entry: int) -> Trade:
    """One by SAP's DocEntry.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = trades.by_sap(connection, kind.value, doc_entry)
        return _only(shop, connection, row, kind.spoken, name=doc_entry)


def page(
    shop: Shop,
    kind: TradeKind,
    *,
    offset: int,
    limit: int,
    state: TradeState | None = None,
    partner: str | None = None,
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
    search: str | None = None,
    in_sap: bool = False,
    hidden: Collection[TradeState] = (),
) -> Page:
    """A page of one kind from the newest back: of a state, a partner, a period, a search."""
    wanted = Wanted(
        kind=kind.value,
        states=(state.value,) if state else (),
        partner=partner,
        since=since,
        until=until,
        source=source,
        search=search,
        in_sap=in_sap,
        hidden=tuple(hidden),
    )
    with shop.store.read() as connection:
        total, rows = trades.page(connection, wanted, offset=offset, limit=limit)
        return Page(total, tuple(_views(shop, connection, rows)))


def _only(
    shop: Shop, connection: Connection, row: RowMapping | None, kind: str, *, name: object
) -> Trade:
    if row is None:
        raise RecordNotFound(kind, name)
    return _views(shop, connection, [row])[0]


def _views(shop: Shop, connection: Connection, rows: Sequence[RowMapping]) -> list[Trade]:
    ids = [row["id"] for row in rows]
    lines: dict[str, list[TradeLine]] = {}
    currencies = {row["id"]: row["currency"] for row in rows}
    for line in trades.lines_of(connection, ids):
        known = lines.setdefault(line["trade_id"], [])
        known.append(_line(line, currencies[line["trade_id"]]))
    nexts = _nexts(connection, ids)
    bases = trades.by_ids(connection, [row["base_id"] for row in rows if row["base_id"]])
    queued = queue.of_documents(connection, ids)
    named = [name for row in rows for name in (row["created_by"], row["approved_by"])]
    people = users.ids_of(connection, named)
    found = []
    for row in rows:
        base = bases.get(row["base_id"])
        entry, number = nexts.get(row["id"], (None, None))
        found.append(
            _view(
                shop,
                row,
                lines=tuple(lines.get(row["id"], ())),
                next_entry=entry,
                next_doc_num=number,
                base_entry=base["entry"] if base else None,
                people=people,
                queue_id=queued[row["id"]]["queue_id"] if row["id"] in queued else None,
            )
        )
    return found


def _nexts(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    """What each became: a quotation its order, an order its newest invoice."""
    found: dict[str, tuple[int, int | None]] = {
        base: (row["entry"], row["doc_num"])
        for base, row in trades.made_from(connection, ids).items()
    }
    made = trades.invoices_of(connection, ids)
    every = [invoice for invoice_ids in made.values() for invoice in invoice_ids]
    rows = invoices.by_ids(connection, every)
    booked = sales.status_of(connection, every)
    for trade_id, invoice_ids in made.items():
        newest = max((rows[key] for key in invoice_ids), key=lambda row: int(row["entry"]))
        status = booked.get(newest["id"])
        number = int(status["doc_num"]) if status and status["doc_num"] else None
        found[trade_id] = (invoice_view.FIRST_OWN + newest["entry"], number)
    return found


def _view(shop: Shop, row: RowMapping, **more: Any) -> Trade:
    currency = row["currency"]
    state = TradeState(row["state"])
    kind = TradeKind(row["kind"])
    return Trade(
        **{name: row[name] for name in _PLAIN},
        kind=kind,
        state=state,
        subtotal=Money(row["subtotal"], currency),
        discount=Money(row["discount"], currency),
        vat=Money(row["vat"], currency),
        total=Money(row["total"], currency),
        taxes=tuple(row["taxes"]),
        client_request=row["client_request"] or "",
        booked=Booked(
            state=row["in_sap"],
            doc_entry=row["doc_entry"],
            doc_num=row["doc_num"],
            reason=row["sap_reason"],
        ),
        approved_by=row["approved_by"] or "",
        is_over=kind is TradeKind.QUOTATION and is_over(state, row["due_date"], shop.today),
        **more,
    )


_PLAIN = (
    "id", "entry", "number", "version", "partner", "partner_name", "contact", "reference",
    "warehouse", "currency", "rate", "is_gross", "discount_percent", "doc_date", "due_date",
    "comments", "terms", "ship_to", "bill_to", "sales_person", "sales_person_name", "source",
    "details", "has_other_prices", "created_by", "created_at", "changed_at", "approved_at",
)  # fmt: skip


def _line(row: RowMapping, currency: str) -> TradeLine:
    return TradeLine(
        number=row["line"] - 1,
        item=row["item"],
        name=row["name"],
        uom=row["uom"],
        quantity=row["quantity"],
        fulfilled=row["fulfilled"],
        unit_price=row["unit_price"],
        discount_percent=row["discount_percent"],
        amount=Money(row["amount"], currency),
        tax_group=row["tax_group"],
        tax_percent=row["tax_percent"],
        net=Money(row["net"], currency),
        vat=Money(row["vat"], currency),
        gross=Money(row["gross"], currency),
        warehouse=row["warehouse"],
        batch=row["batch"],
    )
