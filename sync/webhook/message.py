"""What is sent: a canonical JSON body, signed in itself and over its bytes.

``signature`` in the body is the HMAC of the same body without it, in canonical form: keys sorted,
no spaces, ASCII. ``X-Webhook-Signature`` is the HMAC of the bytes as they are sent. Beside them
stand the three headers of Standard Webhooks, which also sign identity and time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notice, ready to be sent; `headers` are complete."""

    body: bytes
    headers: Mapping[str, str]


def make(
    *,
    event_id: str,
    event: str,
    at: datetime,
    data: Any,
    secret: str,
    headers: Mapping[str, str],
    sent_at: datetime,
    is_test: bool = False,
) -> Message:
    """Sign one notice.

    Args:
        event_id: the same at every try, so that a receiver can tell a repetition.
        event: its type.
        at: when it happened.
        data: what it is about.
        secret: what it is signed with; empty leaves it unsigned.
        headers: the receiver's own.
        sent_at: now.
        is_test: whether somebody only tries the way.
    """
    content: dict[str, Any] = {
        "id": event_id,
        "event": event,
        "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": data,
    }
    if is_test:
        content["isTest"] = True
    if secret:
        content["signature"] = sign(canonical(content), secret)
    body = canonical(content)
    moment = str(int(sent_at.timestamp()))
    told = {
        **headers,
        "Accept-Encoding": "identity",  # nothing that grows when it is unpacked
        "Content-Type": "application/json",
        "User-Agent": "pos-webhook/1",
        "X-Webhook-Event": event,
        "X-Webhook-Delivery-Id": event_id,
        "webhook-id": event_id,
        "webhook-timestamp": moment,
    }
    if secret:
        told["X-Webhook-Signature"] = f"sha256={sign(body, secret)}"
        signed = f"{event_id}.{moment}.".encode() + body
        digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
        told["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return Message(body=body, headers=told)


def canonical(content: Any) -> bytes:
    """One text per value: keys sorted, no spaces, ASCII."""
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")


def sign(body: bytes, secret: str) -> str:
    """HMAC-SHA256 in lower-case hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
