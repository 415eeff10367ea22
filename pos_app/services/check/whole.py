"""Every sale with all that belongs to it, read back as it is kept, in chunks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, RowMapping, Table, select

from pos_app.services.check.violation import Books
from pos_app.store import (
    credit_note,
    fiscal,
    intake,
    original,
    outbox,
    posting,
    sale,
    stock,
    wire,
)

CHUNK = 500

_SALES = wire.plain(sale.sales)
_LINES = wire.plain(sale.sale_lines)
_TENDERS = wire.plain(sale.sale_tenders)
_CHANGE = wire.plain(sale.sale_change)
_STATUS = wire.plain(sale.sale_status)
_MOVES = wire.plain(stock.stock_moves)
_JOURNAL = wire.plain(fiscal.fiscal_journal)
_OUTBOX = wire.plain(outbox.outbox)
_INTAKE = wire.plain(intake.intake)
_ORIGINALS = wire.plain(original.originals)
_NOTES = wire.plain(credit_note.credit_notes)
_POSTINGS = wire.plain(posting.postings)

Rows = Sequence[RowMapping]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A sale and every row that speaks of it; numbers are whole minor, micro and microseconds.

    Attributes:
        envelopes: what left for the server, on a till.
        accepted: what came from its till, on a server.
        original: of a note, the receipt of another till, device or time it corrects.
        stays_out: of a note of the back office, whether its goods do not come back into stock.
    """

    header: RowMapping
    lines: Rows
    tenders: Rows
    change: Rows
    moves: Rows
    journal: Rows
    envelopes: Rows
    accepted: Rows
    postings: Rows
    status: Rows
    original: RowMapping | None = None
    stays_out: bool = False

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"Receipt {self.header['receipt']}"

    @property
    def is_from_program(self) -> bool:
        """Whether it was invoiced over the API, to be paid later."""
        return bool(self.header["origin"] == "api")

    @property
    def taxes(self) -> list[dict[str, Any]]:
        """Its tax groups as they were stored."""
        found: list[dict[str, Any]] = json.loads(self.header["taxes"])
        return found


def walk(books: Books) -> Iterator[Whole]:
    """Every sale with its rows, a chunk at a time."""
    last = ""
    while True:
        query = select(_SALES).where(_SALES.c.id > last).order_by(_SALES.c.id).limit(CHUNK)
        headers = list(books.connection.execute(query).mappings())
        if not headers:
            return
        yield from _with_rows(books, headers)
        last = headers[-1]["id"]


def _with_rows(books: Books, headers: Rows) -> Iterator[Whole]:
    ids = [header["id"] for header in headers]
    lines = _of(books, _LINES, _LINES.c.sale_id, ids, order=_LINES.c.line)
    tenders = _of(books, _TENDERS, _TENDERS.c.sale_id, ids, order=_TENDERS.c.line)
    change = _of(books, _CHANGE, _CHANGE.c.sale_id, ids, order=_CHANGE.c.currency)
    moves = _of(books, _MOVES, _MOVES.c.document_id, ids, order=_MOVES.c.seq)
    journal = _of(books, _JOURNAL, _JOURNAL.c.sale_id, ids, order=_JOURNAL.c.seq)
    sent = _of(books, _OUTBOX, _OUTBOX.c.key, ids, order=_OUTBOX.c.seq)
    came = _of(books, _INTAKE, _INTAKE.c.key, ids, order=_INTAKE.c.upstream_seq)
    queued = _of(books, _POSTINGS, _POSTINGS.c.document_id, ids, order=_POSTINGS.c.queue_id)
    status = _of(books, _STATUS, _STATUS.c.sale_id, ids, order=_STATUS.c.sale_id)
    named = [header["original_id"] for header in headers if header["original_id"]]
    originals = _of(books, _ORIGINALS, _ORIGINALS.c.id, named, order=_ORIGINALS.c.id)
    notes = _of(books, _NOTES, _NOTES.c.id, ids, order=_NOTES.c.id)
    for header in headers:
        key = header["id"]
        yield Whole(
            header=header,
            lines=lines[key],
            tenders=tenders[key],
            change=change[key],
            moves=moves[key],
            journal=journal[key],
            envelopes=[row for row in sent[key] if row["kind"] == "sale"],
            accepted=[row for row in came[key] if row["kind"] == "sale"],
            postings=queued[key],
            status=status[key],
            original=next(iter(originals[header["original_id"] or ""]), None),
            stays_out=any(not row["is_restocked"] for row in notes[key]),
        )


def _of(
    books: Books, table: Table, owner: Column[Any], ids: Sequence[str], *, order: Column[Any]
) -> Mapping[str, list[RowMapping]]:
    found: defaultdict[str, list[RowMapping]] = defaultdict(list)
    query = select(table).where(owner.in_(ids)).order_by(order)
    for row in books.connection.execute(query).mappings():
        found[row[owner.name]].append(row)
    return found
