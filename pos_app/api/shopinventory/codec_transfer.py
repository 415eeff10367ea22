"""Between the contract's words for transfers and ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory.codec_desktop import BASE, ESTIMATED_SECONDS
from pos_app.api.shopinventory.codec_queue import STATUS_CODES
from pos_app.api.shopinventory.schemas.transfer import (
    ArrivalQuestion,
    DesktopTransferQuestion,
    LotDto,
    LotQuestion,
    RequestDto,
    RequestQuestion,
    TransferDto,
    TransferJudged,
    TransferLineDto,
    TransferMade,
    TransferProblem,
    TransferQuestion,
    TransferQueued,
    TransferQueueStats,
    TransferQueueStatus,
    TransferStatus,
)
from pos_app.domain.posting import PostingState
from pos_app.domain.transfer import Count, RequestState, TransferState
from pos_app.services.batch import Judgement
from pos_app.services.transfer.asked import Asked, Line
from pos_app.services.transfer.queued import Queued, Stats
from pos_app.services.transfer.view import Request, Transfer, TransferLine

OPEN = frozenset({RequestState.OPEN, RequestState.APPROVED})
PROGRAM = "DESKTOP_APP"
"""What a desktop program is called that does not say."""


def asked(question: TransferQuestion) -> Asked:
    """A transfer as the API asks for it.

    Raises:
        FieldsInvalid: a line says nothing of where its goods come from, or names serial numbers.
    """
    _refuse_serials(question)
    ends = [(line.from_warehouse_code, line.to_warehouse_code) for line in question.lines]
    source = _source(question.from_warehouse, [first for first, _ in ends])
    return Asked(
        source=source,
        target=question.to_warehouse,
        doc_date=question.doc_date,
        due_date=question.due_date,
        comments=question.comments or "",
        in_transit=question.in_transit,
        lines=tuple(
            Line(
                item=line.item_code,
                quantity=line.quantity,
                source=line.from_warehouse_code or source,
                target=line.to_warehouse_code or question.to_warehouse,
                batches=_lots(line.batch_numbers),
            )
            for line in question.lines
        ),
    )


def asked_request(question: RequestQuestion, *, program: str = "API") -> Asked:
    """A request as the API asks for it; raises FieldsInvalid as `asked`."""
    source = _source(question.from_warehouse, [row.from_warehouse_code for row in question.lines])
    return Asked(
        source=source,
        target=question.to_warehouse,
        doc_date=question.doc_date,
        due_date=question.due_date,
        comments=question.comments or "",
        program=program,
        requester_name=question.requester_name or "",
        requester_email=question.requester_email or "",
        requester_branch=question.requester_branch,
        requester_department=question.requester_department,
        lines=tuple(
            Line(
                item=line.item_code,
                quantity=line.quantity,
                source=line.from_warehouse_code or source,
                target=line.to_warehouse_code or question.to_warehouse,
            )
            for line in question.lines
        ),
    )


def asked_desktop(question: DesktopTransferQuestion, *, reference: str = "") -> Asked:
    """A transfer as a desktop program asks for it."""
    return Asked(
        source=question.from_warehouse,
        target=question.to_warehouse,
        doc_date=question.doc_date,
        due_date=question.due_date,
        comments=question.comments or question.journal_memo or "",
        reference=question.external_reference or reference,
        program=question.source_system or PROGRAM,
        # The contract's higher numbers go first, the queue's lower ones do.
        priority=-(question.priority or 0),
        in_transit=question.in_transit,
        lines=tuple(
            Line(
                item=line.item_code,
                quantity=line.quantity,
                source=line.from_warehouse_code or question.from_warehouse,
                target=line.warehouse_code or question.to_warehouse,
                batches=_lots(line.batch_numbers),
                is_auto=line.auto_allocate_batches,
            )
            for line in question.lines
        ),
    )


def counts(question: ArrivalQuestion) -> list[Count]:
    """What arrived, as the receiver says."""
    return [
        Count(
            line=line.line_num,
            quantity=line.quantity_received,
            lots=dict(_lots(line.batch_numbers)),
            reason=line.reason or "",
        )
        for line in question.lines
    ]


def transfer(found: Transfer) -> TransferDto:
    """A transfer as callers see it."""
    is_received = found.state is TransferState.RECEIVED
    return TransferDto(
        id=found.entry,
        number=found.number,
        status=found.state.value,
        doc_entry=found.doc_entry,
        doc_num=found.doc_num,
        sap_doc_entry=found.way.doc_entry,
        sap_doc_num=found.way.doc_num,
        doc_date=found.doc_date,
        due_date=found.due_date,
        from_warehouse=found.source,
        to_warehouse=found.target,
        comments=found.comments or None,
        external_reference=found.reference or None,
        sent_by=found.sent_by,
        received_by=found.ended_by if is_received else None,
        lines=[_line(line) for line in found.lines],
    )


def transfers(found: Iterable[Transfer]) -> list[TransferDto]:
    """Several."""
    return [transfer(row) for row in found]


def request(found: Request) -> RequestDto:
    """A request as callers see it."""
    return RequestDto(
        id=found.entry,
        number=found.number,
        status=found.state.value,
        doc_entry=found.doc_entry,
        doc_num=found.doc_num,
        sap_doc_entry=found.way.doc_entry,
        sap_doc_num=found.way.doc_num,
        doc_date=found.doc_date,
        due_date=found.due_date,
        from_warehouse=found.source,
        to_warehouse=found.target,
        comments=found.comments or None,
        document_status="Open" if found.state in OPEN else "Closed",
        requester_email=found.requester_email or None,
        requester_name=found.requester_name or None,
        requester_branch=found.requester_branch,
        requester_department=found.requester_department,
        decided_by=found.decided_by,
        decision=found.decision or None,
        lines=[_line(line) for line in found.lines],
    )


def requests(found: Iterable[Request]) -> list[RequestDto]:
    """Several."""
    return [request(row) for row in found]


def made(found: Transfer, *, words: str = "") -> TransferMade:
    """A new transfer, and what happens to it next."""
    return TransferMade(message=words or _message(found), **_made(found))


def made_fields(found: Transfer) -> dict[str, Any]:
    """The fields of a new transfer, for answers that say more."""
    return {"message": _message(found), **_made(found)}


def _made(found: Transfer) -> dict[str, Any]:
    queue_id, waits = found.way.queue_id, found.way.is_waiting
    return {
        "transfer": transfer(found),
        "was_queued": waits,
        "queue_id": queue_id,
        "queue_status": found.way.state or None,
        "queue_external_reference": (found.reference or found.number) if queue_id else None,
        "estimated_processing_seconds": ESTIMATED_SECONDS if waits else None,
        "status_url": status_url(found.reference or found.number, queue_id),
    }


def _message(found: Transfer) -> str:
    if found.state is TransferState.IN_TRANSIT:
        return f"Transfer {found.number} is on its way to {found.target}."
    if found.way.is_waiting:
        return f"Transfer {found.number} is booked; SAP hears of it soon."
    return f"Transfer {found.number} is booked."


def status(found: Transfer) -> TransferStatus:
    """Where a transfer stands on its way to SAP."""
    is_there = found.way.state == PostingState.COMPLETED.value
    return TransferStatus(
        doc_entry=found.doc_entry,
        doc_num=found.doc_num,
        number=found.number,
        status=found.way.state or found.state.value,
        posted_at=found.way.ended_at if is_there else None,
        last_error=found.way.reason or None,
    )


def judged(found: Judgement) -> TransferJudged:
    """Whether a transfer could be made."""
    problems = [
        TransferProblem(
            item_code=problem.item, warehouse_code=problem.warehouse, message=problem.sentence
        )
        for problem in found.problems
    ]
    return _judged(problems, len(found.problems) + len(found.served))


def judged_refused(message: str, lines: int) -> TransferJudged:
    """A transfer that makes no sense at all."""
    problem = TransferProblem(item_code=None, warehouse_code=None, message=message)
    return _judged([problem], lines)


def _judged(problems: Sequence[TransferProblem], lines: int) -> TransferJudged:
    words = f"{len(problems)} problems were found." if problems else "The transfer can be made."
    return TransferJudged(
        is_valid=not problems, message=words, errors=list(problems), lines_validated=lines
    )


def queued(found: Transfer | Request) -> TransferQueued:
    """Where to ask for a queued document; where there is no SAP, it is complete at once."""
    what = "Transfer request" if isinstance(found, Request) else "Transfer"
    name, is_queued = found.reference or found.number, found.way.queue_id is not None
    fate = "queued for SAP" if is_queued else "booked"
    return TransferQueued(
        success=True,
        message=f"{what} {name} is {fate}.",
        external_reference=name,
        queue_id=found.way.queue_id or found.entry,
        status=found.way.state or PostingState.COMPLETED.value,
        estimated_processing_seconds=ESTIMATED_SECONDS if is_queued else 0,
        status_url=status_url(name, found.way.queue_id),
    )


def queue_status(found: Queued) -> TransferQueueStatus:
    """Where a queued document stands."""
    return TransferQueueStatus(
        queue_id=found.queue_id,
        external_reference=found.reference,
        from_warehouse=found.source,
        to_warehouse=found.target,
        status=found.state.value,
        status_code=STATUS_CODES[found.state],
        retry_count=found.attempts,
        max_retries=found.attempts_max,
        last_error=found.reason or None,
        sap_doc_entry=None if found.doc_entry is None else str(found.doc_entry),
        sap_doc_num=found.doc_num,
        created_at=found.created_at,
        processing_started_at=found.started_at,
        processed_at=found.ended_at,
        next_retry_at=found.next_at,
        source_system=found.program,
        total_quantity=found.quantity,
        line_count=found.line_count,
        is_transfer_request=found.is_request,
        wait_time_seconds=max(int(found.waited.total_seconds()), 0),
        is_complete=found.state is PostingState.COMPLETED,
        is_failed=found.is_failed,
        can_retry=found.state is PostingState.FAILED and found.attempts < found.attempts_max,
        can_cancel=found.state is PostingState.PENDING,
    )


def stats(found: Stats) -> TransferQueueStats:
    """How many documents stand where."""
    counts = {state: found.counts.get(state, 0) for state in PostingState}
    return TransferQueueStats(
        total_queued=sum(counts.values()),
        pending=counts[PostingState.PENDING],
        processing=counts[PostingState.PROCESSING],
        completed=counts[PostingState.COMPLETED],
        failed=counts[PostingState.FAILED],
        requires_review=counts[PostingState.REQUIRES_REVIEW],
        cancelled=counts[PostingState.CANCELLED],
        oldest_pending_age=found.oldest,
        total_quantity_pending=found.quantity,
    )


def status_url(reference: str, queue_id: int | None) -> str | None:
    """Where the status of a queued transfer is served; a reference with a slash has no path."""
    if queue_id is None:
        return None
    name = str(queue_id) if "/" in reference else quote(reference, safe="")
    return f"{BASE}/transfer-queue/{name}"


def _source(head: str | None, lines: Sequence[str | None]) -> str:
    if head is not None:
        return head
    missing = [
        Field(f"lines[{place}].fromWarehouseCode", "Say where the goods come from.")
        for place, code in enumerate(lines)
        if code is None
    ]
    if missing:
        raise FieldsInvalid(missing)
    return lines[0] or ""


def _refuse_serials(question: TransferQuestion) -> None:
    wrong = [
        Field(f"lines[{place}].serialNumbers", "Items with serial numbers are not kept here.")
        for place, line in enumerate(question.lines)
        if line.serial_numbers
    ]
    if wrong:
        raise FieldsInvalid(wrong)


def _lots(found: Sequence[LotQuestion] | None) -> tuple[tuple[str, Decimal], ...]:
    return tuple((lot.batch_number, lot.quantity) for lot in found or ())


def _line(line: TransferLine) -> TransferLineDto:
    return TransferLineDto(
        line_num=line.line,
        item_code=line.item,
        item_description=line.name,
        quantity=line.quantity,
        from_warehouse_code=line.source,
        to_warehouse_code=line.target,
        uom_code=line.uom,
        quantity_received=line.received,
        reason=line.reason or None,
        batch_numbers=[LotDto(batch_number=lot, quantity=part) for lot, part in line.lots],
    )
