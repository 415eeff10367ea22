"""Sales of desktop programs, and how far each day's sales are on their way into SAP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    RowMapping,
    Select,
    Text,
    case,
    func,
    insert,
    select,
)

from pos_app.store.consolidation import consolidation_members
from pos_app.store.invoice import invoices
from pos_app.store.posting import postings
from pos_app.store.sale import sales
from pos_app.store.schema import table

PREFIX = "desktop/"
"""Programs' references are a name space of their own: no till's can collide with one (L22)."""

desktop_sales = table(
    "desktop_sales",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("content_hash", Text, nullable=False),  # of the whole request, money included
)

_LIST = postings.alias("list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sales; everything that is empty says nothing.

    Attributes:
        consolidation: Pending, Consolidated, Failed or Excluded.
        is_desktop: only those of programs; else of tills, too.
    """

    warehouse: str = ""
    partner: str = ""
    consolidation: str = ""
    since: date | None = None
    until: date | None = None
    is_desktop: bool = True


def keep(connection: Connection, sale_id: str, content_hash: str) -> None:
    """Remember what was asked for."""
    values = {"sale_id": sale_id, "content_hash": content_hash}
    connection.execute(insert(desktop_sales).values(values))


def content_of(connection: Connection, sale_id: str) -> str | None:
    """The hash of what was asked for; None where it was no program's sale."""
    query = select(desktop_sales.c.content_hash).where(desktop_sales.c.sale_id == sale_id)
    found: str | None = connection.execute(query).scalar()
    return found


def reference_of(row: Mapping[str, Any]) -> str:
    """What the caller knows a sale by: its own reference, or the receipt's number."""
    known = row["reference"] or ""
    return known.removeprefix(PREFIX) if known.startswith(PREFIX) else row["receipt"]


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many sales these are, and some of them from the newest back."""
    query = _query().where(*_where(wanted))
    inner = query.subquery()
    total = connection.execute(select(func.count()).select_from(inner)).scalar()
    newest = query.order_by(sales.c.posted_at.desc(), sales.c.receipt.desc())
    rows = connection.execute(newest.offset(offset).limit(limit)).mappings()
    return int(total or 0), list(rows)


def _listed() -> Any:
    """The list a sale is in: the first by its tax groups; one that is not in SAP first."""
    member = consolidation_members.c
    return (
        select(func.min(_LIST.c.queue_id))
        .join(consolidation_members, member.consolidation_id == _LIST.c.key)
        .where(member.sale_id == sales.c.id)
        .correlate(sales)
        .scalar_subquery()
    )


def _trouble() -> Any:
    member = consolidation_members.c
    return (
        select(_LIST.c.queue_id)
        .join(consolidation_members, member.consolidation_id == _LIST.c.key)
        .where(member.sale_id == sales.c.id)
        .where(_LIST.c.state.in_(("Failed", "RequiresReview", "Cancelled")))
        .correlate(sales)
        .exists()
    )


def consolidation_of() -> ColumnElement[str]:
    """How far a sale is, in the contract's words; Excluded for an invoice of its own."""
    row = postings.c
    return case(
        (row.state == "Collected", "Pending"),
        (_listed().is_(None), "Excluded"),
        (row.state == "Completed", "Consolidated"),
        (_trouble(), "Failed"),
        else_="Pending",
    )


def _query() -> Select[Any]:
    columns = (
        invoices.c.entry,
        invoices.c.source,
        postings.c.reason,
        postings.c.state,
        _listed().label("list_id"),
        consolidation_of().label("consolidation"),
    )
    return (
        select(sales, *columns)
        .outerjoin(invoices, invoices.c.id == sales.c.id)
        .outerjoin(
            postings, (postings.c.document_id == sales.c.id) & (postings.c.kind == "invoice")
        )
        .where(sales.c.kind == "invoice")
    )


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.is_desktop:
        where.append(sales.c.id.in_(select(desktop_sales.c.sale_id)))
    if wanted.warehouse:
        where.append(sales.c.warehouse == wanted.warehouse)
    if wanted.partner:
        where.append(sales.c.partner == wanted.partner)
    if wanted.consolidation:
        where.append(consolidation_of() == wanted.consolidation)
    if wanted.since is not None:
        where.append(sales.c.business_date >= wanted.since)
    if wanted.until is not None:
        where.append(sales.c.business_date <= wanted.until)
    return where
