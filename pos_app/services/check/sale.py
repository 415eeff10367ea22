"""A sale is whole: header, lines, moves, journal and envelope are all there, or none is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, RowMapping, Table, func, literal, select

from pos_app.services import document
from pos_app.services.check.violation import Books, Violation, quantity
from pos_app.services.check.whole import Whole
from pos_app.store import fiscal, outbox, sale, setting, shift, stock, wire
from pos_app.store.schema import from_microseconds

LATER: Mapping[str, object] = {}
"""Columns that came after the first format, with the value that stands for "not said"."""


def whole(books: Books, found: Whole) -> Iterator[Violation]:
    """One sale with all its rows."""
    receipt = found.header["receipt"]
    named = f"{found.header['till']}-{found.header['number']:06d}"
    if receipt != named:
        words = f"{found.name} is number {found.header['number']} and should be called {named}."
        yield Violation("receipt_name", receipt, words)
    if not found.lines:
        yield Violation("sale_without_lines", receipt, f"{found.name} is stored without any line.")
    yield from _moved(found)
    if found.header["origin"] == "till" and books.is_till:
        yield from _left(found)


def _moved(found: Whole) -> Iterator[Violation]:
    """Each line moved what it sold: out, or back in."""
    sign = 1 if found.header["kind"] == "credit_note" else -1
    moved: defaultdict[int, int] = defaultdict(int)
    for move in found.moves:
        moved[move["line"]] += move["quantity"]
    for line in found.lines:
        sold, left = line["quantity"], moved.pop(line["line"], 0) * sign
        if abs(sold) != left and not (found.stays_out and not left):
            words = (
                f"{found.name} sold {quantity(sold)} of item {line['item']} on line "
                f"{line['line']} and moved {quantity(left)}."
            )
            yield Violation("line_not_moved", found.header["receipt"], words)
    for number, left in moved.items():
        words = f"{found.name} moved {quantity(left)} for line {number}, which it does not have."
        yield Violation("move_without_line", found.header["receipt"], words)


def _left(found: Whole) -> Iterator[Violation]:
    """What a till owes the fiscal device and the server for each sale."""
    receipt = found.header["receipt"]
    if found.header["is_fiscal"] and not found.journal:
        words = f"{found.name} has to be signed and is missing from the fiscal journal."
        yield Violation("sale_without_journal", receipt, words)
    if len(found.envelopes) != 1:
        words = f"{found.name} is in the outbox {len(found.envelopes)} times instead of once."
        yield Violation("sale_in_outbox", receipt, words)
        return
    envelope = found.envelopes[0]
    if document.content_hash(envelope["payload"]) != envelope["content_hash"]:
        words = f"The envelope of {receipt} does not have the hash it says it has."
        yield Violation("envelope_hash", receipt, words)
    difference = _difference(retold(found), json.loads(envelope["payload"]))
    if difference:
        words = f"{found.name} is stored otherwise than it was told to the server: {difference}."
        yield Violation("sale_retold", receipt, words)


def retold(found: Whole) -> dict[str, Any]:
    """The document of a sale, made anew from its rows, as its envelope carries it."""
    header = {name: _wire(name, value) for name, value in found.header.items()}
    header["is_gross"] = bool(header["is_gross"])
    header["is_fiscal"] = bool(header["is_fiscal"])
    header["taxes"] = found.taxes
    header = {name: value for name, value in header.items() if LATER.get(name, ...) != value}
    moved = ("document_kind", "document_id", "line", "item", "warehouse", "quantity", "batch")
    original = _entered(found)
    return {
        "format": document.FORMAT,
        "header": header,
        "lines": [_without_sale(row) for row in found.lines],
        "tenders": [_without_sale(row) for row in found.tenders],
        "change": [_without_sale(row) for row in found.change],
        "moves": [{name: row[name] for name in moved} for row in found.moves],
        **({"original": original} if original else {}),
    }


def _entered(found: Whole) -> dict[str, Any] | None:
    """What was entered of a receipt of another device or time, as the note tells it."""
    row = found.original
    if row is None or row["source"] != "entered":
        return None
    told = {name: _wire(name, value) for name, value in row.items()}
    return told | {name: json.loads(row[name]) for name in ("lines", "notes")}


def _without_sale(row: RowMapping) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if name != "sale_id" and LATER.get(name, ...) != value
    }


def _wire(name: str, value: Any) -> Any:
    if name in ("posted_at", "changed_at"):
        return from_microseconds(value).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _difference(ours: Any, theirs: Any, where: str = "") -> str:
    """The first place where two documents differ, with both values; empty when they are equal."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted({*ours, *theirs}):
            found = _difference(ours.get(name), theirs.get(name), f"{where}{name} ")
            if found:
                return found
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for at, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
            found = _difference(one, other, f"{where}{at} ")
            if found:
                return found
    elif ours != theirs:
        return f"{where}is {_short(ours)} here and {_short(theirs)} there"
    return ""


def _short(value: Any) -> str:
    return f"{len(value)} long" if isinstance(value, list) else repr(value)


def orphans(books: Books) -> Iterator[Violation]:
    """Rows of sales that do not exist."""
    moves, journal = wire.plain(stock.stock_moves), wire.plain(fiscal.fiscal_journal)
    sent, drawer = wire.plain(outbox.outbox), wire.plain(shift.shift_movements)
    kinds: list[tuple[str, Table, Column[Any], Any]] = [
        ("stock moves", moves, moves.c.document_id, moves.c.document_kind.in_(("sale", "return"))),
        ("a row in the fiscal journal", journal, journal.c.sale_id, literal(value=True)),
        ("an envelope", sent, sent.c.key, sent.c.kind.in_(("sale", "fiscal"))),
    ]
    if books.is_till:
        of_sales = drawer.c.kind.in_(("sale", "refund"))
        kinds.append(("drawer movements", drawer, drawer.c.document_id, of_sales))
    for what, table, owner, where in kinds:
        known = select(sale.sales.c.id).where(sale.sales.c.id == owner).exists()
        query = select(owner.label("owner")).select_from(table).where(where, ~known).distinct()
        for row in books.rows(query):
            words = f"Sale {row['owner']} has {what} and does not exist."
            yield Violation("part_without_sale", str(row["owner"]), words)


def numbers(books: Books) -> Iterator[Violation]:
    """Receipt numbers of this installation run from 1 without a gap up to its series.

    But for those that an earlier life gave, before the books were restored from a backup.
    """
    table, series = wire.plain(sale.sales), _series(books)
    name = f"receipt:{books.rules.till}"
    elsewhere = setting.forgotten(books.connection, name)
    skipped = sum(end - begin + 1 for begin, end in elsewhere)
    mine = table.c.till == books.rules.till
    query = select(func.count(), func.max(table.c.number)).where(mine)
    count, largest = books.connection.execute(query).one()
    last = series.get(name, 0)
    highest = max([largest or 0, *(end for _begin, end in elsewhere)])
    if highest != last:
        words = (
            f"The last receipt of till {books.rules.till} is number {largest or 0} "
            f"and its series stands at {last}."
        )
        yield Violation("series_differs", books.rules.till, words)
    if count + skipped != highest:
        yield from _gaps(books, elsewhere)


def _series(books: Books) -> Mapping[str, int]:
    rows = books.connection.execute(select(setting.series.c.name, setting.series.c.last))
    return {row.name: int(row.last) for row in rows}


def _gaps(books: Books, elsewhere: Iterable[tuple[int, int]]) -> Iterator[Violation]:
    behind = {begin: end + 1 for begin, end in elsewhere}
    table = wire.plain(sale.sales)
    query = select(table.c.number).where(table.c.till == books.rules.till).order_by(table.c.number)
    expected = 1
    for row in books.rows(query):
        while expected in behind and row["number"] != expected:
            expected = behind[expected]
        if row["number"] != expected:
            words = (
                f"Till {books.rules.till} has receipt number {row['number']} "
                f"where {expected} should follow."
            )
            yield Violation("receipt_gap", f"{books.rules.till}-{expected:06d}", words)
        expected = row["number"] + 1
