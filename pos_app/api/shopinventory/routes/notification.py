"""``/api/Notification``, and the hub that pushes what is new."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, WebSocket

from pos_app.api.auth import Admin, ApiAccess
from pos_app.api.context import Context, TheShop
from pos_app.api.hub import HUB, Connected
from pos_app.api.hub_socket import serve
from pos_app.api.idempotency import document_id
from pos_app.api.shopinventory import codec_notification
from pos_app.api.shopinventory.page import Number, PageOf
from pos_app.api.shopinventory.schemas.notification import (
    MarkedRead,
    NotificationDto,
    NotificationPage,
    NotificationQuestion,
    ReadQuestion,
    UnreadCount,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services.notification import make, view

router = APIRouter(prefix="/Notification", tags=["Notification"], route_class=WireRoute)
hub = APIRouter(prefix=HUB, tags=["Notification"], route_class=WireRoute)


@router.get("", summary="What I am told", response_model=NotificationPage)
def read_notifications(
    *,
    account: ApiAccess,
    shop: TheShop,
    window: PageOf,
    kind: Annotated[str | None, Query(alias="type", max_length=50)] = None,
    category: Annotated[str | None, Query(max_length=50)] = None,
    is_read: Annotated[bool | None, Query(alias="isRead")] = None,
    unread_only: Annotated[bool, Query(alias="unreadOnly")] = False,
) -> Json:
    """The newest first: what is for me, for my role, or of a category that concerns my role."""
    found = view.page(
        shop,
        account.actor,
        type_=kind.strip().capitalize() if kind else None,
        category=category or None,
        is_read=False if unread_only else is_read,
        offset=window.offset,
        limit=window.size,
    )
    rows = [codec_notification.notification(row) for row in found.notifications]
    return Json(
        NotificationPage(
            **window.envelope(found.total, len(rows)),
            unread_count=found.unread,
            notifications=rows,
            items=rows,
        )
    )


@router.get("/unread-count", summary="How much I have not read", response_model=UnreadCount)
def read_unread(account: ApiAccess, shop: TheShop) -> Json:
    """Of all I can see."""
    return Json(UnreadCount(unread_count=view.unread(shop, account.actor)))


@router.post("/mark-read", summary="I have read these", response_model=MarkedRead)
def mark_read(account: ApiAccess, shop: TheShop, question: ReadQuestion | None = None) -> Json:
    """Without numbers all I can see. It stays unread for everybody else who can see it."""
    wanted = question.notification_ids if question is not None else None
    count = view.mark_read(shop, account.actor, wanted)
    told = "1 notification" if count == 1 else f"{count} notifications"
    return Json(MarkedRead(message=f"Marked {told} as read.", marked_count=count))


@router.post("", summary="Tell somebody something", status_code=201, response_model=NotificationDto)
def create(question: NotificationQuestion, account: Admin, shop: TheShop, request: Request) -> Json:
    """For a user, a role, or without both for whoever the category concerns."""
    asked = codec_notification.asked(question)
    made = make.create(shop, account.actor, asked, key=document_id(request))
    return Json(codec_notification.notification(made), status_code=201)


@router.delete("/{id}", summary="Put one away", status_code=204, response_class=Response)
def delete(id: Number, account: ApiAccess, shop: TheShop) -> Response:  # noqa: A002
    """For me; for everybody when it was for me alone or when I am an Admin. 404 if I see none."""
    view.delete(shop, account.actor, id)
    return Response(status_code=204)


@hub.post("/negotiate", summary="How to connect to the hub", response_model=Connected)
def negotiate(account: ApiAccess, shop: TheShop) -> Json:
    """Then open a WebSocket at ``/hubs/notifications`` and speak SignalR's JSON protocol."""
    del account
    return Json(Connected.of(shop.ids.new()))


@hub.websocket("")
async def connect(socket: WebSocket) -> None:
    """Sign in by ``Authorization``, ``X-API-Key`` or ``?access_token=``; no log holds it."""
    context: Context = socket.app.state.context
    await serve(socket, context)
