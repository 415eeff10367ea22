"""Bodies of ``/api/Invoice`` that judge one or say what it could take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pos_app.api.shopinventory.schemas.desktop import AllocatedLine, AllocationProblem
from pos_app.api.wire import Answer


class FreeBatch(Answer):
    """One batch that can be sold from."""

    batch_number: str
    available_quantity: Decimal
    expiry_date: date | None
    admission_date: date | None
    status: str


class FreeBatches(Answer):
    """The batches of an item in the order they would be taken."""

    item_code: str
    item_name: str
    warehouse_code: str
    strategy: str
    batch_count: int
    total_available: Decimal
    batches: list[FreeBatch]


class InvoiceVerdict(Answer):
    """An invoice judged without making it."""

    is_valid: bool
    message: str
    strategy: str
    lines_validated: int
    batches_allocated: int
    doc_total: Decimal
    vat_sum: Decimal
    doc_currency: str
    allocated_lines: list[AllocatedLine]
    errors: list[AllocationProblem]
    warnings: list[str]
