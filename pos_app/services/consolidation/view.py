"""The lists of a day as people look at them: what is in each, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import consolidation as lists
from pos_app.store import posting_claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidated:
    """One list and the invoice it becomes.

    Attributes:
        state: of its row in the queue.
        doc_entry, doc_num: of the invoice, once it is booked.
        payment_nums: of its payments, those that are booked.
        payments: how many there are to be, once they are planned.
        receipts: numbers of its members.
    """

    id: str
    reference: str
    day: date
    partner: str
    partner_name: str
    tax_group: str
    vat: Money
    total: Money
    state: str
    reason: str
    doc_entry: int | None
    doc_num: int | None
    payment_nums: tuple[int, ...]
    payments: int
    receipts: tuple[str, ...]
    made_at: datetime
    ended_at: datetime | None

    @property
    def is_posted(self) -> bool:
        """Whether its invoice is booked, whatever became of the payments."""
        return self.doc_entry is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A business date: its lists, and the receipts that wait for one."""

    day: date
    lists: tuple[Consolidated, ...]
    waiting: tuple[str, ...]


def of_day(shop: Shop, day: date) -> Day:
    """The lists of a business date in the order they were made."""
    with shop.store.read() as connection:
        waits = [row for row in lists.collected(connection, day) if row["business_date"] == day]
        return Day(
            day=day,
            lists=tuple(_seen(connection, row) for row in lists.of_day(connection, day)),
            waiting=tuple(row["receipt"] for row in waits),
        )


def of_closed_day(shop: Shop, day: date) -> Day:
    """The same of a day that has lists.

    Raises:
        RecordNotFound: it has none, since nothing waited for one.
    """
    found = of_day(shop, day)
    if not found.lists:
        raise RecordNotFound("consolidated invoice of", day.isoformat())
    return found


def _seen(connection: Connection, row: RowMapping) -> Consolidated:
    steps = posting_claim.steps_of(connection, row["queue_id"]) if row["queue_id"] else []
    done = [step for step in steps if step["state"] == "done"]
    invoice = next((step for step in done if step["kind"] == "invoice"), None)
    return Consolidated(
        id=row["id"],
        reference=row["reference"],
        day=row["business_date"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        tax_group=row["tax_group"],
        vat=Money(row["vat"], row["currency"]),
        total=Money(row["total"], row["currency"]),
        state=row["state"] or "",
        reason=row["reason"] or "",
        doc_entry=invoice["doc_entry"] if invoice else None,
        doc_num=invoice["doc_num"] if invoice else None,
        payment_nums=tuple(step["doc_num"] for step in done if step["kind"] == "payment"),
        payments=sum(step["kind"] == "payment" for step in steps),
        receipts=tuple(member["receipt"] for member in lists.members_of(connection, row["id"])),
        made_at=row["made_at"],
        ended_at=row["ended_at"],
    )
