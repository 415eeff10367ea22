"""What was fetched from SAP and when, per kind, and how far its documents were seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, Text, select

from pos_app.store.schema import Id, Instant, big, table
from pos_app.store.upsert import upsert

master_reads = table(
    "master_reads",
    Column("kind", Id, primary_key=True),
    Column("read_at", Instant),  # none: never yet
    Column("whole_at", Instant),
    Column("row_count", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Column("flaws", Integer, nullable=False),
    Column("flaw", Text, nullable=False),
)

master_marks = table(
    "master_marks",
    Column("document_set", Id, primary_key=True),
    Column("number", big(), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRead:
    """The last fetch of one kind of master data.

    Attributes:
        kind: such as ``items``.
        read_at: when the last fetch that was stored began, None for never.
        whole_at: the same for one of everything.
        row_count: rows SAP sent last.
        changed: how many of them were news.
        problem: why the last try failed, empty when it did not.
        flaws: how many records could not be used, and
        flaw: the first of them in words.
    """

    kind: str
    read_at: datetime | None = None
    whole_at: datetime | None = None
    row_count: int = 0
    changed: int = 0
    problem: str = ""
    flaws: int = 0
    flaw: str = ""


def reads(connection: Connection) -> dict[str, KindRead]:
    """What is known of each kind that was ever tried."""
    rows = connection.execute(select(master_reads)).mappings()
    return {row["kind"]: KindRead(**row) for row in rows}


def keep(connection: Connection, told: KindRead) -> None:
    """Remember how the last fetch of a kind went."""
    upsert(connection, master_reads, [asdict(told)])


def marks(connection: Connection) -> dict[str, int]:
    """The highest number seen of each set of documents."""
    rows = connection.execute(select(master_marks))
    return {row.document_set: row.number for row in rows}


def keep_marks(connection: Connection, told: Mapping[str, int]) -> None:
    """Remember how far documents were seen."""
    rows = [{"document_set": name, "number": number} for name, number in told.items()]
    upsert(connection, master_marks, rows)
