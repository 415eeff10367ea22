"""``/api/Password``: the own password and how one signs in."""

from __future__ import annotations

from fastapi import APIRouter

from pos_app.api.auth import SignedIn
from pos_app.api.context import Server, TheShop
from pos_app.api.shopinventory.schemas.password import (
    ChangePassword,
    Credentials,
    UpdateCredentials,
)
from pos_app.api.shopinventory.schemas.user import Message
from pos_app.api.wire import Json, WireRoute
from pos_app.services import password, user_change, user_view

router = APIRouter(prefix="/Password", tags=["Password"], route_class=WireRoute)


@router.post("/change", summary="Change the own password", response_model=Message)
def change(body: ChangePassword, account: SignedIn, server: Server) -> Json:
    """Every session ends, this one too: sign in again with the new password."""
    with server.hashing:
        password.change(
            server.shop,
            account.actor,
            body.current_password,
            body.new_password,
            repeated=body.confirm_password,
        )
    return Json(Message(message="The password was changed: sign in again."))


@router.get("/credentials", summary="How one signs in", response_model=Credentials)
def read_credentials(account: SignedIn, shop: TheShop) -> Json:
    """User name and e-mail address; either signs in."""
    row = user_view.by_id(shop, account.actor.user_id)
    told = "Sign in with the user name or the e-mail address."
    return Json(Credentials(username=row.username, email=row.email or None, message=told))


@router.put("/credentials", summary="Change how one signs in", response_model=Credentials)
def update_credentials(body: UpdateCredentials, account: SignedIn, server: Server) -> Json:
    """By password; every other session ends."""
    with server.hashing:
        row = user_change.rename(
            server.shop,
            account.actor,
            secret=body.current_password,
            username=body.username,
            email=body.email,
            keeps=account.session_id,
        )
    return Json(Credentials(username=row.username, email=row.email or None, message="Saved."))
