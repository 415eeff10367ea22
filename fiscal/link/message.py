"""Whole messages: sealed with a digest, cut into parts, put together again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from fiscal import decimal_json
from fiscal.link.frame import PARTS_MAX, PAYLOAD_MAX

MESSAGE_MAX = PARTS_MAX * PAYLOAD_MAX

_MARK = b',"digest":"'
_SEAL_LENGTH = len(_MARK) + 64 + len(b'"}')


class MessageInvalid(ValueError):
    """A message that is not what was sent, or no message of ours at all."""


class MessageTooLong(ValueError):
    """A message of more parts than the link numbers; it is never sent."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes are more than the link carries, {MESSAGE_MAX}")


def seal(message: Mapping[str, Any]) -> bytes:
    """JSON whose last member is the SHA-256 over all that precedes it, closed by a brace."""
    text = decimal_json.dumps(message).encode()
    digest = hashlib.sha256(text).hexdigest().encode()
    return text[:-1] + _MARK + digest + b'"}'


def unseal(data: bytes) -> dict[str, Any]:
    """Check the digest and read the message; raises MessageInvalid."""
    text, tail = data[:-_SEAL_LENGTH] + b"}", data[-_SEAL_LENGTH:]
    digest = hashlib.sha256(text).hexdigest().encode()
    if tail != _MARK + digest + b'"}':
        raise MessageInvalid("the digest does not fit")
    try:
        message = decimal_json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MessageInvalid("the message is not JSON") from error
    if not isinstance(message, dict):
        raise MessageInvalid("the message is not an object")
    return message


def split(data: bytes) -> list[bytes]:
    """The parts of a message; raises MessageTooLong."""
    if len(data) > MESSAGE_MAX:
        raise MessageTooLong(len(data))
    return [data[at : at + PAYLOAD_MAX] for at in range(0, len(data), PAYLOAD_MAX)] or [b""]
