"""Bodies of ``/api/InventoryTransfer`` and of transfers in ``/api/DesktopIntegration``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    Code,
    Day,
    Quantity,
    Reference,
    ShortText,
    Text,
    WarehouseCode,
    WholeNumber,
)
from pos_app.api.wire import Answer, Question

MOST_LINES = 500


class LotQuestion(Question):
    """So much of one batch."""

    batch_number: Code
    quantity: Quantity


class SerialQuestion(Question):
    """A serial number; items with one are not kept here."""

    internal_serial_number: Code
    system_serial_number: WholeNumber | None = None
    quantity: Quantity = Decimal(1)


class TransferLineQuestion(Question):
    """One line; its warehouses are those of the head unless it names others."""

    item_code: Code
    quantity: Quantity
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")
    from_warehouse_code: WarehouseCode | None = None
    to_warehouse_code: WarehouseCode | None = None
    batch_numbers: list[LotQuestion] | None = Field(default=None, max_length=200)
    serial_numbers: list[SerialQuestion] | None = Field(default=None, max_length=200)


class TransferQuestion(Question):
    """Goods to be moved; ``inTransit`` lets somebody receive them first."""

    from_warehouse: WarehouseCode | None = None
    to_warehouse: WarehouseCode
    doc_date: Day | None = None
    due_date: Day | None = None
    comments: Text | None = None
    in_transit: bool = False
    lines: list[TransferLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class RequestLineQuestion(Question):
    """One line of goods asked for."""

    item_code: Code
    quantity: Quantity
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")
    from_warehouse_code: WarehouseCode | None = None
    to_warehouse_code: WarehouseCode | None = None


class RequestQuestion(Question):
    """Goods of another warehouse, asked for."""

    from_warehouse: WarehouseCode | None = None
    to_warehouse: WarehouseCode
    doc_date: Day | None = None
    due_date: Day | None = None
    comments: Text | None = None
    requester_email: ShortText | None = None
    requester_name: ShortText | None = None
    requester_branch: WholeNumber | None = None
    requester_department: WholeNumber | None = None
    lines: list[RequestLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class DesktopLineQuestion(Question):
    """One line of a desktop transfer; ``warehouseCode`` is where the goods go."""

    line_num: WholeNumber = 0
    item_code: Code
    item_description: Text | None = None
    quantity: Quantity
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")
    from_warehouse_code: WarehouseCode | None = None
    warehouse_code: WarehouseCode | None = None
    auto_allocate_batches: bool = True
    batch_numbers: list[LotQuestion] | None = Field(default=None, max_length=200)


class DesktopTransferQuestion(Question):
    """A transfer of a program that may wait; queued, it is a request unless it says otherwise."""

    external_reference: Reference | None = None
    source_system: ShortText | None = None
    from_warehouse: WarehouseCode
    to_warehouse: WarehouseCode
    doc_date: Day | None = None
    due_date: Day | None = None
    comments: Text | None = None
    journal_memo: Text | None = None
    priority: int | None = Field(default=None, ge=-1000, le=1000)
    is_transfer_request: bool = True
    in_transit: bool = False
    lines: list[DesktopLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class ArrivalLineQuestion(Question):
    """What arrived of one line, and why less than was sent."""

    line_num: WholeNumber
    quantity_received: Decimal = Field(ge=0, le=10**6, max_digits=20, decimal_places=6)
    batch_numbers: list[LotQuestion] | None = Field(default=None, max_length=200)
    reason: ShortText | None = None


class ArrivalQuestion(Question):
    """What arrived; lines it does not name arrived whole."""

    lines: list[ArrivalLineQuestion] = Field(default_factory=list, max_length=MOST_LINES)


class DecisionQuestion(Question):
    """What the decider says of it."""

    comments: Text | None = None


class LotDto(Answer):
    """So much of one batch."""

    batch_number: str
    quantity: Decimal


class TransferLineDto(Answer):
    """One line; what arrived is null while it is on its way."""

    line_num: int
    item_code: str
    item_description: str
    quantity: Decimal
    from_warehouse_code: str
    to_warehouse_code: str
    uom_code: str = Field(serialization_alias="uoMCode")
    quantity_received: Decimal | None = None
    reason: str | None = None
    batch_numbers: list[LotDto] = Field(default_factory=list)


class TransferDto(Answer):
    """A transfer; ``docEntry`` and ``docNum`` are SAP's once it is there."""

    id: int
    number: str
    status: str
    doc_entry: int
    doc_num: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    doc_date: date
    due_date: date | None
    from_warehouse: str
    to_warehouse: str
    comments: str | None
    external_reference: str | None
    sent_by: str
    received_by: str | None
    lines: list[TransferLineDto]


class TransferMade(Answer):
    """A new transfer, and what happens to it next."""

    message: str
    transfer: TransferDto
    was_queued: bool
    queue_id: int | None
    queue_status: str | None
    queue_external_reference: str | None
    estimated_processing_seconds: int | None
    status_url: str | None


class TransferConverted(TransferMade):
    """The transfer a request became."""

    request_doc_entry: int


class TransferStatus(Answer):
    """Where a transfer stands on its way to SAP."""

    doc_entry: int
    doc_num: int
    number: str
    status: str
    posted_at: datetime | None
    last_error: str | None


class TransferPage(Answer):
    """A page of the transfers of a warehouse, out of it and into it."""

    warehouse: str
    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    transfers: list[TransferDto]


class TransferDatePage(TransferPage):
    """The same within some days."""

    day: date | None = Field(serialization_alias="date")
    from_date: date | None
    to_date: date | None


class RequestDto(Answer):
    """A transfer request; ``documentStatus`` is open until it became a transfer or was ended."""

    id: int
    number: str
    status: str
    doc_entry: int
    doc_num: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    doc_date: date
    due_date: date | None
    from_warehouse: str
    to_warehouse: str
    comments: str | None
    document_status: str
    requester_email: str | None
    requester_name: str | None
    requester_branch: int | None
    requester_department: int | None
    decided_by: str | None
    decision: str | None
    lines: list[TransferLineDto]


class RequestMade(Answer):
    """A new transfer request."""

    message: str
    transfer_request: RequestDto


class RequestPage(Answer):
    """A page of requests."""

    warehouse: str | None
    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    transfer_requests: list[RequestDto]


class TransferProblem(Answer):
    """Why one line cannot be moved."""

    item_code: str | None
    warehouse_code: str | None
    message: str


class TransferJudged(Answer):
    """Whether a transfer could be made now; 200 either way."""

    is_valid: bool
    message: str
    errors: list[TransferProblem]
    lines_validated: int


class TransferQueued(Answer):
    """Where to ask for a queued transfer."""

    success: bool
    message: str
    external_reference: str
    queue_id: int
    status: str
    estimated_processing_seconds: int
    status_url: str | None


class TransferQueueStatus(Answer):
    """How far a queued transfer or request has come."""

    queue_id: int
    external_reference: str
    from_warehouse: str
    to_warehouse: str
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
    total_quantity: Decimal
    line_count: int
    is_transfer_request: bool
    wait_time_seconds: int
    is_complete: bool
    is_failed: bool
    can_retry: bool
    can_cancel: bool


class TransferQueueStats(Answer):
    """How many transfers and requests stand where."""

    total_queued: int
    pending: int
    processing: int
    completed: int
    failed: int
    requires_review: int
    cancelled: int
    oldest_pending_age: datetime | None
    total_quantity_pending: Decimal
