"""What every layer wants to know of a request, found without making an object for it."""

from __future__ import annotations

from starlette.types import Scope

_BODY = frozenset({b"content-length", b"transfer-encoding"})


def header(scope: Scope, name: bytes) -> str:
    """The first header of a name in small letters; empty where there is none."""
    for known, value in scope["headers"]:
        if known == name:
            return str(value, "latin-1")
    return ""


def is_plain_read(scope: Scope) -> bool:
    """Whether it is a GET without a body: HTTP/1.1 announces every one (RFC 9112 §6)."""
    return scope["method"] == "GET" and not any(name in _BODY for name, _ in scope["headers"])
