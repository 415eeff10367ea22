"""``/api/DesktopIntegration``: reservations, queued invoices, batches checked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request

from pos_app.api.auth import API_ACCESS, ApiAccess
from pos_app.api.context import Server, TheShop
from pos_app.api.shopinventory import codec_desktop
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.schemas.desktop import (
    AllocationAnswer,
    AllocationQuestion,
    ConfirmAnswer,
    ConfirmReservation,
    QueuedAnswer,
    QueueInvoice,
    ReservationAnswer,
    ReservationDto,
    ReservationQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.batch import Strategy
from pos_app.services import (
    batch,
    invoice,
    invoice_price,
    invoice_queue,
    reservation,
    reservation_view,
)
from pos_app.services.invoice_queue import Confirmed
from pos_app.services.shop import Shop

router = APIRouter(
    prefix="/DesktopIntegration",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)


@router.post(
    "/reservations",
    summary="Hold stock",
    status_code=201,
    response_model=ReservationAnswer,
    responses={200: {"model": ReservationAnswer, "description": "It was reserved before"}},
)
def create_reservation(question: ReservationQuestion, account: ApiAccess, shop: TheShop) -> Json:
    """All lines or none; the same reference again gives the first reservation while it stands."""
    ask = codec_desktop.ask(question)
    invoice_price.check_places(
        account.actor, [line.warehouse for line in ask.lines], account.warehouses
    )
    made = reservation.create(shop, account.actor, ask)
    words = f"Stock is reserved until {made.held.expires_at:%Y-%m-%d %H:%M} UTC."
    told = codec_desktop.reservation_answer(made.held, words, warnings=made.warnings)
    return Json(told, status_code=201 if made.is_new else 200)


@router.get(
    "/reservations/{reservationId}", summary="One reservation", response_model=ReservationDto
)
def read_reservation(reservationId: str, shop: TheShop) -> Json:  # noqa: N803
    """By its identity, or by the caller's reference."""
    return Json(codec_desktop.reservation(reservation_view.get(shop, reservationId)))


@router.put(
    "/reservations/{reservationId}/confirm",
    summary="Turn a reservation into its invoice",
    response_model=ConfirmAnswer,
)
def confirm_reservation(
    reservationId: str,  # noqa: N803
    account: ApiAccess,
    server: Server,
    question: Annotated[ConfirmReservation | None, Body()] = None,
) -> Json:
    """With the batches it held; 409 where it is over."""
    heading = codec_desktop.heading(question or ConfirmReservation())
    found = invoice_queue.confirm(
        server.shop, account.actor, reservationId, heading, allowed=account.warehouses
    )
    seen = Confirmed(found.held, booked(server, found.invoice, invoice.booked))
    return Json(codec_desktop.confirmed(seen))


@router.delete(
    "/reservations/{reservationId}",
    summary="Let a reservation go",
    response_model=ReservationAnswer,
)
def cancel_reservation(
    reservationId: str,  # noqa: N803
    account: ApiAccess,
    shop: TheShop,
    reason: Annotated[str, Query(max_length=500)] = "",
) -> Json:
    """Cancelling it again is no error; 409 where it became an invoice or ran out."""
    held = reservation.cancel(shop, account.actor, reservationId, reason=reason.strip())
    return Json(codec_desktop.reservation_answer(held, "The reservation is cancelled."))


@router.post(
    "/invoices/queue",
    summary="Queue an invoice",
    status_code=202,
    response_model=QueuedAnswer,
)
def queue_invoice(
    question: QueueInvoice, account: ApiAccess, server: Server, request: Request
) -> Json:
    """The invoice is made and its goods are taken now; only SAP hears of it later."""
    del request
    shop = server.shop
    reference = question.external_reference_id or _reference(shop)
    found = invoice_queue.enqueue(
        shop,
        account.actor,
        codec_desktop.queued_ask(question, reference=reference),
        codec_desktop.heading(question),
        allowed=account.warehouses,
    )
    if server.settings.post_soon is not None:
        server.settings.post_soon()
    return Json(codec_desktop.queued(found), status_code=202)


@router.post(
    "/validate-batch-allocation",
    summary="Check or choose the batches of a document",
    response_model=AllocationAnswer,
)
def validate_allocation(question: AllocationQuestion, shop: TheShop) -> Json:
    """200 whether it can be served or not: ``isValid`` says so. Nothing is taken or held."""
    wants = codec_desktop.wants(question)
    strategy = batch.strategy_of(question.strategy) if question.strategy else Strategy.FEFO
    judged = batch.validate(shop, wants, strategy=strategy)
    return Json(codec_desktop.allocation(judged, len(wants)))


def _reference(shop: Shop) -> str:
    """What a document is known by whose caller names no reference."""
    return f"DESKTOP-{shop.clock.now():%Y%m%d%H%M%S}-{shop.ids.new().replace('-', '')[-8:]}"
