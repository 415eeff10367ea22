"""``/api/DesktopIntegration``: invoices of programs that may wait, made at once in any case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pos_app.api.auth import API_ACCESS, ApiAccess
from pos_app.api.context import Context, Server, TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.idempotency import document_id, is_again, unnamed
from pos_app.api.shopinventory import (
    codec_credit_note,
    codec_desktop,
    codec_invoice,
    codec_invoice_batch,
    file,
)
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, PeriodOf
from pos_app.api.shopinventory.schemas.credit_note import CreditNoteDto
from pos_app.api.shopinventory.schemas.desktop import (
    ConfirmAnswer,
    ConvertedAnswer,
    ConvertOrder,
    QueuedAnswer,
    QueueInvoice,
)
from pos_app.api.shopinventory.schemas.invoice import InvoiceDto
from pos_app.api.shopinventory.schemas.invoice_batch import InvoiceVerdict
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.trade import TradeKind
from pos_app.services import batch, invoice, invoice_paper, invoice_queue, invoice_view
from pos_app.services.credit_note import view as credit_notes
from pos_app.services.invoice_order import Origin, wants_of
from pos_app.services.invoice_queue import Confirmed
from pos_app.services.invoice_view import Invoice
from pos_app.services.partner import get as partner_of
from pos_app.services.session import Account
from pos_app.services.trade import convert
from pos_app.services.trade import view as trades

router = APIRouter(
    prefix="/DesktopIntegration",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

MOST = 500
"""Rows of a list that has no pages."""


@router.post(
    "/invoices",
    summary="Make an invoice",
    status_code=201,
    response_model=ConfirmAnswer,
    responses={202: {"model": ConfirmAnswer, "description": "Made; SAP hears of it later."}},
)
def create(question: QueueInvoice, account: ApiAccess, server: Server, request: Request) -> Json:
    """Its goods are taken now; 202 where SAP does not answer in time and is told later."""
    found = _made(server, account, question, request)
    seen = Confirmed(found.held, booked(server, found.invoice, invoice.booked))
    told = codec_desktop.confirmed(seen)
    return Json(told, status_code=202 if told.was_queued else 201)


@router.post(
    "/invoices/queue",
    summary="Queue an invoice",
    status_code=202,
    response_model=QueuedAnswer,
)
@router.post(
    "/invoices/queued",
    summary="Queue an invoice, under its other path",
    status_code=202,
    response_model=QueuedAnswer,
)
def queue(question: QueueInvoice, account: ApiAccess, server: Server, request: Request) -> Json:
    """The invoice is made and its goods are taken now; only SAP hears of it later."""
    found = _made(server, account, question, request)
    server.post_soon()
    return Json(codec_desktop.queued(found), status_code=202)


@router.post(
    "/invoices/validate",
    summary="Judge an invoice without making it",
    response_model=InvoiceVerdict,
)
def validate(
    question: QueueInvoice,
    account: ApiAccess,
    shop: TheShop,
    strategy: Annotated[str, Query(alias="allocationStrategy", max_length=20)] = "FEFO",
    is_auto: Annotated[bool, Query(alias="autoAllocateBatches")] = True,
) -> Json:
    """Prices, taxes, stock and batches as they are now; nothing is promised."""
    order = invoice_queue.order_of_ask(
        codec_desktop.queued_ask(question, reference=question.external_reference_id or ""),
        codec_desktop.heading(question),
        strategy=batch.strategy_of(strategy),
        is_auto=is_auto,
    )
    origin = Origin(document_id=shop.ids.new(), allowed=account.warehouses)
    sale = invoice.priced(shop, account.actor, order, origin)
    judged = batch.validate(shop, wants_of(order), strategy=order.strategy)
    return Json(codec_invoice_batch.verdict(sale, judged, lines=len(question.lines)))


@router.get(
    "/invoices/by-docnum/{docNum}",
    summary="One invoice by its document number",
    response_model=InvoiceDto,
)
def read_by_number(docNum: Number, shop: TheShop) -> Json:  # noqa: N803
    """SAP's number, or ours while SAP does not have it."""
    return Json(codec_invoice.invoice(invoice_view.by_doc_num(shop, docNum)))


@router.get(
    "/invoices/customer/{cardCode}",
    summary="A customer's invoices, newest first",
    response_model=list[InvoiceDto],
)
def read_of_customer(cardCode: str, shop: TheShop, period: PeriodOf) -> Json:  # noqa: N803
    """Of a period, where one is given; the newest 500. 404 where there is no such customer."""
    customer = partner_of(shop, cardCode)
    found = invoice_view.page(
        shop,
        offset=0,
        limit=MOST,
        partner=customer.code,
        since=period.since,
        until=period.until,
    )
    return _list(found.invoices)


@router.get("/invoices/date-range", summary="Invoices of a period", response_model=list[InvoiceDto])
def read_period(shop: TheShop, period: PeriodOf) -> Json:
    """Both days are needed and included; the newest 500."""
    since, until = period.whole()
    found = invoice_view.page(shop, offset=0, limit=MOST, since=since, until=until)
    return _list(found.invoices)


@router.get(
    "/invoices/paged", summary="Invoices, newest first, by pages", response_model=list[InvoiceDto]
)
def read_paged(shop: TheShop, window: PageOf) -> Json:
    """Empty behind the last page."""
    found = invoice_view.page(shop, offset=window.offset, limit=window.size)
    return _list(found.invoices)


@router.get(
    "/invoices/{docEntry}/pdf",
    summary="An invoice on paper",
    response_class=Response,
    responses=file.PDF_RESPONSE,
)
def read_pdf(
    docEntry: Number,  # noqa: N803
    shop: TheShop,
    code: Annotated[str | None, Query(alias="fiscalQrCode", max_length=2000)] = None,
) -> Response:
    """From its fiscal record with the QR code of that record; 400 for any other code."""
    found = invoice_view.by_number(shop, docEntry)
    if code and code.strip() != found.fiscal.qr:
        why = "It is not the code of this invoice's fiscal record: leave it out."
        raise FieldsInvalid([Field("fiscalQrCode", why)])
    name = found.receipt or str(found.number)
    return file.pdf(invoice_paper.page_of(shop, found), f"{name}.pdf")


@router.get("/invoices/{docEntry}", summary="One invoice by its entry", response_model=InvoiceDto)
def read_invoice(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec_invoice.invoice(invoice_view.by_number(shop, docEntry)))


@router.get(
    "/credit-notes/by-docnum/{docNum}",
    summary="One credit note by its document number",
    response_model=CreditNoteDto,
)
def read_credit_note(docNum: Number, shop: TheShop) -> Json:  # noqa: N803
    """SAP's number, or ours while SAP does not have it."""
    return Json(codec_credit_note.credit_note(credit_notes.by_doc_num(shop, docNum)))


@router.post(
    "/sales-orders/convert-to-invoice",
    summary="Invoice a sales order",
    status_code=202,
    response_model=ConvertedAnswer,
)
def convert_order(
    question: ConvertOrder, account: ApiAccess, server: Server, request: Request
) -> Json:
    """Whole, or the lines named, at the agreed prices; its goods are taken now.

    Approved orders only, and each part once: 409 after that, or where the reference was used.
    """
    shop = server.shop
    order = trades.by_entry(shop, TradeKind.SALES_ORDER, question.sales_order_id)
    given = question.external_reference_id
    reference = given or unnamed(request, shop, f"SO-CONV-{order.number}", has_moment=False)
    made = convert.to_invoice(
        shop,
        account.actor,
        order.entry,
        codec_desktop.desktop_invoice_asked(question, order, reference=reference),
        document_id=document_id(request),
        is_again=is_again(request),
        allowed=account.warehouses,
    )
    server.post_soon()
    return Json(codec_desktop.converted(order, made, reference=reference), status_code=202)


def _made(server: Context, account: Account, question: QueueInvoice, request: Request) -> Confirmed:
    shop = server.shop
    given = question.external_reference_id
    reference = given or unnamed(request, shop, "DESKTOP")
    return invoice_queue.enqueue(
        shop,
        account.actor,
        codec_desktop.queued_ask(question, reference=reference),
        codec_desktop.heading(question),
        document_id=None if given else document_id(request),
        is_again=is_again(request),
        allowed=account.warehouses,
    )


def _list(found: tuple[Invoice, ...]) -> Json:
    return Json([codec_invoice.invoice(row) for row in found])
