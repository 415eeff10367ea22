"""``/api/DesktopIntegration/reservations``: stock held for a document that is still to come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from pos_app.api.auth import API_ACCESS, ApiAccess
from pos_app.api.context import Context, Server, TheShop
from pos_app.api.shopinventory import codec_desktop
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import PageOf, Window
from pos_app.api.shopinventory.schemas.desktop import (
    CancelReservation,
    ConfirmAnswer,
    ConfirmById,
    ConfirmReservation,
    RenewReservation,
    ReservationAnswer,
    ReservationDto,
    ReservationPage,
    ReservationQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.reservation import ReservationState
from pos_app.services import invoice, invoice_price, invoice_queue, reservation, reservation_view
from pos_app.services.invoice_queue import Confirmed
from pos_app.services.reservation_view import Page
from pos_app.services.session import Account
from pos_app.services.shop import Shop

router = APIRouter(
    prefix="/DesktopIntegration/reservations",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

NONE = Page(0, ())


@router.post(
    "",
    summary="Hold stock",
    status_code=201,
    response_model=ReservationAnswer,
    responses={200: {"model": ReservationAnswer, "description": "It was reserved before"}},
)
def create(question: ReservationQuestion, account: ApiAccess, shop: TheShop) -> Json:
    """All lines or none; the same reference again gives the first reservation while it stands."""
    ask = codec_desktop.ask(question)
    invoice_price.check_places(
        account.actor, [line.warehouse for line in ask.lines], account.warehouses
    )
    made = reservation.create(shop, account.actor, ask)
    words = f"Stock is reserved until {made.held.expires_at:%Y-%m-%d %H:%M} UTC."
    told = codec_desktop.reservation_answer(made.held, words, warnings=made.warnings)
    return Json(told, status_code=201 if made.is_new else 200)


@router.get("", summary="Reservations, newest first", response_model=ReservationPage)
def read_page(
    *,
    shop: TheShop,
    window: PageOf,
    source: Annotated[str | None, Query(alias="sourceSystem", max_length=100)] = None,
    status: Annotated[ReservationState | None, Query()] = None,
    partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
    reference: Annotated[str | None, Query(alias="externalReferenceId", max_length=100)] = None,
    is_active: Annotated[bool | None, Query(alias="activeOnly")] = None,
) -> Json:
    """Those that hold stock now, unless ``status`` or ``activeOnly=false`` asks for others."""
    only_active = status is None if is_active is None else is_active
    states = {status} if status else set(ReservationState)
    if only_active:
        states &= {ReservationState.PENDING}
    if not states:
        return _page(window, NONE)
    found = reservation_view.page(
        shop,
        offset=window.offset,
        limit=window.size,
        states=sorted(states),
        source=source,
        partner=partner,
        reference=reference,
    )
    return _page(window, found)


@router.get(
    "/by-reference/{externalReferenceId}",
    summary="One reservation by the caller's reference",
    response_model=ReservationDto,
)
def read_by_reference(externalReferenceId: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where nothing was reserved under it."""
    held = reservation_view.by_reference(shop, externalReferenceId)
    return Json(codec_desktop.reservation(held))


@router.get("/{reservationId}", summary="One reservation", response_model=ReservationDto)
def read_reservation(reservationId: str, shop: TheShop) -> Json:  # noqa: N803
    """By its identity, or by the caller's reference."""
    return Json(codec_desktop.reservation(reservation_view.get(shop, reservationId)))


@router.put(
    "/{reservationId}/confirm",
    summary="Turn a reservation into its invoice",
    response_model=ConfirmAnswer,
)
def confirm(
    reservationId: str,  # noqa: N803
    account: ApiAccess,
    server: Server,
    question: Annotated[ConfirmReservation | None, Body()] = None,
) -> Json:
    """With the batches it held; 409 where it is over."""
    return _confirmed(server, account, reservationId, question or ConfirmReservation())


@router.post(
    "/confirm",
    summary="Turn a reservation into its invoice, under its other path",
    response_model=ConfirmAnswer,
)
def confirm_named(question: ConfirmById, account: ApiAccess, server: Server) -> Json:
    """With the batches it held; 409 where it is over."""
    return _confirmed(server, account, question.reservation_id, question)


@router.delete("/{reservationId}", summary="Let a reservation go", response_model=ReservationAnswer)
def cancel(
    reservationId: str,  # noqa: N803
    account: ApiAccess,
    shop: TheShop,
    reason: Annotated[str, Query(max_length=500)] = "",
) -> Json:
    """Cancelling it again is no error; 409 where it became an invoice or ran out."""
    return _cancelled(shop, account, reservationId, reason.strip())


@router.post(
    "/cancel",
    summary="Let a reservation go, under its other path",
    response_model=ReservationAnswer,
)
def cancel_named(question: CancelReservation, account: ApiAccess, shop: TheShop) -> Json:
    """Cancelling it again is no error; 409 where it became an invoice or ran out."""
    return _cancelled(shop, account, question.reservation_id, question.reason or "")


@router.post("/renew", summary="Hold stock for longer", response_model=ReservationAnswer)
def renew(question: RenewReservation, account: ApiAccess, shop: TheShop) -> Json:
    """From now on; ten times at most. 409 where it is over, 400 after the tenth time."""
    del account
    held = reservation.renew(shop, question.reservation_id, minutes=question.extension_minutes)
    words = f"Stock is reserved until {held.expires_at:%Y-%m-%d %H:%M} UTC."
    return Json(codec_desktop.reservation_answer(held, words))


def _confirmed(
    server: Context, account: Account, reservation_id: str, question: ConfirmReservation
) -> Json:
    found = invoice_queue.confirm(
        server.shop,
        account.actor,
        reservation_id,
        codec_desktop.heading(question),
        allowed=account.warehouses,
    )
    seen = Confirmed(found.held, booked(server, found.invoice, invoice.booked))
    return Json(codec_desktop.confirmed(seen))


def _cancelled(shop: Shop, account: Account, reservation_id: str, reason: str) -> Json:
    held = reservation.cancel(shop, account.actor, reservation_id, reason=reason)
    return Json(codec_desktop.reservation_answer(held, "The reservation is cancelled."))


def _page(window: Window, found: Page) -> Json:
    rows = [codec_desktop.reservation(held) for held in found.holds]
    return Json(
        ReservationPage(**window.envelope(found.total, len(rows)), items=rows, reservations=rows)
    )
