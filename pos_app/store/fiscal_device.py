"""What the till knows of its fiscal device: how far it has come, and what nobody here filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, RowMapping, Text, select, update

from pos_app.store.schema import Flag, Instant, Json, table
from pos_app.store.upsert import add_new, upsert

fiscal_devices = table(
    "fiscal_devices",
    Column("device_id", Text, primary_key=True),
    Column("serial", Text, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("last_global_no", Integer, nullable=False),  # every number up to here is accounted for
    Column("said_global_no", Integer, nullable=False),  # what it said last
    Column("fiscal_day", Integer, nullable=False),
    Column("is_day_open", Flag, nullable=False),
    Column("clock_seconds", Integer),  # how far its clock is ahead of ours; null: it does not tell
    Column("stop", Text, nullable=False, server_default=""),  # why nothing is sent to it
    Column("met_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# Receipts of a device that no row of the journal accounts for.
fiscal_found = table(
    "fiscal_found",
    Column("device_id", Text, primary_key=True),
    Column("receipt_global_no", Integer, primary_key=True),
    Column("number", Text, nullable=False),
    Column("why", Text, nullable=False),  # ahead | disputed
    Column("kind", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Text, nullable=False),
    Column("record", Json, nullable=False),  # everything a fiscal record needs
    Column("receipt_counter", Integer),
    Column("fiscal_day", Integer),
    Column("found_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", Text, nullable=False, server_default=""),
    Index("fiscal_found_by_number", "number"),
)


def by_id(connection: Connection, device_id: str) -> RowMapping | None:
    """What is known of one device."""
    query = select(fiscal_devices).where(fiscal_devices.c.device_id == device_id)
    return connection.execute(query).mappings().first()


def current(connection: Connection) -> RowMapping | None:
    """The device that was greeted last; a till has one at a time."""
    query = select(fiscal_devices).order_by(fiscal_devices.c.seen_at.desc()).limit(1)
    return connection.execute(query).mappings().first()


def keep(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store a device, or what has changed about it; all columns but `stop` are given."""
    upsert(connection, fiscal_devices, [row])


def change(connection: Connection, device_id: str, values: Mapping[str, Any]) -> bool:
    """Change what is known of a device; False when it was never met."""
    where = fiscal_devices.c.device_id == device_id
    return connection.execute(update(fiscal_devices).where(where).values(**values)).rowcount == 1


def reach(connection: Connection, device_id: str, global_no: int, *, is_first_of_day: bool) -> None:
    """A receipt of ours has this number: the count of the device only moves on (lesson L16).

    It may begin anew, but only with the first receipt of a day (ZIMRA FDMS 7.2, counters).
    """
    here = fiscal_devices.c.device_id == device_id
    is_next = fiscal_devices.c.last_global_no == global_no - 1
    next_one = here if is_first_of_day and global_no == 1 else here & is_next
    values = {"last_global_no": global_no, "said_global_no": global_no}
    connection.execute(update(fiscal_devices).where(next_one).values(**values))


def add_found(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a receipt nobody here filed; False when it is kept already."""
    return add_new(connection, fiscal_found, row)


def found_between(
    connection: Connection, device_id: str, after: int, until: int
) -> list[RowMapping]:
    """What was found with a global number in (after, until]."""
    number = fiscal_found.c.receipt_global_no
    query = select(fiscal_found).where(
        fiscal_found.c.device_id == device_id, number > after, number <= until
    )
    return list(connection.execute(query.order_by(number)).mappings())


def found_of_day(connection: Connection, device_id: str, day: int) -> list[RowMapping]:
    """What was found of one fiscal day."""
    query = select(fiscal_found).where(
        fiscal_found.c.device_id == device_id, fiscal_found.c.fiscal_day == day
    )
    return list(connection.execute(query.order_by(fiscal_found.c.receipt_global_no)).mappings())


def found_of_number(connection: Connection, number: str) -> RowMapping | None:
    """The newest of what was found under a receipt number of ours."""
    query = select(fiscal_found).where(fiscal_found.c.number == number)
    newest = query.order_by(fiscal_found.c.found_at.desc()).limit(1)
    return connection.execute(newest).mappings().first()


def every_found(connection: Connection) -> list[RowMapping]:
    """Everything that was found, whoever has looked at it."""
    return list(connection.execute(select(fiscal_found)).mappings())


def unsettled_found(connection: Connection) -> list[RowMapping]:
    """What nobody has looked at yet, oldest first."""
    query = select(fiscal_found).where(fiscal_found.c.settled_at.is_(None))
    return list(connection.execute(query.order_by(fiscal_found.c.found_at)).mappings())


def settle_found(connection: Connection, number: str, *, by: str, at: datetime) -> int:
    """Somebody has looked at what was found under a number; return how many rows that were."""
    where = (fiscal_found.c.number == number) & fiscal_found.c.settled_at.is_(None)
    values = {"settled_at": at, "settled_by": by}
    return connection.execute(update(fiscal_found).where(where).values(**values)).rowcount
