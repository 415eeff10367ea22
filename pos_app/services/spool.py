"""The spool: a row before the first byte, proof before DONE, and COPY on everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import Conflict, PosError, RecordNotFound, RuleBroken
from pos_app.services import paper
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import audit, print_job
from pos_app.store import fiscal as journal
from pos_app.store import original as originals
from pos_app.store import sale as sales
from printing import escpos
from printing.document import Document
from printing.errors import PrintingError
from printing.outcome import Outcome
from printing.receipt import Receipt
from printing.spool import (
    MOVES,
    Change,
    Event,
    JobState,
    after,
    copy_number,
    late,
    on_restart,
    settle,
)


class NotYetFiscalised(RuleBroken):
    """There is no fiscal record to print from."""

    code = "not_yet_fiscalised"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Receipt {receipt} has no fiscal record yet: wait until FISCALISED is lit.",
            receipt=receipt,
        )


class JobSettled(Conflict):
    """The question about a print job was answered already."""

    code = "job_settled"

    def __init__(self, job: str, state: str) -> None:
        super().__init__(f"This print is {state} already: look at the receipt again.", job=job)


class Printer(Protocol):
    """What the lane needs of `printing.printer.Printer`."""

    def print(self, job: bytes, job_id: str) -> Outcome:
        """Print one job and say how sure it is; never twice by itself."""
        ...

    def settle(self, job_id: str) -> Outcome | None:
        """What became of an unconfirmed job by now; None when this object does not know."""
        ...


def queue_receipt(
    shop: Shop, connection: Connection, sale_id: str, *, kind: str = "receipt"
) -> str:
    """Queue the paper of a filed sale; the second and later papers are copies.

    Returns:
        The job's id.

    Raises:
        NotYetFiscalised: there is no stored fiscal record.
    """
    earlier = print_job.of_document(connection, sale_id)
    number = copy_number(JobState(job["state"]) for job in earlier)
    made = _Filed.read(connection, sale_id)

    def make(columns: int) -> Document:
        return paper.roll_of(shop, made.receipt(shop, number), columns)

    return queue(
        shop,
        connection,
        document_kind=kind,
        document_id=sale_id,
        number=number,
        make=make,
    )


def filed_receipt(shop: Shop, connection: Connection, sale_id: str, *, copy_number: int) -> Receipt:
    """What the paper of a filed sale says.

    Raises:
        NotYetFiscalised: there is no stored fiscal record.
        NotFiscalised: the record is not complete.
    """
    return _Filed.read(connection, sale_id).receipt(shop, copy_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filed:
    """The rows of which the paper of a filed sale is made."""

    sale: Mapping[str, Any]
    filed: RowMapping
    lines: Sequence[RowMapping]
    tenders: Sequence[RowMapping]
    change: Sequence[RowMapping]
    original: RowMapping | None

    @classmethod
    def read(cls, connection: Connection, sale_id: str) -> _Filed:
        sale = sales.by_id(connection, sale_id)
        filed = journal.by_sale(connection, sale_id)
        if sale is None or filed is None or filed["qr"] is None:
            raise NotYetFiscalised(sale["receipt"] if sale else sale_id)
        return cls(
            sale=sale,
            filed=filed,
            lines=sales.lines_of(connection, sale_id),
            tenders=sales.tenders_of(connection, sale_id),
            change=sales.change_of(connection, sale_id),
            original=_original(connection, sale["original_id"]),
        )

    def receipt(self, shop: Shop, copy_number: int) -> Receipt:
        return paper.receipt_of(
            shop,
            sale=self.sale,
            lines=self.lines,
            tenders=self.tenders,
            change=self.change,
            filed=self.filed,
            original=self.original,
            copy_number=copy_number,
        )


def _original(connection: Connection, original_id: str | None) -> RowMapping | None:
    """The fiscal record of the receipt a note corrects, wherever it was filed."""
    if original_id is None:
        return None
    return journal.by_sale(connection, original_id) or originals.by_id(connection, original_id)


def queue(
    shop: Shop,
    connection: Connection,
    *,
    document_kind: str,
    document_id: str,
    number: int,
    make: Callable[[int], Document],
) -> str:
    """Lay out, encode and store a job; what cannot be laid out is stored as failed.

    No trouble with paper is ever raised: what it is a paper of is final (production lesson L37).

    Args:
        shop: the till.
        connection: a writing transaction.
        document_kind: receipt, copy, shift or slip.
        document_id: of what it is a paper.
        number: 0 for the original, else the number of the copy.
        make: lays the document out in so many columns.
    """
    now, job_id = shop.clock.now(), shop.ids.new()
    data, state, reason = _encoded(shop, make)
    print_job.add(
        connection,
        {
            "id": job_id,
            "document_kind": document_kind,
            "document_id": document_id,
            "copy_number": number,
            "printer": shop.rules.printers[0].url if shop.rules.printers else "",
            "state": state.value,
            "reason": reason,
            "bytes": data,
            "attempts": 0,
            "queued_at": now,
            "try_at": now,
        },
    )
    return job_id


def reprint(shop: Shop, actor: Actor, receipt: str) -> str:
    """Queue a COPY of a receipt; who asked for it is audited.

    Raises:
        RecordNotFound: there is no such receipt.
        NotYetFiscalised: it has no fiscal record.
    """
    require(actor, Permission.RECEIPT_REPRINT)
    now = shop.clock.now()
    with shop.store.write() as connection:
        sale = sales.by_receipt(connection, receipt)
        if sale is None:
            raise RecordNotFound("receipt", receipt)
        job = queue_receipt(shop, connection, sale["id"], kind="copy")
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="receipt.reprint",
            subject=receipt,
            details={"job": job},
        )
    return job


def recover(shop: Shop) -> int:
    """Jobs whose printing was cut off are nobody's word any more; for the printer's holder only.

    Nobody prints while the holder starts a pass, so a STARTED job is one whose till has died, or
    could not write down how it ended. It may have had another printer's address then.
    """
    count = 0
    with shop.store.write() as connection:
        for job in print_job.in_state(connection, JobState.STARTED.value):
            event = on_restart(JobState.STARTED)
            if event is not None:
                _move(connection, job, event, reason="The till stopped while it was printing.")
                count += 1
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A print nobody can prove, about which the cashier is to be asked."""

    id: str
    document_kind: str
    document_id: str
    copy_number: int
    queued_at: datetime
    reason: str


def unconfirmed(shop: Shop) -> tuple[Unconfirmed, ...]:
    """Jobs about which the cashier is to be asked, oldest first."""
    with shop.store.read() as connection:
        rows = print_job.in_state(connection, JobState.UNCONFIRMED.value)
    return tuple(
        Unconfirmed(
            id=row["id"],
            document_kind=row["document_kind"],
            document_id=row["document_id"],
            copy_number=row["copy_number"],
            queued_at=row["queued_at"],
            reason=row["reason"],
        )
        for row in rows
    )


def answer(shop: Shop, actor: Actor, job_id: str, *, is_there: bool) -> None:
    """Take the cashier's word about a print nobody could prove; without paper a COPY follows.

    Raises:
        RecordNotFound, JobSettled: there is no such question any more.
    """
    require(actor, Permission.RECEIPT_VIEW)
    with shop.store.write() as connection:
        job = print_job.by_id(connection, job_id)
        if job is None:
            raise RecordNotFound("print job", job_id)
        if job["state"] != JobState.UNCONFIRMED:
            raise JobSettled(job_id, job["state"])
        _move(connection, job, Event.SEEN if is_there else Event.MISSING, reason="")
        if not is_there and job["document_kind"] in {"receipt", "copy"}:
            queue_receipt(shop, connection, job["document_id"], kind="copy")
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="receipt.seen" if is_there else "receipt.missing",
            subject=job["document_id"],
            details={"job": job_id},
        )


def work(shop: Shop, printer: Printer, *, limit: int = 20) -> Worked:
    """Print what is due, oldest first; stop at the first job the printer does not take.

    For the one holder of the printer. A job that has to wait holds back those behind it, so that
    receipts come out in the order of their sales.
    """
    recover(shop)
    done = _settle_late(shop, printer)
    while done < limit:
        job = _start(shop)
        if job is None:
            break
        outcome = printer.print(bytes(job["bytes"]), job["id"])
        change = settle(outcome, attempts=job["attempts"] + 1, now=shop.clock.now())
        _store(shop, job, change)
        if change.state is JobState.QUEUED:
            break
        done += 1
    return _worked(shop, done)


def _settle_late(shop: Shop, printer: Printer) -> int:
    """Take a late proof: new paper, a closed cover, and the printer goes on where it stopped."""
    count = 0
    with shop.store.read() as connection:
        jobs = print_job.in_state(connection, JobState.UNCONFIRMED.value)
    for job in jobs:
        event = late(printer.settle(job["id"]))
        if event is not None and event in MOVES[JobState.UNCONFIRMED]:
            with shop.store.write() as connection:
                _move(connection, job, event, reason="")
            count += 1
    return count


def _worked(shop: Shop, done: int) -> Worked:
    with shop.store.read() as connection:
        waiting, _oldest, reason = print_job.waiting(connection)
        first = print_job.first_queued(connection)
    return Worked(
        done=done, waiting=waiting, next_at=first["try_at"] if first else None, problem=reason
    )


def _start(shop: Shop) -> RowMapping | None:
    """Take the next job due; its row says STARTED before the first byte leaves."""
    now = shop.clock.now()
    with shop.store.write() as connection:
        job = print_job.next_due(connection, now)
        if job is None:
            return None
        values = {
            "printer": shop.rules.printers[0].url if shop.rules.printers else "",
            "started_at": now,
            "attempts": job["attempts"] + 1,
        }
        print_job.move(
            connection,
            job["id"],
            was=JobState.QUEUED.value,
            state=JobState.STARTED.value,
            values=values,
        )
        return job


def _store(shop: Shop, job: RowMapping, change: Change) -> None:
    is_over = change.state is not JobState.QUEUED
    values = {
        "reason": change.reason,
        "try_at": change.try_at,
        "ended_at": shop.clock.now() if is_over else None,
    }
    with shop.store.write() as connection:
        print_job.move(
            connection,
            job["id"],
            was=JobState.STARTED.value,
            state=change.state.value,
            values=values,
        )


def _move(connection: Connection, job: RowMapping, event: Event, *, reason: str) -> None:
    state = after(JobState(job["state"]), event)
    print_job.move(
        connection, job["id"], was=job["state"], state=state.value, values={"reason": reason}
    )


def _encoded(shop: Shop, make: Callable[[int], Document]) -> tuple[bytes, JobState, str]:
    try:
        profile = shop.rules.roll
        data = escpos.encode(make(profile.width), profile)
    except (PrintingError, PosError) as error:
        return b"", JobState.FAILED, str(error)
    return data, JobState.QUEUED, ""
