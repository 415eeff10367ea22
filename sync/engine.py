"""Deliver envelopes and follow the feed: pure decisions over ports, no store and no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Protocol

from sync.envelope import TAKEN, Envelope, Outcome, Parcel, Reply, Result
from sync.errors import SyncError
from sync.page import Page, Position
from sync.remote import Indigestible, Remote
from sync.retry import NOT_YET, REFUSED, RetryRule

PARCEL_ENVELOPES = 100
PARCEL_CHARACTERS = 400_000
PAGE_ROWS = 1000


class State(StrEnum):
    """Where an envelope stands in the outbox."""

    PENDING = "pending"
    DELIVERED = "delivered"
    QUARANTINED = "quarantined"


class Clock(Protocol):
    """Time as the engine sees it."""

    def now(self) -> datetime:
        """The current aware instant."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope that may be sent now, and how often it was refused."""

    envelope: Envelope
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an outbox row becomes; whoever keeps the rows only obeys.

    Attributes:
        try_at: not before this moment again; None when it is not to be tried.
        upstream_seq: told with a delivery.
    """

    id: str
    kind: str
    key: str
    state: State
    attempts: int
    reason: str = ""
    try_at: datetime | None = None
    upstream_seq: int | None = None


class Queue(Protocol):
    """The outbox as the engine sees it."""

    def due(self, after: int, limit: int) -> Sequence[Waiting]:
        """Envelopes with a larger `seq` whose stream nothing holds up, in order."""
        ...

    def settle(self, verdicts: Sequence[Verdict]) -> None:
        """Write the verdicts down in one transaction, on rows that still wait."""
        ...


class Copy(Protocol):
    """The till's copy of the server's data as the engine sees it."""

    def position(self) -> Position:
        """How far it has come."""
        ...

    def apply(self, page: Page, at: Position) -> bool:
        """Take a page and the position after it in one transaction.

        False when it does not stand at `at` any more, because another process was faster.
        """
        ...


@dataclass(slots=True)
class Delivered:
    """What became of one pass over the outbox.

    Attributes:
        problem: why the pass ended early; None when everything due was answered.
        is_foreign: the server answered from another epoch: fetch before delivering on.
    """

    taken: int = 0
    quarantined: int = 0
    problem: SyncError | None = None
    is_foreign: bool = False


@dataclass(slots=True)
class Fetched:
    """What one pass over the feed brought."""

    changes: int = 0
    pages: int = 0
    problem: SyncError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When what is tried again; see `sync.retry`."""

    refused: RetryRule = REFUSED
    not_yet: RetryRule = NOT_YET


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who delivers, and the time and chance it works with."""

    till: str
    incarnation: str
    clock: Clock
    rng: Random
    rules: Rules = field(default_factory=Rules)


def judge(waiting: Waiting, result: Result, sender: Sender) -> Verdict:
    """Decide what an answered envelope becomes.

    A conflict is for a person at once. A refusal is tried a few times more, as the next server may
    know better; then it is for a person. Waiting for another envelope costs nothing.
    """
    envelope, now = waiting.envelope, sender.clock.now()
    if result.outcome in TAKEN:
        return Verdict(
            id=envelope.id,
            kind=envelope.kind,
            key=envelope.key,
            state=State.DELIVERED,
            attempts=waiting.attempts,
            upstream_seq=result.upstream_seq,
        )
    if result.outcome is Outcome.CONFLICT:
        return _held(waiting, State.QUARANTINED, result.reason, attempts=waiting.attempts + 1)
    if result.outcome is Outcome.LATER:
        at = sender.rules.not_yet.next_at(now, 1, sender.rng)
        return _held(waiting, State.PENDING, result.reason, attempts=waiting.attempts, at=at)
    return refuse(waiting, result.reason, sender)


def refuse(waiting: Waiting, reason: str, sender: Sender) -> Verdict:
    """Spend one of an envelope's attempts; the last one takes it out of the way of the others."""
    attempts, rule = waiting.attempts + 1, sender.rules.refused
    if rule.is_spent(attempts):
        return _held(waiting, State.QUARANTINED, reason, attempts=attempts)
    at = rule.next_at(sender.clock.now(), attempts, sender.rng)
    return _held(waiting, State.PENDING, reason, attempts=attempts, at=at)


def _held(
    waiting: Waiting, state: State, reason: str, *, attempts: int, at: datetime | None = None
) -> Verdict:
    return Verdict(
        id=waiting.envelope.id,
        kind=waiting.envelope.kind,
        key=waiting.envelope.key,
        state=state,
        attempts=attempts,
        reason=reason or "the server gave no reason",
        try_at=at,
    )


def parcels(
    rows: Sequence[Waiting], *, most: int = PARCEL_ENVELOPES, characters: int = PARCEL_CHARACTERS
) -> Iterator[list[Waiting]]:
    """Cut envelopes into parcels of bearable size, in order; one alone may be larger."""
    parcel: list[Waiting] = []
    size = 0
    for row in rows:
        weight = len(row.envelope.payload)
        if parcel and (len(parcel) >= most or size + weight > characters):
            yield parcel
            parcel, size = [], 0
        parcel.append(row)
        size += weight
    if parcel:
        yield parcel


def deliver(queue: Queue, remote: Remote, sender: Sender, *, epoch: str = "") -> Delivered:
    """Hand over everything that is due, once each, in order within every stream.

    Ends early when the server is away or will not deal with this till: no envelope is the worse
    for that. An envelope that upsets the server is found by halving its parcel and spends an
    attempt only if the server was well otherwise.

    Args:
        queue: the outbox.
        remote: the server.
        sender: who delivers.
        epoch: the epoch our copy stands in; empty before the first fetch.
    """
    delivery = _Delivery(queue, remote, sender, epoch=epoch)
    try:
        delivery.run()
    except SyncError as error:
        delivery.done.problem = error
    delivery.accuse()
    return delivery.done


def fetch(copy: Copy, remote: Remote, *, till: str, limit: int = PAGE_ROWS) -> Fetched:
    """Follow the feed to its head, one transaction per page; a failed look changes nothing."""
    done = Fetched()
    try:
        while True:
            at = copy.position()
            page = remote.fetch(at, till=till, limit=limit)
            if copy.apply(page, at):
                done.pages += 1
                done.changes += len(page.changes)
            if page.is_last:
                return done
    except SyncError as error:
        done.problem = error
    return done


class _Delivery:
    """One pass over the outbox."""

    def __init__(self, queue: Queue, remote: Remote, sender: Sender, *, epoch: str) -> None:
        self.done = Delivered()
        self._queue = queue
        self._remote = remote
        self._sender = sender
        self._epoch = epoch
        self._suspects: list[tuple[Waiting, Indigestible]] = []
        self._stopped: set[str] = set()
        self._answered = 0

    def run(self) -> None:
        after = 0
        while not self.done.is_foreign:
            rows = self._queue.due(after, PARCEL_ENVELOPES)
            if not rows:
                return
            after = rows[-1].envelope.seq
            for parcel in parcels(rows):
                self._send(parcel)

    def accuse(self) -> None:
        """Charge the envelopes that upset a server which answered others."""
        if self._suspects and self._answered:
            self._settle([refuse(row, error.text, self._sender) for row, error in self._suspects])
        elif self._suspects and self.done.problem is None:
            self.done.problem = self._suspects[0][1]

    def _send(self, rows: list[Waiting]) -> None:
        free = [row for row in rows if row.envelope.stream not in self._stopped]
        if not free or self.done.is_foreign:
            return
        envelopes = tuple(row.envelope for row in free)
        sender = self._sender
        parcel = Parcel(
            till=sender.till,
            incarnation=sender.incarnation,
            epoch=self._epoch,
            envelopes=envelopes,
        )
        try:
            reply = self._remote.send(parcel)
        except Indigestible as error:
            self._halve(free, error)
        else:
            self._read(free, reply)

    def _halve(self, rows: list[Waiting], error: Indigestible) -> None:
        if len(rows) == 1:
            self._suspects.append((rows[0], error))
            self._stopped.add(rows[0].envelope.stream)
            return
        middle = len(rows) // 2
        self._send(rows[:middle])
        self._send(rows[middle:])

    def _read(self, rows: list[Waiting], reply: Reply) -> None:
        if not reply.results or (self._epoch and reply.epoch != self._epoch):
            self.done.is_foreign = True
            return
        results = {result.id: result for result in reply.results}
        verdicts = []
        for row in rows:
            result = results.get(row.envelope.id)
            verdict = judge(row, result, self._sender) if result else None
            if verdict is None or verdict.state is not State.DELIVERED:
                self._stopped.add(row.envelope.stream)
            if verdict is not None:
                verdicts.append(verdict)
        self._answered += len(verdicts)
        self._settle(verdicts)

    def _settle(self, verdicts: list[Verdict]) -> None:
        if verdicts:
            self._queue.settle(verdicts)
        self.done.taken += sum(row.state is State.DELIVERED for row in verdicts)
        self.done.quarantined += sum(row.state is State.QUARANTINED for row in verdicts)
