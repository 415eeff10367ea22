"""Whether the till may sell now: its device, what waits for it, and the fiscal day (lesson L38)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pos_app.domain.fiscal import (
    Backlog,
    FiscalBacklogFull,
    FiscalDeviceAway,
    FiscalStopped,
    Readiness,
)
from pos_app.domain.fiscal_day import DayState, FiscalDayOver, FiscalDayShut
from pos_app.errors import PosError
from pos_app.services import fiscal_away, fiscal_day
from pos_app.services.fiscal_day import DayStanding
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_device as devices


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far selling runs ahead of the fiscal device, for the screens.

    Attributes:
        readiness: READY, DEGRADED or BLOCKED.
        waiting: receipts sold and not settled.
        oldest_seconds: age of the oldest of them; None when none waits.
        most: as many as may wait.
        hours: as long as the oldest may wait.
        reason: why it is not READY, or what the oldest waits for; empty when nothing went wrong.
        away_since: since when the device cannot be had; None while it can.
        stop: why nothing is sent to the device; a supervisor has to look.
        found: receipts on the device that no sale here stands behind and nobody has looked at.
        day: the fiscal day.
    """

    readiness: Readiness
    waiting: int
    oldest_seconds: int | None
    most: int
    hours: int
    reason: str
    away_since: datetime | None
    stop: str
    found: int
    day: DayStanding


def standing(shop: Shop) -> Standing:
    """Whether the till may sell, and how much is left until it may not."""
    with shop.store.read() as connection:
        return _standing(shop, connection)


def check(shop: Shop, connection: Connection) -> None:
    """Refuse to sell what could not be filed, before payment (production lesson L34).

    Raises:
        FiscalStopped: nothing is sent to the device until a supervisor has looked at it.
        FiscalDeviceAway: it cannot be had, and this shop defers nothing.
        FiscalBacklogFull: too many receipts wait, or the oldest for too long.
        FiscalDayOver, FiscalDayShut: the day takes no receipt and does not open by itself.
    """
    if not shop.rules.fiscal.is_required:
        return
    refusal = _refusal(shop, connection)
    if refusal is not None:
        raise refusal


def _standing(shop: Shop, connection: Connection) -> Standing:
    rules = shop.rules.fiscal
    waiting, since = journal.unsettled(connection)
    first = journal.first_unsettled(connection) if waiting else None
    known, lost = devices.current(connection), fiscal_away.away(connection)
    backlog = _backlog(shop, waiting, since, is_tried=first is not None and first["looks"] > 0)
    readiness = backlog.readiness(most=rules.deferred_count, hours=rules.deferred_hours)
    refusal = _refusal(shop, connection) if rules.is_required else None
    if refusal is not None:
        readiness = Readiness.BLOCKED
    elif lost is not None and readiness is Readiness.READY:
        readiness = Readiness.DEGRADED
    return Standing(
        readiness=readiness if rules.is_required else Readiness.READY,
        waiting=waiting,
        oldest_seconds=int(backlog.age.total_seconds()) if waiting else None,
        most=rules.deferred_count,
        hours=rules.deferred_hours,
        reason=_reason(refusal, first["reason"] if first else "", lost),
        away_since=lost.since if lost else None,
        stop=known["stop"] if known else "",
        found=len(devices.unsettled_found(connection)),
        day=fiscal_day.stand(shop, connection),
    )


def _reason(refusal: PosError | None, waits_for: str, lost: fiscal_away.Away | None) -> str:
    if waits_for:
        return waits_for
    if refusal is not None:
        return refusal.sentence
    return lost.reason if lost else ""


def _refusal(shop: Shop, connection: Connection) -> PosError | None:
    """Why nothing may be sold now."""
    rules = shop.rules.fiscal
    known, lost = devices.current(connection), fiscal_away.away(connection)
    if known is not None and known["stop"]:
        return FiscalStopped(known["stop"])
    waiting, since = journal.unsettled(connection)
    backlog = _backlog(shop, waiting, since)
    readiness = backlog.readiness(most=rules.deferred_count, hours=rules.deferred_hours)
    if waiting and readiness is Readiness.BLOCKED:
        return FiscalBacklogFull(waiting, backlog.age)
    if lost is not None:
        may_wait = rules.deferred_count and rules.deferred_hours and not lost.must_meet
        return None if may_wait else FiscalDeviceAway(lost.reason)
    if known is None:
        return None
    return _day_refusal(shop, fiscal_day.state(shop, connection, known), known["fiscal_day"])


def _day_refusal(shop: Shop, state: DayState, day: int) -> PosError | None:
    """Why the fiscal day takes no receipt, while the device is there."""
    rules = shop.rules.fiscal
    if state is DayState.OVER:
        return FiscalDayOver(day, rules.day_hours)
    if state is DayState.CLOSED and not rules.opens_itself:
        return FiscalDayShut()
    return None


def _backlog(
    shop: Shop, waiting: int, since: datetime | None, *, is_tried: bool = False
) -> Backlog:
    age = shop.clock.now() - since if since else timedelta(0)
    return Backlog(waiting=waiting, age=max(age, timedelta(0)), is_tried=is_tried)
