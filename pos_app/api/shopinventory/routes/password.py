"""``/api/Password``: the own password and how one signs in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from pos_app.api.auth import SignedIn, standing_of
from pos_app.api.context import Server, TheShop
from pos_app.api.shopinventory.schemas.password import (
    ChangePassword,
    CompleteReset,
    Credentials,
    RequestReset,
    TokenState,
    UpdateCredentials,
)
from pos_app.api.shopinventory.schemas.user import Message
from pos_app.api.wire import Json, WireRoute
from pos_app.services import password, password_reset, user_change, user_view

router = APIRouter(prefix="/Password", tags=["Password"], route_class=WireRoute)


ASKED = "If the address belongs to a user, a mail is on its way."


@router.post("/reset/request", summary="Ask for a new password by mail", response_model=Message)
def request_reset(body: RequestReset, request: Request, shop: TheShop) -> Json:
    """The answer is the same whoever the address belongs to; five requests an hour are taken."""
    password_reset.ask(shop, body.email, address=standing_of(request).address)
    return Json(Message(message=ASKED))


@router.get("/reset/validate", summary="Whether a link is still good", response_model=TokenState)
def validate_reset(shop: TheShop, token: Annotated[str, Query(max_length=500)] = "") -> Json:
    """400 where it is not."""
    password_reset.check(shop, token)
    return Json(TokenState(message="The link is good.", is_valid=True))


@router.post("/reset/complete", summary="Set a new password by link", response_model=Message)
def complete_reset(body: CompleteReset, server: Server) -> Json:
    """The link is used up, every session ends, the lock is lifted; a second factor stays."""
    with server.hashing:
        password_reset.complete(
            server.shop, body.token, body.new_password, repeated=body.confirm_password
        )
    return Json(Message(message="The password was changed: sign in."))


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
