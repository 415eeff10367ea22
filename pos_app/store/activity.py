"""The audit trail read by people: searched, counted, grouped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, func, select, type_coerce

from pos_app.store import setting, tally
from pos_app.store.audit import COUNTED, audit
from pos_app.store.schema import big
from pos_app.store.tally import KINDS, Asked
from pos_app.store.user import users

QUARTER = 15 * 60 * 1_000_000
"""Microseconds of a quarter of an hour; the hours of every time zone begin with one."""

_C = audit.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events are meant; what is empty or None is not asked for.

    Attributes:
        kind: what the events are about, the part of an action before its first dot.
        since: the first moment; until: the first one that is too late.
    """

    actor: str = ""
    action: str = ""
    kind: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Wanted()


def page(connection: Connection, wanted: Wanted, *, offset: int, limit: int) -> list[RowMapping]:
    """Events, newest first."""
    query = select(audit).where(*_fits(wanted)).order_by(_C.seq.desc()).limit(limit)
    if wanted.is_everything:
        # Numbers have no gaps: any page is found by its first number, however far back.
        newest = setting.last_number(connection, "audit")
        query = query.where(_C.seq <= max(newest - offset, 0))
    else:
        query = query.offset(offset)
    return list(connection.execute(query).mappings())


def count(connection: Connection, wanted: Wanted) -> int:
    """How many events there are."""
    if wanted.is_everything:
        return setting.last_number(connection, "audit")
    if not wanted.subject and wanted.since is None and wanted.until is None:
        kinds = tuple(_actions(wanted, KINDS[0]))
        return tally.many(connection, COUNTED, Asked(who=wanted.actor or None, kinds=kinds))
    query = select(func.count()).select_from(audit).where(*_fits(wanted))
    return int(connection.execute(query).scalar_one())


def by_actor(
    connection: Connection, wanted: Wanted, *, limit: int
) -> list[tuple[str, int, datetime]]:
    """Whose events there are most of: the name, how many, and the latest."""
    many = func.count().label("many")
    query = select(_C.actor, many, func.max(_C.at)).where(*_fits(wanted)).group_by(_C.actor)
    rows = connection.execute(query.order_by(many.desc(), _C.actor).limit(limit))
    return [(name, int(number), last) for name, number, last in rows]


def actors(connection: Connection, wanted: Wanted) -> list[str]:
    """Everybody who did something, by name."""
    query = select(_C.actor).where(*_fits(wanted)).distinct().order_by(_C.actor)
    return list(connection.execute(query).scalars())


def by_action(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """How many events there are of each action, most of them first."""
    many = func.count().label("many")
    query = select(_C.action, many).where(*_fits(wanted)).group_by(_C.action)
    rows = connection.execute(query.order_by(many.desc(), _C.action))
    return {action: int(number) for action, number in rows}


def by_quarter(connection: Connection, wanted: Wanted) -> dict[int, int]:
    """How many events lie in each quarter of an hour since 1970 that has any."""
    quarter = (type_coerce(_C.at, big()) // QUARTER).label("quarter")
    query = select(quarter, func.count()).where(*_fits(wanted)).group_by(quarter)
    return {int(number): int(many) for number, many in connection.execute(query)}


def roles(connection: Connection, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Number and role of those users among these names who are users."""
    query = select(users.c.username, users.c.number, users.c.role)
    rows = connection.execute(query.where(users.c.username.in_(sorted(set(names)))))
    return {name: (number or 0, role) for name, number, role in rows}


def _actions(wanted: Wanted, action: Column[str]) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = [action == wanted.action] if wanted.action else []
    kind = f"{wanted.kind}."
    return [*tests, action.startswith(kind, autoescape=True)] if wanted.kind else tests


def _fits(wanted: Wanted) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = []
    if wanted.actor:
        tests.append(_C.actor == wanted.actor)
    tests += _actions(wanted, _C.action)
    if wanted.subject:
        tests.append(_C.subject == wanted.subject)
    if wanted.since is not None:
        tests.append(_C.at >= wanted.since)
    if wanted.until is not None:
        tests.append(_C.at < wanted.until)
    return tests
