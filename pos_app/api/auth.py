"""Who is asking: access tokens, API keys, and what each route demands of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Annotated, Any

import jwt
from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from pos_app.api.asked import header
from pos_app.api.errors import KeyReadsOnly, RoleMissing, Unauthorized
from pos_app.api.shelf import Shelf
from pos_app.api.standstills import Standstills
from pos_app.clock import Clock
from pos_app.domain.permission import Actor, Role, require
from pos_app.domain.user import SignInRefused
from pos_app.ids import Ids
from pos_app.services import api_key, session
from pos_app.services.session import Account
from pos_app.services.shop import Shop
from pos_app.services.standstill import Standstill

ISSUER, AUDIENCE = "ShopInventoryAPI", "ShopInventoryClients"
ALGORITHM, TYPE = "HS256", "JWT"
ACCESS_LIFE = timedelta(minutes=60)
SKEW = timedelta(minutes=1)
SHORTEST_SECRET = 32
MOST_KNOWN = 1024
DEVICE_MOST = 200
READING = frozenset({"GET", "HEAD"})
"""What a key for reading is good for: no such route changes anything but the audit."""

CLAIMS = ["iss", "aud", "sub", "sid", "name", "role", "jti", "iat", "exp"]

API_ROLES = (
    Role.ADMIN,
    Role.API_USER,
    Role.USER,
    Role.CASHIER,
    Role.STOCK_CONTROLLER,
    Role.DEPOT_CONTROLLER,
    Role.MANAGER,
    Role.POD_OPERATOR,
)
"""The roles of the contract's policy ApiAccess; ReadOnly is ours and not among them."""


class WeakSecret(ValueError):
    """The signing secret is too short to be safe."""


@dataclass(frozen=True, slots=True)
class Access:
    """An access token and the moment it ends."""

    token: str
    expires_at: datetime


class Tokens:
    """Signs and reads access tokens: HS256, one issuer, one audience, every claim required."""

    def __init__(self, secret: str, *, clock: Clock, ids: Ids) -> None:
        if len(secret.encode()) < SHORTEST_SECRET:
            raise WeakSecret(f"the signing secret needs {SHORTEST_SECRET} bytes")
        self._secret = secret
        self._clock = clock
        self._ids = ids

    def issue(self, account: Account, session_id: str) -> Access:
        """A token for an hour, bound to one session and over with it."""
        now = self._clock.now().replace(microsecond=0)
        ends = min(now + ACCESS_LIFE, account.ends_at or now + ACCESS_LIFE)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": account.actor.user_id,
            "sid": session_id,
            "name": account.actor.username,
            "role": account.actor.role,
            "email": account.email,
            "warehouse": list(account.warehouses),
            "jti": self._ids.new(),
            "iat": int(now.timestamp()),
            "exp": int(ends.timestamp()),
        }
        return Access(jwt.encode(claims, self._secret, ALGORITHM, headers={"typ": TYPE}), ends)

    def read(self, token: str) -> tuple[str, str]:
        """User id and session id of a valid token; its times are checked on the shop's clock.

        Raises:
            Unauthorized: it is forged, for somebody else, incomplete or over.
        """
        options: Any = {"require": CLAIMS, "verify_exp": False, "verify_iat": False}
        try:
            if jwt.get_unverified_header(token).get("typ") != TYPE:
                raise Unauthorized("The access token is not valid")
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options=options,
            )
            begins, ends = _moment(claims["iat"]), _moment(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError) as error:
            raise Unauthorized("The access token is not valid") from error
        now = self._clock.now()
        if now >= ends + SKEW or begins > now + SKEW:
            raise Unauthorized("The access token has expired: refresh it or sign in again")
        return str(claims["sub"]), str(claims["sid"])


def _moment(seconds: object) -> datetime:
    if not isinstance(seconds, int):
        raise TypeError("a time in a token is whole seconds")
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who sent a request.

    Attributes:
        address: the peer's address; forwarded headers are not trusted.
        account: the user, or the user an API key belongs to.
        scheme: ``bearer``, ``api_key`` or empty.
        problem: why the credentials that came were not accepted.
    """

    address: str
    account: Account | None = None
    scheme: str = ""
    problem: str = ""

    @property
    def address_id(self) -> str:
        """How the rate limits know the address."""
        return f"ip:{self.address}"

    @property
    def client_id(self) -> str:
        """How the rate limits and the idempotency keys know this client."""
        if self.account is None:
            return self.address_id
        if self.scheme == "api_key":
            return f"apikey:{self.account.key_name}"
        return f"user:{self.account.actor.username}"

    def lasts(self, still: Standstill) -> bool:
        """Whether it stays the same all through a standstill; tokens end with whole seconds."""
        if self.account is None:
            return False
        ends_at = self.account.ends_at
        return ends_at is None or not still.holds(ends_at)

    @property
    def is_local(self) -> bool:
        """Whether the request came from this very machine."""
        try:
            return ip_address(self.address).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows of itself: the peer's address and its credentials."""

    address: str
    bearer: str = field(repr=False)
    key: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """Stands for it in memory, where secrets are not kept."""
        text = f"{self.address}\n{self.bearer}\n{self.key}"
        return hashlib.sha256(text.encode("latin-1")).digest()


class Authentication:
    """Finds out who is asking before anything else is decided."""

    def __init__(self, app: ASGIApp, *, shop: Shop, tokens: Tokens, keeps: bool) -> None:
        """Know nobody yet.

        Args:
            app: the next layer.
            shop: the server.
            tokens: reads access tokens.
            keeps: whether who was found out is believed again while nothing has changed.
        """
        self._app = app
        self._shop = shop
        self._tokens = tokens
        self._standstills = Standstills(shop, keeps=keeps)
        self._known: Shelf[Standing] = Shelf(most=MOST_KNOWN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            client = scope.get("client")
            address = client[0] if client else "unknown"
            shown = Shown(address, header(scope, b"authorization"), header(scope, b"x-api-key"))
            if shown.bearer or shown.key:
                standing = await self._standing(scope, shown)
            else:
                standing = Standing(address)
            scope["state"]["standing"] = standing
        await self._app(scope, receive, send)

    async def _standing(self, scope: Scope, shown: Shown) -> Standing:
        still = scope["state"]["standstill"] = await self._standstills.of(scope)
        if still is None:
            return await run_in_threadpool(standing_for, self._shop, self._tokens, shown)
        digest = shown.digest
        known = self._known.find(still, digest)
        if known is None:
            known = await run_in_threadpool(standing_for, self._shop, self._tokens, shown)
            if known.lasts(still):
                self._known.put(still, digest, known)
        return known


def standing_for(shop: Shop, tokens: Tokens, shown: Shown) -> Standing:
    """Who shows these credentials: the value of ``Authorization``, else an API key."""
    try:
        if shown.bearer:
            scheme, _, token = shown.bearer.partition(" ")
            if scheme.lower() != "bearer":
                raise Unauthorized("Send the token as 'Authorization: Bearer <token>'")
            account = session.account_of(shop, *tokens.read(token.strip()))
            return Standing(shown.address, account, "bearer")
        return Standing(shown.address, api_key.account_of(shop, shown.key), "api_key")
    except SignInRefused:
        return Standing(shown.address, problem="The session or key is not valid any more")
    except Unauthorized as error:
        return Standing(shown.address, problem=error.sentence.removesuffix("."))


BEARER = HTTPBearer(auto_error=False, bearerFormat="JWT", description="From POST /api/Auth/login.")
API_KEY = APIKeyHeader(name="X-API-Key", auto_error=False, description="Issued by `pos user`.")


class Needs:
    """What a route demands: a scheme, a role, a permission. A dependency that yields the account.

    Attributes:
        roles: one of these roles; empty is any.
        permissions: any one of these; empty is none in particular.
        bearer_only: an API key is not enough.
    """

    def __init__(
        self,
        *permissions: str,
        roles: tuple[str, ...] = API_ROLES,
        bearer_only: bool = False,
    ) -> None:
        self.roles = roles
        self.permissions = permissions
        self.bearer_only = bearer_only

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
        key: Annotated[str | None, Security(API_KEY)] = None,
    ) -> Account:
        """The account, if it may use the route; see `admit`."""
        del bearer, key
        return self.admit(request)

    def admit(self, request: Request) -> Account:
        """The account, if it may use the route.

        Raises:
            Unauthorized: nobody is signed in, or not in the way the route wants.
            RoleMissing, PermissionMissing: somebody is, who may not.
        """
        account = self.shown(request)
        self.check(account.actor)
        return account

    def shown(self, request: Request) -> Account:
        """Whose credentials came, whatever that one may do.

        Raises:
            Unauthorized: nobody is signed in, or not in the way the route wants.
            KeyReadsOnly: it is no reading, and the key that came is for nothing else.
        """
        standing = standing_of(request)
        if standing.account is None:
            raise Unauthorized(standing.problem) if standing.problem else Unauthorized
        if self.bearer_only and standing.scheme != "bearer":
            raise Unauthorized("This needs a signed-in user, an API key is not enough")
        if standing.account.reads_only and request.method not in READING:
            raise KeyReadsOnly(standing.account.key_name)
        return standing.account

    def check(self, actor: Actor) -> None:
        """Let an actor pass who has the role and a permission.

        Raises:
            RoleMissing, PermissionMissing: not this one.
        """
        if self.roles and actor.role not in self.roles:
            raise RoleMissing(actor.username, self.roles)
        if self.permissions:
            require(actor, *self.permissions)


def standing_of(request: Request) -> Standing:
    """Who sent the request."""
    found: Standing = request.scope["state"]["standing"]
    return found


def device_of(request: Request) -> str:
    """What the program calls itself, cut and without what no list can show."""
    told = request.headers.get("user-agent", "")
    return "".join(sign for sign in told if sign.isprintable())[:DEVICE_MOST]


api_access = Needs()
signed_in = Needs(roles=(), bearer_only=True)
admin = Needs(roles=(Role.ADMIN,), bearer_only=True)

API_ACCESS = Depends(api_access)
ApiAccess = Annotated[Account, Depends(api_access)]
SignedIn = Annotated[Account, Depends(signed_in)]
Admin = Annotated[Account, Depends(admin)]
