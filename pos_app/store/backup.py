"""Backups that were made here, and the one that is being made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    RowMapping,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from pos_app.store import setting
from pos_app.store.schema import Instant, autokey, big, table, unique_where

MADE_AT = "backup.made_at"
"""The setting that says when the newest good backup was made, as an ISO instant."""

SINCE = "backup.since"
"""The setting that says from when on the plan counts."""

backups = table(
    "backups",
    autokey("number"),
    Column("name", Text, nullable=False, unique=True),  # of the file, in the folder of backups
    Column("type", Text, nullable=False),
    Column("cause", Text, nullable=False),  # plan | person
    Column("state", Text, nullable=False),  # InProgress | Completed | Failed
    Column("description", Text, nullable=False, server_default=""),
    Column("problem", Text, nullable=False, server_default=""),
    Column("size", big(), nullable=False, server_default="0"),
    Column("digest", Text, nullable=False, server_default=""),
    Column("user_id", Text, nullable=False, server_default=""),
    Column("username", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("lease_until", Instant, nullable=False),
    Index("backups_by_time", "started_at"),
    unique_where("backups_one_at_a_time", "state", where="state = 'InProgress'"),
)


def begin(connection: Connection, row: Mapping[str, Any]) -> int:
    """Enter one that is being made; raises UniqueViolation while another one is."""
    made = connection.execute(insert(backups).values(dict(row)).returning(backups.c.number))
    return int(made.scalar_one())


def give_up(connection: Connection, *, now: datetime, problem: str) -> list[int]:
    """Call failed whose maker has not been heard of for too long, and return the numbers."""
    values = {"state": "Failed", "problem": problem, "ended_at": now}
    failed = update(backups).where(_dead(now)).values(values).returning(backups.c.number)
    return list(connection.execute(failed).scalars())


def has_dead(connection: Connection, now: datetime) -> bool:
    """Whether there is one whose maker has not been heard of for too long."""
    return connection.execute(select(backups.c.number).where(_dead(now))).first() is not None


def _dead(now: datetime) -> ColumnElement[bool]:
    return and_(backups.c.state == "InProgress", backups.c.lease_until < now)


def change(connection: Connection, number: int, values: Mapping[str, Any]) -> bool:
    """Note how far one is; False when it was given up meanwhile."""
    row = backups.c
    ours = and_(row.number == number, row.state == "InProgress")
    return connection.execute(update(backups).where(ours).values(dict(values))).rowcount == 1


def put(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter one that is known from its file, in place of what its own books knew of it.

    There it is still being made, perhaps under another name than its file has got since.
    """
    own = or_(backups.c.name == row["name"], backups.c.state == "InProgress")
    connection.execute(delete(backups).where(own))
    connection.execute(insert(backups).values(dict(row)))


def by_number(connection: Connection, number: int) -> RowMapping | None:
    """One backup."""
    query = select(backups).where(backups.c.number == number)
    return connection.execute(query).mappings().first()


def page(connection: Connection, *, limit: int, offset: int) -> list[RowMapping]:
    """The newest first."""
    query = select(backups).order_by(backups.c.number.desc()).limit(limit).offset(offset)
    return list(connection.execute(query).mappings())


def count(connection: Connection) -> int:
    """How many there are."""
    return int(connection.execute(select(func.count()).select_from(backups)).scalar_one())


def newest(connection: Connection) -> RowMapping | None:
    """The last one that has come to its end, whichever."""
    query = select(backups).where(backups.c.state != "InProgress")
    return connection.execute(query.order_by(backups.c.number.desc()).limit(1)).mappings().first()


def of_plan(connection: Connection) -> Sequence[RowMapping]:
    """Those of the plan that are whole."""
    row = backups.c
    query = select(row.number, row.name, row.started_at)
    return list(
        connection.execute(
            query.where(row.cause == "plan", row.state == "Completed").order_by(row.number)
        ).mappings()
    )


def newest_of_plan(connection: Connection) -> RowMapping | None:
    """The last one the plan began, whatever came of it."""
    query = select(backups).where(backups.c.cause == "plan")
    return connection.execute(query.order_by(backups.c.number.desc()).limit(1)).mappings().first()


def drop(connection: Connection, number: int) -> bool:
    """Forget one that is not being made; False when there is none."""
    row = backups.c
    where = and_(row.number == number, row.state != "InProgress")
    return connection.execute(delete(backups).where(where)).rowcount == 1


def totals(connection: Connection, *, day: datetime, week: datetime) -> RowMapping:
    """How many there are, how many are good, how large they are, and how many are recent."""
    row = backups.c
    good = row.state == "Completed"
    query = select(
        func.count().label("total"),
        func.count().filter(good).label("good"),
        func.count().filter(row.state == "Failed").label("failed"),
        func.coalesce(func.sum(row.size), 0).label("size"),
        func.max(row.ended_at).filter(good).label("last"),
        func.count().filter(row.started_at >= day).label("in_day"),
        func.count().filter(row.started_at >= week).label("in_week"),
    )
    return connection.execute(query).mappings().one()


def note(connection: Connection, at: datetime) -> None:
    """Note that a good backup was made, for whoever looks how old the newest is."""
    setting.write(connection, MADE_AT, at.isoformat())
