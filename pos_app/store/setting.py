"""Who this installation is, and its gap-free number series."""

from __future__ import annotations

from sqlalchemy import Column, Text

from pos_app.store.schema import big, table

settings = table(
    "settings",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

series = table(
    "series",
    Column("name", Text, primary_key=True),
    Column("last", big(), nullable=False),
)
