"""What people did, out of the audit trail: searched, counted, and taken away as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import RecordNotFound, RuleBroken
from pos_app.services.shop import Shop
from pos_app.store import activity as events
from pos_app.store import audit
from pos_app.store import user as users
from pos_app.store.activity import Wanted
from pos_app.store.schema import from_microseconds

EXPORT_MOST = 50_000
ENTITY_MOST = 500
USUAL_DAYS = 30
BUSIEST = 10
FAILURES = ("session.refuse", "two_factor.refuse")
_REFUSED = (".refuse", ".refused", ".stolen")


class ExportTooLarge(RuleBroken):
    """More events than a file should have."""

    code = "export_too_large"

    def __init__(self, found: int) -> None:
        super().__init__(
            f"These are {found} events and a file holds {EXPORT_MOST}: ask for fewer days.",
            found=found,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which events somebody wants to see; what is empty or None is not asked for.

    Attributes:
        user: the number of a user.
        kind, subject: what it was done to, as in ``invoice`` and its number.
        since, until: days in the shop's zone, both included.
    """

    user: int | None = None
    username: str = ""
    action: str = ""
    kind: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing somebody did.

    Attributes:
        role: the user's present one; empty for programs, tills and the console.
        details: JSON text.
        address: where from, where it is known.
    """

    number: int
    username: str
    role: str
    action: str
    kind: str
    subject: str
    details: str
    address: str
    is_success: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A page of events, and how many there are in all."""

    events: list[Event]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one user did."""

    user: int
    username: str
    total: int
    today: int
    this_week: int
    newest: list[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Who did how much."""

    user: int
    username: str
    total: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A period at a glance.

    Attributes:
        hours: how many events lie in each hour of the day in the shop's zone, all 24.
    """

    since: date
    until: date
    users: int
    active: int
    sign_ins: int
    failures: int
    total: int
    busiest: list[Busy]
    actions: dict[str, int]
    hours: list[int]


def page(shop: Shop, asked: Asked, *, offset: int, limit: int) -> Found:
    """Events, newest first.

    Raises:
        RecordNotFound: a user was asked for whom there is not.
    """
    with shop.store.read() as connection:
        wanted = _wanted(shop, connection, asked)
        rows = events.page(connection, wanted, offset=offset, limit=limit)
        return Found(_events(connection, rows), events.count(connection, wanted))


def export(shop: Shop, actor: Actor, asked: Asked) -> list[Event]:
    """Every event asked for, newest first; that somebody took them is an event, too.

    Raises:
        PermissionMissing: the actor may not export.
        RecordNotFound: as `page`.
        ExportTooLarge: there are too many.
    """
    require(actor, Permission.AUDIT_EXPORT)
    with shop.store.read() as connection:
        wanted = _wanted(shop, connection, asked)
        found = events.count(connection, wanted)
        if found > EXPORT_MOST:
            raise ExportTooLarge(found)
        rows = events.page(connection, wanted, offset=0, limit=EXPORT_MOST)
        told = _events(connection, rows)
    with shop.store.write() as connection:
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="audit.export",
            subject="audit",
            details={"events": len(told)},
        )
    return told


def of_entity(shop: Shop, kind: str, subject: str) -> list[Event]:
    """What was done to one thing, newest first."""
    with shop.store.read() as connection:
        wanted = Wanted(kind=kind, subject=subject)
        return _events(connection, events.page(connection, wanted, offset=0, limit=ENTITY_MOST))


def options(shop: Shop, *, since: date | None, until: date | None) -> tuple[list[str], list[str]]:
    """Who did something and what was done in a period, to choose from."""
    first, last = _period(shop, since, until)
    with shop.store.read() as connection:
        wanted = _wanted(shop, connection, Asked(since=first, until=last))
        return events.actors(connection, wanted), sorted(events.by_action(connection, wanted))


def of_user(shop: Shop, number: int, *, recent: int) -> Summary:
    """What one user did.

    Raises:
        RecordNotFound: there is no such user.
    """
    with shop.store.read() as connection:
        username = _name_of(connection, number)
        return _summary(shop, connection, username, number=number, recent=recent)


def of_actor(shop: Shop, actor: Actor, *, recent: int) -> Summary:
    """What whoever asks did."""
    with shop.store.read() as connection:
        known = users.by_id(connection, actor.user_id)
        number = known.number if known else 0
        return _summary(shop, connection, actor.username, number=number, recent=recent)


def dashboard(shop: Shop, *, since: date | None, until: date | None) -> Dashboard:
    """A period at a glance; without days the last thirty."""
    first, last = _period(shop, since, until)
    with shop.store.read() as connection:
        wanted = _wanted(shop, connection, Asked(since=first, until=last))
        actions = events.by_action(connection, wanted)
        names = events.actors(connection, wanted)
        known = events.roles(connection, names)
        busiest = [
            Busy(user=known[name][0], username=name, total=total, last_at=at)
            for name, total, at in events.by_actor(connection, wanted, limit=len(names) or 1)
            if name in known
        ]
        return Dashboard(
            since=first,
            until=last,
            users=users.found_count(connection, users.Wanted()),
            active=len(known),
            sign_ins=actions.get("session.begin", 0),
            failures=sum(actions.get(action, 0) for action in FAILURES),
            total=sum(actions.values()),
            busiest=busiest[:BUSIEST],
            actions=actions,
            hours=_hours(shop, events.by_quarter(connection, wanted)),
        )


def _summary(
    shop: Shop, connection: Connection, username: str, *, number: int, recent: int
) -> Summary:
    today = shop.today
    monday = today - timedelta(days=today.weekday())
    everything = Wanted(actor=username)
    return Summary(
        user=number,
        username=username,
        total=events.count(connection, everything),
        today=events.count(connection, Wanted(actor=username, since=_midnight(shop, today))),
        this_week=events.count(connection, Wanted(actor=username, since=_midnight(shop, monday))),
        newest=_events(connection, events.page(connection, everything, offset=0, limit=recent)),
    )


def _wanted(shop: Shop, connection: Connection, asked: Asked) -> Wanted:
    name = asked.username.strip()
    if asked.user is not None:
        name = _name_of(connection, asked.user)
    until = asked.until
    return Wanted(
        actor=name,
        action=asked.action,
        kind=asked.kind,
        subject=asked.subject,
        since=_midnight(shop, asked.since) if asked.since else None,
        until=_midnight(shop, until + timedelta(days=1)) if until and until < date.max else None,
    )


def _name_of(connection: Connection, number: int) -> str:
    """The name of a user, also of one who was deleted: the trail goes on naming him."""
    known = users.by_number(connection, number)
    if known is None:
        raise RecordNotFound("user", number)
    return known.user.username


def _period(shop: Shop, since: date | None, until: date | None) -> tuple[date, date]:
    last = until or shop.today
    earliest = date.min + timedelta(days=USUAL_DAYS)
    return since or max(last, earliest) - timedelta(days=USUAL_DAYS - 1), last


def _midnight(shop: Shop, day: date) -> datetime:
    """When a day begins in the shop; days no clock can show begin with the first it can."""
    safe = min(max(day, date(1970, 1, 2)), date(9999, 12, 30))
    return datetime.combine(safe, time(), ZoneInfo(shop.rules.zone))


def _hours(shop: Shop, quarters: dict[int, int]) -> list[int]:
    hours, zone = [0] * 24, ZoneInfo(shop.rules.zone)
    for quarter, many in quarters.items():
        hours[from_microseconds(quarter * events.QUARTER).astimezone(zone).hour] += many
    return hours


def _events(connection: Connection, rows: Iterable[RowMapping]) -> list[Event]:
    found = list(rows)
    known = events.roles(connection, (row["actor"] for row in found))
    return [_event(row, known.get(row["actor"], (0, ""))[1]) for row in found]


def _event(row: RowMapping, role: str) -> Event:
    details = row["details"] or {}
    return Event(
        number=row["seq"],
        username=row["actor"],
        role=role,
        action=row["action"],
        kind=row["action"].partition(".")[0],
        subject=row["subject"],
        details=json.dumps(details, ensure_ascii=False, sort_keys=True) if details else "",
        address=str(details.get("address", "")) if isinstance(details, dict) else "",
        is_success=not row["action"].endswith(_REFUSED),
        at=row["at"],
    )
