"""Credit notes as they are read: the back office's and the tills', with what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.credit_note import CreditNoteState, CreditNoteType
from pos_app.domain.money import Money
from pos_app.errors import RecordNotFound
from pos_app.services import invoice_view
from pos_app.services.invoice_view import FIRST_OWN, Booked, Fiscal, Invoice
from pos_app.services.shop import Shop
from pos_app.store import credit_note as credit_notes
from pos_app.store import fiscal as journal
from pos_app.store import invoice as invoices
from pos_app.store import queue
from pos_app.store import sale as sales
from pos_app.store import user as users
from pos_app.store.credit_note import Wanted
from pos_app.store.fast import Record

LINE_FIELDS = (
    "line", "item", "name", "quantity", "unit_price", "discount_percent", "tax_percent", "net",
    "vat", "gross", "warehouse", "original_line",
)  # fmt: skip
DECIMALS = ("quantity", "unit_price", "discount_percent", "tax_percent")
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """One line, in positive figures; quantity 0 corrects a price alone."""

    number: int
    item: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal | None
    net: Money
    vat: Money
    gross: Money
    warehouse: str
    original_line: int
    batches: tuple[tuple[str, Decimal], ...]
    is_restocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """One credit note, in positive figures.

    Attributes:
        number: our own, from `FIRST_OWN` on, for ever.
        name: as people call it: ``CN-…``, or a till's receipt number.
        receipt: the number it is filed and posted under; empty while it waits.
        invoice, invoice_entry: what it corrects, by our own number and by SAP's; None elsewhere.
        applied: what of it has settled its invoice or was paid out.
        is_gross: whether its invoice's prices include VAT.
    """

    id: str
    number: int
    name: str
    receipt: str
    state: CreditNoteState
    type: CreditNoteType
    source: str
    doc_date: date
    partner: str
    partner_name: str
    invoice: int | None
    invoice_entry: int | None
    reason: str
    comments: str
    total: Money
    vat: Money
    applied: Money
    is_gross: bool
    is_restocked: bool
    warehouse: str
    created_by: str
    people: Mapping[str, str]
    created_at: datetime
    changed_at: datetime
    approved_by: str
    approved_at: datetime | None
    booked: Booked
    fiscal: Fiscal
    queue_id: int | None
    lines: tuple[CreditLine, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of those wanted, and how many there are."""

    total: int
    notes: tuple[CreditNote, ...]


def get(shop: Shop, note_id: str) -> CreditNote:
    """One by its identity.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        return _only(connection, credit_notes.by_id(connection, note_id), note_id)


def by_number(shop: Shop, number: int) -> CreditNote:
    """One by SAP's DocEntry or by our own number.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        return _only(connection, find(connection, number), number)


def by_doc_num(shop: Shop, number: int) -> CreditNote:
    """One by SAP's DocNum or by our own number.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        row = (
            credit_notes.by_entry(connection, number - FIRST_OWN)
            if number > FIRST_OWN
            else credit_notes.by_sap(connection, doc_num=number)
        )
        return _only(connection, row, number)


def by_name(shop: Shop, name: str) -> CreditNote:
    """One by the number people know it by.

    Raises:
        RecordNotFound: there is none.
    """
    with shop.store.read() as connection:
        return _only(connection, credit_notes.by_number(connection, name), name)


def find(connection: Connection, number: int) -> Record | None:
    """The row of one by SAP's DocEntry or our own number."""
    if number > FIRST_OWN:
        return credit_notes.by_entry(connection, number - FIRST_OWN)
    return credit_notes.by_sap(connection, number)


def page(
    shop: Shop,
    *,
    offset: int,
    limit: int,
    state: CreditNoteState | None = None,
    partner: str | None = None,
    since: date | None = None,
    until: date | None = None,
    hidden: Collection[CreditNoteState] = (),
) -> Page:
    """A page of them from the newest back, without those in a hidden state."""
    wanted = Wanted(
        state=state.value if state else None,
        hidden=tuple(hidden),
        partner=partner,
        since=since,
        until=until,
    )
    with shop.store.read() as connection:
        total, rows = credit_notes.page(connection, wanted, offset=offset, limit=limit)
        return Page(total, tuple(_views(connection, rows)))


def of_invoice(shop: Shop, number: int) -> tuple[Invoice, tuple[CreditNote, ...]]:
    """An invoice and every note made of it, oldest first.

    Raises:
        RecordNotFound: there is no such invoice.
    """
    invoice = invoice_view.by_number(shop, number)
    with shop.store.read() as connection:
        rows = credit_notes.of_original(connection, invoice.id)
        return invoice, tuple(_views(connection, rows))


def booked(shop: Shop, made: CreditNote, *, seconds: float) -> CreditNote:
    """Give SAP, or the built-in books, a moment: as it is once booked, or when the time is up."""
    end = shop.clock.now() + timedelta(seconds=seconds)
    while made.booked.state == "pending" and shop.clock.now() < end:
        shop.clock.sleep(POLL_SECONDS)
        made = get(shop, made.id)
    return made


def _only(connection: Connection, row: Record | None, name: object) -> CreditNote:
    if row is None:
        raise RecordNotFound("credit note", name)
    return _views(connection, [row])[0]


def _views(connection: Connection, rows: Sequence[Record]) -> list[CreditNote]:
    ids = [row["id"] for row in rows]
    posted = invoices.sales_of(connection, [*ids, *(row["original_id"] for row in rows)])
    of = invoices.by_ids(connection, [row["original_id"] for row in rows])
    status = sales.status_of(connection, [*ids, *of])
    filed = journal.by_sales(connection, ids)
    queued = queue.of_documents(connection, ids)
    named = [name for row in rows for name in (row["created_by"], row["approved_by"])]
    people = users.ids_of(connection, named)
    moves: dict[str, list[Record]] = {}
    for move in credit_notes.moves_of(connection, ids):
        moves.setdefault(move["document_id"], []).append(move)
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for line in invoices.lines_of(connection, ids):
        lines.setdefault(line["sale_id"], []).append(dict(line))
    return [
        _view(
            row,
            sale=posted.get(row["id"]),
            original=posted.get(row["original_id"]),
            invoice=of.get(row["original_id"]),
            invoice_status=status.get(row["original_id"]),
            booked=invoice_view.booked_of(status[row["id"]])
            if row["id"] in status
            else Booked(state=""),
            fiscal=invoice_view.fiscal_of(posted.get(row["id"]), filed.get(row["id"])),
            queue_id=queued[row["id"]]["queue_id"] if row["id"] in queued else None,
            lines=lines.get(row["id"]),
            moves=moves.get(row["id"], ()),
            people=people,
        )
        for row in rows
    ]


def _view(
    row: Record,
    *,
    sale: Record | None,
    original: Record | None,
    invoice: Record | None,
    invoice_status: Record | None,
    booked: Booked,
    fiscal: Fiscal,
    queue_id: int | None,
    lines: Sequence[Mapping[str, Any]] | None,
    moves: Sequence[Record],
    people: Mapping[str, str],
) -> CreditNote:
    currency = row["currency"]
    told = lines or [_read(line) for line in (row["asked"] or {}).get("lines", ())]
    return CreditNote(
        id=row["id"],
        number=FIRST_OWN + row["entry"],
        name=row["number"],
        receipt=sale["receipt"] if sale is not None else "",
        state=CreditNoteState(row["state"]),
        type=CreditNoteType(row["type"]),
        source=row["source"],
        doc_date=row["doc_date"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        invoice=FIRST_OWN + invoice["entry"] if invoice is not None else None,
        invoice_entry=invoice_status["doc_entry"] if invoice_status is not None else None,
        reason=row["reason"],
        comments=row["comments"],
        total=Money(row["total"], currency),
        vat=Money(row["vat"], currency),
        applied=Money(row["applied"], currency),
        is_gross=original is None or bool(original["is_gross"]),
        is_restocked=row["is_restocked"],
        warehouse=row["warehouse"],
        created_by=row["created_by"],
        people=people,
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        approved_by=row["approved_by"] or "",
        approved_at=row["approved_at"],
        booked=booked,
        fiscal=fiscal,
        queue_id=queue_id,
        lines=tuple(_line(line, currency, moves) for line in told),
    )


def _line(row: Mapping[str, Any], currency: str, moves: Sequence[Record]) -> CreditLine:
    own = [move for move in moves if move["line"] == row["line"]]
    return CreditLine(
        number=row["line"] - 1,
        item=row["item"],
        name=row["name"],
        quantity=abs(row["quantity"]),
        unit_price=row["unit_price"],
        discount_percent=row["discount_percent"],
        tax_percent=row["tax_percent"],
        net=Money(abs(row["net"]), currency),
        vat=Money(abs(row["vat"]), currency),
        gross=Money(abs(row["gross"]), currency),
        warehouse=row["warehouse"],
        original_line=row["original_line"] - 1,
        batches=tuple((move["batch"], move["quantity"]) for move in own if move["batch"]),
        is_restocked=bool(own),
    )


def _read(line: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(line)
    for name in DECIMALS:
        told[name] = None if told[name] is None else Decimal(told[name])
    return told
