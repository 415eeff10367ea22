"""Bodies of ``/api/CreditNote``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    Code,
    Percent,
    Quantity,
    ShortText,
    Text,
    WarehouseCode,
    WholeNumber,
)
from pos_app.api.shopinventory.schemas.trade import PriceOrNone
from pos_app.api.wire import Answer, Question
from pos_app.domain.sale_rule import MOST_LINES

MOST_AT_ONCE = 100
InvoiceNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]


class CreditLineQuestion(Question):
    """One line: goods at what was charged for them, or by type a correction of their price.

    ``originalInvoiceLineId`` is the invoice's ``lineNum``; without it the item finds its line.
    """

    item_code: Code
    item_description: Text | None = None
    quantity: Quantity
    unit_price: PriceOrNone | None = None
    discount_percent: Percent | None = None
    tax_percent: Percent | None = None
    warehouse_code: WarehouseCode | None = None
    return_reason: Text | None = None
    batch_number: Code | None = None
    original_invoice_line_id: WholeNumber | None = None


class CreditNoteQuestion(Question):
    """A credit note to be made of an invoice, which it has to name."""

    card_code: Code
    card_name: Text | None = None
    type: ShortText | int = "Return"
    original_invoice_id: InvoiceNumber | None = None
    original_invoice_doc_entry: InvoiceNumber | None = None
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    comments: Text | None = None
    currency: ShortText | None = None
    restock_items: bool = True
    restock_warehouse_code: WarehouseCode | None = None
    lines: list[CreditLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class FromInvoiceQuestion(Question):
    """What of an invoice is to be credited; without lines all that is left."""

    reason: Annotated[str, Field(max_length=500)] | None = None
    lines: list[CreditLineQuestion] | None = Field(default=None, max_length=MOST_LINES)


class CreditStateQuestion(Question):
    """Another state, by its name in any case or its number."""

    status: ShortText | int


class ManyQuestion(Question):
    """Several notes, each by its ``id`` or SAP's entry."""

    credit_note_doc_entries: list[InvoiceNumber] = Field(min_length=1, max_length=MOST_AT_ONCE)
    reason: Annotated[str, Field(max_length=500)] | None = None


class CreditLineDto(Answer):
    """One line as it was credited; quantity 0 corrects a price alone."""

    id: int
    line_num: int
    item_code: str
    item_description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal | None
    line_total: Decimal
    tax_amount: Decimal
    warehouse_code: str
    return_reason: str | None
    batch_number: str | None
    original_invoice_line_id: int
    is_restocked: bool


class CreditNoteDto(Answer):
    """A credit note of the back office or of a till.

    ``receiptNumber`` is what it is filed and posted under; ``appliedAmount`` settled its invoice
    or was paid out, ``balance`` is the customer's.
    """

    id: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    sap_status: str
    credit_note_number: str
    receipt_number: str | None
    credit_note_date: date
    card_code: str
    card_name: str
    type: str
    type_name: str
    status: str
    status_name: str
    original_invoice_id: int | None
    original_invoice_doc_entry: int | None
    reason: str
    comments: str | None
    currency: str
    exchange_rate: Decimal
    sub_total: Decimal
    tax_amount: Decimal
    doc_total: Decimal
    prices_include_vat: bool
    applied_amount: Decimal
    balance: Decimal
    restock_items: bool
    restock_warehouse_code: str | None
    source: str
    created_by_user_id: str | None
    created_by_user_name: str
    approved_by_user_id: str | None
    approved_by_user_name: str | None
    approved_date: datetime | None
    created_at: datetime
    updated_at: datetime
    is_synced: bool
    sync_error: str | None
    is_fiscalized: bool | None
    fiscalization_status: str
    fiscal_receipt_global_no: int | None
    fiscalized_at_utc: datetime | None
    qr_code: str | None
    verification_code: str | None
    lines: list[CreditLineDto]


class CreditNotePage(Answer):
    """A page of credit notes, under both names its list goes by."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[CreditNoteDto]
    credit_notes: list[CreditNoteDto]


class NotesOfInvoice(Answer):
    """What was credited of one invoice."""

    invoice_id: int
    has_existing_credit_notes: bool
    total_credited_amount: Decimal
    credit_notes: list[CreditNoteDto]


class CancelledDto(Answer):
    """What became of one note of several."""

    sap_doc_entry: int
    sap_doc_num: int | None
    credit_note_number: str
    success: bool
    status: str
    message: str | None


class CancelledList(Answer):
    """What became of each of several notes."""

    requested_count: int
    success_count: int
    failed_count: int
    results: list[CancelledDto]


class DuplicatedDto(Answer):
    """What one cancelled note became."""

    original_sap_doc_entry: int
    original_sap_doc_num: int | None
    original_credit_note_number: str
    new_id: int | None
    new_sap_doc_entry: int | None
    new_sap_doc_num: int | None
    new_credit_note_number: str | None
    success: bool
    status: str
    message: str | None


class DuplicatedList(Answer):
    """What several cancelled notes became."""

    requested_count: int
    success_count: int
    failed_count: int
    results: list[DuplicatedDto]
