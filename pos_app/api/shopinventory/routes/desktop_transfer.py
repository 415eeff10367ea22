"""``/api/DesktopIntegration``: transfers and requests of programs that may wait."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pos_app.api.auth import API_ACCESS, ApiAccess
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import document_id, unnamed
from pos_app.api.shopinventory import codec_transfer as codec
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, PeriodOf
from pos_app.api.shopinventory.routes.inventory_transfer import (
    WAITS,
    closed,
    converted,
    request_made,
)
from pos_app.api.shopinventory.schemas.queue import Retried
from pos_app.api.shopinventory.schemas.transfer import (
    DesktopTransferQuestion,
    RequestDto,
    RequestQuestion,
    TransferDto,
    TransferJudged,
    TransferMade,
    TransferQueued,
    TransferQueueStats,
    TransferQueueStatus,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.posting import PostingState
from pos_app.errors import InvalidInput, NotAllowed
from pos_app.services.transfer import queued, send, view
from pos_app.services.transfer import request as requests
from pos_app.services.transfer.view import Request as TransferRequest
from pos_app.services.transfer.view import Transfer

router = APIRouter(
    prefix="/DesktopIntegration",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

MOST = 500
"""Rows of a list that has no pages."""

Limit = Annotated[int, Query(ge=1, le=MOST)]
Program = Annotated[str, Query(alias="sourceSystem", max_length=100)]


@router.post(
    "/transfers",
    summary="Move goods to another warehouse",
    status_code=201,
    response_model=TransferMade,
    responses=WAITS,
)
def create_transfer(
    question: DesktopTransferQuestion, account: ApiAccess, server: Server, request: Request
) -> Json:
    """At once, whatever ``isTransferRequest`` says; 202 where SAP hears of it later."""
    made = send.send(
        server.shop,
        account.actor,
        codec.asked_desktop(question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    seen = booked(server, made, queued.booked)
    return Json(codec.made(seen), status_code=202 if seen.way.is_waiting else 201)


@router.post("/transfers/validate", summary="Could it be moved now?", response_model=TransferJudged)
def validate_transfer(question: DesktopTransferQuestion, account: ApiAccess, shop: TheShop) -> Json:
    """200 whether it could or not: ``isValid`` says so. Nothing moves and nothing is held."""
    asked = codec.asked_desktop(question)
    try:
        found = send.validate(shop, account.actor, asked, allowed=account.warehouses)
    except (InvalidInput, NotAllowed) as error:
        return Json(codec.judged_refused(error.sentence, len(asked.lines)))
    return Json(codec.judged(found))


@router.post(
    "/transfers/queued",
    summary="Queue a transfer or a request",
    status_code=202,
    response_model=TransferQueued,
)
def queue_transfer(
    question: DesktopTransferQuestion, account: ApiAccess, server: Server, request: Request
) -> Json:
    """A request moves nothing; a transfer moves the books now, and only SAP hears of it later."""
    shop = server.shop
    asked = codec.asked_desktop(question, reference=unnamed(request, shop, "DESKTOP-TRF"))
    key = document_id(request)
    made: Transfer | TransferRequest
    if question.is_transfer_request:
        made = requests.ask(shop, account.actor, asked, document_id=key)
    else:
        made = send.send(shop, account.actor, asked, document_id=key, allowed=account.warehouses)
    server.post_soon()
    return Json(codec.queued(made), status_code=202)


@router.get(
    "/transfers/warehouse/{warehouseCode}",
    summary="The transfers of a warehouse, newest first",
    response_model=list[TransferDto],
)
def read_transfers(
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    limit: Limit = 100,
) -> Json:
    """Out of it and into it."""
    found = view.page(shop, warehouse=warehouseCode, offset=0, limit=limit)
    return Json(codec.transfers(found.transfers))


@router.get(
    "/transfers/warehouse/{warehouseCode}/date-range",
    summary="The transfers of a warehouse within some days",
    response_model=list[TransferDto],
)
def read_transfers_of_days(
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    period: PeriodOf,
    limit: Limit = MOST,
) -> Json:
    """Out of it and into it; both days included."""
    found = view.page(
        shop,
        warehouse=warehouseCode,
        since=period.since,
        until=period.until,
        offset=0,
        limit=limit,
    )
    return Json(codec.transfers(found.transfers))


@router.get(
    "/transfers/warehouse/{warehouseCode}/paged",
    summary="The transfers of a warehouse, page by page",
    response_model=list[TransferDto],
)
def read_transfers_paged(
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    window: PageOf,
) -> Json:
    """Out of it and into it, newest first."""
    found = view.page(shop, warehouse=warehouseCode, offset=window.offset, limit=window.size)
    return Json(codec.transfers(found.transfers))


@router.get("/transfers/{docEntry}", summary="One transfer", response_model=TransferDto)
def read_transfer(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """By SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec.transfer(view.by_number(shop, docEntry)))


@router.post(
    "/transfer-requests", summary="Ask for goods", status_code=201, response_model=RequestDto
)
def create_request(
    question: RequestQuestion, account: ApiAccess, server: Server, request: Request
) -> Json:
    """Nothing moves and nothing is held until it becomes a transfer."""
    made = request_made(server, account, question, request)
    return Json(made.transfer_request, status_code=201)


@router.get(
    "/transfer-requests/warehouse/{warehouseCode}",
    summary="The transfer requests of a warehouse, newest first",
    response_model=list[RequestDto],
)
def read_requests_of(
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    limit: Limit = 100,
) -> Json:
    """To it and from it."""
    found = view.request_page(shop, warehouse=warehouseCode, offset=0, limit=limit)
    return Json(codec.requests(found.requests))


@router.get(
    "/transfer-requests/paged",
    summary="Transfer requests, page by page",
    response_model=list[RequestDto],
)
def read_requests(shop: TheShop, window: PageOf) -> Json:
    """Of every warehouse, newest first."""
    found = view.request_page(shop, offset=window.offset, limit=window.size)
    return Json(codec.requests(found.requests))


@router.get(
    "/transfer-requests/{docEntry}", summary="One transfer request", response_model=RequestDto
)
def read_request(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """By SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec.request(view.request_by_number(shop, docEntry)))


@router.post(
    "/transfer-requests/{docEntry}/convert",
    summary="Send what was asked for",
    status_code=201,
    response_model=TransferMade,
    responses=WAITS,
)
def convert_request(
    docEntry: Number,  # noqa: N803
    account: ApiAccess,
    server: Server,
    asked: Request,
    in_transit: Annotated[bool, Query(alias="inTransit")] = False,
) -> Json:
    """409 where the request is over, or nobody approved it and the shop wants that."""
    made = converted(server, account, docEntry, asked=asked, in_transit=in_transit)
    return Json(codec.made(made), status_code=202 if made.way.is_waiting else 201)


@router.post("/transfer-requests/{docEntry}/close", summary="End a request", status_code=204)
def close_request(docEntry: Number, account: ApiAccess, server: Server) -> Response:  # noqa: N803
    """Nothing comes of it any more; closed in SAP, too."""
    closed(server, account, docEntry)
    return Response(status_code=204)


@router.get(
    "/transfer-queue",
    summary="Transfers and requests on their way to SAP, in their order",
    response_model=list[TransferQueueStatus],
)
def read_queue(shop: TheShop, program: Program = "", limit: Limit = 100) -> Json:
    """Of one program, or of all."""
    found = queued.listed(shop, program=program, limit=limit)
    return Json([codec.queue_status(row) for row in found])


@router.get(
    "/transfer-queue/review",
    summary="Transfers and requests a person has to look at",
    response_model=list[TransferQueueStatus],
)
def read_review(shop: TheShop, limit: Limit = 50) -> Json:
    """Each says why."""
    states = [PostingState.REQUIRES_REVIEW]
    found = queued.listed(shop, states=states, limit=limit)
    return Json([codec.queue_status(row) for row in found])


@router.get(
    "/transfer-queue/stats", summary="How many stand where", response_model=TransferQueueStats
)
def read_stats(shop: TheShop) -> Json:
    """Transfers and requests together."""
    return Json(codec.stats(queued.stats(shop)))


@router.get(
    "/transfer-queue/{externalReference}",
    summary="How far a queued transfer has come",
    response_model=TransferQueueStatus,
)
def read_queue_status(externalReference: str, shop: TheShop) -> Json:  # noqa: N803
    """By its reference, or by its number in the queue."""
    return Json(codec.queue_status(queued.status(shop, externalReference)))


@router.delete("/transfer-queue/{externalReference}", summary="Take it back", status_code=204)
def cancel_queued(
    externalReference: str,  # noqa: N803
    account: ApiAccess,
    server: Server,
) -> Response:
    """While SAP has not heard of it: the goods go back, or the request is closed; else 409."""
    queued.cancel(server.shop, account.actor, externalReference, allowed=account.warehouses)
    return Response(status_code=204)


@router.post(
    "/transfer-queue/{externalReference}/retry",
    summary="Try it anew",
    response_model=Retried,
)
def retry_queued(
    externalReference: str,  # noqa: N803
    account: ApiAccess,
    server: Server,
) -> Json:
    """Its attempts are forgotten; 409 where it is in SAP, on its way there, or taken out."""
    found = queued.retry(server.shop, account.actor, externalReference)
    server.post_soon()
    return Json(Retried(message=f"{found.reference} is tried anew.", status=found.state.value))
