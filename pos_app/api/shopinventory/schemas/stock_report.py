"""Bodies of the stock reports below ``/api/Report``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import Field

from pos_app.api.wire import Answer


class LowStockItem(Answer):
    """An item that runs out in a warehouse."""

    item_code: str
    item_name: str
    warehouse_code: str
    current_stock: Decimal
    reorder_level: Decimal
    minimum_stock: Decimal
    alert_level: str
    suggested_reorder_qty: Decimal


class LowStockReport(Answer):
    """What runs out, the emptiest first."""

    report_date: datetime
    total_alerts: int
    critical_count: int
    warning_count: int
    items: list[LowStockItem]


class WarehouseValue(Answer):
    """What lies in one warehouse."""

    warehouse_code: str
    warehouse_name: str
    product_count: int
    total_quantity: Decimal
    total_value_usd: Decimal = Field(serialization_alias="totalValueUSD")
    total_value_zig: Decimal | None = Field(serialization_alias="totalValueZIG")
    products_without_cost: int


class InventoryValue(Answer):
    """What the stock is worth at average cost; ZIG is null while no rate is known."""

    report_date: datetime
    total_products: int
    products_in_stock: int
    products_out_of_stock: int
    products_below_reorder_level: int
    total_stock_value_usd: Decimal = Field(serialization_alias="totalStockValueUSD")
    total_stock_value_zig: Decimal | None = Field(serialization_alias="totalStockValueZIG")
    stock_by_warehouse: list[WarehouseValue]
