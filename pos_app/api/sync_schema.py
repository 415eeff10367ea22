"""What goes over the line between tills and the server, for the description.

The routes read and write these forms themselves (`sync.envelope`, `sync.page`); the example of each
is checked against its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pos_app.domain.charge import ChargeState
from pos_app.domain.proof import Entry, Wait
from pos_app.services.charge.till import KEYS
from pos_app.services.posting.panel import Deed, Trouble
from pos_app.services.posting.panel import Entry as Queued
from sync.envelope import MOST_ENVELOPES, Envelope, Reply
from sync.page import Change

__all__ = [
    "DEED", "PARCEL", "QUESTION", "Charge", "Done", "Proof", "Queue", "Reply", "Rows", "Told",
]  # fmt: skip


def _texts(*names: str) -> dict[str, Any]:
    return {name: {"type": "string", "minLength": 1, "maxLength": 200} for name in names}


def _body(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, "required": True}}


_NUMBER = {"type": "integer", "minimum": 0}
_ENVELOPE = {
    "type": "object",
    "title": "Envelope",
    "required": list(Envelope.__slots__),
    "properties": _texts("id", "stream", "kind", "key", "content_hash")
    | {"seq": _NUMBER, "payload": {"type": "string", "description": "Canonical JSON."}},
}
_SEVERAL = {"type": "array", "items": _ENVELOPE, "minItems": 1, "maxItems": MOST_ENVELOPES}

PARCEL = _body(
    ["till", "incarnation", "epoch", "envelopes"],
    _texts("till", "incarnation")
    | {"epoch": {"type": "string", "maxLength": 200}, "envelopes": _SEVERAL},
)
DEED = _body(
    ["user", "deed"],
    {
        "user": {"type": "string"},
        "deed": {"type": "string", "enum": [deed.value for deed in Deed]},
        "document": {"type": "string", "description": "Its number in the queue, or reference."},
        "incident": {"type": "string"},
        "reason": {"type": "string"},
        "number": {"type": "string", "description": "What SAP calls a document."},
        "dry": {"type": "boolean", "description": "Only tell what it would be done to."},
    },
)


QUESTION = _body(
    list(KEYS),
    {name: {"type": "string", "maxLength": 100} for name in KEYS}
    | {
        "id": {"type": "string", "minLength": 1, "maxLength": 100},
        "provider": {"type": "string", "enum": ["ecocash", "innbucks", "paynow"]},
        "amount": {"type": "string", "description": "Decimal text, above 0."},
    },
)


@dataclass(frozen=True, slots=True)
class Charge:
    """How a payment stands that a till asked for; amounts are decimal text."""

    id: str
    state: ChargeState
    is_held: bool
    message: str
    external_id: str
    received: str
    is_claimed: bool
    seconds_left: int
    shown: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the feed: what changed, in the order of its numbers."""

    epoch: str
    lineage: list[tuple[str, int]]
    after: int
    until: int
    head: int
    rows: list[Change]


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt with what came back of it, or why there is none to be had."""

    original: dict[str, Any] | None
    why: str


@dataclass(frozen=True, slots=True)
class OneSide:
    """What one side holds of a till's day."""

    side: str
    word: str
    problem: str
    entries: list[Entry]
    waits: Mapping[str, Wait]
    folds: Mapping[str, str]
    tills: list[str]
    has_payments: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A till's day as the server and SAP hold it."""

    sides: list[OneSide]


@dataclass(frozen=True, slots=True)
class Queue:
    """What is on its way to SAP; ``waited`` are the seconds of the oldest."""

    has_sap: bool
    is_up: bool | None
    since: datetime | None
    problem: str
    counts: Mapping[str, int]
    waited: int
    total: int
    troubles: list[Trouble]
    entries: list[Queued]


@dataclass(frozen=True, slots=True)
class Done:
    """What a deed was done to."""

    references: list[str]
    told: str = ""
