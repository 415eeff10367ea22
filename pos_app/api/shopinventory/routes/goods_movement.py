"""``/api/GoodsIssue`` and ``/api/GoodsReceipt``: goods that move for a reason; our own routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from pos_app.api.auth import Needs
from pos_app.api.context import Context, Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.shopinventory import codec_stockroom as codec
from pos_app.api.shopinventory.page import Number, PageOf, Period, PeriodOf, Window
from pos_app.api.shopinventory.schemas.stockroom import (
    MovementDto,
    MovementPage,
    MovementQuestion,
    ReasonDto,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.movement import MovementKind
from pos_app.domain.permission import Permission
from pos_app.services import movement, movement_view
from pos_app.services.session import Account
from pos_app.services.shop import Shop

MayView = Depends(Needs(Permission.STOCK_VIEW, Permission.INVENTORY_VIEW))
MayMove = Annotated[Account, Depends(Needs(Permission.STOCK_ADJUST, Permission.INVENTORY_ADJUST))]
Place = Annotated[str | None, Query(alias="warehouseCode", max_length=20)]

issues = APIRouter(prefix="/GoodsIssue", tags=["GoodsIssue"], route_class=WireRoute)
receipts = APIRouter(prefix="/GoodsReceipt", tags=["GoodsReceipt"], route_class=WireRoute)


@issues.post("", summary="Let goods leave", status_code=201, response_model=MovementDto)
def issue(question: MovementQuestion, account: MayMove, server: Server, request: Request) -> Json:
    """For a reason of the settings; the books show it at once, SAP hears of it."""
    return _book(server, account, question, MovementKind.ISSUE, request)


@receipts.post("", summary="Let goods come in", status_code=201, response_model=MovementDto)
def receive(question: MovementQuestion, account: MayMove, server: Server, request: Request) -> Json:
    """For a reason of the settings; goods kept in batches say which."""
    return _book(server, account, question, MovementKind.RECEIPT, request)


@issues.get("/reasons", summary="Why goods may leave", response_model=list[ReasonDto])
def read_issue_reasons(shop: TheShop, account: MayMove) -> Json:
    """As the settings name them."""
    del account
    return _reasons(shop, MovementKind.ISSUE)


@receipts.get("/reasons", summary="Why goods may come in", response_model=list[ReasonDto])
def read_receipt_reasons(shop: TheShop, account: MayMove) -> Json:
    """As the settings name them."""
    del account
    return _reasons(shop, MovementKind.RECEIPT)


@issues.get(
    "",
    summary="Goods issues, newest first",
    response_model=MovementPage,
    dependencies=[MayView],
)
def read_issues(shop: TheShop, window: PageOf, period: PeriodOf, place: Place = None) -> Json:
    """Of one warehouse, or of all."""
    return _page(shop, MovementKind.ISSUE, window, period, place=place)


@receipts.get(
    "",
    summary="Goods receipts, newest first",
    response_model=MovementPage,
    dependencies=[MayView],
)
def read_receipts(shop: TheShop, window: PageOf, period: PeriodOf, place: Place = None) -> Json:
    """Of one warehouse, or of all."""
    return _page(shop, MovementKind.RECEIPT, window, period, place=place)


@issues.get("/{docEntry}", summary="One issue", response_model=MovementDto, dependencies=[MayView])
def read_issue(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """By SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec.movement(movement_view.by_number(shop, MovementKind.ISSUE, docEntry)))


@receipts.get(
    "/{docEntry}", summary="One receipt", response_model=MovementDto, dependencies=[MayView]
)
def read_receipt(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """By SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec.movement(movement_view.by_number(shop, MovementKind.RECEIPT, docEntry)))


def _book(
    server: Context,
    account: Account,
    question: MovementQuestion,
    kind: MovementKind,
    request: Request,
) -> Json:
    made = movement.book(
        server.shop,
        account.actor,
        codec.asked(question, kind),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    if server.settings.post_soon is not None:
        server.settings.post_soon()
    return Json(codec.movement(made), status_code=201)


def _reasons(shop: Shop, kind: MovementKind) -> Json:
    return Json([codec.reason(row) for row in shop.rules.stock.reasons if row.serves(kind)])


def _page(
    shop: Shop, kind: MovementKind, window: Window, period: Period, *, place: str | None
) -> Json:
    found = movement_view.page(
        shop,
        kind,
        warehouse=place,
        since=period.since,
        until=period.until,
        offset=window.offset,
        limit=window.size,
    )
    rows = [codec.movement(row) for row in found.movements]
    return Json(MovementPage(**window.envelope(found.total, len(rows)), items=rows))
