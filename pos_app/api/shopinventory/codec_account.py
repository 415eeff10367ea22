"""From our words to the contract's: accounts, cost centres, stock reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pos_app.api.shopinventory.schemas.account import (
    AccountDto,
    AccountList,
    CostCentreDto,
    CostCentreList,
)
from pos_app.api.shopinventory.schemas.stock_report import (
    InventoryValue,
    LowStockItem,
    LowStockReport,
    WarehouseValue,
)
from pos_app.domain.money import half_up, multiply
from pos_app.services.account_book import CostCentre, Listed
from pos_app.services.stock_report import Low, Value


def account(listed: Listed) -> AccountDto:
    """An account as ``GLAccountDto``."""
    row = listed.account
    return AccountDto(
        code=row.code,
        name=row.name,
        account_type=row.kind,
        currency=row.currency or None,
        balance=listed.balance,
        is_active=row.is_active,
    )


def accounts(listed: Sequence[Listed]) -> AccountList:
    """Several accounts."""
    rows = [account(row) for row in listed]
    return AccountList(total_count=len(rows), accounts=rows)


def cost_centre(centre: CostCentre) -> CostCentreDto:
    """A cost centre as ``CostCentreDto``."""
    return CostCentreDto(
        center_code=centre.code,
        center_name=centre.name,
        dimension=centre.dimension,
        is_active=centre.is_active,
        valid_from=centre.valid_from,
        valid_to=centre.valid_to,
        display_name=f"{centre.code} - {centre.name}",
    )


def cost_centres(found: Sequence[CostCentre]) -> CostCentreList:
    """Several cost centres."""
    rows = [cost_centre(row) for row in found]
    return CostCentreList(total_count=len(rows), cost_centres=rows)


def low_stock(found: Sequence[Low], *, at: datetime) -> LowStockReport:
    """What runs out."""
    critical = sum(row.is_critical for row in found)
    return LowStockReport(
        report_date=at,
        total_alerts=len(found),
        critical_count=critical,
        warning_count=len(found) - critical,
        items=[
            LowStockItem(
                item_code=row.item.code,
                item_name=row.item.name,
                warehouse_code=row.warehouse,
                current_stock=row.on_hand,
                reorder_level=row.reorder,
                minimum_stock=row.minimum,
                alert_level="Critical" if row.is_critical else "Warning",
                suggested_reorder_qty=row.suggested,
            )
            for row in found
        ],
    )


def inventory_value(told: Value) -> InventoryValue:
    """What the stock is worth."""
    return InventoryValue(
        report_date=told.at,
        total_products=told.products,
        products_in_stock=told.in_stock,
        products_out_of_stock=told.out_of_stock,
        products_below_reorder_level=told.low,
        total_stock_value_usd=told.value,
        total_stock_value_zig=_other(told.value, told.rate),
        stock_by_warehouse=[
            WarehouseValue(
                warehouse_code=place.warehouse.code,
                warehouse_name=place.warehouse.name,
                product_count=place.items,
                total_quantity=place.quantity,
                total_value_usd=place.value,
                total_value_zig=_other(place.value, told.rate),
                products_without_cost=place.without_cost,
            )
            for place in told.places
        ],
    )


def _other(value: Decimal, rate: Decimal | None) -> Decimal | None:
    return None if rate is None else half_up(multiply(value, rate), 2)
