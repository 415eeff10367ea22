"""Incoming payments as they are read, with what SAP knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money
from pos_app.errors import RecordNotFound
from pos_app.services import invoice_view
from pos_app.services.invoice_view import FIRST_OWN, Booked
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import partner as partners
from pos_app.store import payment as payments
from pos_app.store import queue
from pos_app.store import sale as sales
from pos_app.store.fast import Record

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Applied:
    """What went to one invoice, under the number it goes by now."""

    doc_entry: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment that was booked.

    Attributes:
        number: our own, from `FIRST_OWN` on, for ever.
        queue_id: its row in the posting queue; None where there is no SAP.
        details: ``cheques`` and ``cards`` one by one, each with its ``minor``.
    """

    id: str
    number: int
    partner: str
    partner_name: str
    currency: str
    cash: Money
    transfer: Money
    cheque: Money
    card: Money
    total: Money
    doc_date: date
    remarks: str
    transfer_reference: str
    transfer_date: date | None
    transfer_account: str
    created_at: datetime
    booked: Booked
    queue_id: int | None
    queue_state: str
    applied: tuple[Applied, ...]
    details: Mapping[str, Any]

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
    """Some of the payments wanted, and how many there are."""

    total: int
    payments: tuple[Payment, ...]


def get(shop: Shop, payment_id: str) -> Payment:
    """One payment by its identity; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, payments.by_id(connection, payment_id), payment_id)


def by_number(shop: Shop, number: int) -> Payment:
    """One payment by SAP's DocEntry or our own number; raises RecordNotFound."""
    with shop.store.read() as connection:
        row = (
            payments.by_entry(connection, number - FIRST_OWN)
            if number > FIRST_OWN
            else payments.by_sap(connection, doc_entry=number)
        )
        return _only(connection, row, number)


def by_doc_num(shop: Shop, number: int) -> Payment:
    """One payment by SAP's DocNum or our own number; raises RecordNotFound."""
    with shop.store.read() as connection:
        row = (
            payments.by_entry(connection, number - FIRST_OWN)
            if number > FIRST_OWN
            else payments.by_sap(connection, doc_num=number)
        )
        return _only(connection, row, number)


def of_invoice(shop: Shop, number: int) -> list[Payment]:
    """The payments of one invoice, oldest first; raises RecordNotFound."""
    with shop.store.read() as connection:
        row = invoice_view.find(connection, number)
        if row is None:
            raise RecordNotFound("invoice", number)
        return _views(connection, payments.of_invoice(connection, row["id"]))


def page(
    shop: Shop,
    *,
    partner: str | None = None,
    since: date | None = None,
    until: date | None = None,
    offset: int,
    limit: int,
) -> Page:
    """A page of payments from the newest back, of a partner or of all; raises RecordNotFound."""
    with shop.store.read() as connection:
        if partner is not None and partners.by_code(connection, partner) is None:
            raise RecordNotFound("customer", partner)
        count, rows = payments.page(
            connection, partner=partner, since=since, until=until, offset=offset, limit=limit
        )
        return Page(count, tuple(_views(connection, rows)))


def booked(shop: Shop, made: Payment, *, seconds: float) -> Payment:
    """Give SAP, or the built-in books, a moment: the payment once booked, or at the end of it."""
    end = shop.clock.now() + timedelta(seconds=seconds)
    while made.booked.state == "pending" and shop.clock.now() < end:
        shop.clock.sleep(POLL_SECONDS)
        made = get(shop, made.id)
    return made


def _only(connection: Connection, row: Record | None, name: object) -> Payment:
    if row is None:
        raise RecordNotFound("payment", name)
    return _views(connection, [row])[0]


def _views(connection: Connection, rows: Sequence[Record]) -> list[Payment]:
    ids = [row["id"] for row in rows]
    queued = queue.of_documents(connection, ids)
    posted = queue.results(connection, [row["queue_id"] for row in queued.values()], kind="payment")
    applied = _applied(connection, rows)
    return [
        _view(
            row,
            queued=queued.get(row["id"]),
            posted=posted.get(queued[row["id"]]["queue_id"]) if row["id"] in queued else None,
            applied=tuple(applied.get(row["id"], ())),
        )
        for row in rows
    ]


def _applied(connection: Connection, rows: Sequence[Record]) -> dict[str, list[Applied]]:
    currencies = {row["id"]: row["currency"] for row in rows}
    lines = payments.lines_of(connection, currencies)
    known = invoices.by_ids(connection, {line["invoice_id"] for line in lines})
    booked_as = sales.status_of(connection, known)
    found: dict[str, list[Applied]] = {}
    for line in lines:
        row, status = known[line["invoice_id"]], booked_as.get(line["invoice_id"])
        number = (status and status["doc_entry"]) or FIRST_OWN + row["entry"]
        money = Money(line["applied"], currencies[line["payment_id"]])
        found.setdefault(line["payment_id"], []).append(Applied(int(number), money))
    return found


def _view(
    row: Record,
    *,
    queued: Record | None,
    posted: Record | None,
    applied: tuple[Applied, ...],
) -> Payment:
    currency = row["currency"]
    return Payment(
        id=row["id"],
        number=FIRST_OWN + row["entry"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        currency=currency,
        cash=Money(row["cash"], currency),
        transfer=Money(row["transfer"], currency),
        cheque=Money(row["cheque"], currency),
        card=Money(row["card"], currency),
        total=Money(row["total"], currency),
        doc_date=row["doc_date"],
        remarks=row["remarks"],
        transfer_reference=row["transfer_reference"],
        transfer_date=row["transfer_date"],
        transfer_account=row["transfer_account"],
        created_at=row["created_at"],
        booked=_booked(queued, posted),
        queue_id=queued["queue_id"] if queued else None,
        queue_state=queued["state"] if queued else "",
        applied=applied,
        details=row["details"],
    )


_STATES = {"Completed": "done", "RequiresReview": "review", "Cancelled": "review"}


def _booked(queued: Record | None, posted: Record | None) -> Booked:
    state = _STATES.get(queued["state"], "pending") if queued else "pending"
    return Booked(
        state=state,
        doc_entry=posted["doc_entry"] if posted else None,
        doc_num=posted["doc_num"] if posted else None,
        reason=queued["reason"] if queued else "",
    )
