"""What other programs had this server file on its fiscal device, and the days they had closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    insert,
    select,
    update,
)

from pos_app.store.schema import Instant, Json, table

fiscal_proxy = table(
    "fiscal_proxy",
    Column("number", Text, primary_key=True),  # InvoiceNumber at the device, for ever
    Column("state", Text, nullable=False),
    Column("request", Text, nullable=False),  # its canonical text
    Column("digest", Text, nullable=False),
    Column("client", Text, nullable=False),  # who sent it last
    Column("baseline", Json),  # what the device said of itself before the first byte
    Column("reply", Json),
    Column("reason", Text, nullable=False, server_default=""),
    Column("resends", Integer, nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("device_id", Text),
    Column("device_serial", Text),
    Column("qr", Text),
    Column("verification_code", Text),
    Column("verification_link", Text),
    Column("receipt_global_no", Integer),
    Column("receipt_counter", Integer),
    Column("fiscal_day", Integer),
    Column("filed_at", Text),  # the device's own local time
    Index("fiscal_proxy_by_state", "state", "intended_at"),
)

z_reports = table(
    "z_reports",
    Column("device_id", Text, primary_key=True),
    Column("fiscal_day", Integer, primary_key=True),
    Column("state", Text, nullable=False),  # sent: told to close it; done; refused
    Column("client", Text, nullable=False),
    Column("totals", Json),  # none where the answer that carried them was lost
    Column("reason", Text, nullable=False, server_default=""),
    Column("asked_at", Instant, nullable=False),
    Column("settled_at", Instant),
)

UNSETTLED = ("intent", "sent", "unknown")


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store the intent to file a receipt; raises UniqueViolation when its number is taken."""
    connection.execute(insert(fiscal_proxy), dict(row))


def by_number(connection: Connection, number: str) -> RowMapping | None:
    """The receipt of a number."""
    query = select(fiscal_proxy).where(fiscal_proxy.c.number == number)
    return connection.execute(query).mappings().first()


def unsettled(connection: Connection) -> list[RowMapping]:
    """Receipts whose outcome nobody knows, the oldest first."""
    query = (
        select(fiscal_proxy)
        .where(fiscal_proxy.c.state.in_(UNSETTLED))
        .order_by(fiscal_proxy.c.intended_at, fiscal_proxy.c.number)
    )
    return list(connection.execute(query).mappings())


def walk(connection: Connection) -> list[RowMapping]:
    """Every receipt, the oldest first."""
    query = select(fiscal_proxy).order_by(fiscal_proxy.c.intended_at, fiscal_proxy.c.number)
    return list(connection.execute(query).mappings())


def move(
    connection: Connection, number: str, *, was: str, state: str, values: Mapping[str, Any]
) -> bool:
    """Change the state of a receipt; False when it is no longer in the state it was read in."""
    where = (fiscal_proxy.c.number == number) & (fiscal_proxy.c.state == was)
    changed = connection.execute(update(fiscal_proxy).where(where).values(state=state, **values))
    return changed.rowcount == 1


def filed_between(
    connection: Connection, device_id: str, after: int, until: int
) -> Iterable[RowMapping]:
    """Receipts filed for programs with a global number in (after, until]."""
    number = fiscal_proxy.c.receipt_global_no
    query = select(fiscal_proxy).where(
        fiscal_proxy.c.device_id == device_id, number > after, number <= until
    )
    return list(connection.execute(query).mappings())


def days(connection: Connection, device_id: str) -> dict[int, int]:
    """Fiscal day by global number less counter, which is equal within a day and only there."""
    columns = fiscal_proxy.c
    query = select(columns.receipt_global_no, columns.receipt_counter, columns.fiscal_day).where(
        columns.device_id == device_id,
        columns.fiscal_day.is_not(None),
        columns.receipt_counter.is_not(None),
    )
    return {int(number - counter): int(day) for number, counter, day in connection.execute(query)}


def z_report(connection: Connection, device_id: str, fiscal_day: int) -> RowMapping | None:
    """The close of a fiscal day, if it was asked for here."""
    query = select(z_reports).where(_is(device_id, fiscal_day))
    return connection.execute(query).mappings().first()


def ask_z_report(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store that a day is told to close, before it is told; a second try takes the row over."""
    where = _is(row["device_id"], row["fiscal_day"])
    if connection.execute(update(z_reports).where(where).values(dict(row))).rowcount == 0:
        connection.execute(insert(z_reports), dict(row))


def settle_z_report(
    connection: Connection, device_id: str, fiscal_day: int, values: Mapping[str, Any]
) -> None:
    """Store how the close of a day ended."""
    where = _is(device_id, fiscal_day)
    connection.execute(update(z_reports).where(where).values(dict(values)))


def _is(device_id: str, fiscal_day: int) -> ColumnElement[bool]:
    return (z_reports.c.device_id == device_id) & (z_reports.c.fiscal_day == fiscal_day)
