"""``/api/UserManagement``: users with their rights, for whoever may keep them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from pos_app.api.auth import ApiAccess, Needs
from pos_app.api.context import Server, TheShop
from pos_app.api.shopinventory import codec_user as codec
from pos_app.api.shopinventory.page import Number, Window, windows
from pos_app.api.shopinventory.schemas.user import (
    AvailablePermissions,
    CreateDetail,
    DetailChanged,
    DetailPage,
    Message,
    UpdateDetail,
    UpdatePermissions,
    UserDetail,
    UserPermissions,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.services import user, user_change, user_view
from pos_app.services.session import Account

SEES = [Depends(Needs(Permission.USERS_VIEW))]
MayCreate = Annotated[Account, Depends(Needs(Permission.USERS_CREATE))]
MayEdit = Annotated[Account, Depends(Needs(Permission.USERS_EDIT))]
MayDelete = Annotated[Account, Depends(Needs(Permission.USERS_DELETE))]
MayGrant = Annotated[Account, Depends(Needs(Permission.USERS_MANAGE_PERMISSIONS))]

router = APIRouter(prefix="/UserManagement", tags=["UserManagement"], route_class=WireRoute)


@router.get("", summary="Users by name", response_model=DetailPage, dependencies=SEES)
def read_users(
    shop: TheShop,
    window: Annotated[Window, Depends(windows(usual=10))],
    search: Annotated[str, Query(max_length=100)] = "",
    role: Annotated[str, Query(max_length=40)] = "",
    is_active: Annotated[bool | None, Query(alias="isActive")] = None,
) -> Json:
    """`search` is part of a user name, a name or an e-mail address."""
    found = user_view.page(
        shop,
        search=search,
        role=role,
        is_active=is_active,
        offset=window.offset,
        limit=window.size,
    )
    rows = [codec.detail(row, shop.clock.now()) for row in found.rows]
    return Json(DetailPage(**window.envelope(found.total, len(rows)), items=rows, users=rows))


@router.get(
    "/permissions/available",
    summary="Every permission there is",
    response_model=AvailablePermissions,
    dependencies=SEES,
)
def read_available() -> Json:
    """By what they are about."""
    grouped = user_view.permissions().items()
    told = {about: [codec.permission(code) for code in codes] for about, codes in grouped}
    return Json(AvailablePermissions(permissions_by_category=told))


@router.get("/me", summary="The own record", response_model=UserDetail)
def read_me(account: ApiAccess, shop: TheShop) -> Json:
    """Of whoever asks; a key is its owner."""
    row = user_view.by_id(shop, account.actor.user_id)
    return Json(codec.detail(row, shop.clock.now()))


@router.get("/me/permissions", summary="What one may", response_model=list[str])
def read_my_permissions(account: ApiAccess) -> Json:
    """Those of the role and those given beside it."""
    return Json(sorted(account.actor.permissions))


@router.get("/{id}", summary="One user", response_model=UserDetail, dependencies=SEES)
def read_user(id: Number, shop: TheShop) -> Json:  # noqa: A002
    """By number."""
    return Json(codec.detail(user_view.by_number(shop, id), shop.clock.now()))


@router.post("", summary="Make a user", status_code=201, response_model=UserDetail)
def create(body: CreateDetail, account: MayCreate, server: Server) -> Json:
    """Nobody gives a right he has not got; rights beside the role's need a permission of their own.

    No welcome mail is sent: a password is told in person.
    """
    with server.hashing:
        made = user.make(server.shop, account.actor, codec.new_user(body))
    return Json(codec.detail(made, server.shop.clock.now()), status_code=201)


@router.put("/{id}", summary="Change a user", response_model=DetailChanged)
def update(id: Number, body: UpdateDetail, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """What is absent stays; nobody changes somebody who may more than he."""
    wanted = codec.change(body, user_view.by_number(shop, id))
    row = user_change.change(shop, account.actor, id, wanted)
    told = codec.detail(row, shop.clock.now())
    return Json(
        DetailChanged(**told.model_dump(by_alias=True), message=f"{row.username} was changed.")
    )


@router.delete("/{id}", summary="Keep a user out", response_model=Message)
def delete(id: Number, account: MayDelete, shop: TheShop) -> Json:  # noqa: A002
    """The user becomes inactive and stays on record. Never the last Admin."""
    row = user_change.retire(shop, account.actor, id)
    return Json(Message(message=f"{row.username} is inactive."))


@router.get(
    "/{id}/permissions",
    summary="What a user may",
    response_model=UserPermissions,
    dependencies=SEES,
)
def read_permissions(id: Number, shop: TheShop) -> Json:  # noqa: A002
    """Given directly, and in all."""
    return Json(codec.permissions(user_view.by_number(shop, id)))


@router.put("/{id}/permissions", summary="Give permissions", response_model=Message)
def grant(id: Number, body: UpdatePermissions, account: MayGrant, shop: TheShop) -> Json:  # noqa: A002
    """In the place of those given before, or with ``replaceAll: false`` beside them."""
    row = user_change.grant(shop, account.actor, id, body.permissions, replaces=body.replace_all)
    return Json(Message(message=f"The permissions of {row.username} were changed."))


@router.post("/{id}/unlock", summary="Lift a user's lock", response_model=Message)
def unlock(id: Number, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """The wrong tries are forgotten."""
    row = user_change.unlock(shop, account.actor, id)
    return Json(Message(message=f"{row.username} is unlocked."))


@router.post("/{id}/reset-2fa", summary="Take a user's second factor away", response_model=Message)
def reset_two_factor(id: Number, account: MayEdit, shop: TheShop) -> Json:  # noqa: A002
    """For a lost telephone; ends every session of the user."""
    was_on = user_change.reset_two_factor(shop, account.actor, id)
    told = "Two-factor sign-in was reset." if was_on else "Two-factor sign-in was not on."
    return Json(Message(message=told))
