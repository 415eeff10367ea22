"""Documents that follow others: what a line takes over from its base, and what it leaves open.

A base line counts down what is still open of it; a document whose lines are all used up is
closed and can be nobody's base any more (SAP Service Layer user guide, production lesson L61).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.kind import BASES, INVOICES, PURCHASE_ORDERS, lines_of
from sync.sap.simulator.money import number
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.table import Row

TAKEN_OVER = (
    "ItemCode", "ItemDescription", "WarehouseCode", "FromWarehouseCode", "VatGroup", "UoMEntry",
    "CostingCode", "DistributionRule", "AccountCode",
)  # fmt: skip
PRICES = ("PriceAfterVAT", "GrossPrice", "UnitPrice", "Price", "GrossTotal", "LineTotal")
CLOSED = "One of the base documents has already been closed"


def take_over(books: Books, set_name: str, line: Mapping[str, Any], change: Change) -> Row:
    """A line with what it does not say itself taken from its base, as the request left that.

    Raises:
        Refusal: the base is unknown, closed, or of a kind this set cannot follow.
    """
    if line.get("BaseEntry") is None:
        return dict(line)
    base = _base_line(_base(books, change, set_name, line), line)
    taken = {name: base[name] for name in TAKEN_OVER if base.get(name) is not None}
    if "PriceAfterVAT" in base and not any(line.get(name) is not None for name in PRICES):
        taken["PriceAfterVAT"] = base["PriceAfterVAT"]
        if number(line, "Quantity") == number(base, "Quantity"):
            taken["GrossTotal"] = base.get("GrossTotalFC") or base.get("GrossTotal")
    return taken | {name: value for name, value in line.items() if value is not None}


def draw(
    books: Books, set_name: str, lines: Iterable[Row], change: Change, *, card: Any = None
) -> None:
    """Count the lines off their bases.

    Raises:
        Refusal: the base is closed, another partner's or item's, or has less left than the line
            wants.
    """
    for place, line in enumerate(lines):
        if line.get("BaseEntry") is None:
            continue
        base = _base(books, change, set_name, line)
        own = _base_line(base, line)
        if base.get("CardCode") != card:
            raise Refusal(-5002, "Base document belongs to another partner  [CardCode]")
        if own["ItemCode"] != line["ItemCode"]:
            raise Refusal(-5002, f"234103405 - Base document type mismatch  [line: {place}]")
        wanted = number(line, "Quantity")
        target = BASES[set_name][line["BaseType"]]
        may_exceed = target == PURCHASE_ORDERS and books.company.allow_over_receipt
        if wanted > number(own, "RemainingOpenQuantity") and not may_exceed:
            text = "Quantity exceeds the open quantity of the base document"
            raise Refusal(-5002, f"{text}  [DocumentLines.Quantity][line: {place}]")
        _replace(change, set_name, line, base, by=-wanted, is_drawn=True)


def give_back(books: Books, set_name: str, lines: Iterable[Row], change: Change) -> None:
    """What a cancelled document had taken is open again."""
    for line in lines:
        if line.get("BaseEntry") is not None:
            base = _known(books, change, set_name, line)
            if base is not None:
                wanted = number(line, "Quantity")
                _replace(change, set_name, line, base, by=wanted, is_drawn=False)


def _base(books: Books, change: Change, set_name: str, line: Mapping[str, Any]) -> Row:
    if line.get("BaseType") not in BASES.get(set_name, {}):
        raise Refusal(-5002, "234103405 - Base document type mismatch  [DocumentLines.BaseType]")
    base = _known(books, change, set_name, line)
    if base is None:
        raise no_match()
    if base["DocumentStatus"] == "bost_Close":
        raise Refusal(-10, CLOSED)
    return base


def _known(books: Books, change: Change, set_name: str, line: Mapping[str, Any]) -> Row | None:
    """The base as this request has left it so far."""
    target = BASES[set_name][line["BaseType"]]
    for name, row in reversed(change.put):
        if name == target and row.get("DocEntry") == line["BaseEntry"]:
            return row
    return books.row(target, line["BaseEntry"])


def _base_line(base: Row, line: Mapping[str, Any]) -> Row:
    rows = base.get("DocumentLines") or base.get("StockTransferLines") or ()
    for row in rows:
        if row["LineNum"] == (line.get("BaseLine") or 0):
            if row.get("LineStatus") == "bost_Close":
                raise Refusal(-10, CLOSED)
            return dict(row)
    raise no_match()


def _replace(
    change: Change, set_name: str, line: Row, base: Row, *, by: Decimal, is_drawn: bool
) -> None:
    target = BASES[set_name][line["BaseType"]]
    rows = [
        _moved(row, by, is_drawn) if row["LineNum"] == (line.get("BaseLine") or 0) else row
        for row in base[lines_of(target)]
    ]
    # An invoice closes when it is paid, whatever is left of its goods to come back.
    is_used_up = all(row["LineStatus"] == "bost_Close" for row in rows)
    status = base["DocumentStatus"]
    if target != INVOICES:
        status = "bost_Close" if is_used_up else "bost_Open"
    change.put.append((target, {**base, lines_of(target): rows, "DocumentStatus": status}))


def _moved(row: Row, by: Decimal, is_drawn: bool) -> Row:
    left = max(number(row, "RemainingOpenQuantity") + by, ZERO)
    # A service has no quantity to count down: it is taken whole.
    is_taken = left <= ZERO if number(row, "Quantity") else is_drawn
    status = "bost_Close" if is_taken else "bost_Open"
    return {**row, "RemainingOpenQuantity": left, "LineStatus": status}
