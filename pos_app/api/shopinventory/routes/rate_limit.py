"""``/api/RateLimit``: what the one limiter counts, and what administrators do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from pos_app.api.auth import ApiAccess, Needs, standing_of
from pos_app.api.context import Context, Server
from pos_app.api.shopinventory import codec_rate_limit as codec
from pos_app.api.shopinventory.page import PageOf
from pos_app.api.shopinventory.schemas.charge import Done
from pos_app.api.shopinventory.schemas.rate_limit import (
    BlockQuestion,
    RateCheck,
    RateClient,
    RateClientPage,
    RateClientStatus,
    RateConfigDto,
    RateConfigQuestion,
    RateStats,
    RateStatus,
)
from pos_app.api.wire import Json, WireRoute, moment
from pos_app.domain.permission import Permission
from pos_app.domain.rate_limit import Verdict
from pos_app.services.rate_limit import board, setting
from pos_app.services.session import Account

router = APIRouter(prefix="/RateLimit", tags=["RateLimit"], route_class=WireRoute)

Editor = Annotated[Account, Depends(Needs(Permission.USERS_EDIT))]
MAY_EDIT = [Depends(Needs(Permission.USERS_EDIT))]
ClientId = Annotated[
    str,
    Path(
        alias="clientId", max_length=200, description="user:<name>, apikey:<name> or ip:<address>"
    ),
]


@router.get("", summary="Clients", response_model=RateClientPage, dependencies=MAY_EDIT)
def read_clients(
    server: Server,
    window: PageOf,
    blocked_only: Annotated[bool, Query(alias="blockedOnly")] = False,
) -> Json:
    """Of every server process, the latest first."""
    found = board.page(
        server.shop,
        server.limiter,
        is_blocked=blocked_only,
        offset=window.offset,
        limit=window.size,
    )
    rows = [codec.client(one) for one in found.clients]
    return Json(RateClientPage(**window.envelope(found.total, len(rows)), items=rows))


@router.get(
    "/blocked", summary="Clients that are blocked", response_model=list[RateClient],
    dependencies=MAY_EDIT,
)  # fmt: skip
def read_blocked(server: Server) -> Json:
    """By hand; who is over the limit is not blocked, only told to wait."""
    found = board.page(server.shop, server.limiter, is_blocked=True, offset=0, limit=1000)
    return Json([codec.client(one) for one in found.clients])


@router.get("/stats", summary="Counts", response_model=RateStats, dependencies=MAY_EDIT)
def read_stats(server: Server) -> Json:
    """Over all clients and processes; what a process has not written down yet is missing."""
    return Json(codec.stats(board.stats(server.shop, server.limiter)))


@router.get("/config", summary="The limits", response_model=RateConfigDto, dependencies=MAY_EDIT)
def read_config(server: Server) -> Json:
    """As every process has them within a second."""
    return Json(codec.config(setting.config(server.shop, server.settings.limits)))


@router.put("/config", summary="Change the limits", response_model=Done)
def change_config(question: RateConfigQuestion, account: Editor, server: Server) -> Json:
    """For every process, with fresh windows; signing in keeps its own limit."""
    setting.change(server.shop, account.actor, codec.wanted(question))
    server.limiter.refresh()
    return Json(Done(message="The limits are changed."))


@router.post("/cleanup", summary="Forget old clients", response_model=Done, dependencies=MAY_EDIT)
def clean_up(server: Server) -> Json:
    """Those who were not here for seven days and are not blocked."""
    count = board.clean_up(server.shop)
    return Json(Done(message=f"{count} clients are forgotten."))


@router.get("/current", summary="Where you stand", response_model=RateStatus)
def read_current(account: ApiAccess, server: Server, request: Request) -> Json:
    """Your own window, as user or as API key; asking counts as any request does."""
    del account
    return Json(codec.status(*_own(server, request)))


@router.get("/check", summary="Whether you would be let in", response_model=RateCheck)
def check(account: ApiAccess, server: Server, request: Request) -> Json:
    """Counts nothing, and is answered also to who would be refused."""
    del account
    return Json(codec.check(*_own(server, request)))


@router.get(
    "/client/{clientId:path}", summary="One client", response_model=RateClientStatus,
    dependencies=MAY_EDIT,
)  # fmt: skip
def read_client(client_id: ClientId, server: Server) -> Json:
    """404 for one that was never here, or not for a week."""
    found = board.client(server.shop, server.limiter, client_id)
    return Json(codec.whole(found))


@router.post("/block/{clientId:path}", summary="Block a client", response_model=Done)
def block(
    client_id: ClientId,
    account: Editor,
    server: Server,
    request: Request,
    question: Annotated[BlockQuestion | None, Body()] = None,
) -> Json:
    """At every process within a second; tills deliver their sales all the same."""
    asked, standing = question or BlockQuestion(), standing_of(request)
    until = board.block(
        server.shop,
        server.limiter,
        account.actor,
        client_id,
        minutes=asked.duration_minutes,
        reason=asked.reason or "",
        own=(standing.client_id, standing.address_id),
    )
    return Json(Done(message=f"{client_id} is blocked until {moment(until)}."))


@router.post("/unblock/{clientId:path}", summary="Let a client in again", response_model=Done)
def unblock(client_id: ClientId, account: Editor, server: Server) -> Json:
    """At every process within a second."""
    board.unblock(server.shop, server.limiter, account.actor, client_id)
    return Json(Done(message=f"{client_id} is not blocked."))


@router.post("/reset/{clientId:path}", summary="Give a client a new window", response_model=Done)
def reset(client_id: ClientId, account: Editor, server: Server) -> Json:
    """At every process within a second; a block stays."""
    board.reset(server.shop, server.limiter, account.actor, client_id)
    return Json(Done(message=f"{client_id} begins to count afresh."))


def _own(server: Context, request: Request) -> tuple[Verdict, datetime | None]:
    """Where the caller stands, and until when they are blocked."""
    standing = standing_of(request)
    verdict = server.limiter.look(standing.client_id)
    return verdict, server.limiter.block_of(standing.client_id, standing.address_id)
