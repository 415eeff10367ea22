"""``/api/PurchaseOrder``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.shopinventory import codec_purchase as codec
from pos_app.api.shopinventory.page import Number, PageOf, PeriodOf, Window
from pos_app.api.shopinventory.schemas.purchase import (
    PurchaseDto,
    PurchasePage,
    PurchaseQuestion,
    PurchaseStateQuestion,
    ReceiptQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import PurchaseState
from pos_app.services.purchase import make, receive, view
from pos_app.services.session import Account
from pos_app.services.shop import Shop

MayView = Depends(Needs(Permission.PURCHASING_VIEW))
MayMake = Annotated[Account, Depends(Needs(Permission.PURCHASING_CREATE))]
MayEdit = Annotated[Account, Depends(Needs(Permission.PURCHASING_EDIT))]
MayApprove = Annotated[Account, Depends(Needs(Permission.PURCHASING_APPROVE))]
MayReceive = Annotated[Account, Depends(Needs(Permission.PURCHASING_RECEIVE))]
MayDelete = Annotated[Account, Depends(Needs(Permission.PURCHASING_DELETE))]

Partner = Annotated[str | None, Query(alias="cardCode", max_length=50)]

router = APIRouter(prefix="/PurchaseOrder", tags=["PurchaseOrder"], route_class=WireRoute)


@router.post("", summary="Make a purchase order", status_code=201, response_model=PurchaseDto)
def create(question: PurchaseQuestion, account: MayMake, shop: TheShop, request: Request) -> Json:
    """A draft; SAP hears of it when it is approved."""
    made = make.create(
        shop,
        account.actor,
        codec.asked(question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    return Json(codec.purchase(made), status_code=201)


@router.get(
    "",
    summary="Purchase orders, newest first",
    response_model=PurchasePage,
    dependencies=[MayView],
)
def read_orders(
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
    partner: Partner = None,
    status: Annotated[str | None, Query(max_length=30)] = None,
) -> Json:
    """Of a supplier, in a state, of a period, where those are given."""
    state = codec.state(status)
    states = (state,) if state is not None else ()
    return Json(
        _page(shop, window, states=states, partner=partner, since=period.since, until=period.until)
    )


@router.get(
    "/sap",
    summary="Purchase orders that SAP holds, newest first",
    response_model=PurchasePage,
    dependencies=[MayView],
)
def read_orders_in_sap(
    shop: TheShop, window: PageOf, period: PeriodOf, partner: Partner = None
) -> Json:
    """Those made here; what was ordered in SAP by hand is not listed."""
    return Json(
        _page(shop, window, partner=partner, since=period.since, until=period.until, in_sap=True)
    )


@router.get(
    "/sap/{docEntry}",
    summary="One purchase order by what SAP calls it",
    response_model=PurchaseDto,
    dependencies=[MayView],
)
def read_by_sap(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """404 where SAP has none of ours under it."""
    return Json(codec.purchase(view.by_sap(shop, docEntry)))


@router.get(
    "/number/{orderNumber}",
    summary="One purchase order by its number",
    response_model=PurchaseDto,
    dependencies=[MayView],
)
def read_by_number(orderNumber: str, shop: TheShop) -> Json:  # noqa: N803
    """As printed: ``PO-20260401-0001``."""
    return Json(codec.purchase(view.by_number(shop, orderNumber)))


@router.get(
    "/{id}",
    summary="One purchase order",
    response_model=PurchaseDto,
    dependencies=[MayView],
)
def read_order(id: Number, shop: TheShop) -> Json:  # noqa: A002
    """With what arrived of each line."""
    return Json(codec.purchase(view.by_entry(shop, id)))


@router.put("/{id}", summary="Change a draft", response_model=PurchaseDto)
def change(id: Number, question: PurchaseQuestion, account: MayEdit, server: Server) -> Json:  # noqa: A002
    """Its whole content; ``status`` moves it on, approving needs the permission to approve."""
    told = make.change(
        server.shop,
        account.actor,
        id,
        codec.asked(question),
        state=codec.state(question.status),
        allowed=account.warehouses,
    )
    server.post_soon()
    return Json(codec.purchase(told))


@router.patch("/{id}/status", summary="Move an order on", response_model=PurchaseDto)
def move(
    id: Number,  # noqa: A002
    question: PurchaseStateQuestion,
    account: MayEdit,
    server: Server,
) -> Json:
    """409 where it cannot go there; a partly received order is ended by calling it Received."""
    state = codec.state(question.status) or PurchaseState.DRAFT
    told = make.to_state(server.shop, account.actor, id, state, comments=question.comments)
    server.post_soon()
    return Json(codec.purchase(told))


@router.post("/{id}/approve", summary="Approve an order", response_model=PurchaseDto)
def approve(id: Number, account: MayApprove, server: Server) -> Json:  # noqa: A002
    """From now on its goods may be received; SAP hears of it."""
    told = make.to_state(server.shop, account.actor, id, PurchaseState.APPROVED)
    server.post_soon()
    return Json(codec.purchase(told))


@router.post("/{id}/receive", summary="Take ordered goods in", response_model=PurchaseDto)
def receive_goods(
    id: Number,  # noqa: A002
    question: ReceiptQuestion,
    account: MayReceive,
    server: Server,
    request: Request,
) -> Json:
    """The stock rises at once, never above what was ordered; each call is an arrival of its own."""
    told = receive.receive(
        server.shop,
        account.actor,
        id,
        codec.receipt(question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    server.post_soon()
    return Json(codec.purchase(told))


@router.delete("/{id}", summary="Delete a draft or a cancelled order", status_code=204)
def delete(id: Number, account: MayDelete, shop: TheShop) -> Response:  # noqa: A002
    """Its number is never given again."""
    make.drop(shop, account.actor, id)
    return Response(status_code=204)


def _page(
    shop: Shop,
    window: Window,
    *,
    states: tuple[PurchaseState, ...] = (),
    partner: str | None,
    since: date | None,
    until: date | None,
    in_sap: bool = False,
) -> PurchasePage:
    found = view.page(
        shop,
        states=states,
        partner=partner,
        since=since,
        until=until,
        in_sap=in_sap,
        offset=window.offset,
        limit=window.size,
    )
    rows = codec.purchases(found.purchases)
    return PurchasePage(**window.envelope(found.total, len(rows)), items=rows, orders=rows)
