"""No request body above what the contract takes, counted while it arrives."""

from __future__ import annotations

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


class TooLarge(HTTPException):
    """More bytes came than announced or allowed."""

    def __init__(self) -> None:
        super().__init__(413)


class SizeLimit:
    """Answers 413 before anything is read, or as soon as too much has come."""

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


def _largest(path: str, content_type: str) -> int:
    """What a path takes: files come as forms, and only where files are taken."""
    if path.startswith("/sync/"):
        return LARGEST_PARCEL
    is_form = content_type.lower().startswith("multipart/form-data")
    takes_files = path.rstrip("/").endswith(("/attachments", "/attachment", "/documents/upload"))
    return LARGEST_FORM if is_form and takes_files else LARGEST_JSON


def _counted(receive: Receive, largest: int) -> Receive:
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > largest:
            raise TooLarge
        return message

    return counted


def _refused(largest: int) -> Json:
    return errors.plain(413, {"Connection": "close"}, details=f"largest body: {largest} bytes")
