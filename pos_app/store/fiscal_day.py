"""Fiscal days as this till saw them, and each step of opening or closing one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    insert,
    literal,
    select,
    update,
)

from pos_app.store.schema import Flag, Instant, Json, table
from pos_app.store.upsert import add_new

fiscal_days = table(
    "fiscal_days",
    Column("device_id", Text, primary_key=True),
    Column("fiscal_day", Integer, primary_key=True),
    Column("opened_at", Instant),  # null: nobody here knows
    Column("opened_by", Text, nullable=False, server_default=""),
    Column("is_opening_foreign", Flag, nullable=False),
    Column("base_global_no", Integer),  # the last number before the day
    Column("closed_at", Instant),
    Column("closed_by", Text, nullable=False, server_default=""),
    Column("is_closing_foreign", Flag, nullable=False),
    Column("last_global_no", Integer),  # the last number of the closed day
    Column("z", Json),  # the device's own answer; null: it was lost, or somebody else has it
    Column("needs_look", Flag, nullable=False),  # a foreign hand, or accounts that part
    Column("signed_at", Instant),
    Column("signed_by", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
)

fiscal_steps = table(
    "fiscal_steps",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # open | close
    Column("state", Text, nullable=False),  # asked | sent | done | refused
    Column("asked_by", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("asked_at", Instant, nullable=False),
    Column("device_id", Text),
    Column("fiscal_day", Integer),  # where the device stood before it was told
    Column("looks", Integer, nullable=False),
    Column("look_at", Instant),  # not before this instant again
    Column("sent_at", Instant),
    Column("ended_at", Instant),
    Column("problem", Text, nullable=False, server_default=""),
    Index("fiscal_steps_by_state", "state", "asked_at"),
)

PENDING = ("asked", "sent")


def of_device(connection: Connection, device_id: str, day: int) -> RowMapping | None:
    """One fiscal day of a device."""
    query = select(fiscal_days).where(
        fiscal_days.c.device_id == device_id, fiscal_days.c.fiscal_day == day
    )
    return connection.execute(query).mappings().first()


def by_number(connection: Connection, day: int) -> RowMapping | None:
    """A fiscal day by its number alone, of the device that was opened or closed last."""
    newest = (fiscal_days.c.closed_at.desc(), fiscal_days.c.opened_at.desc())
    query = select(fiscal_days).where(fiscal_days.c.fiscal_day == day).order_by(*newest).limit(1)
    return connection.execute(query).mappings().first()


def newest(connection: Connection, *, limit: int) -> list[RowMapping]:
    """The last fiscal days, newest first."""
    query = select(fiscal_days).order_by(fiscal_days.c.fiscal_day.desc(), fiscal_days.c.device_id)
    return list(connection.execute(query.limit(limit)).mappings())


def unsigned(connection: Connection) -> list[RowMapping]:
    """Days a manager has to look at and has not, oldest first."""
    needed = fiscal_days.c.needs_look == literal(True, Flag())
    query = select(fiscal_days).where(fiscal_days.c.signed_at.is_(None), needed)
    return list(connection.execute(query.order_by(fiscal_days.c.fiscal_day)).mappings())


def bases(connection: Connection, device_id: str) -> dict[int, int]:
    """Fiscal day by the last global number before it; an empty day gives way to the one after."""
    query = (
        select(fiscal_days.c.base_global_no, fiscal_days.c.fiscal_day)
        .where(fiscal_days.c.device_id == device_id, fiscal_days.c.base_global_no.is_not(None))
        .order_by(fiscal_days.c.fiscal_day)
    )
    return {int(base): int(day) for base, day in connection.execute(query)}


def begin(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a day that was opened; False when it is known already."""
    return add_new(connection, fiscal_days, row)


def change(connection: Connection, device_id: str, day: int, values: Mapping[str, Any]) -> bool:
    """Change a day; False when it is not known."""
    where = (fiscal_days.c.device_id == device_id) & (fiscal_days.c.fiscal_day == day)
    return connection.execute(update(fiscal_days).where(where).values(**values)).rowcount == 1


def add_step(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep what is wanted before the device is told."""
    connection.execute(insert(fiscal_steps).values(**row))


def step(connection: Connection, step_id: str) -> RowMapping | None:
    """One step."""
    query = select(fiscal_steps).where(fiscal_steps.c.id == step_id)
    return connection.execute(query).mappings().first()


def pending_step(connection: Connection) -> RowMapping | None:
    """The step that is not over; there is one at a time."""
    query = select(fiscal_steps).where(fiscal_steps.c.state.in_(PENDING))
    return connection.execute(query.order_by(fiscal_steps.c.asked_at).limit(1)).mappings().first()


def last_step(connection: Connection) -> RowMapping | None:
    """The step that was asked for last."""
    query = select(fiscal_steps).order_by(fiscal_steps.c.asked_at.desc()).limit(1)
    return connection.execute(query).mappings().first()


def move_step(
    connection: Connection, step_id: str, *, was: str, state: str, values: Mapping[str, Any]
) -> bool:
    """Change the state of a step; False when it is no longer in the state it was read in."""
    where = (fiscal_steps.c.id == step_id) & (fiscal_steps.c.state == was)
    changed = connection.execute(update(fiscal_steps).where(where).values(state=state, **values))
    return changed.rowcount == 1


def is_due(row: RowMapping, now: datetime) -> bool:
    """Whether a step is not to be left alone for now."""
    return row["look_at"] is None or bool(row["look_at"] <= now)
