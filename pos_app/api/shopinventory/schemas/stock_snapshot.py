"""Bodies of the daily stock snapshot and of what was sold from a warehouse."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import Code, Day, Quantity, Text, WarehouseCode
from pos_app.api.wire import Answer, Question


class FetchQuestion(Question):
    """Which warehouses; none are all that are monitored. The date can only be today's."""

    snapshot_date: Day | None = None
    warehouses: list[WarehouseCode] | None = Field(default=None, max_length=200)


class FetchAnswer(Answer):
    """The snapshots are taken in the background."""

    message: str
    started_at: datetime
    snapshot_date: date
    warehouses: list[str]


class LocalBatch(Answer):
    """One batch: in the morning and now; null for an item without batches."""

    batch_number: str | None
    available_quantity: Decimal
    original_quantity: Decimal
    expiry_date: date | None


class LocalItem(Answer):
    """One item."""

    item_code: str
    item_description: str | None
    warehouse_code: str
    available_quantity: Decimal
    original_quantity: Decimal
    transfer_adjustment: Decimal
    batches: list[LocalBatch]


class LocalStock(Answer):
    """What lay in a warehouse in the morning, and what is left of it."""

    warehouse_code: str
    snapshot_date: date
    snapshot_status: str
    items: list[LocalItem]


class TransferEvent(Question):
    """A transfer that was booked in SAP."""

    item_code: Code
    source_warehouse: WarehouseCode
    destination_warehouse: WarehouseCode
    quantity: Quantity
    sap_doc_entry: int | None = Field(default=None, ge=0, le=2**31 - 1)
    sap_doc_num: int | None = Field(default=None, ge=0, le=2**31 - 1)
    item_description: Text | None = None


class Adjustment(Answer):
    """What a transfer changed in one warehouse."""

    warehouse_code: str
    direction: str
    adjustment_quantity: Decimal
    new_available_quantity: Decimal


class TransferAnswer(Answer):
    """What a transfer changed; nothing where it was known, or no snapshot is of today."""

    adjusted: bool
    message: str
    adjustments: list[Adjustment]


class SalesPeriod(Question):
    """Days, both included."""

    from_date: Day
    to_date: Day


class Worth(Answer):
    """An amount in one currency."""

    currency: str
    amount: Decimal


class SoldItem(Answer):
    """One item; ``totalSalesValue`` is of USD documents, all are in ``values``."""

    item_code: str
    item_name: str | None
    bar_code: str | None
    total_quantity_sold: Decimal
    total_sales_value: Decimal
    values: list[Worth]
    invoice_count: int
    uom: str | None = Field(alias="uoM")
    packaging_code: str | None = None
    packaging_code_labels: str | None = None
    packaging_code_lids: str | None = None


class WarehouseSalesAnswer(Answer):
    """What was sold from a warehouse; what came back is taken off."""

    warehouse_code: str
    from_date: date
    to_date: date
    total_items_sold: int
    total_sales_value: Decimal
    values: list[Worth]
    total_invoices: int
    items: list[SoldItem]
