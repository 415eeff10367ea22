"""The till's side of synchronisation: deliver what waits, fetch what changed, say how old it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection

from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import RecordNotFound
from pos_app.services import copy, document, fiscal_away
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import audit, feed, outbox, rebase, setting
from pos_app.store.schema import from_microseconds, to_microseconds
from sync.engine import Delivered, Sender, State, Verdict, Waiting, deliver, fetch
from sync.envelope import Envelope
from sync.errors import Rejected, SyncError
from sync.remote import Remote
from sync.retry import SERVER_AWAY

INCARNATION = "incarnation"
LANE = "sync.lane"
AUDIT_TOLD = "sync.audit_told"

AUDIT = "audit"
AUDIT_EVERY = timedelta(minutes=5)
"""How often at most the head of the audit chain is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced(Worked):
    """What one go of synchronisation has done.

    Attributes:
        delivered: envelopes the server has taken.
        fetched: changes that were applied.
        quarantined: envelopes that need a person, in all.
    """

    delivered: int = 0
    fetched: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncQueue:
    """One direction: how many wait, how old the oldest is, and what is wrong."""

    waiting: int = 0
    oldest_seconds: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Lane:
    """How the server has been doing: the back-off of the whole lane, kept in the database."""

    failures: int = 0
    try_at: datetime | None = None
    problem: str = ""


def work(shop: Shop, remote: Remote, *, is_forced: bool = False) -> Synced:
    """Deliver and fetch as far as it goes now.

    Args:
        shop: the till.
        remote: the server.
        is_forced: try at once, whatever back-off is running; for people who ask.
    """
    now = shop.clock.now()
    with shop.store.read() as connection:
        lane = _lane(connection)
    if not is_forced and lane.try_at is not None and lane.try_at > now:
        return _synced(shop, lane, Delivered(), fetched=0)
    _tell_audit(shop)
    rng = Random(shop.ids.new())  # noqa: S311 - spreads tills over time, guards nothing
    delivered, fetched, problem = _go(shop, remote, rng, is_forced=is_forced)
    lane = _note(shop, lane, problem, rng)
    return _synced(shop, lane, delivered, fetched=fetched)


def queues(shop: Shop) -> Mapping[str, SyncQueue]:
    """The outbox and the downlink; the downlink's age is how long ago the server was reached."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        lane = _lane(connection)
        pending, since = outbox.waiting(connection)
        stuck, stuck_since = outbox.waiting(connection, State.QUARANTINED)
        worst = outbox.quarantined(connection)[:1] if stuck else []
        reached = feed.checkpoint(connection, copy.SERVER)
        implausible = setting.read(connection, copy.IMPLAUSIBLE) or ""
    oldest = min((at for at in (since, stuck_since) if at is not None), default=None)
    problem = worst[0]["reason"] if worst else lane.problem if pending else ""
    return {
        "outbox": SyncQueue(
            waiting=pending + stuck, oldest_seconds=_seconds(oldest, now), problem=problem
        ),
        "downlink": SyncQueue(
            oldest_seconds=_seconds(reached["fetched_at"], now) if reached else None,
            problem=implausible or lane.problem,
        ),
    }


def release(shop: Shop, actor: Actor, envelope_id: str) -> None:
    """Let a quarantined envelope be tried again, now that its reason is gone.

    Raises:
        RecordNotFound: no such envelope is quarantined.
    """
    require(actor, Permission.SYNC_MANAGE)
    now = shop.clock.now()
    with shop.store.write() as connection:
        if not outbox.release(connection, envelope_id, now):
            raise RecordNotFound("quarantined envelope", envelope_id)
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="sync.release",
            subject=envelope_id,
            details={},
        )


def agree_to_loss(shop: Shop, actor: Actor) -> None:
    """Let the next fetch remove what the server does not have, however much that is."""
    require(actor, Permission.SYNC_MANAGE)
    with shop.store.write() as connection:
        setting.write(connection, copy.MAY_SHRINK, "yes")
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="sync.agree_to_loss",
            subject=shop.rules.till,
            details={},
        )


class OutboxQueue:
    """The till's outbox; see `sync.engine.Queue`."""

    def __init__(self, shop: Shop, *, is_forced: bool) -> None:
        self._shop = shop
        self._is_forced = is_forced

    def due(self, after: int, limit: int) -> Sequence[Waiting]:
        """What may be sent now."""
        now = None if self._is_forced else self._shop.clock.now()
        with self._shop.store.read() as connection:
            rows = outbox.due(connection, after=after, limit=limit, now=now)
        return [
            Waiting(
                Envelope(
                    id=row["id"],
                    seq=row["seq"],
                    stream=row["stream"],
                    kind=row["kind"],
                    key=row["key"],
                    payload=row["payload"],
                    content_hash=row["content_hash"],
                ),
                row["attempts"],
            )
            for row in rows
        ]

    def settle(self, verdicts: Sequence[Verdict]) -> None:
        """Write verdicts down, and from which number on the server's stock contains the sales."""
        rows = [
            {
                "id": verdict.id,
                "state": verdict.state.value,
                "attempts": verdict.attempts,
                "reason": verdict.reason,
                "try_at": verdict.try_at,
                "upstream_seq": verdict.upstream_seq,
            }
            for verdict in verdicts
        ]
        reached = {
            verdict.key: verdict.upstream_seq
            for verdict in verdicts
            if verdict.kind == "sale" and verdict.upstream_seq is not None
        }
        with self._shop.store.write() as connection:
            outbox.settle(connection, rows, self._shop.clock.now())
            rebase.reached(connection, reached)


def incarnation(shop: Shop) -> str:
    """Which life of this till it is; made once, and anew after a restore."""
    with shop.store.read() as connection:
        known = setting.read(connection, INCARNATION)
    if known:
        return known
    with shop.store.write() as connection:
        known = setting.read(connection, INCARNATION) or shop.ids.new()
        setting.write(connection, INCARNATION, known)
    return known


def begin_life(connection: Connection, shop: Shop) -> str:
    """Make this till a new life of itself, in the transaction that ends a restore.

    The server lets the newest life in and fences every older one, so that the till this is a copy
    of cannot go on. Fetch before selling: the server tells how far the numbers have come.
    """
    made = shop.ids.new()
    setting.write(connection, INCARNATION, made)
    setting.write(connection, LANE, "")
    fiscal_away.forget(connection, shop.clock.now())
    return made


def _go(
    shop: Shop, remote: Remote, rng: Random, *, is_forced: bool
) -> tuple[Delivered, int, SyncError | None]:
    queue = OutboxQueue(shop, is_forced=is_forced)
    sender = Sender(till=shop.rules.till, incarnation=incarnation(shop), clock=shop.clock, rng=rng)
    server = copy.ServerCopy(shop)
    delivered = deliver(queue, remote, sender, epoch=server.position().epoch)
    if isinstance(delivered.problem, SyncError) and not _answers(delivered.problem):
        return delivered, 0, delivered.problem
    fetched = fetch(server, remote, till=shop.rules.till)
    if fetched.problem is None and _offers_again(shop, delivered):
        more = deliver(queue, remote, sender, epoch=server.position().epoch)
        delivered = Delivered(
            taken=delivered.taken + more.taken,
            quarantined=delivered.quarantined + more.quarantined,
            problem=more.problem,
        )
    return delivered, fetched.changes, fetched.problem or delivered.problem


def _answers(problem: SyncError) -> bool:
    """Whether the server is there at all, though it cannot take some parcel."""
    return isinstance(problem, Rejected) and problem.http_status not in (401, 403, 409, 426)


def _offers_again(shop: Shop, delivered: Delivered) -> bool:
    """Whether the fetch has found a restored server, so that there is more to deliver now."""
    if delivered.is_foreign:
        return True
    with shop.store.read() as connection:
        return bool(outbox.due(connection, after=0, limit=1, now=shop.clock.now()))


def _tell_audit(shop: Shop) -> None:
    """Put the head of the audit chain into the outbox, if it has moved since it was last told.

    Not more often than now and then, and never a second one while the first waits.
    """
    now = shop.clock.now()
    with shop.store.read() as connection:
        seq, linked = audit.head(connection)
        told = json.loads(setting.read(connection, AUDIT_TOLD) or '{"seq":0,"at":0}')
        is_waiting = outbox.is_pending(connection, AUDIT)
    if is_waiting or seq <= told["seq"] or now - from_microseconds(told["at"]) < AUDIT_EVERY:
        return
    text = document.canonical({"seq": seq, "hash": linked})
    with shop.store.write() as connection:
        told = json.dumps({"seq": seq, "at": to_microseconds(now)})
        setting.write(connection, AUDIT_TOLD, told)
        outbox.enqueue(
            connection,
            id=shop.ids.new(),
            stream=AUDIT,
            kind=AUDIT,
            key=shop.rules.till,
            payload=text,
            content_hash=document.content_hash(text),
            at=now,
        )


def _lane(connection: Connection) -> _Lane:
    text = setting.read(connection, LANE)
    if not text:
        return _Lane()
    data = json.loads(text)
    return _Lane(data["failures"], from_microseconds(data["try_at"]), data["problem"])


def _note(shop: Shop, lane: _Lane, problem: SyncError | None, rng: Random) -> _Lane:
    """Keep how the server did; a healthy lane costs no write."""
    if problem is None and lane.failures == 0:
        return lane
    now = shop.clock.now()
    after = _Lane()
    if problem is not None:
        failures = lane.failures + 1
        after = _Lane(failures, SERVER_AWAY.next_at(now, failures, rng), _sentence(problem))
    text = ""
    if after.try_at is not None:
        data = {"failures": after.failures, "problem": after.problem}
        text = json.dumps({**data, "try_at": to_microseconds(after.try_at)})
    with shop.store.write() as connection:
        setting.write(connection, LANE, text)
    return after


def _sentence(problem: SyncError) -> str:
    return problem.text if isinstance(problem, Rejected) else str(problem)


def _synced(shop: Shop, lane: _Lane, delivered: Delivered, *, fetched: int) -> Synced:
    with shop.store.read() as connection:
        pending, _ = outbox.waiting(connection)
        stuck, _ = outbox.waiting(connection, State.QUARANTINED)
        next_try = outbox.next_try(connection, shop.clock.now()) if pending else None
        implausible = setting.read(connection, copy.IMPLAUSIBLE) or ""
        reason = outbox.quarantined(connection)[0]["reason"] if stuck else ""
    return Synced(
        done=delivered.taken + fetched,
        waiting=pending,
        next_at=lane.try_at or next_try,
        problem=lane.problem or implausible or reason,
        delivered=delivered.taken,
        fetched=fetched,
        quarantined=stuck,
    )


def _seconds(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else max(int((now - since).total_seconds()), 0)
