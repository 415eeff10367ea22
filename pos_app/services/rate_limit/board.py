"""What administrators see of the rate limits, and do: block, unblock, reset, clean up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import rate_limit as rule_of
from pos_app.domain.permission import Actor
from pos_app.domain.rate_limit import EVERYTHING, OwnBlock, Verdict
from pos_app.errors import RecordNotFound
from pos_app.services.rate_limit.limiter import Limiter
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import rate_limit as rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client.

    Attributes:
        began_at: the begin of its window.
        refused: requests that were refused, ever.
    """

    number: int
    verdict: Verdict
    kind: str
    began_at: datetime
    blocked_until: datetime | None
    block_reason: str
    refused: int
    last_request_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some clients, and how many there are."""

    total: int
    clients: tuple[Client, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts over all clients; today is the shop's."""

    clients: int
    active: int
    blocked: int
    requests: int
    refused: int
    clients_today: int


def page(
    shop: Shop, limiter: Limiter, *, is_blocked: bool = False, offset: int, limit: int
) -> Page:
    """Clients of all processes, the latest first."""
    limiter.settle()
    now = shop.clock.now()
    with shop.store.read() as connection:
        total, rows = rates.page(
            connection, now=now, is_blocked=is_blocked, offset=offset, limit=limit
        )
        return Page(total, tuple(_clients(connection, limiter, rows, now)))


def client(shop: Shop, limiter: Limiter, name: str) -> Client:
    """One client; raises RecordNotFound."""
    limiter.settle()
    now = shop.clock.now()
    with shop.store.read() as connection:
        row = rates.by_client(connection, name)
        if row is None:
            raise RecordNotFound("client", name[:80])
        return _clients(connection, limiter, [row], now)[0]


def stats(shop: Shop, limiter: Limiter) -> Stats:
    """Counts over all clients."""
    limiter.settle()
    rule, now = limiter.rule(EVERYTHING), shop.clock.now()
    since = rule.begins(now)
    with shop.store.read() as connection:
        return Stats(**rates.totals(connection, now=now, since=since, day=shop.today))


def block(
    shop: Shop,
    limiter: Limiter,
    actor: Actor,
    name: str,
    *,
    minutes: int | None,
    reason: str,
    own: Sequence[str],
) -> datetime:
    """Refuse every request of a client for a while; until when.

    Args:
        shop: the server.
        limiter: this process's counts.
        actor: who does it.
        name: the client, which need not have been here yet.
        minutes: how long; None for as long as the settings say.
        reason: why.
        own: the clients the actor is.

    Raises:
        ClientUnknown: nobody can be that.
        OwnBlock: the actor would be shut out.
    """
    rule_of.kind_of(name)
    if name in own:
        raise OwnBlock(name)
    now = shop.clock.now()
    until = now + timedelta(minutes=minutes or limiter.config.block_minutes)
    with shop.store.write() as connection:
        if rates.by_client(connection, name) is None:
            rates.touch(connection, name, now)
        values = {"blocked_until": until, "block_reason": reason, "blocked_by": actor.username}
        rates.block(connection, name, values)
        _audit(shop, connection, actor, name, action="block", details={"reason": reason})
    limiter.refresh()
    return until


def unblock(shop: Shop, limiter: Limiter, actor: Actor, name: str) -> None:
    """Let a client in again; raises RecordNotFound."""
    _change(shop, actor, name, {"blocked_until": None}, action="unblock")
    limiter.refresh()


def reset(shop: Shop, limiter: Limiter, actor: Actor, name: str) -> None:
    """Give a client a fresh window, at every process; raises RecordNotFound."""
    _change(shop, actor, name, {"reset_at": shop.clock.now()}, action="reset", empties=True)
    limiter.refresh()


def clean_up(shop: Shop) -> int:
    """Forget clients that were not here for a week and are not blocked; how many."""
    now = shop.clock.now()
    before = now - rule_of.KEPT
    with shop.store.read() as connection:
        if not rates.is_forgettable(connection, before=before):
            return 0
    with shop.store.write() as connection:
        day = shop.today - rule_of.KEPT
        return rates.forget(connection, before=before, day=day, now=now)


def _change(
    shop: Shop,
    actor: Actor,
    name: str,
    values: Mapping[str, Any],
    *,
    action: str,
    empties: bool = False,
) -> None:
    with shop.store.write() as connection:
        if not rates.change(connection, name, values):
            raise RecordNotFound("client", name[:80])
        if empties:
            rates.reset(connection, name)
        _audit(shop, connection, actor, name, action=action, details={})


def _clients(
    connection: Connection, limiter: Limiter, rows: Sequence[RowMapping], now: datetime
) -> list[Client]:
    rule = limiter.rule(EVERYTHING)
    since = rule.begins(now)
    names = [row["client"] for row in rows]
    windows = rates.windows_of(connection, names, EVERYTHING, since=since)
    return [_client(row, limiter, windows.get(row["client"], {}), now) for row in rows]


def _client(
    row: RowMapping, limiter: Limiter, window: Mapping[datetime, int], now: datetime
) -> Client:
    rule, name = limiter.rule(EVERYTHING), row["client"]
    until = row["blocked_until"]
    is_blocked = until is not None and until > now
    counted = {at: count for at, count in window.items() if rule.holds(at, now)}
    is_full = sum(counted.values()) >= rule.requests
    found = rule_of.verdict(name, rule, counted, now=now, is_refused=is_full)
    return Client(
        number=row["entry"],
        verdict=found,
        kind=rule_of.KINDS.get(name.partition(":")[0], "IP"),
        began_at=found.reset_at - rule.width * rule.segments,
        blocked_until=until if is_blocked else None,
        block_reason=row["block_reason"],
        refused=row["refused"],
        last_request_at=row["last_request_at"],
    )


def _audit(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    name: str,
    *,
    action: str,
    details: dict[str, Any],
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=f"rate_limit.{action}",
        subject=name,
        details=details,
    )
