"""Shifts: one cashier's accountable period on a till, its movements of money and its counts."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Text, UniqueConstraint, text

from pos_app.store.schema import BusinessDate, Instant, Micro, Minor, autokey, table

shifts = table(
    "shifts",
    Column("id", Text, primary_key=True),
    Column("till", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("state", Text, nullable=False),  # open | closed
    Column("business_date", BusinessDate, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    UniqueConstraint("till", "number"),
    # One open shift per till, whoever asks at the same moment.
    Index(
        "shifts_one_open",
        "till",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

shift_movements = table(
    "shift_movements",
    autokey("seq"),
    Column("shift_id", Text, ForeignKey("shifts.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("tender_type", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Minor, nullable=False),  # signed: into the drawer is positive
    Column("document_id", Text),
    Column("username", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Index("shift_movements_by_shift", "shift_id"),
)

shift_counts = table(
    "shift_counts",
    Column("shift_id", Text, ForeignKey("shifts.id"), primary_key=True),
    Column("moment", Text, primary_key=True),  # open | close
    Column("currency", Text, primary_key=True),
    Column("denomination", Micro, primary_key=True),
    Column("pieces", Integer, nullable=False),
)

shift_results = table(
    "shift_results",
    Column("shift_id", Text, ForeignKey("shifts.id"), primary_key=True),
    Column("tender_type", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("expected", Minor, nullable=False),
    Column("counted", Minor, nullable=False),
)
