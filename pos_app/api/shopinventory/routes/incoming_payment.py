"""``/api/IncomingPayment``."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from pos_app.api.auth import ApiAccess
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.own import OwnPath
from pos_app.api.shopinventory import codec_desktop, codec_payment
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, Period, PeriodOf, Window
from pos_app.api.shopinventory.schemas.payment import (
    PaymentDto,
    PaymentMade,
    PaymentPage,
    PaymentQuestion,
    PaymentsOfInvoice,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services import payment, payment_view
from pos_app.services.shop import Shop

router = APIRouter(
    prefix="/IncomingPayment",
    tags=["IncomingPayment"],
    route_class=WireRoute,
    dependencies=[Depends(OwnPath())],
)


@router.post(
    "",
    summary="Book a payment",
    status_code=201,
    response_model=PaymentMade,
    responses={202: {"model": PaymentMade, "description": "Booked; SAP hears of it later"}},
)
def create(question: PaymentQuestion, account: ApiAccess, server: Server, request: Request) -> Json:
    """Counted on its invoices at once; 202 where SAP did not take it within a moment."""
    shop = server.shop
    receipt = codec_payment.receipt(question, currency=shop.rules.currency)
    made = payment.receive(
        shop,
        account.actor,
        receipt,
        document_id=document_id(request),
        methods=account.payment_methods,
    )
    made = booked(server, made, payment_view.booked)
    told = codec_payment.payment_made(made, status_url=codec_desktop.status_url(made.queue_id or 0))
    return Json(told, status_code=202 if told.was_queued else 201)


@router.get(
    "/docnum/{docNum}", summary="One payment by its document number", response_model=PaymentDto
)
def read_by_number(docNum: Number, shop: TheShop) -> Json:  # noqa: N803
    """SAP's number, or ours while SAP does not have it."""
    return Json(codec_payment.payment(payment_view.by_doc_num(shop, docNum)))


@router.get(
    "/by-invoice/{invoiceDocEntry}",
    summary="The payments of one invoice",
    response_model=PaymentsOfInvoice,
)
def read_of_invoice(invoiceDocEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """Oldest first; 404 where there is no such invoice."""
    rows = codec_payment.payments(payment_view.of_invoice(shop, invoiceDocEntry))
    return Json(
        PaymentsOfInvoice(invoice_doc_entry=invoiceDocEntry, count=len(rows), payments=rows)
    )


@router.get(
    "/customer/{cardCode}",
    summary="A customer's payments, newest first",
    response_model=PaymentPage,
)
def read_of_customer(
    cardCode: str,  # noqa: N803
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
) -> Json:
    """Of a period, where one is given; a portal account sees its own."""
    return _page(shop, window, period, partner=cardCode)


@router.get("", summary="Payments, newest first", response_model=PaymentPage)
def read_payments(shop: TheShop, window: PageOf) -> Json:
    """Of every customer."""
    return _page(shop, window, Period(None, None))


@router.get("/daterange", summary="The payments of a period", response_model=PaymentPage)
def read_of_period(shop: TheShop, window: PageOf, period: PeriodOf) -> Json:
    """By the day they are booked for, both ends included; a missing end is open."""
    return _page(shop, window, period)


@router.get("/today", summary="The payments of today", response_model=PaymentPage)
def read_of_today(shop: TheShop, window: PageOf) -> Json:
    """Today in the shop's own zone, whatever UTC says."""
    return _page(shop, window, Period(shop.today, shop.today))


@router.get("/{docEntry}", summary="One payment by its entry", response_model=PaymentDto)
def read_payment(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec_payment.payment(payment_view.by_number(shop, docEntry)))


def _page(shop: Shop, window: Window, period: Period, *, partner: str | None = None) -> Json:
    found = payment_view.page(
        shop,
        partner=partner,
        since=period.since,
        until=period.until,
        offset=window.offset,
        limit=window.size,
    )
    rows = codec_payment.payments(found.payments)
    is_day = period.since is not None and period.since == period.until
    return Json(
        PaymentPage(
            **window.envelope(found.total, len(rows)),
            date=period.since if is_day else None,
            from_date=period.since,
            to_date=period.until,
            items=rows,
            payments=rows,
        )
    )
