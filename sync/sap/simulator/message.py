"""Requests and answers of the simulator, taken apart and put together without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from sync.sap import decimal_json
from sync.sap.port import Response
from sync.sap.simulator.refusal import Refusal

BASE = "/b1s/"
OVERRIDES = frozenset({"PATCH", "PUT", "DELETE", "GET"})
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request.

    Attributes:
        method: the verb.
        path: as sent, percent-encoded, beginning with ``/b1s/v1/`` or ``/b1s/v2/``.
        query: as sent, without the question mark.
        headers: lower-case names.
        body: bytes, empty for none.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def version(self) -> int:
        """The dialect: 1 or 2."""
        return 2 if self.path.startswith(f"{BASE}v2/") else 1

    @property
    def resource(self) -> str:
        """The path below the version, decoded; for logs and faults."""
        return unquote(self.path).removeprefix(f"{BASE}v{self.version}").strip("/")

    @property
    def call(self) -> str:
        """Verb and resource, such as ``POST Invoices``."""
        return f"{self.method} {self.resource}"

    @property
    def full_call(self) -> str:
        """The call with its query, decoded; what faults match against."""
        return f"{self.call}?{unquote(self.query)}" if self.query else self.call

    def pieces(self) -> list[str]:
        """The resource split at slashes outside quotes, each piece decoded."""
        encoded = self.path.removeprefix(f"{BASE}v{self.version}").strip("/")
        pieces = [""]
        quoted = False
        for sign in encoded:
            quoted ^= sign == "'"
            if sign == "/" and not quoted:
                pieces.append("")
            else:
                pieces[-1] += sign
        return [unquote(piece) for piece in pieces]

    def options(self) -> dict[str, str]:
        """The query options, decoded."""
        pairs = (part.partition("=") for part in self.query.split("&") if part)
        return {unquote(name): unquote(value) for name, _, value in pairs}

    def cookies(self) -> dict[str, str]:
        """The cookies sent."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}

    def json(self) -> Any:
        """The body; an empty one is an empty object. Raises Refusal."""
        if not self.body.strip():
            return {}
        try:
            data = decimal_json.loads(self.body)
            if SURROGATE.search(self.body):
                # Half a character is text to JSON and to nobody else.
                json.dumps(data, ensure_ascii=False, default=str).encode()
        except (ValueError, RecursionError):
            raise Refusal(-1000, "The request body is not valid JSON.") from None
        return data


def method_of(method: str, headers: Mapping[str, str]) -> str:
    """The verb a request means; proxies that pass GET and POST only carry others in a header."""
    wanted = headers.get("x-http-method-override", "").upper()
    return wanted if method == "POST" and wanted in OVERRIDES else method


def answer(data: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A JSON answer."""
    body = decimal_json.dumps(data).encode()
    return Response(status, (("Content-Type", "application/json;charset=utf-8"), *headers), body)


def no_content(headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer without a body."""
    return Response(204, headers, b"")


def plain(text: str, status: int = 200) -> Response:
    """A text answer."""
    return Response(status, (("Content-Type", "text/plain"),), text.encode())


def failure(version: int, *, status: int, code: int | str, text: str) -> Response:
    """An error in the envelope of a dialect."""
    if version == 2:
        details = [{"code": "", "message": ""}]
        error: dict[str, Any] = {"code": str(code), "message": text, "details": details}
    else:
        error = {"code": code, "message": {"lang": "en-us", "value": text}}
    return answer({"error": error}, status)


def refused(request: Request, refusal: Refusal) -> Response:
    """The answer to a request that a rule refuses."""
    return failure(request.version, status=refusal.status, code=refusal.code, text=refusal.text)


def gateway_page(status: int = 502) -> Response:
    """What a proxy in front of Service Layer shows when it has given up."""
    page = f"<html><head><title>{status} Proxy Error</title></head><body></body></html>"
    return Response(status, (("Content-Type", "text/html"),), page.encode())
