"""The built-in books: each entry balances in each currency, and each document is in them once."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from pos_app.domain.ledger import RECEIVABLE
from pos_app.services.check.violation import Books, Violation, money
from pos_app.store import ledger, posting, wire

_ENTRIES = wire.plain(ledger.ledger_entries)
_LINES = wire.plain(ledger.ledger_lines)
_POSTINGS = wire.plain(posting.postings)
_STEPS = wire.plain(posting.posting_steps)
_PARTS = select(_STEPS.c.queue_id).where(_STEPS.c.kind == "consolidated")
"""Receipts in a consolidated invoice stand in the books with that."""

SALES = ("invoice", "credit_note", "debit_note")


def balanced(books: Books) -> Iterator[Violation]:
    """Debit equals credit per entry and currency, numbers have no gap, totals are the documents'.

    The trial balance is the sum of the entries, so it is zero where each of them balances.
    """
    yield from _unequal(books)
    yield from _gaps(books)
    yield from _missing(books)
    yield from _totals(books)


def _unequal(books: Books) -> Iterator[Violation]:
    debit, credit = func.sum(_LINES.c.debit), func.sum(_LINES.c.credit)
    query = (
        select(
            _ENTRIES.c.reference,
            _LINES.c.entry,
            _LINES.c.currency,
            debit.label("debit"),
            credit.label("credit"),
        )
        .join_from(_LINES, _ENTRIES, _ENTRIES.c.entry == _LINES.c.entry)
        .group_by(_ENTRIES.c.reference, _LINES.c.entry, _LINES.c.currency)
        .having(debit != credit)
    )
    for row in books.rows(query):
        words = (
            f"Entry {row['entry']} of {row['reference']} debits "
            f"{money(row['debit'], row['currency'])} and credits "
            f"{money(row['credit'], row['currency'])}."
        )
        yield Violation("ledger_unbalanced", row["reference"], words)


def _gaps(books: Books) -> Iterator[Violation]:
    first, last = func.min(_ENTRIES.c.number), func.max(_ENTRIES.c.number)
    span = (last - first + 1).label("span")
    query = select(_ENTRIES.c.kind, func.count().label("many"), span).group_by(_ENTRIES.c.kind)
    for row in books.rows(query):
        if row["many"] != row["span"]:
            words = f"The books hold {row['many']} of {row['span']} numbered {row['kind']} entries."
            yield Violation("ledger_numbers", row["kind"], words)


def _missing(books: Books) -> Iterator[Violation]:
    """Whatever was completed since the books were begun has its entry, of whatever kind it is."""
    if books.rules.has_sap:
        return
    begun = select(func.min(_ENTRIES.c.made_at)).scalar_subquery()
    entry = select(_ENTRIES.c.entry).where(_ENTRIES.c.document_id == _POSTINGS.c.document_id)
    query = (
        select(_POSTINGS.c.reference, _POSTINGS.c.kind)
        .where(_POSTINGS.c.state == "Completed", _POSTINGS.c.ended_at >= begun)
        .where(_POSTINGS.c.queue_id.not_in(_PARTS), _POSTINGS.c.kind.not_in(SALES))
        .where(~entry.exists())
    )
    for row in books.rows(query):
        kind = row["kind"].replace("_", " ")
        words = f"The {kind} {row['reference']} is called booked and the books hold no entry of it."
        yield Violation("ledger_entry_missing", row["reference"], words)


def _totals(books: Books) -> Iterator[Violation]:
    """A document completed since the books were begun stands in them with its very total.

    What went to SAP before a shop left it is not theirs.
    """
    if books.rules.has_sap:
        return
    begun = select(func.min(_ENTRIES.c.made_at)).scalar_subquery()
    owed = (
        select(
            _ENTRIES.c.document_id,
            (func.sum(_LINES.c.debit) - func.sum(_LINES.c.credit)).label("owed"),
        )
        .join_from(_ENTRIES, _LINES, _LINES.c.entry == _ENTRIES.c.entry)
        .where(_LINES.c.account == RECEIVABLE.code, _ENTRIES.c.kind.in_(SALES))
        .group_by(_ENTRIES.c.document_id)
        .subquery()
    )
    kinds = (*SALES, "consolidation")
    query = (
        select(_POSTINGS.c.reference, _POSTINGS.c.total, _POSTINGS.c.currency, owed.c.owed)
        .outerjoin_from(_POSTINGS, owed, owed.c.document_id == _POSTINGS.c.document_id)
        .where(_POSTINGS.c.kind.in_(kinds), _POSTINGS.c.state == "Completed")
        .where(_POSTINGS.c.queue_id.not_in(_PARTS))
        .where(_POSTINGS.c.ended_at >= begun, func.coalesce(owed.c.owed, 0) != _POSTINGS.c.total)
    )
    for row in books.rows(query):
        words = (
            f"{row['reference']} over {money(row['total'], row['currency'])} stands in the books "
            f"with {money(row['owed'] or 0, row['currency'])}."
        )
        yield Violation("ledger_total_differs", row["reference"], words)
