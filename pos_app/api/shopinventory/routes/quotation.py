"""``/api/Quotation``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.own import OwnList, OwnOne, Scope
from pos_app.api.shopinventory import codec_trade, file
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, Period, PeriodOf, Window
from pos_app.api.shopinventory.schemas.trade import (
    OrderDto,
    QuotationDto,
    QuotationPage,
    QuotationQuestion,
    StateQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.domain.portal import UNSAID_QUOTATIONS
from pos_app.domain.trade import TradeKind, TradeState
from pos_app.services.saved_paper import Form
from pos_app.services.session import Account
from pos_app.services.shop import Shop
from pos_app.services.trade import convert, make, move, paper, promise, view
from pos_app.services.trade.view import Trade

KIND = TradeKind.QUOTATION
MayView = Depends(Needs(Permission.INVOICES_VIEW))
ScopeOf = Annotated[Scope, Depends(OwnList(Permission.INVOICES_VIEW))]
OneOf = Annotated[Scope, Depends(OwnOne(Permission.INVOICES_VIEW))]
MayMake = Annotated[Account, Depends(Needs(Permission.INVOICES_CREATE))]
MayEdit = Annotated[Account, Depends(Needs(Permission.INVOICES_EDIT))]
MayDelete = Annotated[Account, Depends(Needs(Permission.INVOICES_DELETE))]

router = APIRouter(prefix="/Quotation", tags=["Quotation"], route_class=WireRoute)


@router.post("", summary="Make a quotation", status_code=201, response_model=QuotationDto)
def create(question: QuotationQuestion, account: MayMake, server: Server, request: Request) -> Json:
    """A draft at the customer's prices; other prices wait for somebody who may agree to them.

    The same ``clientRequestId`` with the same content gives the quotation it made the first time.
    """
    made = make.create(
        server.shop,
        account.actor,
        codec_trade.quotation_asked(question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    return Json(codec_trade.quotation(booked(server, made, promise.booked)), status_code=201)


@router.get(
    "",
    summary="Quotations, newest first",
    response_model=QuotationPage,
)
def read_quotations(
    *,
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
    status: Annotated[str | None, Query(max_length=30)] = None,
    scope: ScopeOf,
) -> Json:
    """Of some customer, status or period, where one is given; a portal account sees its own."""
    state = codec_trade.state_of(KIND, status) if status else None
    return _page(
        shop,
        window,
        period,
        state=state,
        partner=scope.partner,
        hidden=UNSAID_QUOTATIONS if scope.is_customers else frozenset(),
    )


@router.get(
    "/sap",
    summary="Quotations that SAP holds",
    response_model=QuotationPage,
    dependencies=[MayView],
)
def read_posted(
    *,
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
    partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
) -> Json:
    """Those this server has posted there, with SAP's numbers."""
    return _page(shop, window, period, partner=partner, in_sap=True)


@router.get(
    "/sap/{docEntry}",
    summary="One quotation by SAP's entry",
    response_model=QuotationDto,
    dependencies=[MayView],
)
def read_by_sap(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """One this server has posted there."""
    return Json(codec_trade.quotation(view.by_sap(shop, KIND, docEntry)))


@router.get(
    "/number/{quotationNumber}",
    summary="One quotation by its number",
    response_model=QuotationDto,
)
def read_by_number(quotationNumber: str, scope: OneOf, shop: TheShop) -> Json:  # noqa: N803
    """As printed: ``QT-20260401-0001``. A portal account sees its own."""
    found = _shown(scope, view.by_number(shop, KIND, quotationNumber), quotationNumber)
    return Json(codec_trade.quotation(found))


@router.get("/{id}", summary="One quotation", response_model=QuotationDto)
def read_quotation(id: Number, scope: OneOf, shop: TheShop) -> Json:  # noqa: A002
    """By our own number, which stays valid for ever. A portal account sees its own."""
    return Json(codec_trade.quotation(_shown(scope, view.by_entry(shop, KIND, id), id)))


@router.get(
    "/{id}/pdf",
    summary="A quotation on paper",
    response_class=Response,
    responses=file.PDF_RESPONSE,
)
def read_pdf(id: Number, scope: OneOf, shop: TheShop) -> Response:  # noqa: A002
    """A page with the shop's head; it says that it is no receipt. A portal account gets its own."""
    return _pdf(shop, _shown(scope, view.by_entry(shop, KIND, id), id))


@router.get(
    "/sap/{docEntry}/pdf",
    summary="A quotation on paper, by SAP's entry",
    response_class=Response,
    responses=file.PDF_RESPONSE,
    dependencies=[MayView],
)
def read_sap_pdf(docEntry: Number, shop: TheShop) -> Response:  # noqa: N803
    """One this server has posted there."""
    return _pdf(shop, view.by_sap(shop, KIND, docEntry))


@router.put("/{id}", summary="Change a quotation", response_model=QuotationDto)
def change(id: Number, question: QuotationQuestion, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """Replaces everything it says while it is Draft; 409 after that."""
    made = make.change(
        shop,
        account.actor,
        id,
        codec_trade.quotation_asked(question),
        allowed=account.warehouses,
    )
    return Json(codec_trade.quotation(made))


@router.put("/{id}/reprice", summary="Reprice a quotation", response_model=QuotationDto)
def reprice(id: Number, question: QuotationQuestion, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """Other prices and discounts for the same goods and customer, while nobody agreed to it."""
    made = make.reprice(
        shop,
        account.actor,
        id,
        codec_trade.quotation_asked(question),
        allowed=account.warehouses,
    )
    return Json(codec_trade.quotation(made))


@router.post(
    "/{id}/apply-standard-vat",
    summary="Take the VAT of a quotation anew",
    response_model=QuotationDto,
)
def retax(id: Number, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """Each item's own VAT as it is today: zero-rated and exempt items stay what they are."""
    made = make.retax(shop, account.actor, id, allowed=account.warehouses)
    return Json(codec_trade.quotation(made))


@router.patch("/{id}/status", summary="Move a quotation on", response_model=QuotationDto)
def set_state(id: Number, question: StateQuestion, account: MayEdit, server: Server) -> Json:  # noqa: A002
    """409 where it cannot go there from where it is; ``comments`` go into the audit."""
    made = move.to_state(
        server.shop,
        account.actor,
        KIND,
        id,
        new=codec_trade.state_of(KIND, question.status),
        reason=question.comments or "",
    )
    return Json(codec_trade.quotation(booked(server, made, promise.booked)))


@router.post("/{id}/approve", summary="Approve a quotation", response_model=QuotationDto)
def approve(id: Number, account: MayEdit, server: Server) -> Json:  # noqa: A002
    """Its prices hold from now on, until its last day."""
    made = move.approve(server.shop, account.actor, KIND, id)
    return Json(codec_trade.quotation(booked(server, made, promise.booked)))


@router.post(
    "/{id}/convert-to-sales-order",
    summary="Turn a quotation into a sales order",
    response_model=OrderDto,
)
def to_order(id: Number, account: MayMake, shop: TheShop, request: Request) -> Json:  # noqa: A002
    """Once, while it holds; the order begins as a draft at the very figures quoted."""
    made = convert.to_order(shop, account.actor, id, document_id=document_id(request))
    return Json(codec_trade.order(made))


@router.delete("/{id}", summary="Delete a quotation", status_code=204, response_class=Response)
def delete(id: Number, account: MayDelete, shop: TheShop) -> Response:  # noqa: A002
    """409 where it promises something: cancel it then."""
    move.drop(shop, account.actor, KIND, id)
    return Response(status_code=204)


def _shown(scope: Scope, found: Trade, name: object) -> Trade:
    is_said = found.state not in UNSAID_QUOTATIONS
    scope.check(KIND.spoken, name, partner=found.partner, is_said=is_said)
    return found


def _pdf(shop: Shop, found: Trade) -> Response:
    made = paper.file_of(shop, paper.paper_of(shop, found), Form.PDF)
    return file.pdf(made, f"{found.number}.pdf")


def _page(
    shop: Shop,
    window: Window,
    period: Period,
    *,
    state: TradeState | None = None,
    partner: str | None = None,
    in_sap: bool = False,
    hidden: Collection[TradeState] = (),
) -> Json:
    found = view.page(
        shop,
        KIND,
        offset=window.offset,
        limit=window.size,
        state=state,
        partner=partner,
        since=period.since,
        until=period.until,
        in_sap=in_sap,
        hidden=hidden,
    )
    rows = [codec_trade.quotation(row) for row in found.trades]
    return Json(
        QuotationPage(**window.envelope(found.total, len(rows)), items=rows, quotations=rows)
    )
