"""Lines of an open order that are asked for otherwise, within what was delivered of them.

A line goes no lower than what follows it has taken, a closed one stays as it is, and an order all
of whose lines are closed is closed (SAP Business One: open quantity of a row, `RDR1.OpenQty`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sync.sap.simulator.books import ZERO
from sync.sap.simulator.money import number
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.table import Row

TOTALS = ("GrossTotal", "GrossTotalFC", "LineTotal", "RowTotalFC")
CLOSED = "bost_Close"


def asked(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Lines as they were asked for, each with its number, for others to be put over them."""
    return [{"LineNum": place, **row} for place, row in enumerate(rows)]


def without_totals(rows: Sequence[Row], sent: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Lines of which another quantity is sent get their total from their price."""
    changed = {
        row.get("LineNum")
        for row in sent
        if "Quantity" in row and not any(name in row for name in TOTALS)
    }
    return [
        {name: value for name, value in row.items() if name not in TOTALS}
        if row["LineNum"] in changed
        else row
        for row in rows
    ]


def relined(old: Row, body: Sequence[Mapping[str, Any]], new: Sequence[Row]) -> Row:
    """What is open of lines as they are now, and whether anything of the order is.

    Args:
        old: the order before.
        body: its lines as they are asked for now.
        new: the same, composed.

    Raises:
        Refusal: a line would be below what was delivered of it, is closed, or would be gone.
    """
    before = {line["LineNum"]: line for line in old["DocumentLines"]}
    rows = []
    for place, (sent, line) in enumerate(zip(body, new, strict=True)):
        known = before.pop(sent.get("LineNum"), None)
        rows.append(_line(known, sent, line, place))
    if any(_taken(line) for line in before.values()):
        raise Refusal(-5006, "Row was delivered and cannot be removed  [DocumentLines]")
    is_over = all(row["LineStatus"] == CLOSED for row in rows)
    return {"DocumentLines": rows, "DocumentStatus": CLOSED if is_over else "bost_Open"}


def _line(known: Row | None, sent: Mapping[str, Any], line: Row, place: int) -> Row:
    quantity = number(line, "Quantity")
    taken = _taken(known) if known else ZERO
    was_closed = known is not None and known["LineStatus"] == CLOSED
    if was_closed and known is not None and quantity != number(known, "Quantity"):
        raise Refusal(-5006, f"Row is already closed  [DocumentLines][line: {place}]")
    if quantity < taken:
        text = "Quantity is less than the quantity delivered  [DocumentLines.Quantity]"
        raise Refusal(-5002, f"{text}[line: {place}]")
    left = quantity - taken
    is_closed = was_closed or not left or sent.get("LineStatus") == CLOSED
    return {
        **line,
        "RemainingOpenQuantity": left,
        "LineStatus": CLOSED if is_closed else "bost_Open",
    }


def _taken(line: Row) -> Any:
    return number(line, "Quantity") - number(line, "RemainingOpenQuantity")
