"""Bodies of ``/api/SalesOrder`` and ``/api/Quotation``."""

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
    Reference,
    ShortText,
    Text,
    WarehouseCode,
    WholeNumber,
)
from pos_app.api.wire import Answer, Question
from pos_app.domain.sale_rule import MOST_LINES

PriceOrNone = Annotated[
    Decimal, Number, Field(ge=0, le=LARGEST_AMOUNT, max_digits=20, decimal_places=6)
]
Degrees = Annotated[Decimal, Number, Field(ge=-180, le=180, max_digits=12, decimal_places=9)]
SalesPerson = Annotated[int, Field(ge=-1, le=2**31 - 1)]


class TradeLineQuestion(Question):
    """One line; without a unit price, or at 0, it costs what the customer pays.

    The item's own tax of the day counts: a ``taxPercent`` is read and not believed.
    """

    item_code: Code
    item_description: Text | None = None
    quantity: Quantity
    unit_price: PriceOrNone | None = None
    discount_percent: Percent | None = None
    tax_percent: Percent | None = None
    warehouse_code: WarehouseCode | None = None
    uom_code: ShortText | None = Field(default=None, alias="uoMCode")


class OrderLineQuestion(TradeLineQuestion):
    """One line of a sales order."""

    batch_number: Code | None = None


class TradeQuestion(Question):
    """What a quotation and a sales order have in common.

    ``source``: ``Web`` asks for approval at once, ``Mobile`` waits for somebody else's; without
    one it stays a draft.
    """

    client_request_id: Reference | None = None
    source: ShortText | int | None = None
    card_code: Code
    card_name: Text | None = None
    customer_ref_no: Reference | None = None
    comments: Text | None = None
    sales_person_code: SalesPerson | None = None
    sales_person_name: ShortText | None = None
    currency: ShortText | None = None
    discount_percent: Percent | None = None
    ship_to_address: Text | None = None
    bill_to_address: Text | None = None
    warehouse_code: WarehouseCode | None = None


class OrderQuestion(TradeQuestion):
    """A sales order to be made or changed; ``rowVersion`` refuses what others changed meanwhile."""

    delivery_date: Day | None = None
    merchandiser_notes: Text | None = None
    device_info: Text | None = None
    latitude: Degrees | None = None
    longitude: Degrees | None = None
    row_version: ShortText | None = None
    lines: list[OrderLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class QuotationQuestion(TradeQuestion):
    """A quotation to be made or changed; it holds for 30 days unless it says until when."""

    valid_until: Day | None = None
    contact_person: ShortText | None = None
    terms_and_conditions: Annotated[str, Field(max_length=2000)] | None = None
    lines: list[TradeLineQuestion] = Field(min_length=1, max_length=MOST_LINES)


class StateQuestion(Question):
    """Another state, by its name in any case or its number."""

    status: ShortText | int
    comments: Text | None = None


class PartQuestion(Question):
    """So much of one line of an order, counted from 0."""

    line_num: WholeNumber
    quantity: Quantity


class ConvertQuestion(Question):
    """How an order becomes an invoice; without lines it is all that is left of it."""

    doc_date: Day | None = None
    doc_due_date: Day | None = None
    num_at_card: Reference | None = None
    comments: Text | None = None
    sales_person_code: SalesPerson | None = None
    fiscalize: bool = True
    lines: list[PartQuestion] | None = Field(default=None, max_length=MOST_LINES)


class TradeLineDto(Answer):
    """One line; ``lineTotal`` is before the discount of the whole document."""

    id: int
    line_num: int
    item_code: str
    item_description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal | None
    tax_code: str
    tax_amount: Decimal
    line_total: Decimal
    warehouse_code: str
    uom_code: str = Field(serialization_alias="uoMCode")


class OrderLineDto(TradeLineDto):
    """One line of a sales order, and how much of it was invoiced."""

    quantity_fulfilled: Decimal
    quantity_remaining: Decimal
    batch_number: str | None


class TradeDto(Answer):
    """What a quotation and a sales order have in common.

    With ``pricesIncludeVat`` unit prices, line totals, subtotal and discount include VAT, and
    ``docTotal = subTotal - discountAmount``; without it ``taxAmount`` comes on top.
    """

    id: int
    sap_doc_entry: int | None
    sap_doc_num: int | None
    sap_status: str
    card_code: str
    card_name: str
    customer_ref_no: str | None
    status: str
    status_name: str
    comments: str | None
    sales_person_code: int | None
    sales_person_name: str | None
    currency: str
    exchange_rate: Decimal
    sub_total: Decimal
    tax_amount: Decimal
    discount_percent: Decimal
    discount_amount: Decimal
    doc_total: Decimal
    prices_include_vat: bool
    needs_price_approval: bool
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
    sync_error: str | None
    source: str
    client_request_id: str | None
    row_version: str


class OrderDto(TradeDto):
    """A sales order; ``invoiceId`` is its newest invoice."""

    order_number: str
    order_date: date
    delivery_date: date | None
    quotation_id: int | None
    invoice_id: int | None
    invoice_sap_doc_num: int | None
    merchandiser_notes: str | None
    device_info: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    lines: list[OrderLineDto]


class QuotationDto(TradeDto):
    """A quotation."""

    quotation_number: str
    quotation_date: date
    valid_until: date | None
    contact_person: str | None
    terms_and_conditions: str | None
    sales_order_id: int | None
    is_expired: bool
    lines: list[TradeLineDto]


class OrderPage(Answer):
    """A page of sales orders, under both names its list goes by."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[OrderDto]
    orders: list[OrderDto]


class QuotationPage(Answer):
    """A page of quotations, under both names its list goes by."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[QuotationDto]
    quotations: list[QuotationDto]
