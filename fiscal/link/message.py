"""Whole messages: sealed with a digest, made small, cut into parts, put together again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

from fiscal import decimal_json
from fiscal.link.frame import PARTS_MAX, PAYLOAD_MAX

MESSAGE_MAX = PARTS_MAX * PAYLOAD_MAX
LINES_MAX = 500
"""As many items as one receipt may have; live boxes were seen to take no more."""

DEFLATE = "deflate"
"""The member of a greeting by which either end says that it can read messages made small."""

_MARK = b',"digest":"'
_SEAL_LENGTH = len(_MARK) + 64 + len(b'"}')
_ZLIB = 0x78
"""The first byte of a message that was made small; one that was not begins with a brace."""


class MessageInvalid(ValueError):
    """A message that is not what was sent, or no message of ours at all."""


class MessageTooLong(ValueError):
    """A message of more parts than the link numbers, or of too many items; it is never sent."""

    def __init__(self, size: int, unit: str, most: int) -> None:
        super().__init__(f"{size} {unit} are more than the link carries, {most}")


def seal(message: Mapping[str, Any], *, is_deflated: bool = False) -> bytes:
    """JSON whose last member is the SHA-256 over all that precedes it, closed by a brace.

    Args:
        message: the rest of it.
        is_deflated: whether to make it small, which the other end must have said it can read.

    Raises:
        MessageTooLong: it is more than the link carries, however small it can be made.
    """
    text = decimal_json.dumps(message).encode()
    digest = hashlib.sha256(text).hexdigest().encode()
    data = text[:-1] + _MARK + digest + b'"}'
    if len(data) > MESSAGE_MAX:
        raise MessageTooLong(len(data), "bytes", MESSAGE_MAX)
    return zlib.compress(data) if is_deflated else data


def unseal(data: bytes) -> dict[str, Any]:
    """Check the digest and read the message; raises MessageInvalid."""
    if data[:1] == bytes([_ZLIB]):
        data = _inflate(data)
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


def _inflate(data: bytes) -> bytes:
    """The message as it was, as far as the link carries one."""
    inflater = zlib.decompressobj()
    try:
        whole = inflater.decompress(data, MESSAGE_MAX)
    except zlib.error as error:
        raise MessageInvalid("the message cannot be inflated") from error
    if not inflater.eof:
        raise MessageInvalid("the message is too long or cut")
    return whole


def check_lines(message: Mapping[str, Any]) -> None:
    """Raise MessageTooLong for a receipt of more items than LINES_MAX."""
    body = message.get("body")
    items = body.get("ItemsXml") if isinstance(body, Mapping) else None
    if isinstance(items, list) and len(items) > LINES_MAX:
        raise MessageTooLong(len(items), "items", LINES_MAX)


def split(data: bytes) -> list[bytes]:
    """The parts of a message; raises MessageTooLong."""
    if len(data) > MESSAGE_MAX:
        raise MessageTooLong(len(data), "bytes", MESSAGE_MAX)
    return [data[at : at + PAYLOAD_MAX] for at in range(0, len(data), PAYLOAD_MAX)] or [b""]
