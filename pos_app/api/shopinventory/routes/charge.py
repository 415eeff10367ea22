"""``/api/Payment``: payments by mobile money, and what their providers tell of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from pos_app.api.auth import API_ACCESS, ApiAccess, Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.shopinventory import codec_charge
from pos_app.api.shopinventory.page import PageOf
from pos_app.api.shopinventory.schemas.charge import (
    ChargePage,
    ChargeStatus,
    Done,
    Initiated,
    InitiateQuestion,
    Providers,
    RefundDone,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.charge import ChargeState
from pos_app.domain.money import Money
from pos_app.domain.permission import Role
from pos_app.services import payment
from pos_app.services.charge import ask, hear, refund, review, view
from pos_app.services.session import Account

router = APIRouter(prefix="/Payment", tags=["Payment"], route_class=WireRoute)

Id = Annotated[str, Path(alias="id", max_length=100, description="The transactionId.")]
IsAdmin = Annotated[Account, Depends(Needs(roles=(Role.ADMIN,)))]
BackAmount = Annotated[
    Decimal | None,
    Query(
        gt=0, le=10**13, max_digits=16, decimal_places=2, description="Absent: all that is left."
    ),
]
REFUSED: dict[int | str, dict[str, Any]] = {
    502: {"description": "The provider refused it; no money moves"}
}


@router.get(
    "/providers",
    summary="Ways to pay by mobile money",
    response_model=Providers,
    dependencies=[API_ACCESS],
)
def read_providers(server: Server) -> Json:
    """All three, also those that are not set up."""
    return Json(codec_charge.providers(server.settings.gateways))


@router.post(
    "/initiate",
    summary="Ask a customer to pay",
    response_model=Initiated,
    responses=REFUSED,
)
def initiate(
    question: InitiateQuestion, account: ApiAccess, server: Server, request: Request
) -> Json:
    """Asked once; ``Pending`` means that nobody knows yet whether the customer was asked."""
    payment.check_wallet(account.actor, question.provider, account.payment_methods)
    made = ask.ask(
        server.shop,
        server.settings.gateways,
        account.actor,
        codec_charge.wish(question),
        charge_id=document_id(request),
    )
    return Json(codec_charge.initiated(made))


@router.get(
    "/transactions",
    summary="Payments, newest first",
    response_model=ChargePage,
    dependencies=[API_ACCESS],
)
def read_transactions(
    shop: TheShop,
    window: PageOf,
    provider: Annotated[str | None, Query(max_length=30)] = None,
    status: Annotated[ChargeState | None, Query()] = None,
) -> Json:
    """Of one provider or in one state; ``totalAmount`` sums those with success."""
    found = view.page(
        shop,
        provider=provider.strip().lower() if provider else None,
        state=status,
        offset=window.offset,
        limit=window.size,
    )
    return Json(codec_charge.page(found, window))


@router.get(
    "/{id}/status",
    summary="How a payment stands",
    response_model=ChargeStatus,
    dependencies=[API_ACCESS],
)
def read_status(charge_id: Id, shop: TheShop) -> Json:
    """As last read from the provider, which is asked in the background until it is final."""
    return Json(codec_charge.status(view.get(shop, charge_id)))


@router.post("/{id}/cancel", summary="Give up a payment", response_model=Done)
def cancel(charge_id: Id, account: ApiAccess, shop: TheShop) -> Json:
    """Only while it is ``Pending``; money that comes after all is kept and shown to a person."""
    review.cancel(shop, account.actor, charge_id)
    return Json(Done(message="The payment is cancelled."))


@router.post(
    "/{id}/refund",
    summary="Give money back",
    response_model=RefundDone,
    responses=REFUSED | {202: {"model": RefundDone, "description": "Not given back yet"}},
)
def give_back(
    charge_id: Id, account: IsAdmin, server: Server, request: Request, amount: BackAmount = None
) -> Json:
    """All that is left or ``amount``; 202 while it is on its way or a person has to give it."""
    shop = server.shop
    currency = view.get(shop, charge_id).amount.currency
    made = refund.give_back(
        shop,
        server.settings.gateways,
        account.actor,
        charge_id,
        amount=None if amount is None else Money.of(amount, currency),
        refund_id=document_id(request),
    )
    return Json(codec_charge.refund(made), status_code=200 if made.state == refund.DONE else 202)


async def _raw(request: Request) -> bytes:
    return await request.body()


Raw = Annotated[bytes, Depends(_raw)]

_FIELDS = ("reference", "paynowreference", "amount", "status", "pollurl", "hash")
_FORM = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in _FIELDS},
                }
            }
        }
    }
}
_JSON = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"type": "object", "title": "PaymentCallbackPayload"},
            }
        }
    }
}
_CALLBACK: dict[int | str, dict[str, Any]] = {
    401: {"description": "Its signature is wrong"},
    404: {"description": "Nobody here asked for this money; it was kept for a person"},
}


@router.post(
    "/callback/paynow",
    summary="PayNow tells of a change",
    response_model=Done,
    responses=_CALLBACK,
    openapi_extra=_FORM,
)
def hear_paynow(body: Raw, server: Server, request: Request) -> Json:
    """Form-encoded, proven by its SHA-512 hash; the payment is read from PayNow at once."""
    return _heard(server, request, "paynow", body)


@router.post(
    "/callback/innbucks",
    summary="InnBucks tells of a change",
    response_model=Done,
    responses=_CALLBACK,
    openapi_extra=_JSON,
)
def hear_innbucks(body: Raw, server: Server, request: Request) -> Json:
    """JSON, proven by HMAC-SHA256 in ``X-Signature`` or ``signature``."""
    return _heard(server, request, "innbucks", body)


@router.post(
    "/callback/ecocash",
    summary="EcoCash tells of a change",
    response_model=Done,
    responses=_CALLBACK,
    openapi_extra=_JSON,
)
def hear_ecocash(body: Raw, server: Server, request: Request) -> Json:
    """JSON, proven by HMAC-SHA256 in ``X-Signature`` or ``signature``."""
    return _heard(server, request, "ecocash", body)


def _heard(server: Server, request: Request, provider: str, body: bytes) -> Json:
    headers = {name.lower(): value for name, value in request.headers.items()}
    hear.hear(server.shop, server.settings.gateways, provider, body, headers)
    return Json(Done(message="Taken."))
