"""Bodies of ``/api/Invoice``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    Amount,
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
from pos_app.api.wire import Answer, Question
from pos_app.domain.sale_rule import MOST_LINES


class BatchNumber(Question):
    """So much of one batch."""

    batch_number: Code
    quantity: Quantity
    expiry_date: Day | None = None


class InvoiceLine(Question):
    """One line of an invoice to be made.

    The warehouse may come from the query; a unit price is checked against the customer's price.
    """

    item_code: Code
    quantity: Quantity
    unit_price: Price | None = None
    warehouse_code: WarehouseCode | None = None
    tax_code: ShortText | None = None
    discount_percent: Percent | None = None
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")
    uom_entry: WholeNumber | None = Field(default=None, alias="uoMEntry")
    account_code: ShortText | None = None
    cost_centre_code: ShortText | None = None
    batch_numbers: list[BatchNumber] | None = Field(default=None, max_length=500)
    auto_allocate_batches: bool = True


class InvoiceQuestion(Question):
    """An invoice to be made; ``status: Draft`` keeps it open for changes."""

    card_code: Code
    doc_date: Day | None = None
    doc_due_date: Day | None = None
    series: WholeNumber | None = None
    num_at_card: Reference | None = None
    comments: Text | None = None
    doc_currency: ShortText | None = None
    sales_person_code: int | None = Field(default=None, ge=-1, le=2**31 - 1)
    van_order: Reference | None = Field(default=None, alias="u_Van_saleorder")
    crate_quantity: Amount | None = None
    status: ShortText | None = None
    lines: list[InvoiceLine] = Field(min_length=1, max_length=MOST_LINES)


class ConfirmQuestion(Question):
    """Which draft to post."""

    invoice_id: int = Field(ge=1, le=2**63 - 1)
    fiscalize: bool = True


class InvoiceLineDto(Answer):
    """One line as it was invoiced."""

    line_num: int
    item_code: str
    item_description: str
    quantity: Decimal
    unit_price: Decimal
    gross_price: Decimal
    line_total: Decimal
    vat_sum: Decimal
    warehouse_code: str
    tax_code: str | None
    discount_percent: Decimal
    uom_code: str | None = Field(serialization_alias="uoMCode")
    batch_numbers: list[BatchOut]


class BatchOut(Answer):
    """So much of one batch left with a line."""

    batch_number: str
    quantity: Decimal


class FiscalizationDto(Answer):
    """Where the fiscal receipt stands."""

    success: bool
    queued: bool
    skipped: bool
    message: str | None
    invoice_number: str | None
    qr_code: str | None = None
    verification_code: str | None = None
    fiscal_day_no: int | None = None
    receipt_global_no: int | None = None
    error_code: str | None = None


class InvoiceDto(Answer):
    """An invoice; ``docEntry`` and ``docNum`` are SAP's once it is there, ours until then."""

    id: int
    doc_entry: int
    doc_num: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    sap_status: str
    doc_date: date
    doc_due_date: date | None
    card_code: str
    card_name: str
    num_at_card: str | None
    comments: str | None
    remarks: str | None
    doc_status: str
    doc_total: Decimal
    paid_to_date: Decimal
    vat_sum: Decimal
    doc_currency: str
    van_order: str | None = Field(serialization_alias="u_Van_saleorder")
    sales_person_code: int | None
    receipt_number: str | None
    warehouse_code: str | None
    is_fiscalized: bool | None
    fiscalization_status: str
    fiscal_receipt_global_no: int | None
    fiscalized_at_utc: datetime | None
    bill_to_address: str | None
    ship_to_address: str | None
    customer_vat_no: str | None
    customer_tin_number: str | None
    customer_phone: str | None
    customer_email: str | None
    above_credit_limit: Decimal | None
    credit_limit_currency: str | None
    created_at: datetime
    lines: list[InvoiceLineDto]


class InvoiceMade(InvoiceDto):
    """A new invoice, with what happens to it next."""

    message: str
    fiscalization: FiscalizationDto


class InvoicePage(Answer):
    """A page of invoices, under both names its list goes by."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    from_date: date | None = None
    to_date: date | None = None
    items: list[InvoiceDto]
    invoices: list[InvoiceDto]


class CustomerInvoicePage(InvoicePage):
    """A page of one customer's invoices; ``date`` is that of a period of one day."""

    date: Day | None
    customer: str


InvoiceLineDto.model_rebuild()
