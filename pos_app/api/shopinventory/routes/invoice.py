"""``/api/Invoice``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.errors import Field as WrongField
from pos_app.api.errors import FieldsInvalid
from pos_app.api.idempotency import document_id, is_again
from pos_app.api.own import OwnOne, OwnPath, Scope
from pos_app.api.shopinventory import codec_invoice, codec_invoice_batch, file
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, Period, PeriodOf, Window
from pos_app.api.shopinventory.schemas.invoice import (
    ConfirmQuestion,
    CustomerInvoicePage,
    InvoiceDto,
    InvoiceMade,
    InvoicePage,
    InvoiceQuestion,
)
from pos_app.api.shopinventory.schemas.invoice_batch import FreeBatches, InvoiceVerdict
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission, Role
from pos_app.domain.portal import SAID_INVOICES
from pos_app.services import (
    batch,
    catalogue,
    invoice,
    invoice_draft,
    invoice_paper,
    invoice_view,
)
from pos_app.services.invoice_order import Order, Origin, wants_of
from pos_app.services.invoice_view import Invoice, Page
from pos_app.services.partner import get as partner_of
from pos_app.services.session import Account

router = APIRouter(prefix="/Invoice", tags=["Invoice"], route_class=WireRoute)

MayMake = Annotated[Account, Depends(Needs(roles=(Role.ADMIN, Role.CASHIER)))]
MayView = Depends(Needs(Permission.INVOICES_VIEW))
MayViewOwn = Annotated[Account, Depends(OwnPath(Permission.INVOICES_VIEW))]
OneOf = Annotated[Scope, Depends(OwnOne(Permission.INVOICES_VIEW))]
MayEdit = Annotated[Account, Depends(Needs(Permission.INVOICES_EDIT))]
MayDelete = Annotated[Account, Depends(Needs(Permission.INVOICES_DELETE))]
MayConfirm = Annotated[Account, Depends(Needs(Permission.INVOICES_CREATE))]

STATUSES = {
    "draft": ("Draft",),
    "open": ("Open",),
    "closed": ("Closed",),
    "posted": ("Open", "Closed"),
    "cancelled": ("Cancelled",),
}
DRAFT_WORDS = {"draft": True, "posted": False, "open": False}


def _query(
    question: InvoiceQuestion,
    strategy: Annotated[str, Query(alias="allocationStrategy")] = "FEFO",
    warehouse: Annotated[str, Query(alias="warehouseCode", max_length=20)] = "",
    is_auto: Annotated[bool, Query(alias="autoAllocateBatches")] = True,
) -> Order:
    return codec_invoice.order(
        question,
        strategy=batch.strategy_of(strategy),
        warehouse=warehouse.strip(),
        is_auto=is_auto,
    )


TheOrder = Annotated[Order, Depends(_query)]


@router.post("", summary="Make an invoice", status_code=201, response_model=InvoiceMade)
def create(
    question: InvoiceQuestion,
    order: TheOrder,
    account: MayMake,
    server: Server,
    request: Request,
) -> Json:
    """Takes the goods, allocates their batches and queues the invoice for SAP, all or nothing.

    The answer waits a moment for SAP; where SAP does not answer in time, ``sapStatus`` is
    ``Pending`` and the invoice is posted later by itself. ``status: Draft`` keeps it open instead.
    """
    make = invoice_draft.create if _is_draft(question) else invoice.create
    made = make(
        server.shop,
        account.actor,
        order,
        document_id=document_id(request),
        is_again=is_again(request),
        allowed=account.warehouses,
    )
    return Json(codec_invoice.invoice_made(booked(server, made, invoice.booked)), status_code=201)


@router.get(
    "",
    summary="Invoices, newest first",
    response_model=InvoicePage,
    dependencies=[MayView],
)
def read_invoices(
    *,
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
    status: Annotated[str | None, Query(max_length=20)] = None,
    partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
    warehouse: Annotated[str | None, Query(alias="warehouseCode", max_length=20)] = None,
) -> Json:
    """``status``: Draft, Open, Closed or Posted."""
    found = invoice_view.page(
        shop,
        offset=window.offset,
        limit=window.size,
        statuses=_statuses(status),
        partner=partner,
        warehouse=warehouse,
        since=period.since,
        until=period.until,
    )
    return _page(found, window, period)


@router.get(
    "/date-range",
    summary="Invoices of a period",
    response_model=InvoicePage,
    dependencies=[MayView],
)
def read_period(shop: TheShop, window: PageOf, period: PeriodOf) -> Json:
    """Both days are needed and included."""
    since, until = period.whole()
    found = invoice_view.page(
        shop, offset=window.offset, limit=window.size, since=since, until=until
    )
    return _page(found, window, period)


@router.get(
    "/by-docnum/{docNum}",
    summary="One invoice by its document number, under its other path",
    response_model=InvoiceDto,
)
@router.get(
    "/docnum/{docNum}",
    summary="One invoice by its document number",
    response_model=InvoiceDto,
)
def read_by_number(docNum: Number, scope: OneOf, shop: TheShop) -> Json:  # noqa: N803
    """SAP's number, or ours while SAP does not have it. A portal account sees its own."""
    found = _shown(scope, invoice_view.by_doc_num(shop, docNum), docNum)
    return Json(codec_invoice.invoice(found))


@router.get(
    "/paged",
    summary="Invoices, newest first, or one by its number",
    response_model=InvoicePage,
    dependencies=[MayView],
)
def read_paged(
    *,
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
    number: Annotated[int | None, Query(alias="docNum", ge=1, le=2**63 - 1)] = None,
    partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
) -> Json:
    """With ``docNum`` the one invoice of that number, or none."""
    if number is not None:
        one = invoice_view.page_of_one(shop, number)
        return _page(one, window, period)
    found = invoice_view.page(
        shop,
        offset=window.offset,
        limit=window.size,
        partner=partner,
        since=period.since,
        until=period.until,
    )
    return _page(found, window, period)


@router.get(
    "/customer/{cardCode}",
    summary="A customer's invoices, newest first",
    response_model=CustomerInvoicePage,
)
def read_of_customer(
    cardCode: str,  # noqa: N803
    account: MayViewOwn,
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
) -> Json:
    """Of a period, where one is given; 404 where there is no such customer.

    A portal account sees its own, drafts left out.
    """
    customer = partner_of(shop, cardCode)
    found = invoice_view.page(
        shop,
        offset=window.offset,
        limit=window.size,
        statuses=SAID_INVOICES if account.actor.role == Role.CUSTOMER else (),
        partner=customer.code,
        since=period.since,
        until=period.until,
    )
    rows = [codec_invoice.invoice(row) for row in found.invoices]
    return Json(
        CustomerInvoicePage(
            **window.envelope(found.total, len(rows)),
            date=period.since if period.since == period.until else None,
            from_date=period.since,
            to_date=period.until,
            customer=customer.code,
            items=rows,
            invoices=rows,
        )
    )


@router.post(
    "/validate", summary="Judge an invoice without making it", response_model=InvoiceVerdict
)
def validate(question: InvoiceQuestion, order: TheOrder, account: MayMake, shop: TheShop) -> Json:
    """Prices, taxes, stock and batches as they are now; nothing is promised."""
    origin = Origin(document_id=shop.ids.new(), allowed=account.warehouses)
    sale = invoice.priced(shop, account.actor, order, origin)
    judged = batch.validate(shop, wants_of(order), strategy=order.strategy)
    return Json(codec_invoice_batch.verdict(sale, judged, lines=len(question.lines)))


@router.get(
    "/{itemCode}/batches/{warehouseCode}",
    summary="The batches an invoice would take",
    response_model=FreeBatches,
    dependencies=[MayView],
)
def read_batches(
    itemCode: str,  # noqa: N803
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    strategy: Annotated[str, Query(max_length=20)] = "FEFO",
) -> Json:
    """Released, unexpired and not reserved, in the order they would be taken."""
    chosen = batch.strategy_of(strategy)
    item, lots = catalogue.lots_in_order(shop, itemCode, warehouseCode, strategy=chosen)
    return Json(
        codec_invoice_batch.free_batches(item, lots, warehouse=warehouseCode, strategy=chosen)
    )


@router.get(
    "/{docEntry}/pdf",
    summary="An invoice on paper",
    response_class=Response,
    responses=file.PDF_RESPONSE,
)
def read_pdf(docEntry: Number, scope: OneOf, shop: TheShop) -> Response:  # noqa: N803
    """From its fiscal record with its QR code; 400 until there is one.

    Where the shop files nothing for it the page is pro forma and says so. What a till sold comes
    as a COPY. A portal account gets its own.
    """
    found = _shown(scope, invoice_view.by_number(shop, docEntry), docEntry)
    name = found.receipt or str(found.number)
    return file.pdf(invoice_paper.page_of(shop, found), f"{name}.pdf")


@router.post("/confirm", summary="Post a draft", response_model=InvoiceMade)
def confirm(question: ConfirmQuestion, account: MayConfirm, server: Server) -> Json:
    """At the prices of now; 409 where it is posted already."""
    made = invoice_draft.confirm(
        server.shop,
        account.actor,
        question.invoice_id,
        is_fiscal=question.fiscalize,
        allowed=account.warehouses,
    )
    return Json(codec_invoice.invoice_made(booked(server, made, invoice.booked)))


@router.get(
    "/{id}",
    summary="One invoice by its entry",
    response_model=InvoiceDto,
)
def read_invoice(id: Number, scope: OneOf, shop: TheShop) -> Json:  # noqa: A002
    """SAP's DocEntry, or our own number, which stays valid for ever.

    A portal account sees its own.
    """
    return Json(codec_invoice.invoice(_shown(scope, invoice_view.by_number(shop, id), id)))


@router.put("/{id}", summary="Change a draft", response_model=InvoiceDto)
def change(id: Number, order: TheOrder, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """Replaces everything it says; 409 where it is posted."""
    made = invoice_draft.change(shop, account.actor, id, order, allowed=account.warehouses)
    return Json(codec_invoice.invoice(made))


@router.delete("/{id}", summary="Delete a draft", status_code=204, response_class=Response)
def delete(id: Number, account: MayDelete, shop: TheShop) -> Response:  # noqa: A002
    """409 where it is posted."""
    invoice_draft.drop(shop, account.actor, id)
    return Response(status_code=204)


def _shown(scope: Scope, found: Invoice, number: int) -> Invoice:
    is_said = found.status in SAID_INVOICES
    scope.check("invoice", number, partner=found.partner, is_said=is_said)
    return found


def _is_draft(question: InvoiceQuestion) -> bool:
    word = (question.status or "posted").lower()
    if word not in DRAFT_WORDS:
        raise FieldsInvalid([WrongField("status", "Use Draft, or leave it out to post.")])
    return DRAFT_WORDS[word]


def _statuses(status: str | None) -> tuple[str, ...]:
    if not status:
        return ()
    known = STATUSES.get(status.strip().lower())
    if known is None:
        raise FieldsInvalid([WrongField("status", "Use Draft, Open, Closed or Posted.")])
    return known


def _page(found: Page, window: Window, period: Period) -> Json:
    rows = [codec_invoice.invoice(row) for row in found.invoices]
    return Json(
        InvoicePage(
            **window.envelope(found.total, len(rows)),
            from_date=period.since,
            to_date=period.until,
            items=rows,
            invoices=rows,
        )
    )
