"""No request body above what the contract takes, counted while it arrives, nor one without end."""

from __future__ import annotations

import anyio
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api import errors
from pos_app.api.asked import header, is_plain_read
from pos_app.api.wire import Json

LARGEST_JSON = 1024 * 1024
LARGEST_FORM = 26 * 1024 * 1024
"""A file of 25 MB (contract §1.8) and the form around it."""

LARGEST_PARCEL = 32 * 1024 * 1024
"""A till that was away for a week brings its sales in parcels."""


BODY_SECONDS, SLOWEST = 60.0, 10_000
"""How long a body may take, and for each so many bytes it may have a second more."""


class TooSlow(HTTPException):
    """The body did not come to its end in time."""

    def __init__(self) -> None:
        super().__init__(408)


class TooLarge(HTTPException):
    """More bytes came than announced or allowed."""

    def __init__(self) -> None:
        super().__init__(413)


class SizeLimit:
    """Answers 413 before anything is read, or as soon as too much has come; 408 to who drips."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or is_plain_read(scope):
            await self._app(scope, receive, send)
            return
        largest = _largest(scope["path"].lower(), header(scope, b"content-type"))
        announced = header(scope, b"content-length") or "0"
        if not announced.isdecimal() or int(announced[:20]) > largest:
            await _refused(largest)(scope, receive, send)
            return
        try:
            await self._app(scope, _counted(receive, largest), send)
        except TooLarge:
            await _refused(largest)(scope, receive, send)
        except TooSlow:
            await errors.plain(408, {"Connection": "close"})(scope, receive, send)


def _largest(path: str, content_type: str) -> int:
    """What a path takes: files come as forms, and only where files are taken."""
    if path.startswith("/sync/"):
        return LARGEST_PARCEL
    is_form = content_type.lower().startswith("multipart/form-data")
    takes_files = path.rstrip("/").endswith(("/attachments", "/attachment", "/documents/upload"))
    return LARGEST_FORM if is_form and takes_files else LARGEST_JSON


def _counted(receive: Receive, largest: int) -> Receive:
    total, is_whole = 0, False
    until = anyio.current_time() + BODY_SECONDS + largest / SLOWEST

    async def counted() -> Message:
        nonlocal total, is_whole
        if is_whole:  # from here on it is waited for the client to go away
            return await receive()
        try:
            with anyio.fail_after(until - anyio.current_time()):
                message = await receive()
        except TimeoutError:
            raise TooSlow from None
        total += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if total > largest:
            raise TooLarge
        return message

    return counted


def _refused(largest: int) -> Json:
    return errors.plain(413, {"Connection": "close"}, details=f"largest body: {largest} bytes")
