"""A server and an outbox small enough to be obviously right, and a network that is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from sync.engine import Sender, State, Verdict, Waiting
from sync.envelope import Envelope, Outcome, Parcel, Reply, Result, hash_of
from sync.errors import OutcomeUnknown, Rejected, Unavailable
from sync.page import Page, Position
from sync.remote import Indigestible


class FakeClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Row:
    envelope: Envelope
    state: State = State.PENDING
    attempts: int = 0
    reason: str = ""
    try_at: datetime | None = None
    upstream_seq: int | None = None


class Outbox:
    """An outbox in memory."""

    def __init__(self, clock: FakeClock) -> None:
        self.rows: dict[str, Row] = {}
        self._clock = clock

    def add(self, stream: str, payload: str = "{}") -> Envelope:
        number = len(self.rows) + 1
        envelope = Envelope(
            id=f"e{number}",
            seq=number,
            stream=stream,
            kind="sale",
            key=stream,
            payload=payload,
            content_hash=hash_of(payload),
        )
        self.rows[envelope.id] = Row(envelope)
        return envelope

    def due(self, after: int, limit: int) -> Sequence[Waiting]:
        return list(self._due(after))[:limit]

    def _due(self, after: int) -> Iterator[Waiting]:
        blocked: set[str] = set()
        for row in self.rows.values():
            late = row.try_at is not None and row.try_at > self._clock.now()
            if row.state is State.QUARANTINED or (row.state is State.PENDING and late):
                blocked.add(row.envelope.stream)
            free = row.state is State.PENDING and row.envelope.stream not in blocked
            if free and row.envelope.seq > after:
                yield Waiting(row.envelope, row.attempts)

    def settle(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            row = self.rows[verdict.id]
            if row.state is State.PENDING:
                row.state, row.attempts = verdict.state, verdict.attempts
                row.reason, row.try_at = verdict.reason, verdict.try_at
                row.upstream_seq = verdict.upstream_seq

    def states(self) -> dict[str, State]:
        return {name: row.state for name, row in self.rows.items()}


@dataclass
class Server:
    """Takes each envelope once and remembers in which order."""

    epoch: str = "one"
    taken: dict[str, Envelope] = field(default_factory=dict)
    poison: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)

    def send(self, parcel: Parcel) -> Reply:
        if parcel.epoch not in ("", self.epoch):
            return Reply(epoch=self.epoch, results=())
        if self.poison & {envelope.id for envelope in parcel.envelopes}:
            raise Indigestible("internal_error", "It fell over.", 500)
        held: set[str] = set()
        results = []
        for envelope in parcel.envelopes:
            result = self._one(envelope, held)
            if result.upstream_seq is None:
                held.add(envelope.stream)
            results.append(result)
        return Reply(epoch=self.epoch, results=tuple(results))

    def _one(self, envelope: Envelope, held: set[str]) -> Result:
        said = {"id": envelope.id, "content_hash": envelope.content_hash}
        if envelope.stream in held or envelope.id in self.later:
            return Result(**said, outcome=Outcome.LATER, reason="not yet")
        known = self.taken.get(envelope.id)
        if known is not None:
            number = list(self.taken).index(envelope.id) + 1
            if known.content_hash != envelope.content_hash:
                return Result(**said, outcome=Outcome.CONFLICT, reason="other content")
            return Result(**said, outcome=Outcome.REPLAYED, upstream_seq=number)
        if envelope.id in self.refused:
            return Result(**said, outcome=Outcome.REFUSED, reason="bad")
        self.taken[envelope.id] = envelope
        return Result(**said, outcome=Outcome.ACCEPTED, upstream_seq=len(self.taken))

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        return Page(epoch=self.epoch, lineage=(), after=0, until=0, head=0, changes=())


FAULTS = ("none", "lose_request", "lose_reply", "twice", "shut_out", "partial")


class Network:
    """Carries parcels, and does to each what the next fault says."""

    def __init__(self, server: Server, faults: Sequence[str] = ()) -> None:
        self.server = server
        self.faults = list(faults)
        self.sent: list[list[str]] = []

    def send(self, parcel: Parcel) -> Reply:
        self.sent.append([envelope.id for envelope in parcel.envelopes])
        fault = self.faults.pop(0) if self.faults else "none"
        if fault == "lose_request":
            raise Unavailable("no route")
        if fault == "shut_out":
            raise Rejected("till_fenced", "Another life has taken over.", 409)
        if fault == "twice":
            self.server.send(parcel)
        reply = self.server.send(parcel)
        if fault == "lose_reply":
            raise OutcomeUnknown("timeout")
        if fault == "partial":
            return Reply(epoch=reply.epoch, results=reply.results[:1])
        return reply

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        return self.server.fetch(at, till=till, limit=limit)


def sender(clock: FakeClock) -> Sender:
    return Sender(till="T01", incarnation="i", clock=clock, rng=Random(1))
