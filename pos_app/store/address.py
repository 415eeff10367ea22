"""Wrong sign-ins by network address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Integer, Text, select

from pos_app.domain.user import Lockout
from pos_app.store.schema import Instant, table
from pos_app.store.upsert import upsert

addresses = table(
    "addresses",
    Column("address", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("changed_at", Instant, nullable=False),
)


def lockout(connection: Connection, address: str) -> Lockout:
    """How often somebody at this address was wrong."""
    query = select(addresses.c.failures, addresses.c.locked_until)
    row = connection.execute(query.where(addresses.c.address == address)).first()
    return Lockout(row.failures, row.locked_until) if row else Lockout()


def set_lockout(connection: Connection, address: str, counted: Lockout, *, at: datetime) -> None:
    """Keep how often somebody at this address was wrong."""
    told = {"failures": counted.failures, "locked_until": counted.locked_until}
    upsert(connection, addresses, [{"address": address, **told, "changed_at": at}])
