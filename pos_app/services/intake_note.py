"""A credit or debit note of a till against its original, on the server: checked, never undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money
from pos_app.domain.quantity import from_micro
from pos_app.services.received import Refusal, flag
from pos_app.store import original as originals
from pos_app.store import sale as sales
from sync.envelope import Outcome

CREDITED, RETURNED = "credited_too_much", "returned_too_much"
TWICE = frozenset({CREDITED, RETURNED})
"""Flags of a note that gives back what another one gave back already."""

ADVICE = (
    "ask at both tills what was really given back, count the goods, and sell anew, or debit, what "
    "was credited once too often. Both notes are filed; SAP gets one, and the other one waits on "
    "its way there until somebody has looked."
)


def check(
    connection: Connection,
    header: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    *,
    entered: Mapping[str, Any] | None,
) -> None:
    """Check that a note names what it corrects, and that this is here.

    Raises:
        Refusal: a note without an original, an invoice with one, a line that corrects no line, an
            original of another currency, or one that has not arrived yet.
    """
    is_note = header["kind"] != "invoice"
    names = {header["original_id"] is not None}
    names |= {line["original_line"] is not None for line in lines}
    if names != {is_note}:
        words = f"Receipt {header['receipt']} is a note without its original, or none with one."
        raise Refusal(Outcome.REFUSED, "original_wrong", words)
    if not is_note:
        return
    original = entered or _known(connection, header["original_id"])
    if original is None:
        words = "The receipt it corrects has not arrived yet."
        raise Refusal(Outcome.LATER, "original_missing", words)
    if original["id"] != header["original_id"] or original["currency"] != header["currency"]:
        words = f"Receipt {header['receipt']} corrects a receipt of another currency or identity."
        raise Refusal(Outcome.REFUSED, "original_wrong", words)


def _known(connection: Connection, original_id: str) -> Mapping[str, Any] | None:
    sale = sales.by_id(connection, original_id)
    if sale is not None:
        return sale
    entered = originals.by_id(connection, original_id)
    return None if entered is None else dict(entered)


def flags(connection: Connection, header: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """More credited than was sold, as two tills that did not know of each other may have done."""
    original_id = header["original_id"]
    if original_id is None:
        return
    original = _known(connection, original_id)
    if original is None:
        return
    name = original.get("receipt") or original["number"]
    notes = sales.notes_of(connection, original_id)
    told = " and ".join(sorted(row["receipt"] for row in notes))
    over = -(original["total"] + sum(row["total"] for row in notes))
    if over > 0:
        money = Money(over, original["currency"])
        words = f"Together {told} credit {money.label} more than receipt {name} came to: {ADVICE}"
        yield flag(CREDITED, words)
    for number, left in sorted(_left(connection, original, original_id).items()):
        if left < 0:
            words = (
                f"By {told} {-left:f} more came back than were sold on line {number} of receipt "
                f"{name}: {ADVICE}"
            )
            yield flag(RETURNED, words)


def _left(connection: Connection, original: Mapping[str, Any], original_id: str) -> dict[int, Any]:
    """Quantities per line of the original that are still with the customer."""
    told = original.get("lines")
    lines = sales.lines_of(connection, original_id) if told is None else told
    left = {line["line"]: _quantity(line["quantity"], is_told=told is not None) for line in lines}
    for row in sales.note_lines_of(connection, original_id):
        left[row["original_line"]] = left.get(row["original_line"], 0) + row["quantity"]
    return left


def _quantity(value: Any, *, is_told: bool) -> Any:
    return from_micro(value) if is_told else value
