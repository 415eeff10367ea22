"""Answers given again while nothing has changed (docs/decisions/0040-kept-answers.md)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api.auth import Standing
from pos_app.api.shelf import Shelf
from pos_app.api.wire import WireRoute
from pos_app.clock import Clock
from pos_app.services.standstill import Standstill

MOST = 4096
MOST_BYTES = 16 * 1024 * 1024
MOST_EACH = 256 * 1024
BODY = frozenset({b"content-length", b"transfer-encoding"})


class KeptRoute(WireRoute):
    """A route whose answers may be given again during one standstill.

    They follow from the database, from whole seconds of the shop's clock, from the address and
    from who asks, and asking for them does nothing else.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Say of the request that its answer may be kept."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            request.scope["state"]["may_keep"] = True
            return await inner(request)

        return handle


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, and the route it is of, for the counters."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    route: object


class KeptAnswers:
    """The innermost layer: whoever gets here is known, let in and counted."""

    def __init__(self, app: ASGIApp, *, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._shelf: Shelf[_Kept] = Shelf(most=MOST, most_bytes=MOST_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        still = _standstill(scope)
        if still is None:
            await self._app(scope, receive, send)
            return
        key = (scope["state"]["standing"].client_id, scope["path"], scope.get("query_string", b""))
        kept = self._shelf.find(still, key)
        if kept is None:
            await self._ask(scope, receive, send, still=still, key=key)
            return
        scope["route"] = kept.route
        await send({"type": "http.response.start", "status": 200, "headers": [*kept.headers]})
        await send({"type": "http.response.body", "body": kept.body})

    async def _ask(
        self, scope: Scope, receive: Receive, send: Send, *, still: Standstill, key: object
    ) -> None:
        heard: list[Message] = []

        async def hear(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Layers further out add to these headers, for this request alone.
                heard.append({**message, "headers": tuple(message["headers"])})
            else:
                heard.append(message)
            await send(message)

        await self._app(scope, receive, hear)
        kept = _kept(scope, heard)
        if kept is not None and still.holds(self._clock.now()):
            self._shelf.put(still, key, kept, size=len(kept.body))


def _standstill(scope: Scope) -> Standstill | None:
    """Of a request that may be answered again: a plain GET of somebody who is known."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    state = scope["state"]
    standing: Standing = state["standing"]
    found: Standstill | None = state.get("standstill")
    if found is None or standing.account is None:
        return None
    return None if any(name in BODY for name, _ in scope["headers"]) else found


def _kept(scope: Scope, heard: list[Message]) -> _Kept | None:
    """What was heard, if it may be given again: whole, good, not too large."""
    if not scope["state"].get("may_keep") or len(heard) != 2:
        return None
    start, body = heard
    is_whole = body["type"] == "http.response.body" and not body.get("more_body", False)
    content = body.get("body", b"")
    if start["status"] != 200 or not is_whole or len(content) > MOST_EACH:
        return None
    return _Kept(start["headers"], content, scope.get("route"))
