"""``/api/Invoice``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.errors import Field as WrongField
from pos_app.api.errors import FieldsInvalid
from pos_app.api.idempotency import document_id
from pos_app.api.shopinventory import codec_invoice
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, Period, PeriodOf, Window
from pos_app.api.shopinventory.schemas.invoice import (
    ConfirmQuestion,
    InvoiceDto,
    InvoiceMade,
    InvoicePage,
    InvoiceQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission, Role
from pos_app.services import batch, invoice, invoice_draft, invoice_view
from pos_app.services.invoice_order import Order
from pos_app.services.invoice_view import Page
from pos_app.services.session import Account

router = APIRouter(prefix="/Invoice", tags=["Invoice"], route_class=WireRoute)

MayMake = Annotated[Account, Depends(Needs(roles=(Role.ADMIN, Role.CASHIER)))]
MayView = Depends(Needs(Permission.INVOICES_VIEW))
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
    missing = [
        WrongField(name, "This field is required.")
        for name, day in (("fromDate", period.since), ("toDate", period.until))
        if day is None
    ]
    if missing:
        raise FieldsInvalid(missing)
    found = invoice_view.page(
        shop,
        offset=window.offset,
        limit=window.size,
        since=period.since,
        until=period.until,
    )
    return _page(found, window, period)


@router.get(
    "/docnum/{docNum}",
    summary="One invoice by its document number",
    response_model=InvoiceDto,
    dependencies=[MayView],
)
def read_by_number(docNum: Number, shop: TheShop) -> Json:  # noqa: N803
    """SAP's number, or ours while SAP does not have it."""
    return Json(codec_invoice.invoice(invoice_view.by_doc_num(shop, docNum)))


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
    dependencies=[MayView],
)
def read_invoice(id: Number, shop: TheShop) -> Json:  # noqa: A002 - the contract's name
    """SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec_invoice.invoice(invoice_view.by_number(shop, id)))


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
