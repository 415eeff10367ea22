"""Receipts of other tills, other devices and other times, as far as notes are made against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, RowMapping, Text, select

from pos_app.store.schema import BusinessDate, Instant, Json, Micro, Minor, table
from pos_app.store.upsert import upsert

originals = table(
    "originals",
    Column("id", Text, primary_key=True),  # of the sale, where the server knows it
    Column("source", Text, nullable=False),  # server | entered
    Column("number", Text, nullable=False),  # InvoiceNumber, as it was sent to its device
    Column("device_id", Text, nullable=False),
    Column("device_serial", Text, nullable=False),
    Column("receipt_global_no", Integer, nullable=False),
    Column("fiscal_day", Integer, nullable=False),
    Column("filed_at", Text, nullable=False),  # the device's own local time, as it printed it
    Column("business_date", BusinessDate, nullable=False),
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("rate", Micro),  # ZIG per USD, frozen when it was sold
    Column("total", Minor, nullable=False),  # as filed
    Column("lines", Json, nullable=False),  # of sale lines, with decimals and batches
    Column("notes", Json, nullable=False),  # made elsewhere: lines of each by identity
    Column("username", Text, nullable=False),  # who entered it, or asked the server
    Column("changed_at", Instant, nullable=False),
    Index("originals_by_number", "number"),
    Index("originals_by_filing", "device_id", "receipt_global_no"),
)


def put(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep what was entered or told, instead of what was known of the same receipt."""
    upsert(connection, originals, [row])


def by_id(connection: Connection, original_id: str) -> RowMapping | None:
    """One of them."""
    query = select(originals).where(originals.c.id == original_id)
    return connection.execute(query).mappings().first()


def held(connection: Connection, original_id: str) -> RowMapping | None:
    """One of them, kept from other writers until the transaction ends."""
    query = select(originals).where(originals.c.id == original_id).with_for_update()
    return connection.execute(query).mappings().first()


def by_number(connection: Connection, number: str) -> RowMapping | None:
    """The newest of a number."""
    query = select(originals).where(originals.c.number == number)
    return connection.execute(query.order_by(originals.c.changed_at.desc())).mappings().first()


def by_filing(connection: Connection, device_id: str, receipt_global_no: int) -> RowMapping | None:
    """The one a device filed under a global number; the first that was entered."""
    query = select(originals).where(
        originals.c.device_id == device_id, originals.c.receipt_global_no == receipt_global_no
    )
    return connection.execute(query.order_by(originals.c.changed_at)).mappings().first()
