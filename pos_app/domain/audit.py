"""The audit trail: events in a hash chain that shows any later change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from pos_app.errors import InvalidInput

GENESIS = "0" * 64
"""What the first event of a chain is linked to."""


class AuditInvalid(InvalidInput):
    """An event holds something that has no canonical form."""

    code = "audit_invalid"

    def __init__(self, what: str, why: str) -> None:
        super().__init__(
            f"Audit detail {what} {why}: write text, whole numbers or decimals.", what=what
        )


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing somebody did.

    Attributes:
        seq: 1, 2, 3 … without a gap.
        at: when, with a zone.
        action: such as ``sale.void_line``; subject: what it was done to.
        details: JSON values without floats; amounts as decimal strings.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, object] = field(default_factory=dict)


def canonical(event: AuditEvent) -> bytes:
    """Encode an event so that no two different events give the same bytes.

    Every value is tagged and carries its length; a decimal encodes as its text, so that an event
    read back from JSON encodes as it did when it was written.

    Raises:
        AuditInvalid: a float, or a time without a zone.
    """
    if event.at.tzinfo is None:
        raise AuditInvalid("at", "has no time zone")
    moment = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return _encoded(
        [event.seq, moment, event.actor, event.action, event.subject, dict(event.details)], "event"
    )


def chain_hash(previous: str, event: AuditEvent) -> str:
    """Return the link of an event: SHA-256 over the previous link and the event, in hex."""
    return hashlib.sha256(_encoded(previous, "previous") + canonical(event)).hexdigest()


def verify(
    events: Iterable[tuple[AuditEvent, str]], *, previous: str = GENESIS, first: int = 1
) -> int | None:
    """Return the number at which the chain breaks, or None if it holds.

    Args:
        events: each event with the link stored beside it, in order.
        previous: the link before the first of them.
        first: the number the first of them must have.
    """
    expected = first
    for event, link in events:
        if event.seq != expected:
            return expected
        if chain_hash(previous, event) != link:
            return event.seq
        previous, expected = link, expected + 1
    return None


def _encoded(value: object, where: str) -> bytes:
    if value is None or isinstance(value, bool | int):
        return _tagged(b"j", str(value).encode())
    if isinstance(value, Decimal):
        value = format(value, "f")
    if isinstance(value, str):
        return _tagged(b"s", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, list | tuple):
        return _tagged(b"l", b"".join(_encoded(inner, where) for inner in value))
    if isinstance(value, Mapping):
        pairs = sorted((str(key), inner) for key, inner in value.items())
        body = b"".join(_encoded(key, where) + _encoded(inner, key) for key, inner in pairs)
        return _tagged(b"m", body)
    raise AuditInvalid(where, f"is of type {type(value).__name__}")


def _tagged(tag: bytes, body: bytes) -> bytes:
    return tag + str(len(body)).encode() + b":" + body
