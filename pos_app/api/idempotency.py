"""Idempotency-Key on every request that changes something: the first answer, given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import structlog
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api import errors
from pos_app.api.auth import Standing
from pos_app.errors import PosError
from pos_app.services import idempotency
from pos_app.services.idempotency import Asked, Claim, Reply, StillAtWork
from pos_app.services.shop import Shop

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

METHODS = frozenset({"POST", "PUT", "PATCH"})
NEVER = ("/api/auth", "/api/password", "/api/twofactor")
"""Where answers hold secrets, which are never kept."""

KEPT_HEADERS = ("content-type", "location")


class Idempotency:
    """Claims the key, runs the request, keeps what succeeded and gives it again."""

    def __init__(self, app: ASGIApp, *, shop: Shop) -> None:
        self._app = app
        self._shop = shop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        try:
            asked = _asked(scope, idempotency.check_key(key), body)
            taken = await run_in_threadpool(idempotency.claim, self._shop, asked)
        except PosError as error:
            await _refusal(error)(scope, receive, send)
            return
        if isinstance(taken, Reply):
            await _replay(taken)(scope, receive, send)
            return
        scope["state"] |= {"document_id": taken.document_id, "is_again": taken.is_again}
        await self._work(scope, _replayed(body, receive), send, asked=asked, taken=taken)

    def _key(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["method"] not in METHODS:
            return None
        path = scope["path"].lower()
        standing: Standing = scope["state"]["standing"]
        if not path.startswith("/api") or path.startswith(NEVER) or standing.account is None:
            return None
        return Headers(scope=scope).get("Idempotency-Key")

    async def _work(
        self, scope: Scope, receive: Receive, send: Send, *, asked: Asked, taken: Claim
    ) -> None:
        captured = _Capture()
        try:
            await self._app(scope, receive, captured.send)
        except Exception:
            await run_in_threadpool(idempotency.release, self._shop, asked, taken)
            raise
        if captured.is_final:
            await self._settle(idempotency.finish, asked, taken, captured.reply())
        else:
            await self._settle(idempotency.release, asked, taken)
        for message in captured.messages:
            await send(message)

    async def _settle(self, how: Callable[..., Result], *arguments: object) -> None:
        """Note the outcome; the answer is true and goes out even when that fails."""
        try:
            await run_in_threadpool(how, self._shop, *arguments)
        except PosError as error:
            log.warning("idempotency_not_kept", error=error.sentence)


class _Capture:
    """Holds a response back until its outcome is noted."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        started = (row["status"] for row in self.messages if row["type"] == "http.response.start")
        return next(started, 500)

    @property
    def is_final(self) -> bool:
        """Whether it succeeded; an answer that says when to ask again is not the last word."""
        if not 200 <= self.status < 300:
            return False
        return "Retry-After" not in Headers(raw=self.messages[0]["headers"])

    def reply(self) -> Reply:
        headers = Headers(raw=self.messages[0]["headers"])
        body = b"".join(row.get("body", b"") for row in self.messages)
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        return Reply(self.status, kept, body)


def document_id(request: Request) -> str | None:
    """The identity of what this request makes, when its key has one."""
    found = request.scope["state"].get("document_id")
    return str(found) if found else None


def is_again(request: Request) -> bool:
    """Whether an earlier try of the same request was cut off, and may have made its document."""
    return bool(request.scope["state"].get("is_again"))


def unnamed(request: Request, shop: Shop, prefix: str, *, has_moment: bool = True) -> str:
    """A reference for what its caller has not named: moment and eight digits nobody else has.

    Both come from the identity of what the request makes, so that they are the same at every try.
    """
    identity = document_id(request) or shop.ids.new()
    moment = datetime.fromtimestamp((UUID(identity).int >> 80) / 1000, UTC)  # of a UUIDv7
    told = f"-{moment:%Y%m%d%H%M%S}" if has_moment else ""
    return f"{prefix}{told}-{identity[-8:]}"


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the client hung up before its end, which asks for nothing."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _asked(scope: Scope, key: str, body: bytes) -> Asked:
    standing: Standing = scope["state"]["standing"]
    content = hashlib.sha256(scope.get("query_string", b"") + b"\n" + body).hexdigest()
    return Asked(standing.client_id, scope["method"], scope["path"], key, content)


def _replay(reply: Reply) -> Response:
    headers = {**reply.headers, "Idempotency-Replayed": "true"}
    return Response(reply.body, status_code=reply.status, headers=headers)


def _refusal(error: PosError) -> Response:
    response = errors.of(error)
    if isinstance(error, StillAtWork):
        response.headers["Retry-After"] = str(error.details["retry_after"])
    return response
