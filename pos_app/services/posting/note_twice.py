"""SAP is credited for a receipt what it came to and no more: the note that comes second waits.

Two places that did not know of each other may both give back, and both notes are filed. Which of
them was right only people know; until they have said so, SAP gets the one that was planned first
(docs/decisions/0045-credited-twice.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.note import NoteKind
from pos_app.domain.posting import FINAL, PostingState
from pos_app.errors import RuleBroken
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import original as originals
from pos_app.store import posting, posting_claim
from pos_app.store import sale as sales


class CreditedTwice(RuleBroken):
    """With another note before it, a note would credit more of a receipt than was sold."""

    code = "credited_twice"

    def __init__(self, note: str, receipt: str, others: Iterable[str]) -> None:
        before = " and ".join(sorted(others))
        super().__init__(
            f"{note} and {before} credit more than receipt {receipt} came to, and SAP gets "
            f"{before} alone: find out what was really given back. If both were, enter {note} in "
            "SAP by hand and tell its number; else debit it, take it out of the queue and say why.",
            note=note,
            receipt=receipt,
        )


def check(shop: Shop, connection: Connection, row: RowMapping) -> None:
    """Let a credit note go that has not begun its way, unless others have credited the same.

    To be asked in the transaction that writes its steps down: of two at once the second waits for
    the first and sees it.

    Raises:
        CreditedTwice: they have.
    """
    del shop
    note = sales.by_id(connection, row["document_id"])
    if note is None or posting_claim.steps_of(connection, row["queue_id"]):
        return
    original = note["original_id"]
    invoices.held(connection, original)
    entered = originals.held(connection, original)
    sold = entered if entered is not None else sales.by_id(connection, original)
    if sold is None:
        return
    others: list[Mapping[str, Any]] = [
        dict(one)
        for one in sales.notes_of(connection, original)
        if one["id"] != note["id"] and _counts(connection, one)
    ]
    credited = -note["total"] - sum(one["total"] for one in others)
    if credited > sold["total"] or _is_line_over(connection, note, others):
        name = sold["number"] if entered is not None else sold["receipt"]
        names = [one["receipt"] for one in others if one["kind"] == NoteKind.CREDIT.value]
        if names:
            raise CreditedTwice(note["receipt"], name, names)


def _counts(connection: Connection, note: RowMapping) -> bool:
    """Whether SAP has a note, or gets it before this one.

    A debit note is entered there by hand and then taken out of the queue; a credit note that was
    taken out is one SAP never gets.
    """
    queued = posting.by_key(connection, note["id"])
    if queued is None:
        return False
    state = PostingState(queued["state"])
    if note["kind"] != NoteKind.CREDIT.value:
        return state in FINAL
    if state is PostingState.CANCELLED:
        return False
    return bool(posting_claim.steps_of(connection, queued["queue_id"]))


def _is_line_over(
    connection: Connection, note: Mapping[str, Any], others: Iterable[Mapping[str, Any]]
) -> bool:
    """Whether of any line of a receipt of ours more would be credited than it came to."""
    left = {line["line"]: line["gross"] for line in sales.lines_of(connection, note["original_id"])}
    if not left:
        return False
    counted = {note["id"], *(one["id"] for one in others)}
    back: defaultdict[int, int] = defaultdict(int)
    for line in sales.note_lines_of(connection, note["original_id"]):
        if line["sale_id"] in counted:
            back[line["original_line"]] -= line["gross"]
    return any(amount > left.get(number, 0) for number, amount in back.items())
