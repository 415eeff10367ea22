"""Bodies of the report of fiscalised sales."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.wire import Answer


class FiscalisedLine(Answer):
    """One line as it was sold."""

    line_num: int
    item_code: str
    item_description: str | None
    quantity: Decimal
    unit_price: Decimal
    line_total: Decimal
    discount_percent: Decimal
    warehouse_code: str | None
    tax_code: str | None
    uom_code: str | None = Field(serialization_alias="uoMCode")


class FiscalisedSale(Answer):
    """One sale; ``isConsolidated`` says that SAP holds it, by itself or with its day's others."""

    queue_id: int | None
    external_reference: str
    reservation_id: str | None
    status: str
    customer_code: str
    customer_name: str | None
    total_amount: Decimal
    vat_amount: Decimal
    currency: str
    warehouse_code: str | None
    fiscal_device_number: str | None
    fiscal_receipt_number: str | None
    fiscalization_success: bool
    sap_doc_entry: str | None
    sap_doc_num: int | None
    is_consolidated: bool
    created_at: datetime
    fiscalized_at: datetime | None
    consolidated_at: datetime | None
    source_system: str
    created_by: str | None
    notes: str | None
    lines: list[FiscalisedLine]


class FiscalisedSummary(Answer):
    """All sales of the period, in the shop's currency at the rates they were made at."""

    total_fiscalized_sales: int
    consolidated_count: int
    awaiting_consolidation_count: int
    currency: str
    total_sales_amount: Decimal
    total_vat_amount: Decimal
    amount_by_currency: dict[str, Decimal]
    vat_by_currency: dict[str, Decimal]
    without_rate_count: int
    unique_customers: int
    unique_warehouses: int
    amount_by_warehouse: dict[str, Decimal]
    amount_by_customer: dict[str, Decimal]


class FiscalisedDay(Answer):
    """The sales of one business day."""

    date: date
    sales_count: int
    total_amount: Decimal
    vat_amount: Decimal
    consolidated_count: int
    awaiting_consolidation_count: int


class FiscalisedSales(Answer):
    """The report, with one page of its sales."""

    generated_at_utc: datetime
    period: str
    from_date: date
    to_date: date
    summary: FiscalisedSummary
    daily_breakdown: list[FiscalisedDay]
    sales: list[FiscalisedSale]
    total_count: int
    page: int
    page_size: int
    total_pages: int
    has_more: bool
