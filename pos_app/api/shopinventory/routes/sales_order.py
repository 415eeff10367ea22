"""``/api/SalesOrder``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id, is_again
from pos_app.api.shopinventory import codec_invoice, codec_trade, file
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, PeriodOf
from pos_app.api.shopinventory.schemas.invoice import InvoiceMade
from pos_app.api.shopinventory.schemas.trade import (
    ConvertQuestion,
    OrderDto,
    OrderPage,
    OrderQuestion,
    StateQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.domain.trade import TradeKind
from pos_app.services import invoice
from pos_app.services.saved_paper import Form
from pos_app.services.session import Account
from pos_app.services.trade import convert, make, move, paper, promise, view

KIND = TradeKind.SALES_ORDER
MayView = Depends(Needs(Permission.INVOICES_VIEW, Permission.SALESORDERS_VIEW))
MayMake = Annotated[
    Account, Depends(Needs(Permission.INVOICES_CREATE, Permission.SALESORDERS_CREATE))
]
MayEdit = Annotated[Account, Depends(Needs(Permission.INVOICES_EDIT, Permission.SALESORDERS_EDIT))]
MayApprove = Annotated[Account, Depends(Needs(Permission.SALESORDERS_APPROVE))]
MayPost = Annotated[Account, Depends(Needs(Permission.SALESORDERS_POST_TO_SAP))]
MayInvoice = Annotated[Account, Depends(Needs(Permission.INVOICES_CREATE))]
MayDelete = Annotated[
    Account, Depends(Needs(Permission.INVOICES_DELETE, Permission.SALESORDERS_DELETE))
]

router = APIRouter(prefix="/SalesOrder", tags=["SalesOrder"], route_class=WireRoute)


@router.post("", summary="Make a sales order", status_code=201, response_model=OrderDto)
def create(question: OrderQuestion, account: MayMake, server: Server, request: Request) -> Json:
    """A draft at the customer's prices; other prices wait for somebody who may agree to them.

    The same ``clientRequestId`` with the same content gives the order it made the first time.
    """
    made = make.create(
        server.shop,
        account.actor,
        codec_trade.order_asked(question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    return Json(codec_trade.order(booked(server, made, promise.booked)), status_code=201)


@router.get(
    "",
    summary="Sales orders, newest first",
    response_model=OrderPage,
    dependencies=[MayView],
)
def read_orders(
    *,
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
    status: Annotated[str | None, Query(max_length=30)] = None,
    partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
    source: Annotated[str | None, Query(max_length=20)] = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
) -> Json:
    """``search`` looks into number, customer and the customer's own number."""
    found = view.page(
        shop,
        KIND,
        offset=window.offset,
        limit=window.size,
        state=codec_trade.state_of(KIND, status) if status else None,
        partner=partner,
        since=period.since,
        until=period.until,
        source=codec_trade.source_of(source) or None,
        search=search,
    )
    rows = [codec_trade.order(row) for row in found.trades]
    return Json(OrderPage(**window.envelope(found.total, len(rows)), items=rows, orders=rows))


@router.get(
    "/number/{orderNumber}",
    summary="One sales order by its number",
    response_model=OrderDto,
    dependencies=[MayView],
)
def read_by_number(orderNumber: str, shop: TheShop) -> Json:  # noqa: N803
    """As printed: ``SO-20260401-0001``."""
    return Json(codec_trade.order(view.by_number(shop, KIND, orderNumber)))


@router.get("/{id}", summary="One sales order", response_model=OrderDto, dependencies=[MayView])
@router.get(
    "/local/{id}",
    summary="One sales order, as this server holds it",
    response_model=OrderDto,
    dependencies=[MayView],
)
def read_order(id: Number, shop: TheShop) -> Json:  # noqa: A002 - the contract's name
    """By our own number, which stays valid for ever."""
    return Json(codec_trade.order(view.by_entry(shop, KIND, id)))


@router.get(
    "/{id}/pdf",
    summary="A sales order on paper",
    response_class=Response,
    responses=file.PDF_RESPONSE,
    dependencies=[MayView],
)
@router.get(
    "/local/{id}/pdf",
    summary="A sales order on paper, as this server holds it",
    response_class=Response,
    responses=file.PDF_RESPONSE,
    dependencies=[MayView],
)
def read_pdf(id: Number, shop: TheShop) -> Response:  # noqa: A002
    """A page with the shop's head; it says that it is no receipt."""
    found = view.by_entry(shop, KIND, id)
    made = paper.file_of(shop, paper.paper_of(shop, found), Form.PDF)
    return file.pdf(made, f"{found.number}.pdf")


@router.put("/{id}", summary="Change a sales order", response_model=OrderDto)
def change(id: Number, question: OrderQuestion, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """Replaces everything it says while it is Draft or Pending; 409 after that."""
    made = make.change(
        shop,
        account.actor,
        id,
        codec_trade.order_asked(question),
        version=question.row_version or "",
        allowed=account.warehouses,
    )
    return Json(codec_trade.order(made))


@router.patch("/{id}/status", summary="Move a sales order on", response_model=OrderDto)
def set_state(id: Number, question: StateQuestion, account: MayEdit, server: Server) -> Json:  # noqa: A002
    """409 where the order cannot go there from where it is; ``comments`` go into the audit."""
    made = move.to_state(
        server.shop,
        account.actor,
        KIND,
        id,
        new=codec_trade.state_of(KIND, question.status),
        reason=question.comments or "",
    )
    return Json(codec_trade.order(booked(server, made, promise.booked)))


@router.post("/{id}/approve", summary="Approve a sales order", response_model=OrderDto)
def approve(id: Number, account: MayApprove, server: Server) -> Json:  # noqa: A002
    """Its prices hold from now on; 403 above the credit limit you may agree to."""
    made = move.approve(server.shop, account.actor, KIND, id)
    return Json(codec_trade.order(booked(server, made, promise.booked)))


@router.post("/{id}/post-to-sap", summary="Post a sales order in SAP", response_model=OrderDto)
def post_to_sap(id: Number, account: MayPost, server: Server) -> Json:  # noqa: A002
    """Approved orders go there by themselves; this tries one anew that SAP had refused."""
    made = move.post_to_sap(server.shop, account.actor, KIND, id)
    return Json(codec_trade.order(booked(server, made, promise.booked)))


@router.post(
    "/{id}/convert-to-invoice", summary="Invoice a sales order", response_model=InvoiceMade
)
def to_invoice(
    id: Number,  # noqa: A002
    account: MayInvoice,
    server: Server,
    request: Request,
    question: ConvertQuestion | None = None,
) -> Json:
    """Whole, or the lines named; at the agreed prices, with the goods taken from stock."""
    made = convert.to_invoice(
        server.shop,
        account.actor,
        id,
        codec_trade.invoice_asked(question),
        document_id=document_id(request),
        is_again=is_again(request),
        allowed=account.warehouses,
    )
    return Json(codec_invoice.invoice_made(booked(server, made, invoice.booked)))


@router.delete("/{id}", summary="Delete a sales order", status_code=204, response_class=Response)
def delete(id: Number, account: MayDelete, shop: TheShop) -> Response:  # noqa: A002
    """409 where it promises something: cancel it then."""
    move.drop(shop, account.actor, KIND, id)
    return Response(status_code=204)
