"""Bodies of ``/api/DesktopIntegration``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    Code,
    Day,
    Percent,
    Price,
    Quantity,
    Reference,
    ShortText,
    Text,
    WarehouseCode,
    WholeNumber,
)
from pos_app.api.shopinventory.schemas.invoice import BatchNumber, FiscalizationDto, InvoiceDto
from pos_app.api.wire import Answer, Question
from pos_app.domain.reservation import DEFAULT_MINUTES, LONGEST_MINUTES, SHORTEST_MINUTES
from pos_app.domain.sale_rule import MOST_LINES


class ReservationLine(Question):
    """Goods to hold."""

    line_num: int | None = Field(default=None, ge=0, le=100_000)
    item_code: Code
    item_description: Text | None = None
    quantity: Quantity
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")
    warehouse_code: WarehouseCode
    unit_price: Price | None = None
    tax_code: ShortText | None = None
    discount_percent: Percent | None = None
    batch_numbers: list[BatchNumber] | None = Field(default=None, max_length=500)
    auto_allocate_batches: bool = True


class ReservationQuestion(Question):
    """A hold on stock that expires."""

    external_reference_id: Reference
    external_reference: Reference | None = None
    source_system: ShortText
    document_type: ShortText = "Invoice"
    card_code: Code
    card_name: Text | None = None
    currency: ShortText | None = None
    reservation_duration_minutes: int = Field(
        default=DEFAULT_MINUTES, ge=SHORTEST_MINUTES, le=LONGEST_MINUTES
    )
    requires_fiscalization: bool = False
    priority: int | None = Field(default=None, ge=-1000, le=1000)
    notes: Text | None = None
    doc_due_date: Day | None = None
    sales_person_code: int | None = Field(default=None, ge=-1, le=2**31 - 1)
    lines: list[ReservationLine] = Field(min_length=1, max_length=MOST_LINES)


class ConfirmReservation(Question):
    """How the invoice of a reservation is headed."""

    doc_date: Day | None = None
    doc_due_date: Day | None = None
    num_at_card: Reference | None = None
    comments: Text | None = None
    sales_person_code: int | None = Field(default=None, ge=-1, le=2**31 - 1)
    fiscalize: bool = True


class ConfirmById(ConfirmReservation):
    """Which reservation becomes its invoice, and how that is headed."""

    reservation_id: Reference


class CancelReservation(Question):
    """Which reservation is let go."""

    reservation_id: Reference
    reason: Text | None = None


class RenewReservation(Question):
    """Which reservation lasts longer, from now on."""

    reservation_id: Reference
    extension_minutes: int = Field(default=DEFAULT_MINUTES, ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)


class QueueInvoice(Question):
    """An invoice to be posted later."""

    external_reference_id: Reference | None = None
    source_system: ShortText | None = None
    card_code: Code
    card_name: Text | None = None
    doc_date: Day | None = None
    doc_due_date: Day | None = None
    num_at_card: Reference | None = None
    comments: Text | None = None
    doc_currency: ShortText | None = None
    sales_person_code: int | None = Field(default=None, ge=-1, le=2**31 - 1)
    fiscalize: bool = True
    priority: int | None = Field(default=None, ge=-1000, le=1000)
    lines: list[ReservationLine] = Field(min_length=1, max_length=MOST_LINES)


class ConvertLine(Question):
    """So much of one line of an order, counted from 0; what else it says must be the order's."""

    line_num: WholeNumber
    item_code: Code | None = None
    quantity: Quantity
    unit_price: Price | None = None
    discount_percent: Percent | None = None
    warehouse_code: WarehouseCode | None = None


class ConvertOrder(Question):
    """Which sales order becomes an invoice; without lines it is all that is left of it."""

    sales_order_id: int = Field(ge=1, le=2**63 - 1)
    external_reference_id: Reference | None = None
    source_system: ShortText | None = None
    doc_date: Day | None = None
    doc_due_date: Day | None = None
    num_at_card: Reference | None = None
    comments: Text | None = None
    doc_currency: ShortText | None = None
    sales_person_code: int | None = Field(default=None, ge=-1, le=2**31 - 1)
    fiscalize: bool = True
    lines: list[ConvertLine] | None = Field(default=None, max_length=MOST_LINES)


class BatchShare(Question):
    """So much of one batch for a line."""

    batch_number: Code
    quantity: Quantity


class AllocationLine(Question):
    """A line to be checked; its quantity is judged, not refused."""

    line_number: int | None = Field(default=None, ge=0, le=100_000)
    item_code: Code
    warehouse_code: WarehouseCode | None = None
    quantity: Decimal = Field(max_digits=20, decimal_places=6)
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")
    batch_allocations: list[BatchShare] | None = Field(default=None, max_length=500)


class AllocationQuestion(Question):
    """Lines of one document whose batches are to be checked or chosen."""

    lines: list[AllocationLine] = Field(min_length=1, max_length=MOST_LINES)
    auto_allocate: bool = True
    strategy: str | int = "FEFO"


class ReservationBatchDto(Answer):
    """So much of one batch held."""

    item_code: str
    batch_number: str
    warehouse_code: str
    reserved_quantity: Decimal
    expiry_date: date | None = None


class ReservationLineDto(Answer):
    """One line held."""

    id: int
    line_num: int
    item_code: str
    item_description: str | None
    reserved_quantity: Decimal
    original_quantity: Decimal
    uom_code: str | None = Field(serialization_alias="uoMCode")
    warehouse_code: str
    unit_price: Decimal
    line_total: Decimal
    tax_code: str | None
    discount_percent: Decimal
    batch_allocations: list[ReservationBatchDto]


class ReservationDto(Answer):
    """A hold and where it stands."""

    id: int
    reservation_id: str
    external_reference_id: str
    external_reference: str | None
    source_system: str
    document_type: str
    card_code: str
    card_name: str | None
    total_value: Decimal
    currency: str
    status: str
    created_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    sap_doc_entry: int | None
    sap_doc_num: int | None
    cancelled_at: datetime | None
    cancellation_reason: str | None
    renewal_count: int
    created_by: str
    priority: int
    notes: str | None
    lines: list[ReservationLineDto]


class ReservationPage(Answer):
    """A page of reservations, under both names its list goes by."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[ReservationDto]
    reservations: list[ReservationDto]


class StockProblem(Answer):
    """Why a line cannot be held or sold, under the names of both stock errors of the contract."""

    error_code: str
    line_number: int | None
    item_code: str
    item_name: str | None = None
    warehouse_code: str | None
    batch_number: str | None
    requested_quantity: Decimal
    available_quantity: Decimal
    shortage: Decimal
    message: str
    suggested_action: str | None = None


class ReservationAnswer(Answer):
    """What became of a request about a reservation."""

    success: bool
    message: str
    reservation: ReservationDto | None
    errors: list[StockProblem]
    warnings: list[str]


class ConfirmAnswer(Answer):
    """The invoice a reservation became."""

    success: bool
    message: str
    reservation_id: str
    sap_doc_entry: int | None
    sap_doc_num: int | None
    invoice: InvoiceDto
    fiscalization: FiscalizationDto
    was_queued: bool
    queue_id: int | None
    queue_status: str | None
    queue_external_reference: str | None
    estimated_processing_seconds: int | None
    status_url: str | None
    errors: list[str]


class QueuedAnswer(Answer):
    """Where to ask for a queued invoice."""

    success: bool
    message: str
    external_reference: str
    reservation_id: str
    queue_id: int
    status: str
    estimated_processing_seconds: int
    status_url: str


class ConvertedAnswer(Answer):
    """The invoice an order became, and where to ask how far it has come."""

    success: bool
    message: str
    sales_order_id: int
    sales_order_number: str
    external_reference: str
    reservation_id: str | None
    queue_id: int | None
    status: str
    estimated_processing_seconds: int
    status_url: str | None
    invoice: InvoiceDto
    errors: list[str]


class BatchTaken(Answer):
    """What a line takes of one batch."""

    batch_number: str
    quantity_allocated: Decimal
    available_before_allocation: Decimal
    remaining_after_allocation: Decimal
    expiry_date: date | None
    allocation_order: int


class AllocatedLine(Answer):
    """A line that can be served, and from which batches."""

    line_number: int
    item_code: str
    warehouse_code: str
    total_quantity_allocated: Decimal
    batches: list[BatchTaken]


class AllocationProblem(StockProblem):
    """Why a line cannot be served."""


class AllocationAnswer(Answer):
    """The whole document judged; 200 whether it can be served or not."""

    is_valid: bool
    validation_errors: list[AllocationProblem]
    warnings: list[str]
    allocated_lines: list[AllocatedLine]
    total_lines_validated: int
    lines_passed_validation: int
    batches_auto_allocated: int
    strategy_used: str
