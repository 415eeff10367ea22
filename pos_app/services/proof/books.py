"""A day's documents in the built-in books of a shop without SAP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import RowMapping

from pos_app.domain.ledger import RECEIVABLE, REVENUE, VAT
from pos_app.domain.proof import Entry, Read, Side
from pos_app.services.proof import form, sap
from pos_app.services.proof.receipt import PAYMENT, Day
from pos_app.services.shop import Shop
from pos_app.store import ledger

WORD = form.BOOKS
SALES = ("invoice", "credit_note", "debit_note")
MONEY = (*SALES, PAYMENT, "refund")


def read(shop: Shop, day: Day) -> Read:
    """Every entry of the day, its figures taken from its lines."""
    with shop.store.read() as connection:
        rows = ledger.of_day(connection, day.day)
    ours = {entry.key: entry for entry in day.documents}
    by_document: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        if row["kind"] not in MONEY:
            continue  # `own_goods` compares those
        by_document[row["document_id"]].append(row)
    return Read(
        side=Side.SAP,
        word=WORD,
        entries=tuple(
            _entry(ours.get(key), found, day.day)
            for key, found in by_document.items()
            if day.till is None or key in ours
        ),
        waits=sap.waits(day),
        tills=day.tills,
        has_payments=True,
        folds={name: "" for name, word in sap.folds(shop.rules).items() if not word},
    )


def _entry(known: Entry | None, rows: Sequence[RowMapping], day: date) -> Entry:
    first = rows[0]
    documents = [row for row in rows if row["kind"] in SALES] or list(rows)
    owed = [row for row in documents if row["account"] == RECEIVABLE.code]
    sign = -1 if first["kind"] == PAYMENT else 1
    currency = next((row["currency"] for row in owed), known.currency if known else "")
    is_payment = first["kind"] == PAYMENT
    return Entry(
        key=first["document_id"],
        reference=first["reference"],
        name=f"{first['kind'].replace('_', ' ')} {first['number']} of the books",
        kind=first["kind"],
        till=known.till if known else first["reference"].partition("-")[0],
        currency=currency,
        total=_sum(owed) * sign,
        vat=None if is_payment else -_sum(row for row in documents if row["account"] == VAT.code),
        taxes=None if is_payment else _tagged(documents, {VAT.code, REVENUE.code}, sign=-1),
        tenders=None if is_payment else _tenders(rows),
        facts={"customer": first["partner"], "day": day.isoformat()},
    )


def _tenders(rows: Iterable[RowMapping]) -> dict[str, int]:
    made: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if row["kind"] not in SALES and row["tag"]:
            made[row["tag"]] += row["debit"] - row["credit"]
    return dict(made)


def _tagged(rows: Iterable[RowMapping], accounts: set[str], *, sign: int) -> dict[str, int]:
    made: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if row["account"] in accounts:
            made[row["tag"]] += (row["debit"] - row["credit"]) * sign
    return dict(made)


def _sum(rows: Iterable[RowMapping]) -> int:
    return sum(row["debit"] - row["credit"] for row in rows)
