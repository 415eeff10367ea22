"""What is known of each printer: its trouble, and since when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, RowMapping, Text, select

from pos_app.store.schema import Instant, table
from pos_app.store.upsert import upsert

printers = table(
    "printers",
    Column("url", Text, primary_key=True),
    Column("trouble", Text, nullable=False),  # code of printing.errors, near_end, or empty: well
    Column("sentence", Text, nullable=False),
    Column("since", Instant, nullable=False),
)


def known(connection: Connection) -> dict[str, RowMapping]:
    """Every printer that was ever looked at, by its address."""
    rows = connection.execute(select(printers)).mappings()
    return {row["url"]: row for row in rows}


def put(connection: Connection, url: str, *, trouble: str, sentence: str, since: datetime) -> None:
    """Write down how a printer is."""
    row = {"url": url, "trouble": trouble, "sentence": sentence, "since": since}
    upsert(connection, printers, [row])
