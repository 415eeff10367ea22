"""Headers of every response, the correlation of every request, and the version it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api import errors
from pos_app.api.asked import header
from pos_app.api.wire import Json
from pos_app.clock import Clock
from pos_app.ids import Ids

log = structlog.get_logger(__name__)

CORRELATION = "X-Correlation-ID"
SUPPORTED_VERSION = "1.0"
VARY = "Authorization, X-API-Key"

SECURITY: Mapping[str, str] = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_SECURITY = tuple((name.lower().encode(), value.encode()) for name, value in SECURITY.items())

MASTER_DATA = ("/api/product", "/api/stock", "/api/price", "/api/exchangerate")
"""What a shared cache may keep for five minutes: goods, prices, rates; never people."""

REPORTS = "/api/report"
"""What a client of its own may keep for a quarter of an hour, as the contract has it."""

_CORRELATION_NAME = CORRELATION.lower().encode()
_SUPPORTED = (b"api-supported-versions", SUPPORTED_VERSION.encode())
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BEYOND_ASCII = re.compile(rb"%[89A-Fa-f]")
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?")


def cache_control(method: str, path: str, status: int) -> str:
    """What caches may do with a response: the contract's five minutes for public master data.

    The contract says so of every GET; with tokens in play that would hand one user's figures to
    another, so everything else is kept by nobody (docs/decisions/0008-api-contract.md).
    """
    lowered = path.lower()
    if method == "GET" and status == 200 and lowered.startswith(MASTER_DATA):
        personal = lowered.startswith("/api/price/by-customer")
        return "private, max-age=300" if personal else "public, max-age=300"
    if method == "GET" and status == 200 and lowered.startswith(REPORTS):
        return "private, max-age=900"
    return "no-store" if method == "GET" else "no-store, no-cache"


class Edge:
    """The outermost layer: correlation id, headers, a line in the log, and no bare failure."""

    def __init__(self, app: ASGIApp, *, clock: Clock, ids: Ids, watch: Any) -> None:
        self._app = app
        self._clock = clock
        self._ids = ids
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation = self._correlation(scope)
        scope.setdefault("state", {})["correlation"] = correlation
        answer = _Answer(scope, send, correlation)
        began = self._clock.now()
        outside = structlog.contextvars.bind_contextvars(correlation=correlation)
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            if answer.status:
                raise
            failed = errors.plain(500, details=f"correlation id {correlation}")
            await failed(scope, receive, answer.send)
        finally:
            seconds = (self._clock.now() - began).total_seconds()
            self._watch(scope, answer.status or 500, seconds)
            _log(scope, answer.status or 500, seconds)
            structlog.contextvars.reset_contextvars(**outside)

    def _correlation(self, scope: Scope) -> str:
        given = header(scope, _CORRELATION_NAME)
        return given if _CORRELATION.fullmatch(given) else self._ids.new()


def _log(scope: Scope, status: int, seconds: float) -> None:
    """One line for each change and each refusal; reading leaves none."""
    if status < 400 and scope["method"] == "GET":
        return
    standing = scope["state"].get("standing")
    log.info(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        milliseconds=round(seconds * 1000),
        client=standing.client_id if standing is not None else "",
    )


class _Answer:
    """Puts the headers on the way out."""

    def __init__(self, scope: Scope, send: Send, correlation: str) -> None:
        self._scope = scope
        self._send = send
        self._correlation = correlation
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._dressed(list(message["headers"]))
        await self._send(message)

    def _dressed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """These and ours, in one go: this is done for every answer there is."""
        method, path = self._scope["method"], self._scope["path"]
        told = {name for name, _ in headers}
        ours = [
            *_SECURITY,
            (b"cache-control", cache_control(method, path, self.status).encode()),
        ]
        if path.startswith("/api"):
            ours.append(_SUPPORTED)
            if b"vary" not in told:
                ours.append((b"vary", VARY.encode()))
            else:
                MutableHeaders(raw=headers).add_vary_header(VARY)
        headers.append((_CORRELATION_NAME, self._correlation.encode()))
        headers += [header for header in ours if header[0] not in told]
        return headers


class Address:
    """The address as the router wants it: readable, of version 1.0, without a trailing slash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is not version 1.0, and characters that no store can keep."""
        if scope["type"] == "http":
            refused = _two_ways(scope) or _unreadable(scope) or _other_version(scope)
            if refused is not None:
                await refused(scope, receive, send)
                return
            if scope["path"].startswith("/api/"):
                scope["path"] = scope["path"].rstrip("/")
        await self._app(scope, receive, send)


def _two_ways(scope: Scope) -> Json | None:
    """A body with a length and in chunks ends in two places; the line is closed (RFC 9112 §6.1)."""
    told = {name for name, _ in scope["headers"]}
    if {b"content-length", b"transfer-encoding"} <= told:
        words = "the request tells the end of its body in two ways"
        return errors.plain(400, {"Connection": "close"}, details=words)
    return None


def _unreadable(scope: Scope) -> Json | None:
    query = scope.get("query_string", b"")
    if "\x00" in scope["path"] or b"%00" in query or b"\x00" in query:
        return errors.plain(400, details="the address contains the character NUL")
    if not _is_utf8(query) or not _is_utf8(scope.get("raw_path") or b""):
        return errors.plain(400, details="the address is not UTF-8")
    return None


def _is_utf8(address: bytes) -> bool:
    """What is not would be read as something else, and found or kept as that."""
    if address.isascii() and not _BEYOND_ASCII.search(address):
        return True
    try:
        unquote_to_bytes(address).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _other_version(scope: Scope) -> Json | None:
    given = [str(text, "latin-1") for name, text in scope["headers"] if name == b"x-api-version"]
    asked = {text.strip() for text in [*given, *_version_in(scope.get("query_string", b""))]}
    if not scope["path"].startswith("/api") or asked <= {"1", SUPPORTED_VERSION}:
        return None
    shown = ", ".join(sorted(asked))[:40]
    known = all(_VERSION.fullmatch(text) for text in asked)
    code = "unsupported_version" if known else "invalid_version"
    return errors.refusal(
        400,
        f"API version {shown!r} is not served: ask for {SUPPORTED_VERSION} or for none.",
        code=code,
        details=f"supported: {SUPPORTED_VERSION}",
    )


def _version_in(query: bytes) -> list[str]:
    if b"api-version" not in query and b"%" not in query:
        return []
    return parse_qs(query.decode("latin-1"), keep_blank_values=True).get("api-version", [])
