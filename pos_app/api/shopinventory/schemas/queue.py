"""Bodies of the posting queue: what waits for SAP, what needs a person, what stands still."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import ShortText
from pos_app.api.wire import Answer, Question


class QueuedDocument(Answer):
    """How far a queued document of any kind has come."""

    queue_id: int
    external_reference: str
    customer_code: str
    status: str
    status_code: int
    retry_count: int
    max_retries: int
    last_error: str | None
    sap_doc_entry: str | None
    sap_doc_num: int | None
    created_at: datetime
    processing_started_at: datetime | None
    processed_at: datetime | None
    next_retry_at: datetime | None
    source_system: str
    total_amount: Decimal
    currency: str
    wait_time_seconds: int
    is_complete: bool
    is_failed: bool
    can_retry: bool
    can_cancel: bool
    document_type: str
    waits_for: str | None
    incident: str | None


class QueueStatus(QueuedDocument):
    """How far a queued invoice has come."""

    reservation_id: str | None
    fiscal_device_number: str | None
    fiscal_receipt_number: str | None
    warehouse_code: str | None


class Retried(Answer):
    """A document that is tried again."""

    message: str
    status: str


class PendingAmount(Answer):
    """What is not in SAP yet, in one currency."""

    currency: str
    amount: Decimal


class QueueStats(Answer):
    """The queue counted; ``totalAmountPending`` is in SAP's own currency alone."""

    total_queued: int
    pending: int
    processing: int
    completed: int
    failed: int
    requires_review: int
    cancelled: int
    fiscalized: int
    oldest_pending_age: datetime | None
    total_amount_pending: Decimal
    amounts_pending: list[PendingAmount]
    average_wait_time_seconds: Decimal


class IncidentDto(Answer):
    """Documents that stand still for one cause."""

    incident: str
    cause: str
    message: str
    advice: str
    count: int
    requires_review: int
    since: datetime
    oldest_queued_at: datetime
    example_reference: str
    next_retry_at: datetime | None


class RequeueQuestion(Question):
    """Which documents are to be tried again."""

    incident: ShortText | None = None
    reason: ShortText | None = None
    dry_run: bool = Field(default=True, description="Only say which ones it would be.")


class Requeued(Answer):
    """What was put back, or would be."""

    message: str
    dry_run: bool
    count: int
    references: list[str]


class ByHandQuestion(Question):
    """What SAP calls a document that somebody entered there by hand."""

    sap_doc_num: int = Field(ge=1, le=2**31 - 1, description="As SAP shows it on the document.")


class ByHand(Answer):
    """What SAP is found to hold."""

    message: str
    sap_doc_num: int
    left: list[str]
