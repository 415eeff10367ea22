"""Answers given again while nothing has changed (docs/decisions/0040-kept-answers.md)."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any

import anyio
from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api.asked import is_plain_read
from pos_app.api.auth import Standing
from pos_app.api.headers import MASTER_DATA
from pos_app.api.shelf import Shelf
from pos_app.api.wire import WireRoute
from pos_app.clock import Clock
from pos_app.services.standstill import Standstill

MOST = 4096
MOST_BYTES = 16 * 1024 * 1024
MOST_EACH = 256 * 1024


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
        self._making: dict[Hashable, anyio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        still = _standstill(scope)
        if still is None:
            await self._app(scope, receive, send)
            return
        key = (scope["state"]["standing"].client_id, scope["path"], scope.get("query_string", b""))
        kept = self._shelf.find(still, key) or await self._wait(still, key)
        if kept is None:
            await self._make(scope, receive, send, still=still, key=key)
            return
        scope["route"] = kept.route
        await send({"type": "http.response.start", "status": 200, "headers": [*kept.headers]})
        await send({"type": "http.response.body", "body": kept.body})

    async def _wait(self, still: Standstill, key: Hashable) -> _Kept | None:
        """What another request of this standstill is making; None if it comes to nothing."""
        made = self._making.get(_turn(still, key))
        if made is None:
            return None
        await made.wait()
        return self._shelf.find(still, key)

    async def _make(
        self, scope: Scope, receive: Receive, send: Send, *, still: Standstill, key: Hashable
    ) -> None:
        """Ask for it, keep it before it is sent, and let those go on who wait for it."""
        turn, made = _turn(still, key), anyio.Event()
        self._making.setdefault(turn, made)

        def release() -> None:
            if self._making.get(turn) is made:
                del self._making[turn]
            made.set()

        def settle(kept: _Kept | None) -> None:
            if kept is not None and still.holds(self._clock.now()):
                self._shelf.put(still, key, kept, size=len(kept.body))
            release()

        try:
            await self._app(scope, receive, _Heard(scope, send, settle).send)
        finally:
            release()


class _Heard:
    """Listens to an answer on its way out, for no longer than it may be kept."""

    def __init__(self, scope: Scope, send: Send, settle: Callable[[_Kept | None], None]) -> None:
        self._scope = scope
        self._send = send
        self._settle = settle
        self._headers: tuple[tuple[bytes, bytes], ...] | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            is_good = message["status"] == 200 and self._scope["state"].get("may_keep", False)
            # Layers further out add to these headers, for this request alone.
            self._headers = tuple(message["headers"]) if is_good else None
        else:
            self._settle(self._kept(message))
            self._headers = None
        await self._send(message)

    def _kept(self, message: Message) -> _Kept | None:
        """A whole body of no more than what may be kept, behind headers that may be."""
        body = message.get("body", b"")
        is_whole = message["type"] == "http.response.body" and not message.get("more_body", False)
        if self._headers is None or not is_whole or len(body) > MOST_EACH:
            return None
        return _Kept(self._headers, body, self._scope.get("route"))


def _turn(still: Standstill, key: Hashable) -> Hashable:
    """Only those on the same loop can wait for one another."""
    return get_running_loop(), still, key


def _standstill(scope: Scope) -> Standstill | None:
    """Of a request that may be answered again: a plain GET of somebody who is known."""
    if scope["type"] != "http" or not is_plain_read(scope):
        return None
    if not scope["path"].lower().startswith(MASTER_DATA):
        return None
    state = scope["state"]
    standing: Standing = state["standing"]
    found: Standstill | None = state.get("standstill")
    return None if standing.account is None else found
