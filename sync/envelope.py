"""Envelopes and their answers: what they say, and how they are written on the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

LARGEST_PAYLOAD = 4_000_000
"""Characters one envelope may carry; 500 lines with batches need a tenth of it."""

MOST_ENVELOPES = 500
"""Envelopes one request may carry."""


class Malformed(ValueError):
    """What came over the wire is not what was agreed; the message says where."""


class Outcome(StrEnum):
    """What became of one envelope.

    ACCEPTED: taken now. REPLAYED: taken before, this is the first answer again. CONFLICT: its
    identity, or its document, is known with another content. REFUSED: it can never be taken as it
    is. LATER: not looked at, or it waits for another; nothing happened.
    """

    ACCEPTED = "accepted"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    REFUSED = "refused"
    LATER = "later"


TAKEN = frozenset({Outcome.ACCEPTED, Outcome.REPLAYED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One finished document on its way.

    Attributes:
        id: identity for ever; the receiver takes it once.
        seq: its place in the sender's outbox.
        stream: what must arrive in order shares a stream.
        kind: what is inside.
        key: identity of the document inside.
        payload: canonical JSON text; never taken apart on the way.
        content_hash: SHA-256 of the payload.
    """

    id: str
    seq: int
    stream: str
    kind: str
    key: str
    payload: str
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The receiver's answer to one envelope.

    Attributes:
        upstream_seq: the feed's number that contains its effects; None unless it was taken.
        code: a stable word for programs.
        reason: one sentence for people.
    """

    id: str
    content_hash: str
    outcome: Outcome
    upstream_seq: int | None = None
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Envelopes of one till that travel together.

    Attributes:
        incarnation: which life of the till this is; a restored one starts another.
        epoch: the life of the server that the till knows; empty before it knows one. A server in
            another takes nothing, so that what it has lost comes again before what is new.
    """

    till: str
    incarnation: str
    epoch: str
    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answers to a parcel, and the epoch their numbers count in.

    Without any result, the server has another epoch than the till and has looked at nothing.
    """

    epoch: str
    results: tuple[Result, ...]


def hash_of(payload: str) -> str:
    """SHA-256 of a payload's exact bytes, as hexadecimal."""
    return hashlib.sha256(payload.encode()).hexdigest()


def parcel_to_wire(parcel: Parcel) -> dict[str, Any]:
    """The JSON body of a request."""
    return {
        "till": parcel.till,
        "incarnation": parcel.incarnation,
        "epoch": parcel.epoch,
        "envelopes": [asdict(envelope) for envelope in parcel.envelopes],
    }


def parcel_from_wire(data: object) -> Parcel:
    """Read a request.

    Raises:
        Malformed: it is not one; every field is checked, unknown fields are ignored.
    """
    body = mapping(data, "the request")
    rows = listing(body, "envelopes")
    if not 0 < len(rows) <= MOST_ENVELOPES:
        raise Malformed(f"a parcel carries 1 to {MOST_ENVELOPES} envelopes, not {len(rows)}")
    return Parcel(
        till=text(body, "till"),
        incarnation=text(body, "incarnation"),
        epoch=text(body, "epoch", shortest=0),
        envelopes=tuple(_envelope(row) for row in rows),
    )


def reply_to_wire(reply: Reply) -> dict[str, Any]:
    """The JSON body of an answer."""
    results = [{**asdict(result), "outcome": result.outcome.value} for result in reply.results]
    return {"epoch": reply.epoch, "results": results}


def reply_from_wire(data: object, parcel: Parcel) -> Reply:
    """Read the answer to a parcel.

    An answer counts only if it names the identity and the content of something that was sent, so
    that no hotel's login page and no mixed-up cache ever passes for an acknowledgement. Envelopes
    it does not mention are unanswered.

    Raises:
        Malformed: it is not an answer to them.
    """
    body = mapping(data, "the answer")
    rows = listing(body, "results")
    epoch = text(body, "epoch")
    hashes = {envelope.id: envelope.content_hash for envelope in parcel.envelopes}
    results = tuple(_result(row) for row in rows)
    for result in results:
        if hashes.pop(result.id, None) != result.content_hash:
            raise Malformed(f"the answer speaks of {result.id[:40]!r}, which was not sent so")
    if not results and epoch == parcel.epoch:
        raise Malformed("the answer leaves every envelope unanswered")
    return Reply(epoch=epoch, results=results)


def _envelope(data: object) -> Envelope:
    row = mapping(data, "an envelope")
    payload = row.get("payload")
    if not isinstance(payload, str) or len(payload) > LARGEST_PAYLOAD:
        raise Malformed(f"payload is not text of at most {LARGEST_PAYLOAD} characters")
    return Envelope(
        id=text(row, "id"),
        seq=number(row, "seq"),
        stream=text(row, "stream"),
        kind=text(row, "kind"),
        key=text(row, "key"),
        payload=payload,
        content_hash=text(row, "content_hash"),
    )


def _result(data: object) -> Result:
    row = mapping(data, "a result")
    word = text(row, "outcome")
    # A newer server may know more outcomes; what we cannot read, we have not been told.
    outcome = Outcome(word) if word in set(Outcome) else Outcome.LATER
    return Result(
        id=text(row, "id"),
        content_hash=text(row, "content_hash"),
        outcome=outcome,
        upstream_seq=number(row, "upstream_seq") if outcome in TAKEN else None,
        code=str(row.get("code") or "")[:100],
        reason=str(row.get("reason") or "")[:1000],
    )


def mapping(data: object, what: str) -> Mapping[str, Any]:
    """Return a JSON object; raises Malformed for anything else."""
    if not isinstance(data, dict):
        raise Malformed(f"{what} is not a JSON object")
    return data


def listing(data: Mapping[str, Any], key: str) -> list[Any]:
    """Return a JSON array under a key; raises Malformed for anything else."""
    value = data.get(key)
    if not isinstance(value, list):
        raise Malformed(f"{key} is not a JSON array")
    return value


def text(data: Mapping[str, Any], key: str, *, shortest: int = 1, longest: int = 200) -> str:
    """Return text of a bearable length; raises Malformed for anything else."""
    value = data.get(key)
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        raise Malformed(f"{key} is not text of {shortest} to {longest} characters")
    return value


def number(data: Mapping[str, Any], key: str) -> int:
    """Return a whole number of 64 bits from 0; raises Malformed for anything else."""
    value = data.get(key)
    if type(value) is not int or not 0 <= value < 2**63:
        raise Malformed(f"{key} is not a whole number from 0")
    return value
