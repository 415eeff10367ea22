"""``/api/Stock``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.kept import KeptRoute
from pos_app.api.shopinventory import codec
from pos_app.api.shopinventory.page import PageOf
from pos_app.api.shopinventory.routes.price_list import Codes, codes_of
from pos_app.api.shopinventory.schemas.product import (
    ItemBatches,
    WarehouseList,
    WarehouseStock,
    WarehouseStockPage,
)
from pos_app.api.wire import Json
from pos_app.services import catalogue

router = APIRouter(
    prefix="/Stock", tags=["Stock"], route_class=KeptRoute, dependencies=[API_ACCESS]
)

WithInactive = Annotated[bool, Query(alias="includeInactive")]


@router.get("/warehouses", summary="Every warehouse", response_model=WarehouseList)
def read_warehouses(shop: TheShop, with_inactive: WithInactive = False) -> Json:
    """Closed ones only where they are asked for."""
    places = catalogue.places(shop, with_inactive=with_inactive)
    rows = [codec.warehouse(place) for place in places]
    return Json(WarehouseList(total_warehouses=len(rows), warehouses=rows))


@router.get("/warehouse-codes", summary="The codes of the warehouses", response_model=list[str])
def read_codes(shop: TheShop, with_inactive: WithInactive = False) -> Json:
    """Closed ones only where they are asked for."""
    return Json([place.code for place in catalogue.places(shop, with_inactive=with_inactive)])


@router.get(
    "/warehouse/{code}", summary="The stock of one warehouse", response_model=WarehouseStock
)
def read_warehouse(code: str, shop: TheShop) -> Json:
    """404 where there is no such warehouse."""
    rows = [codec.stock_quantity(goods) for goods in catalogue.in_warehouse(shop, code)]
    return Json(
        WarehouseStock(
            warehouse_code=code,
            total_items=len(rows),
            items_in_stock=sum(row.in_stock > 0 for row in rows),
            query_date=shop.clock.now(),
            items=rows,
        )
    )


@router.get(
    "/warehouse/{warehouseCode}/paged",
    summary="A page of the stock of one warehouse",
    response_model=WarehouseStockPage,
)
def read_page(warehouseCode: str, shop: TheShop, page: PageOf) -> Json:  # noqa: N803
    """By item code; 404 where there is no such warehouse."""
    found, has_more = catalogue.page_of_warehouse(
        shop, warehouseCode, offset=page.offset, limit=page.size
    )
    return Json(
        WarehouseStockPage(
            warehouse_code=warehouseCode,
            page=page.number,
            page_size=page.size,
            count=len(found),
            has_more=has_more,
            query_date=shop.clock.now(),
            items=[codec.stock_quantity(goods) for goods in found],
        )
    )


@router.get(
    "/warehouse/{warehouseCode}/items",
    summary="The stock of some items in one warehouse",
    response_model=WarehouseStock,
)
def read_items(warehouseCode: str, shop: TheShop, items: Codes = None) -> Json:  # noqa: N803
    """``itemCodes`` several times or with commas; codes nobody has are absent."""
    found = catalogue.some_of_warehouse(shop, warehouseCode, codes_of(items))
    rows = [codec.stock_quantity(goods) for goods in found]
    return Json(
        WarehouseStock(
            warehouse_code=warehouseCode,
            total_items=len(rows),
            items_in_stock=sum(row.in_stock > 0 for row in rows),
            query_date=shop.clock.now(),
            items=rows,
        )
    )


@router.get(
    "/batch/{warehouseCode}/{itemCode}",
    summary="The batches of one item in one warehouse",
    response_model=ItemBatches,
)
def read_batches(
    warehouseCode: str,  # noqa: N803
    itemCode: str,  # noqa: N803
    shop: TheShop,
) -> Json:
    """404 where there is no such warehouse or item."""
    item, lots = catalogue.batches(shop, itemCode, warehouse=warehouseCode)
    return Json(codec.item_batches(item, lots, warehouse=warehouseCode))
