"""``/api/StockCount``: a warehouse counted, looked at, booked; our own routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.shopinventory import codec_stockroom as codec
from pos_app.api.shopinventory.page import Number, PageOf
from pos_app.api.shopinventory.schemas.stockroom import (
    CountDto,
    CountedQuestion,
    CountPage,
    CountQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.services import count, count_view
from pos_app.services.session import Account

MayCount = Annotated[Account, Depends(Needs(Permission.STOCK_COUNT))]
MayBook = Annotated[Account, Depends(Needs(Permission.STOCK_ADJUST, Permission.INVENTORY_ADJUST))]

router = APIRouter(prefix="/StockCount", tags=["StockCount"], route_class=WireRoute)


@router.post("", summary="Begin a count", status_code=201, response_model=CountDto)
def start(question: CountQuestion, account: MayCount, shop: TheShop, request: Request) -> Json:
    """Nothing is counted yet, and nothing is held."""
    made = count.start(
        shop,
        account.actor,
        question.warehouse_code,
        is_blind=question.is_blind,
        comments=question.comments or "",
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    return Json(codec.count(made), status_code=201)


@router.get("", summary="Counts, newest first", response_model=CountPage)
def read_counts(
    shop: TheShop,
    window: PageOf,
    account: MayCount,
    place: Annotated[str | None, Query(alias="warehouseCode", max_length=20)] = None,
) -> Json:
    """Of one warehouse, or of all."""
    del account
    found = count_view.page(shop, warehouse=place, offset=window.offset, limit=window.size)
    rows = [codec.count(row) for row in found.counts]
    return Json(CountPage(**window.envelope(found.total, len(rows)), items=rows))


@router.get("/{id}", summary="One count", response_model=CountDto)
def read_count(id: Number, shop: TheShop, account: MayCount) -> Json:  # noqa: A002
    """What was counted so far."""
    del account
    return Json(codec.count(count_view.by_entry(shop, id)))


@router.put("/{id}/lines", summary="Enter quantities", response_model=CountDto)
def enter(id: Number, question: CountedQuestion, account: MayCount, shop: TheShop) -> Json:  # noqa: A002
    """Each is kept beside what the books say at this moment; selling goes on meanwhile."""
    told = count.enter(shop, account.actor, id, codec.entered(question), allowed=account.warehouses)
    return Json(codec.count(told))


@router.post("/{id}/lock", summary="All is counted", response_model=CountDto)
def lock(id: Number, account: MayCount, shop: TheShop) -> Json:  # noqa: A002
    """From now on a blind count shows its differences."""
    return Json(codec.count(count.lock(shop, account.actor, id, allowed=account.warehouses)))


@router.post("/{id}/recount", summary="Count again", response_model=CountDto)
def recount(id: Number, account: MayBook, shop: TheShop) -> Json:  # noqa: A002
    """Open again for other quantities; what was entered stays until it is replaced."""
    return Json(codec.count(count.reopen(shop, account.actor, id, allowed=account.warehouses)))


@router.post("/{id}/post", summary="Book the differences", response_model=CountDto)
def post(id: Number, account: MayBook, server: Server) -> Json:  # noqa: A002
    """By somebody who counted nothing of it; SAP hears of the differences."""
    told = count.book(server.shop, account.actor, id, allowed=account.warehouses)
    if server.settings.post_soon is not None:
        server.settings.post_soon()
    return Json(codec.count(told))


@router.post("/{id}/cancel", summary="Drop a count", response_model=CountDto)
def cancel(id: Number, account: MayCount, shop: TheShop) -> Json:  # noqa: A002
    """Nothing of it is booked."""
    return Json(codec.count(count.cancel(shop, account.actor, id, allowed=account.warehouses)))
