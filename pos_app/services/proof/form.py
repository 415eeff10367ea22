"""A proof as JSON data and as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pos_app.domain.money import Money
from pos_app.domain.plain import plain
from pos_app.domain.proof import Difference, Proof, Side, Sum

WORDS = {
    Side.RECEIPTS: "Receipts",
    Side.FISCAL: "Fiscal",
    Side.SERVER: "Server",
    Side.SAP: "SAP",
}
BOOKS, GOODS = "the books", "goods"
NOT_TOLD, UNREAD = "-", "?"
NAME_WIDTH, CELL_WIDTH = 26, 14


def as_data(proof: Proof) -> dict[str, Any]:
    """The proof as JSON data; amounts are decimal strings, a figure that is not told is null."""
    return {
        "date": proof.day.isoformat(),
        "at": proof.at.isoformat(),
        "equal": proof.is_equal,
        "sides": {
            read.side.value: {
                "name": read.word,
                "read": not read.problem,
                "problem": read.problem,
                "documents": None if read.problem else len(read.entries),
            }
            for read in proof.sides
        },
        "figures": [_row(row, proof) for row in proof.sums],
        "differences": [_difference(row, proof.at) for row in proof.differences],
    }


def _row(row: Sum, proof: Proof) -> dict[str, Any]:
    values = {read.side.value: _value(row, read.side) for read in proof.sides}
    shared = {"till": row.till, "currency": row.currency, "figure": row.name}
    return shared | values | {"equal": not row.differs}


def _value(row: Sum, side: Side) -> str | int | None:
    value = row.values.get(side)
    if value is None or row.is_count:
        return value
    return str(Money(value, row.currency))


def _difference(row: Difference, at: datetime) -> dict[str, Any]:
    return {
        "code": row.code,
        "side": row.side.value,
        "receipt": row.reference,
        "kind": row.kind,
        "till": row.till,
        "document": row.name,
        "figures": [
            {
                "figure": figure.name,
                "expected": figure.expected,
                "found": figure.found,
                "by": None if figure.by is None else str(figure.by),
                "currency": None if figure.by is None else figure.by.currency,
            }
            for figure in row.figures
        ],
        "state": row.state,
        "reason": row.reason,
        "age_seconds": age_of(row, at),
        "message": row.sentence,
    }


def age_of(row: Difference, at: datetime) -> int | None:
    """Seconds since the document is on its way; None for what is final."""
    return None if row.since is None else max(int((at - row.since).total_seconds()), 0)


def age_words(seconds: int | None) -> str:
    """An age in its largest unit; empty for None."""
    if seconds is None:
        return ""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def as_text(proof: Proof) -> str:
    """The proof for people: differences first, then the figures side by side."""
    return "\n".join(map(plain, [*_head(proof), "", *_figures(proof)]))


def verdict(proof: Proof) -> str:
    """The result in one sentence."""
    unread = ", ".join(read.word for read in proof.unread)
    if unread:
        return f"Not proven: {unread} could not be read."
    count = len(proof.differences)
    if count:
        return f"{count} difference{'' if count == 1 else 's'}."
    return "All sides say the same."


def _head(proof: Proof) -> Iterator[str]:
    yield f"Daily proof of {proof.day.isoformat()}: {verdict(proof)}"
    for read in proof.unread:
        yield f"  {read.word} could not be read: {read.problem}"
    for row in proof.differences:
        age = age_words(age_of(row, proof.at))
        yield f"  {row.code:<16} {row.sentence}{f' (for {age})' if age else ''}"


def _figures(proof: Proof) -> Iterator[str]:
    sides = [read.side for read in proof.sides]
    at: tuple[str, str] | None = None
    for row in proof.sums:
        if (row.till, row.currency) != at:
            at = (row.till, row.currency)
            heads = "".join(f"{head(proof, side):>{CELL_WIDTH}}" for side in sides)
            yield f"{f'Till {row.till}, {row.currency or GOODS}':<{NAME_WIDTH}}{heads}"
        told = "".join(f"{cell(row, side, proof):>{CELL_WIDTH}}" for side in sides)
        yield f"  {row.name:<{NAME_WIDTH - 2}}{told}{'  *' if row.differs else ''}"


def head(proof: Proof, side: Side) -> str:
    """The name of a column; the books of a shop without SAP are called so."""
    is_own = any(read.side is side and read.word == BOOKS for read in proof.sides)
    return "Books" if is_own else WORDS[side]


def cell(row: Sum, side: Side, proof: Proof) -> str:
    """A figure of a side: a dash where it does not tell, a question mark where it was not read."""
    if any(read.side is side for read in proof.unread):
        return UNREAD
    value = _value(row, side)
    return NOT_TOLD if value is None else str(value)
