"""What must hold of a till and its fiscal device, whatever has happened to either."""

from __future__ import annotations

import re
from collections import Counter as Counts
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from fiscal.simulator.proof import violations
from pos_app.domain.fiscal import UNSETTLED, FiscalState
from pos_app.domain.money import Money
from pos_app.services import fiscal_day
from pos_app.services.check.invariants import check
from pos_app.store import fiscal as journal
from pos_app.store.sale import sales
from tests import shops
from tests.counter import Counter

MANAGER = shops.actor("manager")
_REFERENCE = re.compile(r"reference No: (\S+)")


def found(till: Counter) -> list[str]:
    """Everything that does not hold at this moment; a receipt may wait if it says why.

    On the device: one receipt per number, numbers and counters without a gap, the chain, the
    counters recomputed, the balance equal to the sales, the authority's books. Between the two:
    what is called filed is filed so, what is filed is never called refused, what waits says why and
    since when, and an original on paper has its one record.
    """
    ledger = till.box.ledger()
    filed = {row["number"]: row for row in ledger["receipts"]}
    rows = _rows(till)
    return [
        *violations(ledger),
        *(words for row in rows for words in _row(row, filed)),
        *(f"{number}: filed, and nobody sold it" for number in _strangers(filed, rows)),
        *_originals(till, rows),
        *(f"{row.code} {row.subject}: {row.sentence}" for row in check(till.shop)),
    ]


def unfinished(till: Counter) -> list[str]:
    """What is left at the end of a good day: receipts not filed, days that do not add up."""
    rows = _rows(till)
    states = Counts(row["state"] for row in rows if row["state"] != FiscalState.FISCALISED)
    return [f"{count} receipts are {state}" for state, count in states.items()] + list(_days(till))


def _rows(till: Counter) -> list[dict[str, Any]]:
    """Every sale with its row in the fiscal journal."""
    table = journal.fiscal_journal
    joined = sales.outerjoin(table, table.c.sale_id == sales.c.id)
    facts = (table, sales.c.receipt, sales.c.total, sales.c.currency)
    with till.shop.store.read() as connection:
        query = select(*facts).select_from(joined).order_by(sales.c.id)
        return [dict(row) for row in connection.execute(query).mappings()]


def _row(row: dict[str, Any], filed: dict[str, Any]) -> Iterator[str]:
    name, state, there = row["receipt"], row["state"], filed.get(row["receipt"])
    if there is not None and Decimal(there["total"]) != Money(row["total"], row["currency"]).amount:
        yield f"{name}: filed over {there['total']} and not over {row['total']}"
    if state == FiscalState.FISCALISED:
        if there is None:
            yield f"{name}: called filed, and the device has nothing"
        elif (row["qr"], row["receipt_global_no"]) != (there["qr"], there["receipt_global_no"]):
            yield f"{name}: its record is not the device's"
    elif state == FiscalState.REFUSED and there is not None:
        yield f"{name}: called refused, and the device has it"
    elif state is None:
        yield f"{name}: sold and not in the fiscal journal"
    if state in UNSETTLED | {FiscalState.REFUSED, FiscalState.DISPUTED}:
        if row["intended_at"] is None:
            yield f"{name}: it is {state}, nobody knows since when"
        if state not in {FiscalState.INTENT, FiscalState.SENT} and not row["reason"]:
            yield f"{name}: it is {state} and does not say why"


def _strangers(filed: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    return sorted(filed.keys() - {row["receipt"] for row in rows})


def _originals(till: Counter, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Each paper that does not say COPY is the only one of a receipt that has its record."""
    papers = [row["text"] for row in till.machine.ledger()["receipts"] if row["cut"]]
    named = (_REFERENCE.search(text) for text in papers if "COPY" not in text)
    codes = {row["receipt"]: row["verification_code"] for row in rows if row["qr"]}
    for number, count in Counts(name.group(1) for name in named if name).items():
        if count > 1:
            yield f"{number}: came out {count} times without the word COPY"
        if number not in codes:
            yield f"{number}: on paper without a fiscal record"


def _days(till: Counter) -> Iterator[str]:
    known = {day.fiscal_day: day for day in fiscal_day.history(till.shop, MANAGER, limit=1000)}
    for row in till.box.ledger()["days"]:
        day = known.get(row["number"])
        if day is None:
            yield f"day {row['number']}: not in the books of the till"
        elif (row["status"] == "FiscalDayClosed") != (day.closed_at is not None):
            yield f"day {row['number']}: {row['status']}, and booked otherwise"
        elif day.is_foreign or day.found:
            yield f"day {row['number']}: said to have been moved by others"
        else:
            yield from (f"day {row['number']}: {part.sentence}" for part in day.differences)
