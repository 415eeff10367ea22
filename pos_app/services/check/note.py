"""Notes stand on their originals: no more back than was sold, no more credited than was filed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from pos_app.services.check.violation import Books, Violation, money, quantity
from pos_app.services.check.whole import Whole
from pos_app.store import intake, original, sale, wire

_SALES = wire.plain(sale.sales)
_LINES = wire.plain(sale.sale_lines)
_ORIGINALS = wire.plain(original.originals)
_INTAKE = wire.plain(intake.intake)

FLAGS = {"balance_exceeded": "credited_too_much", "returned_too_much": "returned_too_much"}
"""Violations a server has named itself when it took a note that was made all the same."""

NAMED_FOR = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class _Original:
    """A receipt that notes were made of, in whole minor and micro units."""

    name: str
    currency: str
    total: int
    quantities: Mapping[int, int]
    grosses: Mapping[int, int]
    percents: frozenset[int | None]


def of_note(found: Whole) -> Iterator[Violation]:
    """A note says why and of what it is; an invoice is of nothing."""
    receipt, is_note = found.header["receipt"], found.header["kind"] != "invoice"
    if is_note != bool(found.header["original_id"]):
        words = f"{found.name} is a {found.header['kind']} and names {_named(found)} original."
        yield Violation("note_without_original", receipt, words)
    if is_note and not found.header["notes"].strip():
        words = f"{found.name} is a {found.header['kind']} without a reason."
        yield Violation("note_without_reason", receipt, words)


def _named(found: Whole) -> str:
    return "an" if found.header["original_id"] else "no"


def balanced(books: Books) -> Iterator[Violation]:
    """Every receipt that notes were made of, against all of its notes."""
    query = select(_SALES.c.original_id).where(_SALES.c.original_id.is_not(None)).distinct()
    for original_id in [row.original_id for row in books.connection.execute(query)]:
        known = _original(books, original_id)
        notes = _notes(books, original_id)
        if known is None:
            words = f"Note {notes[0]['receipt']} corrects receipt {original_id}, which is not here."
            yield Violation("original_missing", notes[0]["receipt"], words)
            continue
        for violation in _of_original(books, original_id, known, notes):
            said = _flagged(books, violation, notes)
            if said is None:
                yield violation
            elif said:
                yield Violation(violation.code, violation.subject, said)


def _of_original(
    books: Books, original_id: str, known: _Original, notes: Sequence[Mapping[str, Any]]
) -> Iterator[Violation]:
    others = sorted({note["currency"] for note in notes} - {known.currency})
    for currency in others:
        words = f"Receipt {known.name} is in {known.currency} and has a note in {currency}."
        yield Violation("note_in_other_currency", known.name, words)
    credited = -sum(note["total"] for note in notes)
    if credited > known.total:
        words = (
            f"Receipt {known.name} was filed with {money(known.total, known.currency)} "
            f"and {money(credited, known.currency)} were credited."
        )
        yield Violation("balance_exceeded", known.name, words)
    back: defaultdict[int, int] = defaultdict(int)
    paid: defaultdict[int, int] = defaultdict(int)
    for line in _lines(books, original_id):
        back[line["original_line"]] -= line["quantity"]
        paid[line["original_line"]] -= line["gross"]
        if line["tax_percent"] not in known.percents:
            words = f"Receipt {known.name} has a note with a tax it does not have itself."
            yield Violation("note_with_other_tax", known.name, words)
    for number in sorted(back):
        yield from _line(known, number, back=back[number], paid=paid[number])


def _line(known: _Original, number: int, *, back: int, paid: int) -> Iterator[Violation]:
    sold, gross = known.quantities.get(number), known.grosses.get(number, 0)
    if sold is None:
        words = f"Receipt {known.name} has a note of its line {number}, which it does not have."
        yield Violation("note_line_unknown", known.name, words)
        return
    if back > sold:
        words = (
            f"Receipt {known.name} sold {quantity(sold)} on line {number} "
            f"and {quantity(back)} came back."
        )
        yield Violation("returned_too_much", known.name, words)
    if paid > gross:
        words = (
            f"Receipt {known.name} has {money(gross, known.currency)} on line {number} "
            f"and {money(paid, known.currency)} were credited."
        )
        yield Violation("credited_too_much", known.name, words)
    if back == sold and paid < gross and sold:
        words = (
            f"All of line {number} of receipt {known.name} came back and only "
            f"{money(paid, known.currency)} of {money(gross, known.currency)} were credited."
        )
        yield Violation("credited_too_little", known.name, words)


def _flagged(books: Books, violation: Violation, notes: Sequence[Mapping[str, Any]]) -> str | None:
    """What the server said when it took one of the notes: two tills did not know of each other.

    Both notes are filed and stay: for a month it is named with what to do, then it is over.

    Returns:
        None where it said nothing; empty where that is long ago.
    """
    if not books.is_server:
        return None
    codes = {violation.code, FLAGS.get(violation.code, violation.code)}
    keys = [note["id"] for note in notes]
    query = select(_INTAKE.c.flags, _INTAKE.c.accepted_at).where(_INTAKE.c.key.in_(keys))
    for row in books.connection.execute(query.order_by(_INTAKE.c.upstream_seq.desc())):
        for flag in json.loads(row.flags):
            if flag["code"] in codes:
                return str(flag["sentence"]) if row.accepted_at > books.before(NAMED_FOR) else ""
    return None


def _original(books: Books, original_id: str) -> _Original | None:
    row = next(iter(_all(books, select(_SALES).where(_SALES.c.id == original_id))), None)
    if row is not None:
        lines = _all(books, select(_LINES).where(_LINES.c.sale_id == original_id))
        return _made(row["receipt"], row, lines)
    row = next(iter(_all(books, select(_ORIGINALS).where(_ORIGINALS.c.id == original_id))), None)
    return None if row is None else _made(row["number"], row, json.loads(row["lines"]))


def _made(name: str, row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> _Original:
    return _Original(
        name=name,
        currency=row["currency"],
        total=row["total"],
        quantities={line["line"]: line["quantity"] for line in lines},
        grosses={line["line"]: line["gross"] for line in lines},
        percents=frozenset(line["tax_percent"] for line in lines),
    )


def _notes(books: Books, original_id: str) -> Sequence[Mapping[str, Any]]:
    query = select(_SALES).where(_SALES.c.original_id == original_id).order_by(_SALES.c.id)
    return _all(books, query)


def _lines(books: Books, original_id: str) -> Sequence[Mapping[str, Any]]:
    query = (
        select(_LINES)
        .join(_SALES, _SALES.c.id == _LINES.c.sale_id)
        .where(_SALES.c.original_id == original_id)
    )
    return _all(books, query)


def _all(books: Books, query: Select[*tuple[Any, ...]]) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in books.connection.execute(query).mappings()]
