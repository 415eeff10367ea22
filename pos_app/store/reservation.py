"""Reservations: soft, expiring claims on stock."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Text

from pos_app.store.schema import Instant, Json, Micro, Minor, table

reservations = table(
    "reservations",
    Column("id", Text, primary_key=True),
    Column("external_reference", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("document_type", Text, nullable=False),
    Column("partner", Text, nullable=False, server_default=""),
    Column("partner_name", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),  # Pending | Confirmed | Cancelled | Expired | Failed
    Column("total", Minor, nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    Column("priority", Integer, nullable=False),
    Column("username", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_reason", Text),
    Column("document_id", Text),
    Column("extra", Json, nullable=False),
    Index("reservations_by_state", "state", "expires_at"),
)

reservation_lines = table(
    "reservation_lines",
    Column("reservation_id", Text, ForeignKey("reservations.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),  # one per batch of the line
    Column("item", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("batch", Text, nullable=False, server_default=""),
    Column("quantity", Micro, nullable=False),
    Column("unit_price", Micro, nullable=False),
    Column("discount_percent", Micro, nullable=False),
    Index("reservation_lines_by_place", "item", "warehouse"),
)
