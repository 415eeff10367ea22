"""Bodies of ``/api/DesktopIntegration/fiscal-transactions``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from pos_app.api.shopinventory.schemas.fields import (
    Code,
    Moment,
    Number,
    Reference,
    ShortText,
    SignedAmount,
    Text,
)
from pos_app.api.wire import Answer, Question


def _text(value: object) -> object:
    """A number that stands for a name, such as that of a fiscal day."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Raw = Annotated[str, StringConstraints(max_length=100_000)]
Mark = Annotated[
    str,
    BeforeValidator(_text),
    StringConstraints(strip_whitespace=True, max_length=120),
]


class FiscalTransactionQuestion(Question):
    """What a program filed by itself; the same key again brings newer facts."""

    client_transaction_id: Reference
    timestamp_utc: Moment | None = None
    doc_num: Annotated[int, Number, Field(ge=1, le=2**53)]
    document_type: Word
    status: Word
    message: LongText | None = None
    verification_code: Mark | None = None
    qr_code: LongText | None = None
    device_serial_number: Mark | None = None
    device_id: Mark | None = None
    fiscal_day: Mark | None = None
    receipt_global_no: Annotated[int, Number, Field(ge=0, le=2**53)] | None = None
    card_code: Code | None = None
    card_name: Text | None = None
    doc_total: SignedAmount
    vat_sum: SignedAmount
    currency: ShortText | None = None
    original_invoice_number: ShortText | None = None
    raw_request: Raw | None = None
    raw_response: Raw | None = None
    source_system: ShortText | None = None


class BackfillQuestion(Question):
    """Which time to look through; without one it is the last thirty days."""

    from_utc: Moment | None = None
    to_utc: Moment | None = None
    max_invoices: Annotated[int, Number, Field(ge=1, le=1000)] = 500
    page_size: Annotated[int, Number, Field(ge=1, le=200)] = 100


class FiscalTransaction(Answer):
    """One entry of the log."""

    id: int
    client_transaction_id: str
    timestamp_utc: datetime
    document_type: str
    doc_num: int
    status: str
    message: str | None
    verification_code: str | None
    qr_code: str | None
    device_serial_number: str | None
    device_id: str | None
    fiscal_day: str | None
    receipt_global_no: int | None
    card_code: str | None
    card_name: str | None
    doc_total: Decimal
    vat_sum: Decimal
    currency: str
    original_invoice_number: str | None
    source_system: str
    created_by_user_id: str | None
    created_by_username: str | None
    created_at_utc: datetime
    last_synced_at_utc: datetime


class FiscalLogSummary(Answer):
    """All entries of a list counted."""

    total_transactions: int
    success_count: int
    fiscalised_count: int
    not_fiscalised_count: int
    failed_count: int
    unique_operators: int
    latest_transaction_at_utc: datetime | None


class FiscalLogPage(Answer):
    """A page of the log."""

    summary: FiscalLogSummary
    transactions: list[FiscalTransaction]
    total_count: int
    page: int
    page_size: int
    total_pages: int
    has_more: bool


class Backfilled(Answer):
    """What filling the log from the journal came to."""

    from_utc: datetime
    to_utc: datetime
    available_invoice_count: int
    scanned_invoice_count: int
    already_tracked_count: int
    fiscalised_found_count: int
    transactions_synced_count: int
    not_fiscalised_count: int
    lookup_failed_count: int
    sync_failed_count: int
