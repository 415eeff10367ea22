"""The fiscal journal: one row per receipt that a device must sign, from intent to fiscal record."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Text

from pos_app.store.schema import Instant, Json, big, table

fiscal_journal = table(
    "fiscal_journal",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("seq", big(), nullable=False, unique=True),  # order of signing on this till
    Column("number", Text, nullable=False, unique=True),  # InvoiceNumber at the device, for ever
    Column("device", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("request", Json, nullable=False),
    Column("digest", Text, nullable=False),
    Column("baseline", Json),  # what the device said of itself before the first byte
    Column("reply", Json),
    Column("reason", Text, nullable=False, server_default=""),
    Column("resends", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("look_at", Instant),  # not before this instant again
    Column("device_id", Text),
    Column("device_serial", Text),
    Column("qr", Text),
    Column("verification_code", Text),
    Column("receipt_global_no", Integer),
    Column("receipt_counter", Integer),
    Column("fiscal_day", Integer),
    Column("filed_at", Text),  # the device's own local time, as it printed it
    Index("fiscal_journal_by_state", "state", "seq"),
)
