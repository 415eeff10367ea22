"""``/api/User``: users as Admins keep them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pos_app.api.auth import Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.shopinventory import codec_user as codec
from pos_app.api.shopinventory.page import Number, PageOf
from pos_app.api.shopinventory.schemas.user import (
    CreateUser,
    Message,
    SetPassword,
    Unlock,
    UpdateUser,
    UserDto,
    UserMade,
    UserPage,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Role
from pos_app.services import user, user_change, user_view
from pos_app.services.session import Account

IsAdmin = Annotated[Account, Depends(Needs(roles=(Role.ADMIN,)))]
ADMIN = [Depends(Needs(roles=(Role.ADMIN,)))]

router = APIRouter(prefix="/User", tags=["User"], route_class=WireRoute)


@router.get("", summary="Users by name", response_model=UserPage, dependencies=ADMIN)
def read_users(
    shop: TheShop,
    window: PageOf,
    search: Annotated[str, Query(max_length=100)] = "",
    role: Annotated[str, Query(max_length=40)] = "",
) -> Json:
    """`search` is part of a user name, a name or an e-mail address."""
    found = user_view.page(shop, search=search, role=role, offset=window.offset, limit=window.size)
    rows = [codec.user(row) for row in found.rows]
    return Json(UserPage(**window.envelope(found.total, len(rows)), items=rows, users=rows))


@router.post("", summary="Make a user", status_code=201, response_model=UserMade)
def create(body: CreateUser, account: IsAdmin, server: Server) -> Json:
    """The password must be mixed and none of those that are guessed first."""
    with server.hashing:
        made = user.make(server.shop, account.actor, codec.new_user(body))
    told = UserMade(message=f"{made.username} was made.", user=codec.user(made))
    return Json(told, status_code=201)


@router.get(
    "/roles", summary="The roles a user can have", response_model=list[str], dependencies=ADMIN
)
def read_roles() -> Json:
    """One each; portal accounts of customers are registered at ``/api/CustomerPortal``."""
    return Json([role.value for role in Role if role != Role.CUSTOMER])


@router.get("/{id}", summary="One user", response_model=UserDto, dependencies=ADMIN)
def read_user(id: Number, shop: TheShop) -> Json:  # noqa: A002
    """By number."""
    return Json(codec.user(user_view.by_number(shop, id)))


@router.put("/{id}", summary="Change a user", response_model=UserDto)
def update(id: Number, body: UpdateUser, account: IsAdmin, shop: TheShop) -> Json:  # noqa: A002
    """What is absent stays; a change of role or e-mail address ends the user's sessions."""
    wanted = codec.change(body, user_view.by_number(shop, id))
    return Json(codec.user(user_change.change(shop, account.actor, id, wanted)))


@router.delete("/{id}", summary="Remove a user", status_code=204, response_class=Response)
def delete(id: Number, account: IsAdmin, shop: TheShop) -> Response:  # noqa: A002
    """Gone from every list, with all secrets; the name stays taken. Never the last Admin."""
    user_change.delete(shop, account.actor, id)
    return Response(status_code=204)


@router.post("/{id}/change-password", summary="Set a user's password", response_model=Message)
def change_password(
    id: Number,  # noqa: A002
    body: SetPassword,
    account: IsAdmin,
    server: Server,
) -> Json:
    """Ends every session of the user and lifts the lock."""
    with server.hashing:
        user_change.set_password(server.shop, account.actor, id, body.new_password)
    return Json(Message(message="The password was changed."))


@router.post("/{id}/unlock", summary="Lift a user's lock", response_model=Message)
def unlock(
    id: Number,  # noqa: A002
    account: IsAdmin,
    shop: TheShop,
    body: Unlock | None = None,
) -> Json:
    """With ``resetFailedAttempts: false`` the wrong tries stay counted."""
    forgets = body is None or body.reset_failed_attempts
    row = user_change.unlock(shop, account.actor, id, forgets=forgets)
    return Json(Message(message=f"{row.username} is unlocked."))


@router.post("/{id}/deactivate", summary="Keep a user out", response_model=Message)
def deactivate(id: Number, account: IsAdmin, shop: TheShop) -> Json:  # noqa: A002
    """Ends every session of the user. Never the last Admin."""
    row = user_change.set_active(shop, account.actor, id, is_active=False)
    return Json(Message(message=f"{row.username} is inactive."))


@router.post("/{id}/activate", summary="Let a user in again", response_model=Message)
def activate(id: Number, account: IsAdmin, shop: TheShop) -> Json:  # noqa: A002
    """With the password of before."""
    row = user_change.set_active(shop, account.actor, id, is_active=True)
    return Json(Message(message=f"{row.username} is active."))
