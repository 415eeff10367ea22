"""Bodies of the sales of desktop programs and of their end of day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    LARGEST_AMOUNT,
    Amount,
    Code,
    Day,
    Number,
    Percent,
    Quantity,
    Reference,
    ShortText,
    Text,
    WarehouseCode,
)
from pos_app.api.wire import Answer, Question
from pos_app.domain.sale_rule import MOST_LINES

FreePrice = Annotated[
    Decimal, Number, Field(ge=0, le=LARGEST_AMOUNT, max_digits=20, decimal_places=6)
]


class SaleLine(Question):
    """One line of a sale."""

    line_num: int | None = Field(default=None, ge=0, le=100_000)
    item_code: Code
    item_description: Text | None = None
    quantity: Quantity
    unit_price: FreePrice | None = None
    warehouse_code: WarehouseCode | None = None
    tax_code: ShortText | None = None
    discount_percent: Percent | None = None
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")


class SalePayment(Question):
    """One part of the money."""

    method: ShortText
    amount: Amount
    reference: ShortText | None = None
    currency: ShortText | None = None


class SaleQuestion(Question):
    """A sale that is paid now; ``payments`` beside the single fields for several tenders."""

    external_reference_id: Reference | None = None
    source_system: ShortText | None = None
    card_code: Code
    card_name: Text | None = None
    doc_date: Day | None = None
    sales_person_code: int | None = Field(default=None, ge=-1, le=2**31 - 1)
    num_at_card: Reference | None = None
    comments: Text | None = None
    doc_currency: ShortText | None = None
    fiscalize: bool = True
    warehouse_code: WarehouseCode
    payment_method: ShortText | None = None
    payment_reference: ShortText | None = None
    amount_paid: Amount | None = None
    payments: list[SalePayment] | None = Field(default=None, max_length=20)
    lines: list[SaleLine] = Field(min_length=1, max_length=MOST_LINES)


class ChangeDto(Answer):
    """Money given back."""

    currency: str
    amount: Decimal


class SaleAnswer(Answer):
    """A sale as it was stored; its fiscal receipt may still be on its way."""

    sale_id: int
    external_reference_id: str
    card_code: str
    total_amount: Decimal
    vat_amount: Decimal
    currency: str
    change: list[ChangeDto]
    fiscalization_status: str
    fiscal_receipt_number: str | None
    fiscal_qr_code: str | None = Field(alias="fiscalQRCode")
    fiscal_verification_code: str | None
    fiscal_error: str | None
    created_at: datetime


class SaleLineDto(Answer):
    """One line of a listed sale."""

    line_num: int
    item_code: str
    item_description: str | None
    quantity: Decimal
    unit_price: Decimal
    line_total: Decimal
    warehouse_code: str
    tax_code: str | None
    discount_percent: Decimal


class SaleDto(Answer):
    """A sale in a list."""

    id: int
    external_reference_id: str
    source_system: str | None
    card_code: str
    card_name: str | None
    doc_date: date
    total_amount: Decimal
    vat_amount: Decimal
    currency: str
    fiscalization_status: str
    fiscal_receipt_number: str | None
    consolidation_status: str
    consolidation_id: int | None
    warehouse_code: str
    payment_method: str | None
    payment_reference: str | None
    amount_paid: Decimal
    created_by: str | None
    created_at: datetime
    lines: list[SaleLineDto]


class SalePage(Answer):
    """A page of sales."""

    sales: list[SaleDto]
    items: list[SaleDto]
    total_count: int
    total_pages: int
    page: int
    page_size: int
    has_more: bool


class ConsolidateQuestion(Question):
    """Up to which business date; without one, today's."""

    consolidation_date: Day | None = None


class GroupDto(Answer):
    """One consolidated invoice."""

    reference: str
    card_code: str
    card_name: str | None
    currency: str
    tax_code: str
    sale_count: int
    total_amount: Decimal
    sap_doc_num: int | None
    payment_sap_doc_num: int | None
    status: str
    error: str | None


class ConsolidateAnswer(Answer):
    """The lists of the day, those made now and before; a failed one leaves the others."""

    consolidation_date: date
    total_sales_processed: int
    successful_postings: int
    failed_postings: int
    groups: list[GroupDto]


class InvoiceOfManyDto(Answer):
    """A consolidated invoice in SAP."""

    sap_doc_entry: int | None
    sap_doc_num: int | None
    posted_at: datetime | None
    status: str


class PaymentOfManyDto(Answer):
    """The payment of a consolidated invoice."""

    sap_doc_entry: int | None
    sap_doc_num: int | None
    amount: Decimal
    status: str | None


class IndividualSaleDto(Answer):
    """One sale of a customer."""

    sale_id: int
    external_reference_id: str
    amount: Decimal
    vat_amount: Decimal
    fiscal_receipt_number: str | None
    fiscalization_status: str
    payment_method: str | None
    amount_paid: Decimal
    created_at: datetime


class CustomerSummary(Answer):
    """One customer's day in one currency; an invoice for each tax group."""

    card_code: str
    card_name: str | None
    currency: str
    sales_count: int
    total_amount: Decimal
    total_vat: Decimal
    total_paid: Decimal
    consolidated_invoice: InvoiceOfManyDto | None
    consolidated_invoices: list[InvoiceOfManyDto]
    incoming_payment: PaymentOfManyDto | None
    individual_sales: list[IndividualSaleDto]


class UnpostedSaleDto(Answer):
    """A sale that is in no document of SAP yet, and why."""

    sale_id: int
    external_reference_id: str
    card_code: str
    card_name: str | None
    amount: Decimal
    currency: str
    fiscal_receipt_number: str | None
    consolidation_status: str
    reason: str | None


class CurrencySums(Answer):
    """What was sold in one currency."""

    currency: str
    sales_count: int
    total_amount: Decimal
    total_vat: Decimal
    total_paid: Decimal


class EndOfDayReport(Answer):
    """A day; the totals are of the first currency, all are in ``currencies``."""

    report_date: date
    generated_at: datetime
    currency: str
    total_sales_count: int
    total_sales_amount: Decimal
    total_vat_amount: Decimal
    total_amount_paid: Decimal
    currencies: list[CurrencySums]
    posted_invoice_count: int
    unposted_invoice_count: int
    business_partner_summaries: list[CustomerSummary]
    unposted_sales: list[UnpostedSaleDto]


class MailedAnswer(Answer):
    """A letter is in the spool."""

    message: str
