"""Statements of account, from the documents these books hold, per currency."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.partner import Partner
from pos_app.domain.statement import Account, Entry, Open, account
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services import invoice_entry
from pos_app.services.invoice_view import FIRST_OWN
from pos_app.services.shop import Shop
from pos_app.store import partner as partners
from pos_app.store import statement as store

MONTHS = 3
"""How far a statement reaches back that names no first day."""


class PeriodInvalid(InvalidInput):
    """A statement ends after it begins."""

    code = "period_invalid"

    def __init__(self, since: date, until: date) -> None:
        super().__init__(
            f"The statement would begin on {since} and end on {until}: put the days in order.",
            since=since,
            until=until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerStatement:
    """What one customer owes, in every currency they have documents in.

    Attributes:
        accounts: the shop's currency first; at least one.
    """

    partner: Partner
    since: date
    until: date
    made_at: datetime
    accounts: tuple[Account, ...]


def of_customer(
    shop: Shop, code: str, *, since: date | None = None, until: date | None = None
) -> CustomerStatement:
    """The statement of a customer; it says nothing of what was booked in SAP alone.

    Args:
        shop: the server.
        code: the customer.
        since: first day; three months before the last one by default.
        until: last day; today by default.

    Raises:
        RecordNotFound: there is no such customer.
        PeriodInvalid: the days are in the wrong order.
    """
    last = until or shop.today
    first = since or _months_before(last, MONTHS)
    if first > last:
        raise PeriodInvalid(first, last)
    with shop.store.read() as connection:
        partner = partners.by_code(connection, code)
        if partner is None or partner.kind != "customer":
            raise RecordNotFound("customer", code)
        opening = _opening(shop, connection, code, day=first)
        entries = _documents(shop, connection, code, since=first, until=last)
        owed = _owed(shop, connection, code, until=last)
    found = {row.amount.currency for row in entries} | set(opening) or {shop.rules.currency}
    ordered = sorted(found, key=lambda name: (name != shop.rules.currency, name))
    return CustomerStatement(
        partner=partner,
        since=first,
        until=last,
        made_at=shop.local(shop.clock.now()),
        accounts=tuple(
            account(
                Money(opening.get(currency, 0), currency),
                [row for row in entries if row.amount.currency == currency],
                [row for row in owed if row.amount.currency == currency],
                until=last,
            )
            for currency in ordered
        ),
    )


def _months_before(day: date, months: int) -> date:
    year, month = divmod(max(day.year * 12 + day.month - 1 - months, 12), 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _opening(shop: Shop, connection: Connection, code: str, *, day: date) -> dict[str, int]:
    """What was owed before a day, in minor units of every currency there were documents in."""
    found: dict[str, int] = {}
    for currency, tender, minor in store.before(connection, code, day=day):
        part = minor if tender is None else -minor * invoice_entry.settles(shop, tender)
        found[currency] = found.get(currency, 0) + part
    return found


def _documents(
    shop: Shop, connection: Connection, code: str, *, since: date, until: date
) -> list[Entry]:
    """The entries of some days."""
    paid = _paid(shop, store.settled(connection, code, since=since, until=until))
    invoices = store.invoices_of(connection, code, since=since, until=until)
    notes = store.notes_of(connection, code, since=since, until=until)
    payments = store.payments_of(connection, code, since=since, until=until)
    entries = [part for row in invoices for part in _invoice(row, paid.get(row["id"], 0))]
    entries += [part for row in notes for part in _note(row, paid.get(row["id"], 0))]
    return entries + [_payment(row) for row in payments]


def _owed(shop: Shop, connection: Connection, code: str, *, until: date) -> list[Open]:
    """What was open of each invoice at the end of a day."""
    paid = _paid(shop, store.settled_of_open(connection, code, until=until))
    credited: dict[str, int] = {}
    for row in store.notes_on_open(connection, code, until=until):
        left = row["total"] - paid.get(row["id"], 0)
        credited[row["original_id"]] = credited.get(row["original_id"], 0) + left
    owed: list[Open] = []
    for row in store.maybe_open(connection, code, until=until):
        still = row["total"] - paid.get(row["id"], 0) - int(row["applied"])
        still += credited.get(row["id"], 0)
        if still > 0:
            owed.append(Open(row["doc_date"], Money(still, row["currency"])))
    return owed


def _paid(shop: Shop, settled: Iterable[RowMapping]) -> Mapping[str, int]:
    """What was paid, or paid back, with each document; what goes on account is not."""
    found: dict[str, int] = {}
    for row in settled:
        if invoice_entry.settles(shop, row["type"]):
            found[row["sale_id"]] = found.get(row["sale_id"], 0) + int(row["in_document"])
    return found


def _invoice(row: RowMapping, paid: int) -> Iterator[Entry]:
    number = str(row["doc_num"] or FIRST_OWN + row["entry"])
    yield Entry(
        on=row["doc_date"],
        kind="Invoice",
        document=row["receipt"],
        what=f"Invoice {number}",
        amount=Money(row["total"], row["currency"]),
        due=row["due_date"],
    )
    if paid:
        yield Entry(
            on=row["doc_date"],
            kind="Payment",
            document=row["receipt"],
            what="Paid at the till",
            amount=Money(-paid, row["currency"]),
        )


def _note(row: RowMapping, paid: int) -> Iterator[Entry]:
    is_credit = row["kind"] == "credit_note"
    yield Entry(
        on=row["business_date"],
        kind="CreditNote" if is_credit else "DebitNote",
        document=row["receipt"],
        what="Credit note" if is_credit else "Debit note",
        amount=Money(row["total"], row["currency"]),
    )
    if paid:
        yield Entry(
            on=row["business_date"],
            kind="Refund" if is_credit else "Payment",
            document=row["receipt"],
            what="Paid back at the till" if is_credit else "Paid at the till",
            amount=Money(-paid, row["currency"]),
        )


def _payment(row: RowMapping) -> Entry:
    words = f"Payment {row['transfer_reference']}".strip()
    return Entry(
        on=row["doc_date"],
        kind="Payment",
        document=f"PAY-{FIRST_OWN + row['entry']}",
        what=words,
        amount=Money(-row["total"], row["currency"]),
    )
