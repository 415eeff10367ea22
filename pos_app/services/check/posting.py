"""The way to SAP: each sale is on it once, and what is called done names its SAP documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from pos_app.services.check.violation import Books, Violation, money, told
from pos_app.services.check.whole import Whole
from pos_app.services.posting.trade import END
from pos_app.services.posting.trade_open import OPEN
from pos_app.store import incident, posting, sale, wire

_POSTINGS = wire.plain(posting.postings)
_STEPS = wire.plain(posting.posting_steps)
_STATUS = wire.plain(sale.sale_status)
_INCIDENTS = wire.plain(incident.incidents)
_OPEN = _INCIDENTS.c.ended_at.is_(None)
NAMED_WITHIN = timedelta(hours=24)
SALES = ("invoice", "credit_note", "debit_note")
PART = "consolidated"
"""The step of a receipt that is part of a consolidated invoice; many share its document."""


def of_sale(found: Whole) -> Iterator[Violation]:
    """A sale is queued once, with its own total, and its lamp says something."""
    receipt = found.header["receipt"]
    queued = [row for row in found.postings if row["kind"] in SALES]
    if len(queued) != 1:
        words = f"{found.name} is in the queue for SAP {len(queued)} times instead of once."
        yield Violation("sale_not_queued", receipt, words)
    for row in queued:
        if (row["total"], row["currency"]) != (found.header["total"], found.header["currency"]):
            words = (
                f"{found.name} is queued for SAP with {money(row['total'], row['currency'])} "
                f"and comes to {money(found.header['total'], found.header['currency'])}."
            )
            yield Violation("queued_total_differs", receipt, words)
    if not found.status:
        words = f"{found.name} is queued for SAP and its lamp was never set."
        yield Violation("sale_without_status", receipt, words)


def once(books: Books) -> Iterator[Violation]:
    """No SAP document stands for two steps, and no row was done without all of its steps."""
    yield from _shared(books)
    yield from _undone(books)
    yield from _lamps(books)
    yield from _unnamed(books)


def _unnamed(books: Books) -> Iterator[Violation]:
    """What stands still for long has an open incident that names its cause (invariant 11).

    A row nobody has attempted yet stands still for what holds up the queue.
    """
    final = ("Completed", "Cancelled", "Collected", "Listed")
    old = _POSTINGS.c.created_at < books.before(NAMED_WITHIN)
    standing = _POSTINGS.c.state.not_in(final) & old
    query = (
        select(_POSTINGS.c.cause, func.count().label("rows"), func.min(_POSTINGS.c.reference))
        .where(standing)
        .group_by(_POSTINGS.c.cause)
    )
    named = set(books.connection.execute(select(_INCIDENTS.c.cause).where(_OPEN)).scalars())
    for cause, rows, first in books.connection.execute(query):
        if not (named if not cause else cause in named):
            words = (
                f"{rows} documents, {first} among them, stand still on their way to SAP and no "
                "incident names them: look whether the server runs."
            )
            yield Violation("posting_without_incident", first, words)


def _shared(books: Books) -> Iterator[Violation]:
    key = (_STEPS.c.kind, _STEPS.c.doc_entry)
    # These make no document: they name the one they end or lower, of whichever set that is.
    is_document = _STEPS.c.doc_entry.is_not(None) & _STEPS.c.kind.not_in((END, OPEN, PART))
    both = (func.min(_STEPS.c.key).label("one"), func.max(_STEPS.c.key).label("other"))
    query = select(*key, *both).where(is_document).group_by(*key)
    for row in books.rows(query.having(func.count() > 1)):
        words = (
            f"SAP's {row['kind']} {row['doc_entry']} stands for both {row['one']} "
            f"and {row['other']}."
        )
        yield Violation("sap_document_shared", row["other"], words)


def _undone(books: Books) -> Iterator[Violation]:
    done = (_STEPS.c.state == "done") & _STEPS.c.doc_entry.is_not(None)
    query = (
        select(
            _POSTINGS.c.reference,
            func.count(_STEPS.c.step).label("steps"),
            func.count(_STEPS.c.step).filter(done).label("done"),
        )
        .select_from(_POSTINGS.outerjoin(_STEPS, _STEPS.c.queue_id == _POSTINGS.c.queue_id))
        .where(_POSTINGS.c.state == "Completed")
        .group_by(_POSTINGS.c.queue_id, _POSTINGS.c.reference)
    )
    for row in books.rows(query):
        if row["done"] != row["steps"] or not row["steps"]:
            words = (
                f"{row['reference']} is called completed and {row['done']} of its "
                f"{row['steps']} steps name an SAP document."
            )
            yield Violation("posting_incomplete", row["reference"], words)


def _lamps(books: Books) -> Iterator[Violation]:
    """The lamp of a sale names the very invoice of its completed row, or one of several."""
    query = (
        select(
            _POSTINGS.c.reference,
            _POSTINGS.c.state,
            _STATUS.c.in_sap,
            _STATUS.c.doc_entry,
            func.max(_STEPS.c.doc_entry).label("posted"),
            func.count().filter(_STEPS.c.doc_entry == _STATUS.c.doc_entry).label("named"),
        )
        .join_from(_POSTINGS, _STATUS, _STATUS.c.sale_id == _POSTINGS.c.document_id)
        .outerjoin(
            _STEPS,
            (_STEPS.c.queue_id == _POSTINGS.c.queue_id) & (_STEPS.c.kind.in_((*SALES, PART))),
        )
        .where(_POSTINGS.c.kind.in_(SALES))
        .group_by(
            _POSTINGS.c.queue_id,
            _POSTINGS.c.reference,
            _POSTINGS.c.state,
            _STATUS.c.in_sap,
            _STATUS.c.doc_entry,
        )
    )
    for row in books.rows(query):
        is_done = row["state"] == "Completed"
        is_lit = row["in_sap"] == "done"
        if is_done != is_lit or (is_done and not row["named"]):
            words = (
                f"{row['reference']} is {row['state']} with SAP invoice {told(row['posted'])} "
                f"and its lamp says {row['in_sap']} with {told(row['doc_entry'])}."
            )
            yield Violation("lamp_differs", row["reference"], words)
