"""Bodies of ``/api/PurchaseOrder``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    LARGEST_AMOUNT,
    Code,
    Day,
    Number,
    Percent,
    Quantity,
    ShortText,
    Text,
    WarehouseCode,
    WholeNumber,
)
from pos_app.api.wire import Answer, Question

MOST_LINES = 500
NOTHING = Decimal(0)
Cost = Annotated[Decimal, Number, Field(ge=0, le=LARGEST_AMOUNT, max_digits=20, decimal_places=6)]


class PurchaseLineQuestion(Question):
    """One line; its price is without tax."""

    item_code: Code
    item_description: ShortText | None = None
    quantity: Quantity
    unit_price: Cost = NOTHING
    discount_percent: Percent = NOTHING
    tax_percent: Percent = NOTHING
    warehouse_code: WarehouseCode | None = None
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")
    batch_number: Code | None = None


class PurchaseQuestion(Question):
    """An order to a supplier; ``status`` moves it on when a draft is changed."""

    delivery_date: Day | None = None
    card_code: Code
    card_name: ShortText | None = None
    supplier_ref_no: ShortText | None = None
    comments: Text | None = None
    buyer_code: WholeNumber | None = None
    buyer_name: ShortText | None = None
    currency: ShortText | None = None
    discount_percent: Percent = NOTHING
    ship_to_address: Text | None = None
    bill_to_address: Text | None = None
    warehouse_code: WarehouseCode | None = None
    status: ShortText | int | None = None
    lines: list[PurchaseLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class PurchaseStateQuestion(Question):
    """Where an order is to go, by name or number."""

    status: ShortText | int
    comments: Text | None = None


class ArrivedLineQuestion(Question):
    """Goods of one line that came in; several batches are several lines."""

    line_num: WholeNumber
    item_code: Code
    quantity_received: Quantity
    warehouse_code: WarehouseCode | None = None
    batch_number: Code | None = None
    expiry_date: Day | None = None


class ReceiptQuestion(Question):
    """What came in at once."""

    lines: list[ArrivedLineQuestion] = Field(min_length=1, max_length=MOST_LINES)
    comments: Text | None = None
    warehouse_code: WarehouseCode | None = None


class PurchaseLineDto(Answer):
    """One line, and what is still to come of it."""

    id: int
    line_num: int
    item_code: str
    item_description: str
    quantity: Decimal
    quantity_received: Decimal
    quantity_remaining: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal
    line_total: Decimal
    warehouse_code: str
    uom_code: str = Field(serialization_alias="uoMCode")
    batch_number: str | None


class PurchaseDto(Answer):
    """One order to a supplier."""

    id: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    order_number: str
    order_date: date
    delivery_date: date | None
    card_code: str
    card_name: str
    supplier_ref_no: str | None
    status: str
    status_name: str
    comments: str | None
    buyer_code: int | None
    buyer_name: str | None
    currency: str
    exchange_rate: Decimal
    sub_total: Decimal
    tax_amount: Decimal
    discount_percent: Decimal
    discount_amount: Decimal
    doc_total: Decimal
    ship_to_address: str | None
    bill_to_address: str | None
    warehouse_code: str
    created_by_user_id: str | None
    created_by_user_name: str
    approved_by_user_id: str | None
    approved_by_user_name: str | None
    approved_date: datetime | None
    created_at: datetime
    updated_at: datetime
    is_synced: bool
    source: str
    sap_status: str | None
    sap_error: str | None
    lines: list[PurchaseLineDto]


class PurchasePage(Answer):
    """A page of orders, under both names its list goes by."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[PurchaseDto]
    orders: list[PurchaseDto]
