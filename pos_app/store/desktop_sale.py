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
    Index,
    RowMapping,
    Select,
    Text,
    case,
    func,
    insert,
    literal,
    select,
)

from pos_app.store import tally
from pos_app.store.consolidation import consolidation_members
from pos_app.store.invoice import invoices
from pos_app.store.posting import postings
from pos_app.store.sale import sales
from pos_app.store.schema import BusinessDate, Instant, table
from pos_app.store.tally import KINDS, Asked

PREFIX = "desktop/"
"""Programs' references are a name space of their own: no till's can collide with one (L22)."""

desktop_sales = table(
    "desktop_sales",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("content_hash", Text, nullable=False),  # of the whole request, money included
    # As on the sale, for lists:
    Column("warehouse", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("business_date", BusinessDate, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("receipt", Text, nullable=False),
    Index("desktop_sales_by_time", "posted_at", "receipt"),
    Index("desktop_sales_by_place", "warehouse", "posted_at", "receipt"),
    Index("desktop_sales_by_partner", "partner", "posted_at", "receipt"),
)

_COUNTED = tally.tally(
    desktop_sales, day="business_date", key="sale_id", who="partner", kinds=("{row}.warehouse",)
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
    """Remember what was asked for, beside the sale it became."""
    row = sales.c
    told = select(
        row.id,
        literal(content_hash),
        row.warehouse,
        row.partner,
        row.business_date,
        row.posted_at,
        row.receipt,
    ).where(row.id == sale_id)
    connection.execute(insert(desktop_sales).from_select(list(desktop_sales.columns), told))


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
    if wanted.is_desktop and not wanted.consolidation:
        return _programs(connection, wanted, offset=offset, limit=limit)
    query = _query().where(*_where(wanted))
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar()
    newest = query.order_by(*_NEWEST)
    rows = connection.execute(newest.offset(offset).limit(limit)).mappings()
    return int(total or 0), list(rows)


def _programs(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """The same for sales of programs however far they are: those of a page alone are looked at."""
    row, kinds = desktop_sales.c, (KINDS[0] == wanted.warehouse,) if wanted.warehouse else ()
    who = wanted.partner or None
    asked = Asked(who=who, kinds=kinds, since=wanted.since, until=wanted.until)
    where = [row.warehouse == wanted.warehouse] if wanted.warehouse else []
    where += [row.partner == wanted.partner] if wanted.partner else []
    where += [row.business_date >= wanted.since] if wanted.since else []
    where += [row.business_date <= wanted.until] if wanted.until else []
    newest = select(row.sale_id).where(*where).order_by(row.posted_at.desc(), row.receipt.desc())
    ids = list(connection.execute(newest.offset(offset).limit(limit)).scalars())
    rows = connection.execute(_query().where(sales.c.id.in_(ids)).order_by(*_NEWEST)).mappings()
    return tally.many(connection, _COUNTED, asked), list(rows)


_NEWEST = (sales.c.posted_at.desc(), sales.c.receipt.desc())


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
