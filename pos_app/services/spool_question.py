"""Papers nobody can prove: what is asked about each of them, in people's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.services.shop import Shop
from pos_app.store import print_job
from pos_app.store import sale as sales
from pos_app.store import shift as shifts
from printing.spool import JobState, copy_number

OF_RECEIPTS = frozenset({"receipt", "copy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A print nobody can prove, about which the cashier is to be asked.

    Attributes:
        title: what people call the paper, such as ``receipt T01-000012``.
        reason: why it is not known, in a sentence.
        follows: what comes when the answer is no, such as ``COPY 1``.
    """

    id: str
    document_kind: str
    document_id: str
    copy_number: int
    queued_at: datetime
    title: str
    reason: str
    follows: str

    @property
    def sentence(self) -> str:
        """The question."""
        return f"Did {self.title} come out of the printer, whole and readable?"


def unconfirmed(shop: Shop, *, limit: int | None = None) -> tuple[Unconfirmed, ...]:
    """Jobs about which the cashier is to be asked, oldest first."""
    with shop.store.read() as connection:
        rows = print_job.in_state(connection, JobState.UNCONFIRMED.value)
        return tuple(_asked(connection, row) for row in rows[:limit])


def first_of(connection: Connection) -> Unconfirmed | None:
    """The oldest question, within a transaction."""
    rows = print_job.in_state(connection, JobState.UNCONFIRMED.value)
    return _asked(connection, rows[0]) if rows else None


def next_copy(connection: Connection, job: RowMapping) -> int:
    """The number of the copy that would take the place of this paper."""
    earlier = print_job.of_document(connection, job["document_id"])
    return copy_number(JobState(row["state"]) for row in earlier)


def _asked(connection: Connection, job: RowMapping) -> Unconfirmed:
    return Unconfirmed(
        id=job["id"],
        document_kind=job["document_kind"],
        document_id=job["document_id"],
        copy_number=job["copy_number"],
        queued_at=job["queued_at"],
        title=_title(connection, job),
        reason=job["reason"],
        follows=f"COPY {next_copy(connection, job)}",
    )


def _title(connection: Connection, job: RowMapping) -> str:
    name = _name(connection, job["document_kind"], job["document_id"])
    return f"copy {job['copy_number']} of {name}" if job["copy_number"] else name


def _name(connection: Connection, kind: str, document_id: str) -> str:
    if kind in OF_RECEIPTS:
        sale = sales.by_id(connection, document_id)
        return f"receipt {sale['receipt'] if sale else document_id}"
    whole = document_id.removesuffix("/X")
    if kind == "shift":
        row = shifts.by_id(connection, whole)
        name = f"{row['till']}-S{row['number']:04d}" if row else whole
        return f"the {'close' if whole == document_id else 'X'} of shift {name}"
    if kind == "fiscal_day":
        return f"the {'Z' if whole == document_id else 'X'} of fiscal day {whole}"
    return "a slip" if kind == "slip" else f"a paper ({kind.replace('_', ' ')})"
