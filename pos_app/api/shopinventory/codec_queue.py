"""From our words to the contract's: the posting queue and its incidents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pos_app.api.shopinventory.schemas.queue import (
    IncidentDto,
    PendingAmount,
    QueuedDocument,
    QueueStats,
    QueueStatus,
    Requeued,
)
from pos_app.domain.money import Money
from pos_app.domain.posting import PostingState
from pos_app.services.posting import review
from pos_app.services.posting.incident import Incident
from pos_app.services.posting.view import Queued, Stats

STATUS_CODES = {
    PostingState.PENDING: 0,
    PostingState.PROCESSING: 1,
    PostingState.COMPLETED: 2,
    PostingState.FAILED: 3,
    PostingState.REQUIRES_REVIEW: 4,
    PostingState.CANCELLED: 5,
    PostingState.COLLECTED: 7,
    PostingState.LISTED: 7,
}
"""The contract's Fiscalized (7): sold and signed, and in SAP with the end of the day."""

REFERENCES_SHOWN = 1000


def document(found: Queued) -> QueuedDocument:
    """Where a queued document of any kind stands."""
    return QueuedDocument(**_document(found))


def invoice(found: Queued) -> QueueStatus:
    """Where a queued invoice stands."""
    receipt = found.receipt_global_no
    return QueueStatus(
        **_document(found),
        reservation_id=found.reservation_id,
        fiscal_device_number=None,
        fiscal_receipt_number=str(receipt) if receipt is not None else None,
        warehouse_code=found.warehouse or None,
    )


def _document(found: Queued) -> dict[str, Any]:
    entry = found.doc_entry
    return {
        "queue_id": found.queue_id,
        "external_reference": found.reference,
        "customer_code": found.partner,
        "status": found.state.value,
        "status_code": STATUS_CODES[found.state],
        "retry_count": found.attempts,
        "max_retries": found.attempts_max,
        "last_error": found.reason or None,
        "sap_doc_entry": None if entry is None else str(entry),
        "sap_doc_num": found.doc_num,
        "created_at": found.created_at,
        "processing_started_at": found.started_at,
        "processed_at": found.ended_at,
        "next_retry_at": found.next_at,
        "source_system": found.source,
        "total_amount": found.total.amount,
        "currency": found.total.currency,
        "wait_time_seconds": max(int(found.waited.total_seconds()), 0),
        "is_complete": found.is_complete,
        "is_failed": found.is_failed,
        "can_retry": found.can_retry,
        "can_cancel": found.can_cancel,
        "document_type": found.kind,
        "waits_for": found.waits_for or None,
        "incident": found.incident or None,
    }


def stats(counted: Stats, *, local_currency: str) -> QueueStats:
    """The queue counted; amounts of several currencies are never summed."""
    local = [one for one in counted.amounts if one.currency == local_currency]
    amounts = [PendingAmount(currency=one.currency, amount=one.amount) for one in counted.amounts]
    return QueueStats(
        total_queued=counted.rows,
        pending=counted.counts[PostingState.PENDING],
        processing=counted.counts[PostingState.PROCESSING],
        completed=counted.counts[PostingState.COMPLETED],
        failed=counted.counts[PostingState.FAILED],
        requires_review=counted.counts[PostingState.REQUIRES_REVIEW],
        cancelled=counted.counts[PostingState.CANCELLED],
        fiscalized=0,
        oldest_pending_age=counted.oldest,
        total_amount_pending=(local[0] if local else Money.zero(local_currency)).amount,
        amounts_pending=amounts,
        average_wait_time_seconds=round(Decimal(counted.waited.total_seconds()), 1),
    )


def incident(found: Incident) -> IncidentDto:
    """What stands still for one cause."""
    return IncidentDto(
        incident=found.name,
        cause=found.cause,
        message=found.sentence,
        advice=found.advice,
        count=found.rows,
        requires_review=found.in_review,
        since=found.since,
        oldest_queued_at=found.oldest,
        example_reference=found.example,
        next_retry_at=found.next_at,
    )


def requeued(found: review.Requeued) -> Requeued:
    """What was put back, or would be."""
    count = len(found.references)
    verb = "would be" if found.is_dry else "are"
    return Requeued(
        message=f"{count} documents {verb} tried again.",
        dry_run=found.is_dry,
        count=count,
        references=list(found.references[:REFERENCES_SHOWN]),
    )
