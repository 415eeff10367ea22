"""Consolidated invoices: each list is what it was made of, and each receipt is in SAP once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from pos_app.domain.consolidation import identity
from pos_app.services.check.violation import Books, Violation, money
from pos_app.services.posting.consolidation import CONSOLIDATION, PART, group_of
from pos_app.store import consolidation, posting, sale, wire

_LISTS = wire.plain(consolidation.consolidations)
_MEMBERS = wire.plain(consolidation.consolidation_members)
_POSTINGS = wire.plain(posting.postings)
_STEPS = wire.plain(posting.posting_steps)
_SALES = wire.plain(sale.sales)
_LINES = wire.plain(sale.sale_lines)
COLLECTED_WITHIN = timedelta(hours=36)
"""A day, and the evening of the next, in which its receipts must have been put into a list."""


def consolidated(books: Books) -> Iterator[Violation]:
    """Lists as they were made, members whole and once, nothing forgotten at the end of the day."""
    yield from _changed(books)
    yield from _shares(books)
    yield from _unlisted(books)
    yield from _twice(books)
    yield from _overdue(books)


def _changed(books: Books) -> Iterator[Violation]:
    """A list answers to the name its members make, adds up, and is queued once with its total."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in books.rows(select(_MEMBERS)):
        members[row["consolidation_id"]].append(row["sale_id"])
        for place, name in enumerate(("net", "vat", "gross")):
            sums[row["consolidation_id"]][place] += row[name]
    queued = {
        row["document_id"]: row
        for row in books.rows(select(_POSTINGS).where(_POSTINGS.c.kind == CONSOLIDATION))
    }
    typed = books.connection.execute(select(consolidation.consolidations)).mappings()
    for made in typed:
        name, way = made["reference"], queued.get(made["id"])
        if identity(group_of(dict(made)), members[made["id"]]) != made["id"]:
            words = (
                f"{name} was made of {made['members']} receipts and holds "
                f"{len(members[made['id']])}, or others, by now."
            )
            yield Violation("consolidation_changed", name, words)
        elif sums[made["id"]] != [made["net"], made["vat"], made["total"]]:
            words = (
                f"{name} comes to {money(made['total'], made['currency'])} and its receipts to "
                f"{money(sums[made['id']][2], made['currency'])}."
            )
            yield Violation("consolidation_total_differs", name, words)
        if way is None or (way["total"], way["key"]) != (made["total"], made["id"]):
            words = f"{name} is not in the queue for SAP with its key and total."
            yield Violation("consolidation_not_queued", name, words)


def _shares(books: Books) -> Iterator[Violation]:
    """What a receipt brings into a list is what its own lines of that tax group come to."""
    own = (
        select(_LINES.c.sale_id, _LINES.c.tax_group, func.sum(_LINES.c.gross).label("gross"))
        .group_by(_LINES.c.sale_id, _LINES.c.tax_group)
        .subquery()
    )
    query = (
        select(_SALES.c.receipt, _SALES.c.currency, _MEMBERS, own.c.gross.label("own"))
        .join_from(_MEMBERS, _SALES, _SALES.c.id == _MEMBERS.c.sale_id)
        .outerjoin(
            own,
            (own.c.sale_id == _MEMBERS.c.sale_id) & (own.c.tax_group == _MEMBERS.c.tax_group),
        )
        .where(func.coalesce(own.c.gross, -1) != _MEMBERS.c.gross)
    )
    for row in books.rows(query):
        words = (
            f"Receipt {row['receipt']} is in a consolidated invoice with "
            f"{money(row['gross'], row['currency'])} of {row['tax_group']} and its lines come to "
            f"{money(row['own'] or 0, row['currency'])}."
        )
        yield Violation("consolidation_share_differs", row["receipt"], words)


def _unlisted(books: Books) -> Iterator[Violation]:
    """A receipt that is called listed is whole in lists, each of its tax groups in one."""
    listed = (
        select(_MEMBERS.c.sale_id, func.sum(_MEMBERS.c.gross).label("gross"))
        .group_by(_MEMBERS.c.sale_id)
        .subquery()
    )
    parts = select(_STEPS.c.queue_id).where(_STEPS.c.kind == PART)
    is_listed = (_POSTINGS.c.state == "Listed") | _POSTINGS.c.queue_id.in_(parts)
    query = (
        select(_POSTINGS.c.reference, _POSTINGS.c.total, _POSTINGS.c.currency, listed.c.gross)
        .outerjoin_from(_POSTINGS, listed, listed.c.sale_id == _POSTINGS.c.document_id)
        .where(_POSTINGS.c.kind == "invoice", is_listed)
        .where(func.coalesce(listed.c.gross, -1) != _POSTINGS.c.total)
    )
    for row in books.rows(query):
        words = (
            f"{row['reference']} over {money(row['total'], row['currency'])} is called part of "
            f"consolidated invoices and is in lists with "
            f"{money(row['gross'] or 0, row['currency'])}."
        )
        yield Violation("consolidation_member_missing", row["reference"], words)


def _twice(books: Books) -> Iterator[Violation]:
    """No receipt of a list goes to SAP by itself, too, and none waits for another list."""
    own = select(_STEPS.c.queue_id).where(_STEPS.c.kind == "invoice")
    query = (
        select(_POSTINGS.c.reference, _POSTINGS.c.state)
        .where(_POSTINGS.c.kind == "invoice")
        .where(_POSTINGS.c.document_id.in_(select(_MEMBERS.c.sale_id)))
        .where(
            _POSTINGS.c.state.not_in(("Listed", "Completed", "Cancelled"))
            | _POSTINGS.c.queue_id.in_(own)
        )
    )
    for row in books.rows(query):
        words = f"{row['reference']} is in a consolidated invoice and is {row['state']} by itself."
        yield Violation("consolidation_member_twice", row["reference"], words)


def _overdue(books: Books) -> Iterator[Violation]:
    """Receipts that nobody has put into a list at the end of their day (production lesson L29)."""
    old = _POSTINGS.c.created_at < books.before(COLLECTED_WITHIN)
    query = select(
        func.count().label("rows"), func.min(_POSTINGS.c.reference).label("first")
    ).where(_POSTINGS.c.state == "Collected", old)
    for row in books.rows(query):
        if row["rows"]:
            words = (
                f"{row['rows']} receipts, {row['first']} among them, wait for the end of a day "
                "that is over: run pos consolidate."
            )
            yield Violation("consolidation_overdue", row["first"], words)
