"""``/api/Auth``."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_app.api.auth import Admin, SignedIn, device_of, standing_of
from pos_app.api.context import Context, Server, TheShop
from pos_app.api.description import refusals
from pos_app.api.shopinventory import codec, codec_session
from pos_app.api.shopinventory.schemas.auth import (
    EndedSessions,
    EndSessions,
    Login,
    LoginAnswer,
    RefreshToken,
    Register,
    SecondFactor,
    SessionList,
    UserInfo,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services import challenge, own_session, session, user
from pos_app.services.user import NewUser

WRONG = refusals({401: "Wrong, locked, or over: which of them is not told."})

router = APIRouter(prefix="/Auth", tags=["Auth"], route_class=WireRoute)


@router.post("/login", summary="Sign in by password", response_model=LoginAnswer, responses=WRONG)
def login(body: Login, request: Request, server: Server) -> Json:
    """Five wrong passwords in a row lock the user for 15 minutes.

    Whoever has a second factor is asked for its code: send it with the token of this answer, here
    or to ``/login/two-factor``, within five minutes.
    """
    if body.two_factor_token and body.two_factor_code:
        code, is_backup = body.two_factor_code, body.is_backup_code
        return _second_leg(server, request, body.two_factor_token, code, is_backup=is_backup)
    address, device = standing_of(request).address, device_of(request)
    with server.hashing:
        begun = session.sign_in(
            server.shop, body.username, body.password, address=address, device=device
        )
    if isinstance(begun, session.Challenge):
        return Json(LoginAnswer(requires_two_factor=True, two_factor_token=begun.token))
    return _tokens(server, begun)


@router.post(
    "/login/two-factor", summary="Send the code", response_model=LoginAnswer, responses=WRONG
)
def second_leg(body: SecondFactor, request: Request, server: Server) -> Json:
    """A wrong code counts like a wrong password; the token lives on until a code is right."""
    return _second_leg(
        server, request, body.two_factor_token, body.code, is_backup=body.is_backup_code
    )


@router.post(
    "/refresh", summary="Exchange a refresh token", response_model=LoginAnswer, responses=WRONG
)
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


@router.get("/sessions", summary="The own sessions", response_model=SessionList)
def read_sessions(account: SignedIn, shop: TheShop) -> Json:
    """Where one is signed in: program, address, last use. What a program calls itself is its word.

    A session ends when it is not renewed for seven days, and with ``endsAt`` in any case.
    """
    return Json(codec_session.sessions(own_session.own(shop, account), current=account.session_id))


@router.post("/sessions/end", summary="End own sessions", response_model=EndedSessions)
def end_sessions(body: EndSessions, account: SignedIn, server: Server) -> Json:
    """By password: the named one, or without ``sessionId`` all but this one.

    A wrong password counts like one at signing in.
    """
    with server.hashing:
        count = own_session.end_own(server.shop, account, body.current_password, body.session_id)
    return Json(codec_session.ended(count))


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


def _second_leg(
    server: Context, request: Request, token: str, code: str, *, is_backup: bool
) -> Json:
    with server.hashing:
        begun = challenge.answer(
            server.shop,
            server.seal,
            token,
            code,
            is_backup=is_backup,
            address=standing_of(request).address,
            device=device_of(request),
        )
    return _tokens(server, begun)


def _tokens(server: Context, begun: session.SignedIn) -> Json:
    access = server.tokens.issue(begun.account, begun.session_id)
    return Json(codec_session.signed_in(begun, access))
