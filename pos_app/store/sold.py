"""Sales under a caller's reference that a restored till has forgotten and its server knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Text, select

from pos_app.store.sale import sales
from pos_app.store.schema import Minor, table
from pos_app.store.upsert import upsert

TOLD = ("reference", "receipt", "content_hash", "currency", "total")

# Kept at a till alone, and only of sales that are not in its own books.
forgotten_sales = table(
    "forgotten_sales",
    Column("sale_id", Text, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("receipt", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Minor, nullable=False),
)


def of(connection: Connection, sale_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What a till is told of sales that have a reference, by their identity."""
    row = sales.c
    wanted = row.id.in_(list(sale_ids)) & row.reference.is_not(None)
    query = select(row.id, *(row[name] for name in TOLD)).where(wanted)
    return {
        found["id"]: {name: found[name] for name in TOLD}
        for found in connection.execute(query).mappings()
    }


def keep(connection: Connection, told: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep those that are not in the books here, under a reference that is not used here."""
    row = sales.c
    names = [one["reference"] for one in told.values()]
    ours = row.id.in_(list(told)) | row.reference.in_(names)
    query = select(row.id, row.reference).where(ours)
    known = {name for found in connection.execute(query) for name in found}
    rows = [
        {"sale_id": sale_id, **{name: one[name] for name in TOLD}}
        for sale_id, one in told.items()
        if sale_id not in known and one["reference"] not in known
    ]
    if rows:
        upsert(connection, forgotten_sales, rows)


def by_reference(connection: Connection, reference: str) -> RowMapping | None:
    """The forgotten sale of a reference."""
    query = select(forgotten_sales).where(forgotten_sales.c.reference == reference)
    return connection.execute(query).mappings().first()
