"""The stock reports below ``/api/Report``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from pos_app.api.auth import API_ACCESS, Needs
from pos_app.api.context import TheShop
from pos_app.api.shopinventory import codec_account
from pos_app.api.shopinventory.schemas.stock_report import InventoryValue, LowStockReport
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.services import stock_report

router = APIRouter(
    prefix="/Report", tags=["Report"], route_class=WireRoute, dependencies=[API_ACCESS]
)

MayView = [Depends(Needs(Permission.REPORTS_VIEW))]
Place = Annotated[str | None, Query(alias="warehouseCode", max_length=50)]
Threshold = Annotated[Decimal, Field(ge=0, le=stock_report.MOST_THRESHOLD, decimal_places=6)]
USUAL = Decimal(10)


@router.get(
    "/low-stock", summary="What runs out", response_model=LowStockReport, dependencies=MayView
)
@router.get(
    "/low-stock-alerts",
    summary="What runs out, under its other name",
    response_model=LowStockReport,
    dependencies=MayView,
)
def read_low(shop: TheShop, warehouse: Place = None, threshold: Threshold = USUAL) -> Json:
    """Items at or below SAP's minimum, or the threshold where SAP keeps none; emptiest first.

    At or below half of it they are critical. 404 where there is no such warehouse.
    """
    found = stock_report.low(shop, warehouse=warehouse, threshold=threshold)
    return Json(codec_account.low_stock(found, at=shop.clock.now()))


@router.get(
    "/inventory-value",
    summary="What the stock is worth",
    response_model=InventoryValue,
    dependencies=MayView,
)
@router.get(
    "/stock-summary",
    summary="What the stock is worth, under its other name",
    response_model=InventoryValue,
    dependencies=MayView,
)
def read_value(shop: TheShop, warehouse: Place = None) -> Json:
    """At SAP's average cost; ``productsWithoutCost`` counts what is in stock and has none."""
    return Json(codec_account.inventory_value(stock_report.value(shop, warehouse=warehouse)))
