"""What the faces of the simulator are given and give back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

USER, PASSWORD, PIN = "sandbox", "sandbox-password", "1234"
API_KEY, CALLBACK_KEY = "sandbox-api-key", "sandbox-callback-key"
PAYNOW = {"1201": ("USD", "sandbox-paynow-usd"), "1202": ("ZIG", "sandbox-paynow-zig")}
"""Integrations by number: currency and key."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request below the simulator's address; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: bytes
    kind: str = "application/json"

    @classmethod
    def of(cls, status: int, told: Mapping[str, Any]) -> Reply:
        """JSON."""
        return cls(status, json.dumps(dict(told)).encode())


@dataclass(frozen=True, slots=True)
class Post:
    """A callback on its way."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    provider: str
