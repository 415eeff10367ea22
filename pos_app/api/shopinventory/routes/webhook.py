"""``/api/Webhook``: programs that want to be told what happens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from pos_app.api.auth import Needs
from pos_app.api.context import Context, Server, TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_webhook
from pos_app.api.shopinventory.page import FURTHEST, MOST, Number, Window
from pos_app.api.shopinventory.schemas.webhook import (
    CreateWebhook,
    TestWebhook,
    UpdateWebhook,
    WebhookDeliveryPage,
    WebhookDto,
    WebhookEventTypes,
    WebhookTested,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Role
from pos_app.domain.webhook import WebhookInvalid
from pos_app.services.seal import Seal
from pos_app.services.session import Account
from pos_app.services.webhook import book

IS_ADMIN = Needs(roles=(Role.ADMIN,))
OnlyAdmin = Depends(IS_ADMIN)
IsAdmin = Annotated[Account, OnlyAdmin]

router = APIRouter(prefix="/Webhook", tags=["Webhook"], route_class=WireRoute)


@router.get("", summary="Webhooks", response_model=list[WebhookDto], dependencies=[OnlyAdmin])
def read_webhooks(shop: TheShop) -> Json:
    """In the order they were made, without their secrets."""
    return Json([codec_webhook.webhook(row) for row in book.every(shop)])


@router.post("", summary="Make a webhook", status_code=201, response_model=WebhookDto)
def create(question: CreateWebhook, account: IsAdmin, server: Server) -> Json:
    """Public addresses alone, on ports 80, 443, 8080 and 8443, or what the settings allow."""
    try:
        made = book.add(
            server.shop,
            account.actor,
            codec_webhook.wanted(question),
            seal=_seal(server),
            policy=server.settings.webhook_policy,
        )
    except WebhookInvalid as error:
        raise _field(error) from error
    return Json(codec_webhook.webhook(made), status_code=201)


@router.get("/event-types", summary="What there is to be told", response_model=WebhookEventTypes)
def read_event_types() -> Json:
    """Every event, with what it belongs to and when it comes."""
    return Json(codec_webhook.event_types())


@router.get(
    "/deliveries",
    summary="Every try, newest first",
    response_model=WebhookDeliveryPage,
    dependencies=[OnlyAdmin],
)
def read_deliveries(
    shop: TheShop,
    webhook: Annotated[int | None, Query(alias="webhookId", ge=-(2**63), le=2**63 - 1)] = None,
    page: Annotated[int, Query(description="From 1; less is 1.")] = 1,
    size: Annotated[int, Query(alias="pageSize", description=f"1 to {MOST}.")] = 50,
) -> Json:
    """Of one webhook or of all; kept for 30 days."""
    window = Window(min(max(page, 1), FURTHEST), min(max(size, 1), MOST))
    found, total = book.deliveries(shop, webhook=webhook, limit=window.size, offset=window.offset)
    rows = [codec_webhook.delivery(row) for row in found]
    envelope = window.envelope(total, len(rows))
    return Json(WebhookDeliveryPage(**envelope, items=rows, deliveries=rows))


@router.get("/{id}", summary="One webhook", response_model=WebhookDto, dependencies=[OnlyAdmin])
def read_webhook(id: Number, shop: TheShop) -> Json:  # noqa: A002 - the contract's name
    """By its number."""
    return Json(codec_webhook.webhook(book.by_number(shop, id)))


@router.put("/{id}", summary="Change a webhook", response_model=WebhookDto)
def change(id: Number, question: UpdateWebhook, account: IsAdmin, server: Server) -> Json:  # noqa: A002
    """What is not given stays; ``isActive`` brings one back that was switched off."""
    try:
        made = book.change(
            server.shop,
            account.actor,
            id,
            codec_webhook.wanted(question),
            seal=_seal(server),
            policy=server.settings.webhook_policy,
        )
    except WebhookInvalid as error:
        raise _field(error) from error
    return Json(codec_webhook.webhook(made))


@router.delete("/{id}", summary="Remove a webhook", status_code=204, response_class=Response)
def delete(id: Number, account: IsAdmin, shop: TheShop) -> Response:  # noqa: A002
    """With all it was still to be told."""
    book.remove(shop, account.actor, id)
    return Response(status_code=204)


@router.post(
    "/{id}/test",
    summary="Try a webhook",
    response_model=WebhookTested,
    dependencies=[OnlyAdmin],
)
def try_webhook(id: Number, question: TestWebhook, server: Server) -> Json:  # noqa: A002
    """Sends a notice marked ``isTest`` now; it is not counted. 200 whatever the receiver says."""
    try:
        answer = book.trial(
            server.shop,
            id,
            question.event_type,
            codec_webhook.plain(question.sample_data),
            seal=_seal(server),
            sender=server.settings.webhook_sender,
        )
    except WebhookInvalid as error:
        raise FieldsInvalid([Field("eventType", error.problem)]) from error
    return Json(codec_webhook.tested(answer))


def _seal(server: Context) -> Seal:
    settings = server.settings
    return Seal(settings.seal_secret or settings.jwt_secret, book.PURPOSE)


def _field(error: WebhookInvalid) -> FieldsInvalid:
    return FieldsInvalid([Field(error.field, f"Correct it: {error.problem}.")])
