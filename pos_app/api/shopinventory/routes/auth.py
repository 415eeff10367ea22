"""``/api/Auth``."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_app.api.auth import Admin, SignedIn, standing_of
from pos_app.api.context import Context, Server, TheShop
from pos_app.api.shopinventory import codec
from pos_app.api.shopinventory.schemas.auth import (
    Login,
    LoginAnswer,
    RefreshToken,
    Register,
    UserInfo,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services import session, user
from pos_app.services.user import NewUser

router = APIRouter(prefix="/Auth", tags=["Auth"], route_class=WireRoute)


@router.post("/login", summary="Sign in by password", response_model=LoginAnswer)
def login(body: Login, request: Request, server: Server) -> Json:
    """Five wrong passwords in a row lock the user for 15 minutes."""
    with server.hashing:
        begun = session.sign_in(
            server.shop, body.username, body.password, address=standing_of(request).address
        )
    return _tokens(server, begun)


@router.post("/refresh", summary="Exchange a refresh token", response_model=LoginAnswer)
def refresh(body: RefreshToken, server: Server) -> Json:
    """The old token is spent; using it again later ends the session."""
    return _tokens(server, session.refresh(server.shop, body.refresh_token))


@router.post("/logout", summary="End a session", status_code=204, response_class=Response)
def logout(body: RefreshToken, account: SignedIn, shop: TheShop) -> Response:
    """An unknown token is no error."""
    session.sign_out(shop, account.actor, body.refresh_token)
    return Response(status_code=204)


@router.get("/me", summary="Who is signed in", response_model=UserInfo)
def me(account: SignedIn) -> Json:
    """The user behind the access token."""
    return Json(codec.user_info(account))


@router.post("/register", summary="Make a user", status_code=201, response_model=UserInfo)
def register(body: Register, account: Admin, server: Server) -> Json:
    """Admin only."""
    new = NewUser(
        username=body.username,
        password=body.password,
        role=body.role,
        email=body.email or "",
        warehouses=tuple(body.assigned_warehouse_codes),
    )
    with server.hashing:
        made = user.register(server.shop, account.actor, new)
    return Json(codec.user_info(made), status_code=201)


def _tokens(server: Context, begun: session.SignedIn) -> Json:
    access = server.tokens.issue(begun.account, begun.session_id)
    return Json(
        LoginAnswer(
            access_token=access.token,
            refresh_token=begun.refresh_token,
            expires_at=access.expires_at,
            user=codec.user_info(begun.account),
        )
    )
