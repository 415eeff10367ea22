"""The daily stock snapshot, and what was sold from a warehouse."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Query

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_stock_snapshot
from pos_app.api.shopinventory.page import PeriodOf
from pos_app.api.shopinventory.schemas.fields import Day
from pos_app.api.shopinventory.schemas.stock_snapshot import (
    FetchAnswer,
    FetchQuestion,
    LocalStock,
    SalesPeriod,
    TransferAnswer,
    TransferEvent,
    WarehouseSalesAnswer,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services import stock_snapshot, warehouse_sale

router = APIRouter(
    prefix="/DesktopIntegration",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)
sold = APIRouter(prefix="/Stock", tags=["Stock"], route_class=WireRoute, dependencies=[API_ACCESS])


@router.get(
    "/stock/monitored-warehouses",
    summary="Warehouses whose stock is kept every morning",
    response_model=list[str],
)
def read_monitored(shop: TheShop) -> Json:
    """As the settings name them."""
    return Json(list(shop.rules.stock.monitored))


@router.post(
    "/stock/fetch-daily",
    summary="Take today's stock snapshots now",
    status_code=202,
    response_model=FetchAnswer,
)
def fetch(
    shop: TheShop,
    later: BackgroundTasks,
    question: Annotated[FetchQuestion | None, Body()] = None,
) -> Json:
    """In the background; one that was taken today stays as it is, a failed one is tried again."""
    asked = question or FetchQuestion()
    places = stock_snapshot.ask(shop, day=asked.snapshot_date, places=asked.warehouses or ())
    later.add_task(stock_snapshot.work, shop)
    told = FetchAnswer(
        message=f"The stock of {len(places)} warehouses is being taken.",
        started_at=shop.clock.now(),
        snapshot_date=shop.today,
        warehouses=list(places),
    )
    return Json(told, status_code=202, background=later)


@router.get(
    "/stock/{warehouseCode}/local",
    summary="The morning's stock and what is left of it",
    response_model=LocalStock,
)
def read_local(
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    day: Annotated[Day | None, Query(alias="snapshotDate")] = None,
) -> Json:
    """404 without a snapshot of that day; 409 while it is being taken, or where it failed."""
    return Json(codec_stock_snapshot.local(stock_snapshot.local(shop, warehouseCode, day=day)))


@router.post(
    "/webhook/transfer-event",
    summary="A transfer was booked in SAP",
    response_model=TransferAnswer,
)
def receive_transfer(event: TransferEvent, shop: TheShop) -> Json:
    """Out by what expires first, in to the first batch; told of again it changes nothing."""
    if event.source_warehouse == event.destination_warehouse:
        words = "A transfer goes to another warehouse than it comes from."
        raise FieldsInvalid([Field("destinationWarehouse", words)])
    made = stock_snapshot.adjust(shop, codec_stock_snapshot.transfer(event))
    return Json(codec_stock_snapshot.adjusted(made))


@sold.get(
    "/warehouse/{warehouseCode}/sales",
    summary="What was sold from a warehouse",
    response_model=WarehouseSalesAnswer,
)
def read_sales(warehouseCode: str, shop: TheShop, period: PeriodOf) -> Json:  # noqa: N803
    """By item, the most sold first; both dates are needed."""
    since, until = period.whole()
    found = warehouse_sale.sales(shop, warehouseCode, since=since, until=until)
    return Json(codec_stock_snapshot.sales(found))


@sold.post(
    "/warehouse/{warehouseCode}/sales",
    summary="The same, asked for in a body",
    response_model=WarehouseSalesAnswer,
)
def ask_sales(warehouseCode: str, question: SalesPeriod, shop: TheShop) -> Json:  # noqa: N803
    """By item, the most sold first."""
    if question.from_date > question.to_date:
        raise FieldsInvalid([Field("fromDate", "fromDate lies after toDate.")])
    found = warehouse_sale.sales(
        shop, warehouseCode, since=question.from_date, until=question.to_date
    )
    return Json(codec_stock_snapshot.sales(found))
