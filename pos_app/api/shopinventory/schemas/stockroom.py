"""Bodies of ``/api/GoodsIssue``, ``/api/GoodsReceipt`` and ``/api/StockCount``: our own routes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from pos_app.api.shopinventory.schemas.fields import (
    LARGEST_QUANTITY,
    Code,
    Day,
    Number,
    Price,
    Quantity,
    Reference,
    Text,
    WarehouseCode,
)
from pos_app.api.wire import Answer, Question

MOST_LINES = 500
Counted = Annotated[
    Decimal, Number, Field(ge=0, le=LARGEST_QUANTITY, max_digits=20, decimal_places=6)
]


class MovedLot(Question):
    """So much of one batch; a new one may say until when it lasts."""

    batch_number: Code
    quantity: Quantity
    expiry_date: Day | None = None


class MovementLineQuestion(Question):
    """One line; an issue without batches takes those that expire first."""

    item_code: Code
    quantity: Quantity
    unit_cost: Price | None = None
    batch_numbers: list[MovedLot] | None = Field(default=None, max_length=200)


class MovementQuestion(Question):
    """Goods that leave or come in, and why."""

    warehouse_code: WarehouseCode
    reason: Code
    doc_date: Day | None = None
    comments: Text | None = None
    external_reference: Reference | None = None
    lines: list[MovementLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class MovedLotDto(Answer):
    """So much of one batch."""

    batch_number: str
    quantity: Decimal


class MovementLineDto(Answer):
    """One line."""

    line_num: int
    item_code: str
    item_description: str
    quantity: Decimal
    unit_cost: Decimal | None
    uom_code: str = Field(serialization_alias="uoMCode")
    batch_numbers: list[MovedLotDto]


class MovementDto(Answer):
    """Goods that left or came in; ``docEntry`` is SAP's once it is there."""

    id: int
    number: str
    kind: str
    doc_entry: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    sap_status: str | None
    last_error: str | None
    doc_date: date
    warehouse_code: str
    reason: str
    comments: str | None
    external_reference: str | None
    created_by: str
    created_at: datetime
    lines: list[MovementLineDto]


class MovementPage(Answer):
    """A page of issues or receipts."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[MovementDto]


class ReasonDto(Answer):
    """A reason goods may move for."""

    code: str
    name: str
    has_account: bool


class CountQuestion(Question):
    """A warehouse to be counted; blind counts show the books once they are locked."""

    warehouse_code: WarehouseCode
    is_blind: bool = True
    comments: Text | None = None


class CountedLineQuestion(Question):
    """What was counted of an item, or of one batch of it; zero is a count."""

    item_code: Code
    batch_number: Code | None = None
    quantity: Counted


class CountedQuestion(Question):
    """Quantities; a line entered again replaces the earlier figure."""

    lines: list[CountedLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class CountedLineDto(Answer):
    """One line; ``book`` and ``difference`` are null while a blind count is open."""

    item_code: str
    item_description: str
    batch_number: str | None
    uom_code: str = Field(serialization_alias="uoMCode")
    quantity: Decimal
    book: Decimal | None
    difference: Decimal | None
    counted_by: str
    counted_at: datetime


class CountDto(Answer):
    """One count."""

    id: int
    number: str
    status: str
    warehouse_code: str
    is_blind: bool
    comments: str | None
    created_by: str
    created_at: datetime
    counted_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    sap_doc_entry: int | None
    sap_doc_num: int | None
    sap_status: str | None
    last_error: str | None
    lines: list[CountedLineDto]


class CountPage(Answer):
    """A page of counts."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[CountDto]
