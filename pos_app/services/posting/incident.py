"""Incidents: what stands still on its way to SAP, one for each cause, never silent for long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, RowMapping

from pos_app.domain import incident as rule
from pos_app.services.shop import Shop
from pos_app.store import consolidation, queue
from pos_app.store import incident as incidents
from pos_app.store.fault import UniqueViolation

UNTOLD: Mapping[str, str] = {
    rule.IDLE: "No worker has taken these documents.",
    rule.BACKLOG: "These documents wait for their turn.",
}
"""What is said of rows that were never attempted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Rows that stand still for one cause.

    Attributes:
        name: eight characters for people to type.
        sentence: what was said of one of the rows.
        advice: what to do.
        rows: how many documents.
        in_review: those of them that wait for a person.
        since: since when the longest has stood still.
        oldest: when the oldest document was queued.
        example: the reference of the oldest.
        next_at: when one of them is tried again by itself; None where none is.
    """

    name: str
    cause: str
    sentence: str
    advice: str
    rows: int
    in_review: int
    since: datetime
    oldest: datetime
    example: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of one cause, counted by the database."""

    cause: str
    rows: int
    in_review: int
    since: datetime
    oldest: datetime
    first: int
    next_at: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Whether it is an incident already, or may still pass by itself."""
        is_named = rule.code_of(self.cause) in rule.AT_ONCE
        return bool(self.in_review) or is_named or self.since <= now - rule.QUIET

    def joined(self, other: _Group) -> _Group:
        """Both together; this one says why."""
        moments = [at for at in (self.next_at, other.next_at) if at is not None]
        return replace(
            self,
            rows=self.rows + other.rows,
            in_review=self.in_review + other.in_review,
            since=min(self.since, other.since),
            oldest=min(self.oldest, other.oldest),
            next_at=min(moments, default=None),
        )


def found(shop: Shop) -> tuple[Incident, ...]:
    """What stands still now, the longest first; read afresh, so it is true whoever is down."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        counted = [_Group(**row) for row in queue.standing(connection)]
        is_moving = queue.is_moving(connection, now=now, since=now - rule.QUIET)
        groups = [one for one in _named(counted, is_moving=is_moving) if one.is_due(now)]
        firsts = queue.by_ids(connection, [one.first for one in groups])
        forgotten = _forgotten(shop, connection)
    made = [*(_incident(one, firsts[one.first]) for one in groups), *forgotten]
    return tuple(sorted(made, key=lambda one: (one.since, one.name)))


def _forgotten(shop: Shop, connection: Connection) -> list[Incident]:
    """Receipts of a day that is over and of which nobody has made invoices (lesson L29)."""
    count, day, since = consolidation.oldest(connection)
    if day is None or since is None or since > shop.clock.now() - rule.FORGOTTEN:
        return []
    return [
        Incident(
            name=rule.name_of(rule.CONSOLIDATION),
            cause=rule.CONSOLIDATION,
            sentence=f"Receipts since {day} wait for the end of their day, which is over.",
            advice=rule.advice(rule.CONSOLIDATION),
            rows=count,
            in_review=0,
            since=since,
            oldest=since,
            example=day.isoformat(),
            next_at=None,
        )
    ]


def _named(counted: Sequence[_Group], *, is_moving: bool) -> list[_Group]:
    """Rows nobody has attempted yet wait for SAP to come back, for their turn, or for a worker."""
    made = {one.cause: one for one in counted if one.cause}
    for one in counted:
        if not one.cause and rule.AWAY in made:
            made[rule.AWAY] = made[rule.AWAY].joined(one)
        elif not one.cause:
            cause = rule.BACKLOG if is_moving else rule.IDLE
            made[cause] = replace(one, cause=cause)
    return list(made.values())


def _incident(group: _Group, first: RowMapping) -> Incident:
    return Incident(
        name=rule.name_of(group.cause),
        cause=group.cause,
        sentence=UNTOLD.get(group.cause) or first["reason"],
        advice=rule.advice(group.cause),
        rows=group.rows,
        in_review=group.in_review,
        since=group.since,
        oldest=group.oldest,
        example=first["reference"],
        next_at=group.next_at,
    )


def watch(shop: Shop) -> tuple[Incident, ...]:
    """Open an incident for what stands still, end those that are over, and log both once."""
    seen = found(shop)
    with shop.store.read() as connection:
        known = {row["cause"]: row for row in incidents.opened(connection)}
    new = [one for one in seen if one.cause not in known]
    over = [row for cause, row in known.items() if cause not in {one.cause for one in seen}]
    moved = [one for one in seen if one.cause in known and known[one.cause]["rows"] != one.rows]
    if new or over or moved:
        try:
            ended = _write(shop, new, over, [(known[one.cause], one) for one in moved])
        except UniqueViolation:
            # Another server opened it at this moment; the next look agrees with it.
            return seen
        _log(new, ended)
    return seen


def _write(
    shop: Shop,
    new: Sequence[Incident],
    over: Sequence[RowMapping],
    moved: Sequence[tuple[RowMapping, Incident]],
) -> list[RowMapping]:
    """Write it down; returns those of `over` that nobody else ended at this moment."""
    now = shop.clock.now()
    with shop.store.write() as connection:
        incidents.begin(
            connection,
            [
                {
                    "cause": one.cause,
                    "sentence": one.sentence,
                    "rows": one.rows,
                    "most_rows": one.rows,
                    "opened_at": now,
                    "changed_at": now,
                }
                for one in new
            ],
        )
        ended = [row for row in over if incidents.end(connection, row["incident_id"], now)]
        for row, one in moved:
            most = max(row["most_rows"], one.rows)
            values = {"rows": one.rows, "most_rows": most, "changed_at": now}
            incidents.change(connection, row["incident_id"], values)
    return ended


def _log(new: Sequence[Incident], over: Sequence[RowMapping]) -> None:
    log = structlog.get_logger(lane="posting")
    for one in new:
        log.warning(
            "incident opened", incident=one.name, rows=one.rows, why=one.sentence, do=one.advice
        )
    for row in over:
        log.info("incident over", incident=rule.name_of(row["cause"]), most_rows=row["most_rows"])
