"""The spool: papers laid out and put in their row, every one after the original marked COPY."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import Conflict, PosError, RecordNotFound, RuleBroken
from pos_app.services import paper
from pos_app.services.shop import Shop
from pos_app.services.spool_question import OF_RECEIPTS, next_copy
from pos_app.store import audit, print_job
from pos_app.store import fiscal as journal
from pos_app.store import original as originals
from pos_app.store import sale as sales
from printing import escpos
from printing.document import Document
from printing.errors import NotFiscalised, PrintingError
from printing.profile import Profile
from printing.receipt import Receipt
from printing.spool import Change, Event, JobState, after, copy_number


class JobSettled(Conflict):
    """The question about a print job was answered already."""

    code = "job_settled"

    def __init__(self, job: str, state: str) -> None:
        super().__init__(f"This print is {state} already: look at the receipt again.", job=job)


class NotYetFiscalised(RuleBroken):
    """There is no fiscal record to print from."""

    code = "not_yet_fiscalised"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"Receipt {receipt} has no fiscal record yet: wait until FISCALISED is lit.",
            receipt=receipt,
        )


class FiscalRecordIncomplete(RuleBroken):
    """The device filed it and did not tell all a paper of the law has."""

    code = "fiscal_record_incomplete"

    def __init__(self, receipt: str, missing: str) -> None:
        super().__init__(
            f"The fiscal record of receipt {receipt} lacks its {missing}, so no paper is made of "
            "it: read the record from the device again.",
            receipt=receipt,
            missing=missing,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A paper as bytes.

    Attributes:
        data: for the till's own printer.
        fallback: for the second one; None where that takes the same, nothing where it cannot.
        problem: why it cannot be laid out at all.
    """

    data: bytes
    fallback: bytes | None = None
    problem: str = ""


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
        FiscalRecordIncomplete: it lacks something that such a paper must have.
    """
    found = _Filed.read(connection, sale_id)
    try:
        return found.receipt(shop, copy_number)
    except NotFiscalised as error:
        raise FiscalRecordIncomplete(found.sale["receipt"], error.missing) from error


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
    laid = _laid(shop, make)
    return add(shop, connection, laid, document_kind=document_kind, document_id=document_id,
               number=number)  # fmt: skip


def add(
    shop: Shop,
    connection: Connection,
    laid: Laid,
    *,
    document_kind: str,
    document_id: str,
    number: int,
) -> str:
    """Store a paper that is laid out already; see `queue`."""
    now, job_id = shop.clock.now(), shop.ids.new()
    print_job.add(
        connection,
        {
            "id": job_id,
            "document_kind": document_kind,
            "document_id": document_id,
            "copy_number": number,
            "printer": shop.rules.printers[0].url if shop.rules.printers else "",
            "state": (JobState.FAILED if laid.problem else JobState.QUEUED).value,
            "reason": laid.problem,
            "bytes": laid.data,
            "fallback_bytes": laid.fallback,
            "attempts": 0,
            "queued_at": now,
            "try_at": now,
        },
    )
    return job_id


def queue_filed_page(shop: Shop, connection: Connection, sale_id: str) -> None:
    """Queue the page of a receipt that was just filed; it is laid out when it is its turn."""
    earlier = print_job.of_document(connection, sale_id)
    number = copy_number(JobState(job["state"]) for job in earlier)
    kind = "copy" if number else "receipt"
    queue_page(shop, connection, kind=kind, document_id=sale_id, number=number)


def queue_page(
    shop: Shop,
    connection: Connection,
    *,
    kind: str,
    document_id: str,
    data: bytes = b"",
    number: int = 0,
) -> None:
    """Queue a page for the office printer.

    Args:
        shop: the till or server.
        connection: a writing transaction.
        kind: as of other jobs.
        document_id: of what it is a page.
        data: the PDF; nothing for a receipt that is laid out later.
        number: 0 for the original, else the number of the copy.
    """
    now = shop.clock.now()
    row = {
        "id": shop.ids.new(),
        "document_kind": kind,
        "document_id": document_id,
        "copy_number": number,
        "printer": print_job.OFFICE,
        "state": JobState.QUEUED.value,
        "bytes": data,
        "attempts": 0,
        "queued_at": now,
        "try_at": now,
    }
    print_job.add(connection, row)


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
        made = print_job.by_id(connection, job)
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="receipt.reprint",
            subject=receipt,
            details={"job": job, "copy": made["copy_number"] if made else 0},
        )
    return job


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
        _settle(connection, job, Event.SEEN if is_there else Event.MISSING)
        made = None if is_there else _again(shop, connection, job)
        kind = "receipt" if job["document_kind"] in OF_RECEIPTS else "paper"
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action=f"{kind}.seen" if is_there else f"{kind}.missing",
            subject=job["document_id"],
            details={"job": job_id, "copy": job["copy_number"], "next": made or ""},
        )


def keep_change(shop: Shop, job: RowMapping, change: Change) -> None:
    """Write down what came of a job that was started."""
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


def _settle(connection: Connection, job: RowMapping, event: Event) -> None:
    state = after(JobState(job["state"]), event)
    print_job.move(
        connection, job["id"], was=job["state"], state=state.value, values={"reason": ""}
    )


def _again(shop: Shop, connection: Connection, job: RowMapping) -> str:
    """Queue the paper once more, marked; receipts are laid out anew, the rest as it was."""
    if job["document_kind"] in OF_RECEIPTS:
        return queue_receipt(shop, connection, job["document_id"], kind="copy")
    number = next_copy(connection, job)
    mark = f"*** {shop.rules.paper.words.copy} {number} ***"
    return add(
        shop,
        connection,
        _marked(shop, job, mark),
        document_kind=job["document_kind"],
        document_id=job["document_id"],
        number=number,
    )


def _marked(shop: Shop, job: RowMapping, mark: str) -> Laid:
    fallback, profiles = job["fallback_bytes"], [place.profile for place in shop.rules.printers]
    if fallback:
        fallback = escpos.marked(bytes(fallback), mark, profiles[-1])
    return Laid(data=escpos.marked(bytes(job["bytes"]), mark, shop.rules.roll), fallback=fallback)


def _laid(shop: Shop, make: Callable[[int], Document]) -> Laid:
    """Lay out for the till's own printer, and for the second where that is of another kind."""
    own = shop.rules.roll
    data, problem = _encoded(make, own)
    others = [place.profile for place in shop.rules.printers[1:] if place.profile != own]
    fallback = _encoded(make, others[0])[0] if others and not problem else None
    return Laid(data=data, fallback=fallback, problem=problem)


def _encoded(make: Callable[[int], Document], profile: Profile) -> tuple[bytes, str]:
    try:
        return escpos.encode(make(profile.width), profile), ""
    except (PrintingError, PosError) as error:
        return b"", str(error)
