"""Bodies of ``/api/IncomingPayment``."""

from __future__ import annotations

import datetime as dt
from datetime import date
from decimal import Decimal

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    Amount,
    Code,
    Day,
    ShortText,
    Text,
    WholeNumber,
)
from pos_app.api.wire import Answer, Question

ZERO = Decimal(0)


class PaymentInvoice(Question):
    """What of a payment goes to one invoice."""

    doc_entry: int = Field(ge=1, le=2**63 - 1)
    sum_applied: Amount
    invoice_type: ShortText | None = None


class PaymentCheck(Question):
    """One cheque."""

    due_date: Day | None = None
    check_number: WholeNumber
    bank_code: ShortText | None = None
    branch: ShortText | None = None
    account_num: ShortText | None = None
    check_sum: Amount


class PaymentCard(Question):
    """One card; its number is never taken, only how it ends (PCI DSS 3.3)."""

    credit_card: WholeNumber = 0
    credit_card_number: ShortText | None = None
    card_valid_until: ShortText | None = None
    voucher_num: ShortText | None = None
    credit_sum: Amount


class PaymentQuestion(Question):
    """A payment to be booked: any mix of means, above zero together."""

    card_code: Code
    doc_date: Day | None = None
    doc_currency: ShortText | None = None
    remarks: Text | None = None
    cash_account: ShortText | None = None
    cash_sum: Amount = ZERO
    transfer_sum: Amount = ZERO
    transfer_reference: ShortText | None = None
    transfer_date: Day | None = None
    transfer_account: ShortText | None = None
    check_sum: Amount = ZERO
    credit_sum: Amount = ZERO
    payment_invoices: list[PaymentInvoice] | None = Field(default=None, max_length=500)
    payment_checks: list[PaymentCheck] | None = Field(default=None, max_length=100)
    payment_credit_cards: list[PaymentCard] | None = Field(default=None, max_length=100)


class PaymentInvoiceDto(Answer):
    """What went to one invoice."""

    line_num: int
    doc_entry: int
    sum_applied: Decimal
    invoice_type: str = "it_Invoice"


class PaymentCheckDto(Answer):
    """One cheque of a payment."""

    line_num: int
    due_date: date | None
    check_number: int
    bank_code: str | None
    branch: str | None
    account_num: str | None
    check_sum: Decimal
    currency: str


class PaymentCardDto(Answer):
    """One card of a payment; of its number only the last digits were kept."""

    line_num: int
    credit_card: int
    credit_card_number: str | None
    card_valid_until: str | None = None
    voucher_num: str | None
    credit_sum: Decimal
    credit_cur: str


class PaymentDto(Answer):
    """An incoming payment; ``docEntry`` and ``docNum`` are SAP's once it is there."""

    id: int
    doc_entry: int
    doc_num: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    sap_status: str
    doc_date: date
    doc_due_date: date
    card_code: str
    card_name: str
    doc_currency: str
    cash_sum: Decimal
    check_sum: Decimal
    transfer_sum: Decimal
    credit_sum: Decimal
    doc_total: Decimal
    remarks: str | None
    transfer_reference: str | None
    transfer_date: date | None
    transfer_account: str | None
    payment_invoices: list[PaymentInvoiceDto]
    payment_checks: list[PaymentCheckDto]
    payment_credit_cards: list[PaymentCardDto]


class PaymentMade(PaymentDto):
    """A new payment, also under the name ``payment``, with what happens to it next."""

    message: str
    payment: PaymentDto
    was_queued: bool
    queue_id: int | None
    queue_status: str | None
    queue_external_reference: str | None
    status_url: str | None


class PaymentsOfInvoice(Answer):
    """The payments of one invoice."""

    invoice_doc_entry: int
    count: int
    payments: list[PaymentDto]


class PaymentPage(Answer):
    """A page of payments, under both names its list goes by; ``date`` where it is of one day."""

    date: dt.date | None
    from_date: dt.date | None
    to_date: dt.date | None
    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[PaymentDto]
    payments: list[PaymentDto]
