"""``/api/DesktopIntegration``: stock less what is reserved, and lines judged against it."""

from __future__ import annotations

from fastapi import APIRouter

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.shopinventory import codec_desktop, codec_reserved_stock
from pos_app.api.shopinventory.routes.price_list import Codes, codes_of
from pos_app.api.shopinventory.schemas.desktop import AllocationAnswer, AllocationQuestion
from pos_app.api.shopinventory.schemas.reserved_stock import (
    AvailableBatch,
    ReservedStock,
    StockJudged,
    StockQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.batch import Strategy
from pos_app.services import batch, reservation_view, reserved_stock

router = APIRouter(
    prefix="/DesktopIntegration",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)


@router.post(
    "/validate-batch-allocation",
    summary="Check or choose the batches of a document",
    response_model=AllocationAnswer,
)
def validate_allocation(question: AllocationQuestion, shop: TheShop) -> Json:
    """200 whether it can be served or not: ``isValid`` says so. Nothing is taken or held."""
    wants = codec_desktop.wants(question)
    strategy = batch.strategy_of(question.strategy) if question.strategy else Strategy.FEFO
    judged = batch.validate(shop, wants, strategy=strategy)
    return Json(codec_desktop.allocation(judged, len(wants)))


@router.post(
    "/stock/validate", summary="Could these lines be reserved now?", response_model=StockJudged
)
def validate_stock(question: StockQuestion, shop: TheShop) -> Json:
    """200 whether they could or not: ``isValid`` says so. 404 for an unknown reservation."""
    mine = question.exclude_reservation_id
    judged = batch.validate(
        shop,
        codec_desktop.reservation_wants(question.lines),
        strategy=Strategy.FEFO,
        reservation=reservation_view.get(shop, mine).id if mine else "",
    )
    return Json(codec_reserved_stock.judged(judged))


@router.get(
    "/stock/{warehouseCode}",
    summary="The stock of a warehouse less what is reserved",
    response_model=list[ReservedStock],
)
def read_warehouse(warehouseCode: str, shop: TheShop, items: Codes = None) -> Json:  # noqa: N803
    """``itemCodes`` several times or with commas; without any the first hundred by code."""
    found = reserved_stock.some(shop, warehouseCode, codes_of(items))
    return Json([codec_reserved_stock.summary(row) for row in found])


@router.get(
    "/stock/{warehouseCode}/{itemCode}",
    summary="The stock of an item less what is reserved",
    response_model=ReservedStock,
)
def read_item(warehouseCode: str, itemCode: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where nobody told of the item in that warehouse, which is not the same as none."""
    return Json(codec_reserved_stock.summary(reserved_stock.one(shop, warehouseCode, itemCode)))


@router.get(
    "/stock/{warehouseCode}/{itemCode}/batches",
    summary="The batches of an item less what is reserved",
    response_model=list[AvailableBatch],
)
def read_batches(warehouseCode: str, itemCode: str, shop: TheShop) -> Json:  # noqa: N803
    """By number, with what is locked and what has expired; none where it is not kept in batches."""
    found = reserved_stock.one(shop, warehouseCode, itemCode)
    return Json([codec_reserved_stock.lot(row) for row in found.lots])
