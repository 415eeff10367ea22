"""No request body above what the contract takes, counted while it arrives."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api import errors

LARGEST_JSON = 1024 * 1024


class TooLarge(HTTPException):
    """More bytes came than announced or allowed."""

    def __init__(self) -> None:
        super().__init__(413)


class SizeLimit:
    """Answers 413 before anything is read, or as soon as too much has come."""

    def __init__(self, app: ASGIApp, *, largest: int = LARGEST_JSON) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced[:20]) > self._largest:
            await self._refuse(scope, receive, send)
            return
        try:
            await self._app(scope, self._counted(receive), send)
        except TooLarge:
            await self._refuse(scope, receive, send)

    def _counted(self, receive: Receive) -> Receive:
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self._largest:
                raise TooLarge
            return message

        return counted

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = errors.plain(
            413, {"Connection": "close"}, details=f"largest body: {self._largest} bytes"
        )
        await response(scope, receive, send)
