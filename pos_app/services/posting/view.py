"""The posting queue as people and programs look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pos_app.domain import incident as rule
from pos_app.domain.money import Money
from pos_app.domain.posting import CLAIMABLE, PostingState
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import invoice as invoices
from pos_app.store import posting_claim, queue
from pos_app.store import reservation as reservations
from pos_app.store.fast import Record

SALES = ("invoice", "credit_note", "debit_note")
"""Kinds of row that stand for what a till or a program sold or took back."""

TROUBLED = (PostingState.REQUIRES_REVIEW, PostingState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Where a document stands on its way to SAP.

    Attributes:
        incident: the name of the incident it belongs to; empty where nothing has failed.
        waits_for: rate, period, approval, stock, count or an earlier document; empty for none.
        failures: in a row, of any kind; attempts are refusals alone.
        doc_entry, doc_num: SAP's, of its first document.
        receipt_global_no: of the fiscal device, where it has one.
        next_at: when it is tried again by itself.
    """

    queue_id: int
    kind: str
    document_id: str
    reference: str
    reservation_id: str | None
    partner: str
    state: PostingState
    waits_for: str
    incident: str
    attempts: int
    attempts_max: int
    failures: int
    reason: str
    doc_entry: int | None
    doc_num: int | None
    receipt_global_no: int | None
    source: str
    warehouse: str
    total: Money
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None
    waited: timedelta

    @property
    def is_complete(self) -> bool:
        """Whether SAP has it."""
        return self.state is PostingState.COMPLETED

    @property
    def is_failed(self) -> bool:
        """Whether somebody or something has to try again."""
        return self.state in TROUBLED

    @property
    def can_retry(self) -> bool:
        """Whether it will be tried again by itself."""
        return self.state is PostingState.FAILED and self.attempts < self.attempts_max

    @property
    def can_cancel(self) -> bool:
        """Whether a program may still take it out of the queue."""
        return self.state is PostingState.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One SAP document of a row; state is waiting, sent, lost or done."""

    kind: str
    key: str
    state: str
    is_adopted: bool
    doc_entry: int | None
    doc_num: int | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The queue counted.

    Attributes:
        counts: rows by state; every state is there.
        oldest: when the oldest row that is not final was queued.
        amounts: what is not final, by currency.
        waited: how long completed rows took on average.
    """

    counts: Mapping[PostingState, int]
    oldest: datetime | None
    amounts: tuple[Money, ...]
    waited: timedelta

    @property
    def rows(self) -> int:
        """All of them."""
        return sum(self.counts.values())


def status(shop: Shop, key: str, *, kinds: Sequence[str] = ()) -> Queued:
    """Where a document stands, by its number in the queue, its reference or its reservation.

    Raises:
        RecordNotFound: nothing in the queue goes by that name.
    """
    with shop.store.read() as connection:
        row = _find(connection, key)
        if row is None or (kinds and row["kind"] not in kinds):
            raise RecordNotFound("queued document", key)
        return _seen(shop, connection, [row])[0]


def page(
    shop: Shop,
    *,
    states: Sequence[PostingState] = (),
    kinds: Sequence[str] = (),
    source: str = "",
    incident: str = "",
    offset: int = 0,
    limit: int = 100,
) -> tuple[int, tuple[Queued, ...]]:
    """How many rows these are, and some of them in the order in which they are taken."""
    with shop.store.read() as connection:
        total, rows = queue.page(
            connection,
            states=states,
            kinds=kinds,
            source=source,
            cause=cause_of(connection, incident) if incident else None,
            offset=offset,
            limit=limit,
        )
        return total, tuple(_seen(shop, connection, rows))


def steps(shop: Shop, queue_id: int) -> tuple[Step, ...]:
    """What a row becomes in SAP, and how far each of it is; empty before the first attempt."""
    with shop.store.read() as connection:
        rows = posting_claim.steps_of(connection, queue_id)
    return tuple(
        Step(
            kind=row["kind"],
            key=row["key"],
            state=row["state"],
            is_adopted=bool(row["adopted"]),
            doc_entry=row["doc_entry"],
            doc_num=row["doc_num"],
            sent_at=row["sent_at"],
        )
        for row in rows
    )


def stats(shop: Shop, *, kinds: Sequence[str] = ()) -> Stats:
    """The queue counted, all of it or some kinds."""
    with shop.store.read() as connection:
        counted = queue.counts(connection, kinds=kinds)
        oldest, amounts = queue.unfinished(connection, kinds=kinds)
        waited = queue.mean_wait(connection, kinds=kinds)
    return Stats(
        counts={state: counted.get(state, 0) for state in PostingState},
        oldest=oldest,
        amounts=tuple(Money(minor, currency) for currency, minor in sorted(amounts.items())),
        waited=waited,
    )


def waiting(shop: Shop) -> tuple[int, timedelta]:
    """How many documents are on their way to SAP, and for how long the oldest has been."""
    with shop.store.read() as connection:
        count, oldest = posting_claim.waiting(connection)
    return count, shop.clock.now() - oldest if oldest is not None else timedelta()


def cause_of(connection: Connection, name: str) -> str:
    """The cause an incident of this name stands for.

    Raises:
        RecordNotFound: nothing stands still for a cause of that name.
    """
    for row in queue.standing(connection):
        if rule.name_of(row["cause"]) == name:
            return str(row["cause"])
    raise RecordNotFound("incident", name)


def _find(connection: Connection, key: str) -> Record | None:
    if key.isascii() and key.isdecimal() and len(key) <= 18:
        found = queue.by_id(connection, int(key))
        if found is not None:
            return found
    known = queue.by_reference(connection, key)
    if known is not None:
        return known
    held = reservations.by_id(connection, key)
    if held is None or held["document_id"] is None:
        return None
    return queue.of_documents(connection, [held["document_id"]]).get(held["document_id"])


def _seen(shop: Shop, connection: Connection, rows: Sequence[Record]) -> list[Queued]:
    ids = [row["document_id"] for row in rows]
    made = queue.first_documents(connection, [row["queue_id"] for row in rows])
    headers = invoices.sales_of(connection, ids)
    filed = journal.by_sales(connection, ids)
    return [
        _queued(
            shop,
            row,
            made=made.get(row["queue_id"]),
            header=headers.get(row["document_id"]),
            filed=filed.get(row["document_id"]),
        )
        for row in rows
    ]


def _queued(
    shop: Shop,
    row: Record,
    *,
    made: Record | None,
    header: Record | None,
    filed: Record | None,
) -> Queued:
    state = PostingState(row["state"])
    return Queued(
        queue_id=row["queue_id"],
        kind=row["kind"],
        document_id=row["document_id"],
        reference=row["reference"],
        reservation_id=row["reservation_id"],
        partner=row["partner"],
        state=state,
        waits_for=row["waits_for"],
        incident=rule.name_of(row["cause"]) if row["cause"] else "",
        attempts=row["attempts"],
        attempts_max=row["attempts_max"],
        failures=row["failures"],
        reason=row["reason"],
        doc_entry=made["doc_entry"] if made else None,
        doc_num=made["doc_num"] if made else None,
        receipt_global_no=filed["receipt_global_no"] if filed else None,
        source=row["source"],
        warehouse=header["warehouse"] if header else "",
        total=Money(row["total"], row["currency"]),
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        next_at=row["try_at"] if state in CLAIMABLE else None,
        waited=(row["ended_at"] or shop.clock.now()) - row["created_at"],
    )
