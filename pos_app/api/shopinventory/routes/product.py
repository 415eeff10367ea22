"""``/api/Product``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.kept import KeptRoute
from pos_app.api.shopinventory import codec
from pos_app.api.shopinventory.page import PageOf
from pos_app.api.shopinventory.schemas.product import (
    ItemBatches,
    ProductDto,
    ProductList,
    WarehouseProducts,
    WarehouseProductsPage,
)
from pos_app.api.wire import Json
from pos_app.services import catalogue

router = APIRouter(
    prefix="/Product", tags=["Product"], route_class=KeptRoute, dependencies=[API_ACCESS]
)


@router.get("", summary="Every item", response_model=ProductList)
def read_products(shop: TheShop) -> Json:
    """Active items with their stock over all warehouses; batches stand with the single item."""
    rows = [codec.product(goods) for goods in catalogue.every(shop)]
    return Json(ProductList(count=len(rows), products=rows))


@router.get(
    "/warehouse/{warehouseCode}",
    summary="The items of one warehouse with their batches",
    response_model=WarehouseProducts,
)
def read_warehouse(warehouseCode: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where there is no such warehouse."""
    rows = [codec.product(goods) for goods in catalogue.in_warehouse(shop, warehouseCode)]
    return Json(
        WarehouseProducts(
            warehouse_code=warehouseCode,
            total_products=len(rows),
            products_with_batches=sum(bool(row.batches) for row in rows),
            products=rows,
        )
    )


@router.get(
    "/warehouse/{warehouseCode}/paged",
    summary="A page of the items of one warehouse, with their batches",
    response_model=WarehouseProductsPage,
)
def read_page(warehouseCode: str, shop: TheShop, page: PageOf) -> Json:  # noqa: N803
    """By item code; 404 where there is no such warehouse."""
    found, has_more = catalogue.page_of_warehouse(
        shop, warehouseCode, offset=page.offset, limit=page.size
    )
    return Json(
        WarehouseProductsPage(
            warehouse_code=warehouseCode,
            page=page.number,
            page_size=page.size,
            count=len(found),
            has_more=has_more,
            products=[codec.product(goods) for goods in found],
        )
    )


@router.get(
    "/warehouse/{warehouseCode}/item/{itemCode}/batches",
    summary="The batches of one item in one warehouse",
    response_model=ItemBatches,
)
def read_batches_in(warehouseCode: str, itemCode: str, shop: TheShop) -> Json:  # noqa: N803
    """As ``GET /api/Stock/batch/{warehouseCode}/{itemCode}``."""
    item, lots = catalogue.batches(shop, itemCode, warehouse=warehouseCode)
    return Json(codec.item_batches(item, lots, warehouse=warehouseCode))


@router.get("/{itemCode}", summary="One item", response_model=ProductDto)
def read_product(itemCode: str, shop: TheShop) -> Json:  # noqa: N803
    """With its stock over all warehouses and all its batches."""
    return Json(codec.product(catalogue.one(shop, itemCode)))


@router.get("/{itemCode}/batches", summary="The batches of one item", response_model=ItemBatches)
def read_batches(
    itemCode: str,  # noqa: N803
    shop: TheShop,
    warehouse: Annotated[str | None, Query(alias="warehouseCode")] = None,
) -> Json:
    """Everywhere, or in one warehouse."""
    item, lots = catalogue.batches(shop, itemCode, warehouse=warehouse)
    return Json(codec.item_batches(item, lots, warehouse=warehouse))
