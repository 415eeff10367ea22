"""``/api/InventoryTransfer``: goods between warehouses, and requests for them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from pos_app.api.auth import API_ACCESS, ApiAccess, Needs
from pos_app.api.context import Context, Server, TheShop
from pos_app.api.idempotency import document_id
from pos_app.api.shopinventory import codec_transfer as codec
from pos_app.api.shopinventory.booking import booked
from pos_app.api.shopinventory.page import Number, PageOf, PeriodOf, Window
from pos_app.api.shopinventory.schemas.fields import Day
from pos_app.api.shopinventory.schemas.transfer import (
    ArrivalQuestion,
    DecisionQuestion,
    RequestDto,
    RequestMade,
    RequestPage,
    RequestQuestion,
    TransferConverted,
    TransferDatePage,
    TransferDto,
    TransferMade,
    TransferPage,
    TransferQuestion,
    TransferStatus,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.services.session import Account
from pos_app.services.shop import Shop
from pos_app.services.transfer import queued, receive, send, view
from pos_app.services.transfer import request as requests
from pos_app.services.transfer.view import Transfer

router = APIRouter(
    prefix="/InventoryTransfer",
    tags=["InventoryTransfer"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

MayApprove = Annotated[Account, Depends(Needs(Permission.TRANSFER_APPROVE))]
MayMove = Annotated[
    Account, Depends(Needs(Permission.STOCK_TRANSFER, Permission.INVENTORY_TRANSFER))
]

WAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": TransferMade, "description": "Booked; SAP hears of it later"}
}
"""What a route may also answer that makes a transfer."""

OPEN_ONLY = Query(alias="openOnly", description="Leave out what is over.")


@router.post(
    "",
    summary="Move goods to another warehouse",
    status_code=201,
    response_model=TransferMade,
    responses=WAITS,
)
def create(
    question: TransferQuestion, account: ApiAccess, server: Server, request: Request
) -> Json:
    """The books move at once; with ``inTransit`` the goods arrive when somebody receives them."""
    made = send.send(
        server.shop,
        account.actor,
        codec.asked(question),
        document_id=document_id(request),
        allowed=account.warehouses,
    )
    seen = booked(server, made, queued.booked)
    return Json(codec.made(seen), status_code=202 if seen.way.is_waiting else 201)


@router.get(
    "/status/{docEntry}",
    summary="How far a transfer has come on its way to SAP",
    response_model=TransferStatus,
)
def read_status(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """By SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec.status(view.by_number(shop, docEntry)))


@router.get("/detail/{docEntry}", summary="One transfer", response_model=TransferDto)
def read_detail(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """By SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec.transfer(view.by_number(shop, docEntry)))


@router.post("/request", summary="Ask for goods", status_code=201, response_model=RequestMade)
def create_request(
    question: RequestQuestion, account: ApiAccess, server: Server, request: Request
) -> Json:
    """Nothing moves and nothing is held until it becomes a transfer."""
    return Json(request_made(server, account, question, request), status_code=201)


@router.get("/request/{docEntry}", summary="One transfer request", response_model=RequestDto)
def read_request(docEntry: Number, shop: TheShop) -> Json:  # noqa: N803
    """By SAP's DocEntry, or our own number, which stays valid for ever."""
    return Json(codec.request(view.request_by_number(shop, docEntry)))


@router.post(
    "/request/{docEntry}/convert",
    summary="Send what was asked for",
    status_code=201,
    response_model=TransferConverted,
    responses={202: {"model": TransferConverted, "description": "Booked; SAP hears of it later"}},
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
    told = TransferConverted(request_doc_entry=docEntry, **codec.made_fields(made))
    return Json(told, status_code=202 if made.way.is_waiting else 201)


@router.post("/request/{docEntry}/approve", summary="Agree to a request", response_model=RequestDto)
def approve_request(
    docEntry: Number,  # noqa: N803
    account: MayApprove,
    shop: TheShop,
    question: Annotated[DecisionQuestion | None, Body()] = None,
) -> Json:
    """Needs the permission `transfer.approve`, and another person than the one who asked."""
    found = view.request_by_number(shop, docEntry)
    told = requests.approve(shop, account.actor, found.id, words=_words(question))
    return Json(codec.request(told))


@router.post("/request/{docEntry}/reject", summary="Refuse a request", response_model=RequestDto)
def reject_request(
    docEntry: Number,  # noqa: N803
    account: MayApprove,
    shop: TheShop,
    question: Annotated[DecisionQuestion | None, Body()] = None,
) -> Json:
    """Needs the permission `transfer.approve`."""
    found = view.request_by_number(shop, docEntry)
    told = requests.reject(shop, account.actor, found.id, words=_words(question))
    return Json(codec.request(told))


@router.post("/request/{docEntry}/close", summary="End a request", response_model=RequestDto)
def close_request(docEntry: Number, account: ApiAccess, server: Server) -> Json:  # noqa: N803
    """Nothing comes of it any more; closed in SAP, too."""
    return Json(codec.request(closed(server, account, docEntry)))


@router.get("/requests", summary="Transfer requests, newest first", response_model=RequestPage)
def read_requests(
    shop: TheShop, window: PageOf, open_only: Annotated[bool, OPEN_ONLY] = False
) -> Json:
    """Of every warehouse."""
    return Json(_requests(shop, window, None, open_only=open_only))


@router.get(
    "/requests/{warehouseCode}",
    summary="The transfer requests of a warehouse, newest first",
    response_model=RequestPage,
)
def read_requests_of(
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    window: PageOf,
    open_only: Annotated[bool, OPEN_ONLY] = False,
) -> Json:
    """To it and from it."""
    return Json(_requests(shop, window, warehouseCode, open_only=open_only))


@router.post("/{docEntry}/receive", summary="Take sent goods in", response_model=TransferMade)
def receive_transfer(
    docEntry: Number,  # noqa: N803
    account: MayMove,
    server: Server,
    question: Annotated[ArrivalQuestion | None, Body()] = None,
) -> Json:
    """Lines nobody names arrived whole; what did not arrive becomes a goods issue with a reason."""
    found = view.by_number(server.shop, docEntry)
    told = receive.arrive(
        server.shop,
        account.actor,
        found.id,
        codec.counts(question or ArrivalQuestion()),
        allowed=account.warehouses,
    )
    words = f"Transfer {told.number} was received."
    return Json(codec.made(booked(server, told, queued.booked), words=words))


@router.post("/{docEntry}/cancel", summary="Take a transfer back", response_model=TransferDto)
def cancel_transfer(docEntry: Number, account: MayMove, shop: TheShop) -> Json:  # noqa: N803
    """The goods are back where they left; 409 once SAP has heard of it."""
    found = view.by_number(shop, docEntry)
    told = receive.take_back(shop, account.actor, found.id, allowed=account.warehouses)
    return Json(codec.transfer(told))


@router.get(
    "/{warehouseCode}/paged",
    summary="The transfers of a warehouse, page by page",
    response_model=TransferPage,
)
def read_paged(warehouseCode: str, shop: TheShop, window: PageOf) -> Json:  # noqa: N803
    """Out of it and into it, newest first."""
    return Json(_page(shop, window, warehouseCode))


@router.get(
    "/{warehouseCode}/date/{date}",
    summary="The transfers of a warehouse on one day",
    response_model=TransferDatePage,
)
def read_day(
    warehouseCode: str,  # noqa: N803
    date: Annotated[Day, Path()],
    shop: TheShop,
    window: PageOf,
) -> Json:
    """Out of it and into it."""
    return Json(_dates(shop, window, warehouseCode, since=date, until=date, day=date))


@router.get(
    "/{warehouseCode}/daterange",
    summary="The transfers of a warehouse within some days",
    response_model=TransferDatePage,
)
def read_days(
    warehouseCode: str,  # noqa: N803
    shop: TheShop,
    window: PageOf,
    period: PeriodOf,
) -> Json:
    """Out of it and into it; both days included."""
    return Json(_dates(shop, window, warehouseCode, since=period.since, until=period.until))


@router.get(
    "/{docEntry}",
    summary="One transfer, or the transfers of a warehouse",
    response_model=TransferDto | TransferPage,
)
def read_one_or_many(docEntry: str, shop: TheShop, window: PageOf) -> Json:  # noqa: N803
    """Digits are a DocEntry, anything else is a warehouse; ``/detail/`` is always a DocEntry."""
    if docEntry.isascii() and docEntry.isdecimal():
        number = int(docEntry) if len(docEntry) <= 18 else 0
        return Json(codec.transfer(view.by_number(shop, number)))
    return Json(_page(shop, window, docEntry))


def request_made(
    server: Context, account: ApiAccess, question: RequestQuestion, asked: Request
) -> RequestMade:
    """A new request of a caller."""
    found = requests.ask(
        server.shop, account.actor, codec.asked_request(question), document_id=document_id(asked)
    )
    if server.settings.post_soon is not None:
        server.settings.post_soon()
    words = f"Transfer request {found.number} is made."
    return RequestMade(message=words, transfer_request=codec.request(found))


def converted(
    server: Context, account: ApiAccess, number: int, *, asked: Request, in_transit: bool
) -> Transfer:
    """The transfer a request became, SAP given a moment."""
    found = view.request_by_number(server.shop, number)
    made = requests.convert(
        server.shop,
        account.actor,
        found.id,
        in_transit=in_transit,
        document_id=document_id(asked),
        allowed=account.warehouses,
    )
    return booked(server, made, queued.booked)


def closed(server: Context, account: ApiAccess, number: int) -> view.Request:
    """A request that was ended."""
    found = view.request_by_number(server.shop, number)
    told = requests.close(server.shop, account.actor, found.id)
    if server.settings.post_soon is not None:
        server.settings.post_soon()
    return told


def _page(shop: Shop, window: Window, warehouse: str) -> TransferPage:
    found = view.page(shop, warehouse=warehouse, offset=window.offset, limit=window.size)
    rows = codec.transfers(found.transfers)
    head = window.envelope(found.total, len(rows))
    return TransferPage(warehouse=warehouse, transfers=rows, **head)


def _dates(
    shop: Shop,
    window: Window,
    warehouse: str,
    *,
    since: date | None,
    until: date | None,
    day: date | None = None,
) -> TransferDatePage:
    found = view.page(
        shop,
        warehouse=warehouse,
        since=since,
        until=until,
        offset=window.offset,
        limit=window.size,
    )
    rows = codec.transfers(found.transfers)
    return TransferDatePage(
        warehouse=warehouse,
        day=day,
        from_date=since,
        to_date=until,
        transfers=rows,
        **window.envelope(found.total, len(rows)),
    )


def _requests(shop: Shop, window: Window, warehouse: str | None, *, open_only: bool) -> RequestPage:
    states = codec.OPEN if open_only else ()
    found = view.request_page(
        shop, warehouse=warehouse, states=states, offset=window.offset, limit=window.size
    )
    rows = codec.requests(found.requests)
    head = window.envelope(found.total, len(rows))
    return RequestPage(warehouse=warehouse, transfer_requests=rows, **head)


def _words(question: DecisionQuestion | None) -> str:
    return (question.comments if question else None) or ""
