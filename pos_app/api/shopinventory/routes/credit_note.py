"""``/api/CreditNote``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.own import OwnList, OwnOne, Scope
from pos_app.api.shopinventory import codec_credit_note
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, PeriodOf
from pos_app.api.shopinventory.schemas.credit_note import (
    CancelledList,
    CreditNoteDto,
    CreditNotePage,
    CreditNoteQuestion,
    CreditStateQuestion,
    DuplicatedList,
    FromInvoiceQuestion,
    ManyQuestion,
    NotesOfInvoice,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.money import total
from pos_app.domain.permission import Permission
from pos_app.domain.portal import SAID_INVOICES, UNSAID_NOTES
from pos_app.errors import PosError, Unavailable
from pos_app.services import invoice_view
from pos_app.services.credit_note import make, view
from pos_app.services.credit_note.view import CreditNote
from pos_app.services.session import Account

MayView = Depends(Needs(Permission.INVOICES_VIEW))
ScopeOf = Annotated[Scope, Depends(OwnList(Permission.INVOICES_VIEW))]
OneOf = Annotated[Scope, Depends(OwnOne(Permission.INVOICES_VIEW))]
MayMake = Annotated[Account, Depends(Needs(Permission.INVOICES_CREATE))]
MayEdit = Annotated[Account, Depends(Needs(Permission.INVOICES_EDIT))]
MayDelete = Annotated[Account, Depends(Needs(Permission.INVOICES_DELETE))]

router = APIRouter(prefix="/CreditNote", tags=["CreditNote"], route_class=WireRoute)


@router.post("", summary="Credit an invoice", status_code=201, response_model=CreditNoteDto)
def create(
    question: CreditNoteQuestion, account: MayMake, server: Server, request: Request
) -> Json:
    """Posted and filed at once where the user may pay back that much, else ``Pending``.

    Returns and damages credit goods at what was charged; adjustments and discounts correct a
    price by ``unitPrice`` times ``quantity``. Never more than is left of the invoice.
    """
    made = make.create(
        server.shop,
        account.actor,
        codec_credit_note.asked(question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    return _told(server, made, status=201)


@router.post(
    "/from-invoice/{invoiceId}",
    summary="Credit what is left of an invoice",
    status_code=201,
    response_model=CreditNoteDto,
)
def create_from(
    invoiceId: Number,  # noqa: N803
    account: MayMake,
    server: Server,
    request: Request,
    question: FromInvoiceQuestion | None = None,
) -> Json:
    """All that is left of it, or the lines named; by our own number of it or SAP's entry."""
    invoice_view.by_number(server.shop, invoiceId)
    made = make.create(
        server.shop,
        account.actor,
        codec_credit_note.asked_of(invoiceId, question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    return _told(server, made, status=201)


@router.get(
    "",
    summary="Credit notes, newest first",
    response_model=CreditNotePage,
)
def read_notes(
    *,
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
    status: Annotated[str | None, Query(max_length=20)] = None,
    scope: ScopeOf,
) -> Json:
    """Those of the back office and those that tills made; a portal account sees its own."""
    found = view.page(
        shop,
        offset=window.offset,
        limit=window.size,
        state=codec_credit_note.state_of(status) if status else None,
        partner=scope.partner,
        hidden=UNSAID_NOTES if scope.is_customers else frozenset(),
        since=period.since,
        until=period.until,
    )
    rows = codec_credit_note.credit_notes(found.notes)
    return Json(
        CreditNotePage(**window.envelope(found.total, len(rows)), items=rows, credit_notes=rows)
    )


@router.get(
    "/number/{creditNoteNumber}",
    summary="One credit note by its number",
    response_model=CreditNoteDto,
)
def read_by_number(creditNoteNumber: str, scope: OneOf, shop: TheShop) -> Json:  # noqa: N803
    """``CN-20260401-0001``, or the receipt number of a till's. A portal account sees its own."""
    found = _shown(scope, view.by_name(shop, creditNoteNumber), creditNoteNumber)
    return Json(codec_credit_note.credit_note(found))


@router.get(
    "/by-invoice/{invoiceId}",
    summary="The credit notes of one invoice",
    response_model=NotesOfInvoice,
)
def read_of_invoice(invoiceId: Number, scope: OneOf, shop: TheShop) -> Json:  # noqa: N803
    """Oldest first; what waits or was cancelled credits nothing. A portal account sees its own."""
    invoice, notes = view.of_invoice(shop, invoiceId)
    is_said = invoice.status in SAID_INVOICES
    scope.check("invoice", invoiceId, partner=invoice.partner, is_said=is_said)
    if scope.is_customers:
        notes = tuple(note for note in notes if note.state not in UNSAID_NOTES)
    credited = total((note.total for note in notes if note.receipt), invoice.total.currency)
    return Json(
        NotesOfInvoice(
            invoice_id=invoiceId,
            has_existing_credit_notes=bool(notes),
            total_credited_amount=credited.amount,
            credit_notes=codec_credit_note.credit_notes(notes),
        )
    )


@router.get(
    "/{id}",
    summary="One credit note",
    response_model=CreditNoteDto,
)
def read_note(id: Number, scope: OneOf, shop: TheShop) -> Json:  # noqa: A002 - the contract's name
    """By our own number, which stays valid for ever, or by SAP's entry.

    A portal account sees its own.
    """
    return Json(codec_credit_note.credit_note(_shown(scope, view.by_number(shop, id), id)))


@router.patch("/{id}/status", summary="Move a credit note on", response_model=CreditNoteDto)
def set_state(
    id: Number,  # noqa: A002
    question: CreditStateQuestion,
    account: MayEdit,
    server: Server,
) -> Json:
    """While it waits; ``Approved`` posts it, and a posted one stays: 409."""
    made = make.to_state(
        server.shop,
        account.actor,
        id,
        new=codec_credit_note.state_of(question.status),
        allowed=account.warehouses,
    )
    return _told(server, made)


@router.post("/{id}/approve", summary="Approve a credit note", response_model=CreditNoteDto)
def approve(id: Number, account: MayEdit, server: Server) -> Json:  # noqa: A002
    """Posts and files it; 403 above what the user may pay back."""
    return _told(server, make.approve(server.shop, account.actor, id, allowed=account.warehouses))


@router.delete("/{id}", summary="Delete a credit note", status_code=204, response_class=Response)
def delete(id: Number, account: MayDelete, shop: TheShop) -> Response:  # noqa: A002
    """Drafts and cancelled ones; 409 otherwise."""
    make.drop(shop, account.actor, id)
    return Response(status_code=204)


@router.post("/bulk-cancel", summary="Cancel several", response_model=CancelledList)
def cancel_many(question: ManyQuestion, account: MayEdit, shop: TheShop) -> Json:
    """Each for itself; what is posted stays, and says so."""

    def one(number: int) -> CreditNote:
        return make.cancel(shop, account.actor, number, reason=question.reason or "")

    rows = [
        codec_credit_note.cancelled(number, _tried(one, number))
        for number in question.credit_note_doc_entries
    ]
    done = sum(row.success for row in rows)
    return Json(
        CancelledList(
            requested_count=len(rows),
            success_count=done,
            failed_count=len(rows) - done,
            results=rows,
        )
    )


@router.post("/duplicate-cancelled", summary="Make several anew", response_model=DuplicatedList)
def duplicate_many(question: ManyQuestion, account: MayMake, shop: TheShop) -> Json:
    """Each for itself, as things are now; only those that were cancelled."""

    def one(number: int) -> CreditNote:
        return make.duplicate(
            shop,
            account.actor,
            number,
            reason=question.reason or "",
            allowed=account.warehouses,
        )

    def name_of(number: int) -> str:
        known = _tried(lambda asked: view.by_number(shop, asked), number)
        return "" if isinstance(known, PosError) else known.name

    rows = [
        codec_credit_note.duplicated(number, name_of(number), _tried(one, number))
        for number in question.credit_note_doc_entries
    ]
    done = sum(row.success for row in rows)
    return Json(
        DuplicatedList(
            requested_count=len(rows),
            success_count=done,
            failed_count=len(rows) - done,
            results=rows,
        )
    )


def _shown(scope: Scope, found: CreditNote, name: object) -> CreditNote:
    is_said = found.state not in UNSAID_NOTES
    scope.check("credit note", name, partner=found.partner, is_said=is_said)
    return found


def _tried(one: Callable[[int], CreditNote], number: int) -> CreditNote | PosError:
    """One of several; an outage ends them all."""
    try:
        return one(number)
    except Unavailable:
        raise
    except PosError as error:
        return error


def _told(server: Server, made: CreditNote, *, status: int = 200) -> Json:
    shown = booked(server, made, view.booked)
    return Json(codec_credit_note.credit_note(shown), status_code=status)
