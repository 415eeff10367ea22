"""What must hold after a campaign: SAP's own ledger against the shop's books, key by key."""

from __future__ import annotations

from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from pos_app.domain.money import Money
from pos_app.services.check import invariants
from pos_app.services.posting import incident, view
from pos_app.services.shop import Shop
from pos_app.store.posting import posting_steps, postings

KEY = "U_Van_saleorder"
SETS = {
    "invoice": "Invoices",
    "credit_note": "CreditNotes",
    "payment": "IncomingPayments",
    "refund": "VendorPayments",
}
SUMMED = ("invoice", "credit_note")
NOT_FROM_TILLS = frozenset({"sale_not_accepted"})
"""The campaign makes its sales at the server itself."""


def found(shop: Shop, ledger: Mapping[str, Any]) -> list[str]:
    """Everything that does not hold; empty when each key is in SAP once and all sums agree."""
    return [*_unfinished(shop), *_keys(shop, ledger), *_totals(shop, ledger), *_books(shop)]


def _unfinished(shop: Shop) -> Iterator[str]:
    _total, rows = view.page(shop, limit=10**6)
    for row in rows:
        if not row.is_complete:
            yield f"{row.reference} is {row.state.value}: {row.reason or 'without a reason'}"
    yield from (f"an incident is left: {one.sentence}" for one in incident.found(shop))


def _keys(shop: Shop, ledger: Mapping[str, Any]) -> Iterator[str]:
    held = Counts((row["set"], key) for row in ledger["documents"] for key in _keys_of(row))
    with shop.store.read() as connection:
        steps = list(connection.execute(select(posting_steps)).mappings())
    for step in steps:
        times = held.pop((SETS.get(step["kind"], step["kind"]), step["key"]), 0)
        if times != 1:
            yield f"{step['kind']} {step['key']} is in SAP {times} times"
    yield from (f"SAP holds {key} and nobody asked for it" for key in held)


def _keys_of(row: Mapping[str, Any]) -> list[str]:
    name = KEY if row.get(KEY) else "Remarks"
    return [str(row[name])] if row.get(name) else []


def _totals(shop: Shop, ledger: Mapping[str, Any]) -> Iterator[str]:
    with shop.store.read() as connection:
        rows = list(connection.execute(select(postings)).mappings())
    asked: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["kind"] in SUMMED:
            money = Money(row["total"], row["currency"])
            asked[SETS[row["kind"]], row["currency"]] += abs(money.amount)
    booked: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in ledger["documents"]:
        if row["set"] in {SETS[kind] for kind in SUMMED}:
            is_foreign = row["DocCurrency"] == "ZiG"
            total = row["DocTotalFc" if is_foreign else "DocTotal"]
            booked[row["set"], "ZIG" if is_foreign else "USD"] += Decimal(total)
    for key in sorted(asked.keys() | booked.keys()):
        if asked[key] != booked[key]:
            yield f"{key[0]} in {key[1]}: our books say {asked[key]}, SAP {booked[key]}"


def _books(shop: Shop) -> Iterator[str]:
    for row in invariants.check(shop, is_server=True):
        if row.code not in NOT_FROM_TILLS:
            yield f"{row.code} {row.subject}: {row.sentence}"
