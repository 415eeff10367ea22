"""Invoices as they are read: ours and the tills', with what SAP and the device know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.money import Money, half_up
from pos_app.domain.partner import Partner
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import invoice as invoices
from pos_app.store import partner as partners
from pos_app.store import queue
from pos_app.store import sale as sales
from pos_app.store.fast import Record
from pos_app.store.invoice import Wanted

FIRST_OWN = 1_000_000_000
"""Our own document numbers begin behind it; SAP's are far below, so no number is two things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line; amounts in minor-exact money, prices in the sense of the price list."""

    number: int
    item: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    warehouse: str
    uom: str
    tax_group: str
    net: Money
    vat: Money
    gross: Money
    batches: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fiscal:
    """Where the fiscal receipt stands; state empty where none is filed."""

    state: str = ""
    reason: str = ""
    number: str = ""
    qr: str = ""
    verification_code: str = ""
    fiscal_day: int | None = None
    receipt_global_no: int | None = None
    settled_at: datetime | None = None
    device: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the device has signed it."""
        return self.state == FiscalState.FISCALISED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What SAP knows: pending, done, review or unknown, and its numbers once it is there."""

    state: str = "pending"
    doc_entry: int | None = None
    doc_num: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One invoice.

    Attributes:
        number: our own, from `FIRST_OWN` on, for ever.
        status: Draft, Open or Closed.
        is_gross: whether unit prices include VAT.
        queue_id: its row in the posting queue.
        above_limit: how far it took the customer above the credit limit.
    """

    id: str
    number: int
    status: str
    doc_date: date
    due_date: date | None
    partner: str
    partner_name: str
    customer: Partner | None
    num_at_card: str
    comments: str
    van_order: str
    sales_person: int | None
    warehouse: str
    receipt: str
    total: Money
    vat: Money
    paid: Money
    is_gross: bool
    is_fiscal: bool
    source: str
    created_by: str
    created_at: datetime
    booked: Booked
    fiscal: Fiscal
    queue_id: int | None
    lines: tuple[InvoiceLine, ...]
    above_limit: Money | None = None

    @property
    def doc_entry(self) -> int:
        """SAP's number once it is there, ours until then."""
        return self.booked.doc_entry or self.number

    @property
    def doc_num(self) -> int:
        """SAP's document number once it is there, ours until then."""
        return self.booked.doc_num or self.number


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the invoices wanted, and how many there are."""

    total: int
    invoices: tuple[Invoice, ...]


def number_of(row: Record, status: Record | None) -> int:
    """The document number an invoice goes by now."""
    return int((status and status["doc_num"]) or FIRST_OWN + row["entry"])


def get(shop: Shop, invoice_id: str) -> Invoice:
    """One invoice by the identity of its sale.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = invoices.by_id(connection, invoice_id)
        return _only(connection, row, invoice_id)


def by_number(shop: Shop, number: int) -> Invoice:
    """One invoice by SAP's DocEntry or by our own number.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        return _only(connection, find(connection, number), number)


def of_ids(shop: Shop, invoice_ids: Sequence[str]) -> list[Invoice]:
    """The invoices of these identities, in the same order; what is none is left out."""
    with shop.store.read() as connection:
        known = invoices.by_ids(connection, invoice_ids)
        rows = [known[key] for key in invoice_ids if key in known]
        return list(_views(connection, rows))


def by_doc_num(shop: Shop, number: int) -> Invoice:
    """One invoice by SAP's DocNum or by our own number.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = (
            invoices.by_entry(connection, number - FIRST_OWN)
            if number > FIRST_OWN
            else invoices.by_sap(connection, doc_num=number)
        )
        return _only(connection, row, number)


def page_of_one(shop: Shop, number: int) -> Page:
    """The page of the one invoice that SAP or we number so, or of none."""
    try:
        return Page(1, (by_doc_num(shop, number),))
    except RecordNotFound:
        return Page(0, ())


def by_receipt(shop: Shop, receipt: str) -> Invoice:
    """One posted invoice by the number of its receipt.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        sale = sales.by_receipt(connection, receipt)
        row = invoices.by_id(connection, sale["id"]) if sale is not None else None
        return _only(connection, row, receipt)


def find(connection: Connection, number: int) -> Record | None:
    """The row of an invoice by SAP's DocEntry or our own number."""
    if number > FIRST_OWN:
        return invoices.by_entry(connection, number - FIRST_OWN)
    return invoices.by_sap(connection, doc_entry=number)


def page(
    shop: Shop,
    *,
    offset: int,
    limit: int,
    statuses: tuple[str, ...] = (),
    partner: str | None = None,
    warehouse: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Page:
    """A page of invoices from the newest back: of some statuses, a partner, a place, a period."""
    wanted = Wanted(
        statuses=statuses, partner=partner, warehouse=warehouse, since=since, until=until
    )
    with shop.store.read() as connection:
        total, rows = invoices.page(connection, wanted, offset=offset, limit=limit)
        return Page(total, tuple(_views(connection, rows)))


def _only(connection: Connection, row: Record | None, name: object) -> Invoice:
    if row is None:
        raise RecordNotFound("invoice", name)
    return next(iter(_views(connection, [row])))


def _views(connection: Connection, rows: Sequence[Record]) -> Iterable[Invoice]:
    ids = [row["id"] for row in rows]
    posted = invoices.sales_of(connection, ids)
    lines = _lines(connection, posted)
    booked = {key: booked_of(row) for key, row in sales.status_of(connection, ids).items()}
    filed = journal.by_sales(connection, ids)
    buyers = partners.by_codes(connection, sorted({row["partner"] for row in rows}))
    queued = queue.of_documents(connection, ids)
    for row in rows:
        key = row["id"]
        seen = _view(row, posted.get(key))
        yield replace(
            seen,
            customer=buyers.get(row["partner"]),
            booked=booked.get(key, Booked()),
            fiscal=fiscal_of(posted.get(key), filed.get(key)),
            queue_id=queued[key]["queue_id"] if key in queued else None,
            lines=tuple(lines.get(key, ())) if key in posted else seen.lines,
        )


def _view(row: Record, sale: Record | None) -> Invoice:
    draft: Mapping[str, Any] = row["draft"] or {}
    currency = row["currency"]
    total, paid = Money(row["total"], currency), Money(row["paid"], currency)
    return Invoice(
        id=row["id"],
        number=FIRST_OWN + row["entry"],
        status=_status(row, total, paid=paid),
        doc_date=row["doc_date"],
        due_date=row["due_date"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        customer=None,
        num_at_card=row["num_at_card"],
        comments=row["comments"],
        van_order=row["van_order"] or "",
        sales_person=row["sales_person"],
        warehouse=row["warehouse"],
        receipt=sale["receipt"] if sale else "",
        total=total,
        vat=Money(sale["vat"] if sale else draft.get("vat", 0), currency),
        paid=paid,
        is_gross=bool(sale["is_gross"] if sale else draft.get("is_gross", True)),
        is_fiscal=row["fiscalize"],
        source=row["source"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        booked=Booked(),
        fiscal=Fiscal(),
        queue_id=None,
        lines=tuple(_draft_line(line, currency) for line in draft.get("lines", ())),
        above_limit=Money(row["above_limit"], row["limit_currency"])
        if row["above_limit"]
        else None,
    )


def _status(row: Record, total: Money, *, paid: Money) -> str:
    if row["state"] == invoices.DRAFT:
        return "Draft"
    return "Closed" if paid >= total else "Open"


def _lines(connection: Connection, posted: Mapping[str, Record]) -> dict[str, list[InvoiceLine]]:
    ids = list(posted)
    lots: dict[tuple[str, int], list[tuple[str, Decimal]]] = {}
    for move in invoices.lots_of(connection, ids):
        key = (move["document_id"], move["line"])
        lots.setdefault(key, []).append((move["batch"], abs(move["quantity"])))
    found: dict[str, list[InvoiceLine]] = {}
    for row in invoices.lines_of(connection, ids):
        currency = posted[row["sale_id"]]["currency"]
        line = InvoiceLine(
            number=row["line"] - 1,
            item=row["item"],
            name=row["name"],
            quantity=row["quantity"],
            unit_price=row["unit_price"],
            discount_percent=row["discount_percent"],
            warehouse=row["warehouse"],
            uom=row["uom"],
            tax_group=row["tax_group"],
            net=Money(row["net"], currency),
            vat=Money(row["vat"], currency),
            gross=Money(row["gross"], currency),
            batches=tuple(lots.get((row["sale_id"], row["line"]), ())),
        )
        found.setdefault(row["sale_id"], []).append(line)
    return found


def _draft_line(told: Mapping[str, Any], currency: str) -> InvoiceLine:
    return InvoiceLine(
        number=told["number"],
        item=told["item"],
        name=told["name"],
        quantity=Decimal(told["quantity"]),
        unit_price=Decimal(told["unit_price"]),
        discount_percent=Decimal(told["discount_percent"]),
        warehouse=told["warehouse"],
        uom=told["uom"],
        tax_group=told["tax_group"],
        net=Money(told["net"], currency),
        vat=Money(told["vat"], currency),
        gross=Money(told["gross"], currency),
    )


def booked_of(row: Record) -> Booked:
    """A row of `sale_status` as what SAP knows."""
    return Booked(
        state=row["in_sap"],
        doc_entry=row["doc_entry"],
        doc_num=row["doc_num"],
        reason=row["reason"],
    )


def fiscal_of(sale: Record | None, row: Record | None) -> Fiscal:
    """Where the receipt of a posted sale stands, by its row of the fiscal journal.

    Without a row its till has not told yet, or files nothing.
    """
    if row is None:
        is_awaited = sale is not None and sale["is_fiscal"]
        return Fiscal(state=FiscalState.INTENT) if is_awaited else Fiscal()
    return Fiscal(
        state=row["state"],
        reason=row["reason"],
        number=row["number"],
        qr=row["qr"] or "",
        verification_code=row["verification_code"] or "",
        fiscal_day=row["fiscal_day"],
        receipt_global_no=row["receipt_global_no"],
        settled_at=row["settled_at"],
        device=row["device_id"] or "",
    )


def gross_price(line: InvoiceLine, is_gross: bool) -> Decimal:
    """The price of one unit with VAT, to six decimals."""
    if is_gross or not line.net.minor:
        return line.unit_price
    return half_up(line.unit_price * line.gross.minor / line.net.minor, 6)
