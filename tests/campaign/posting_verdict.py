"""What must hold after a campaign: SAP's own ledger against the shop's books, key by key."""

from __future__ import annotations

from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Table, select

from pos_app.domain.money import Money, half_up
from pos_app.services.check import invariants
from pos_app.services.posting import incident
from pos_app.services.posting.consolidation import PART
from pos_app.services.shop import Shop
from pos_app.store.consolidation import consolidation_members, consolidations
from pos_app.store.posting import posting_steps, postings
from pos_app.store.stock import Place, stock
from pos_app.store.trade import trade_lines
from sync.sap.goods_documents import ASIDE

KEY = "U_Van_saleorder"
SETS = {
    "invoice": "Invoices",
    "credit_note": "CreditNotes",
    "payment": "IncomingPayments",
    "refund": "VendorPayments",
    "quotation": "Quotations",
    "sales_order": "Orders",
    "purchase_order": "PurchaseOrders",
    "purchase_receipt": "PurchaseDeliveryNotes",
    "transfer_request": "InventoryTransferRequests",
    "transfer": "StockTransfers",
    "count": "InventoryCountings",
    "count_posting": "InventoryPostings",
    "goods_issue": "InventoryGenExits",
    "goods_receipt": "InventoryGenEntries",
}
ENDS = frozenset({"trade_end", "purchase_end", "transfer_request_close"})
"""Steps that end a document instead of making one."""

OPEN = "trade_open"
"""A step that brings an order to what is open of it instead of making a document."""

CENTS = {"PurchaseOrders": Decimal("0.02")}
"""How far SAP may be from the books in one document: it rounds the tax of each line."""

SUMMED = ("invoice", "credit_note", "quotation", "sales_order", "purchase_order")
GIVEN_UP = ENDS | {OPEN, "quotation", "sales_order", "purchase_order", "transfer_request"}
"""What may be taken out of the queue again, because nothing is to come of it any more."""

NOT_FROM_TILLS = frozenset({"sale_not_accepted"})
"""The campaign makes its sales at the server itself."""


def found(
    shop: Shop, ledger: Mapping[str, Any], ahead: Mapping[Place, Decimal] | None = None
) -> list[str]:
    """Everything that does not hold; empty when each key is in SAP once and all sums agree.

    Args:
        shop: the books.
        ledger: what SAP has truly booked.
        ahead: how much more the shop had of each item than SAP before the first document.
    """
    rows = _rows(shop, postings)
    steps = [step for step in _rows(shop, posting_steps) if step["queue_id"] not in _taken(rows)]
    return [
        *_unfinished(shop, rows),
        *_keys(steps, ledger),
        *_ended(steps, ledger),
        *_lists(shop, rows, ledger),
        *_open(shop, rows, steps, ledger),
        *_totals(rows, ledger, _lowered(shop, rows, steps)),
        *_goods(shop, ledger, ahead),
        *_books(shop),
    ]


def ahead_of_sap(shop: Shop, ledger: Mapping[str, Any]) -> dict[Place, Decimal]:
    """How much more the shop's books have of each item in each warehouse than SAP's."""
    in_sap = {(row["item"], row["warehouse"]): Decimal(row["quantity"]) for row in ledger["stock"]}
    ours = {(row["item"], row["warehouse"]): row["on_hand"] for row in _rows(shop, stock)}
    places = ours.keys() | in_sap.keys()
    nothing = Decimal(0)
    return {at: ours.get(at, nothing) - in_sap.get(at, nothing) for at in places}


def _rows(shop: Shop, table: Table) -> list[RowMapping]:
    with shop.store.read() as connection:
        return list(connection.execute(select(table)).mappings())


def _taken(rows: Iterable[RowMapping]) -> set[int]:
    return {
        row["queue_id"] for row in rows if row["state"] == "Cancelled" and row["kind"] in GIVEN_UP
    }


def _unfinished(shop: Shop, rows: Iterable[RowMapping]) -> Iterator[str]:
    taken = _taken(rows)
    for row in rows:
        if row["state"] != "Completed" and row["queue_id"] not in taken:
            yield f"{row['reference']} is {row['state']}: {row['reason'] or 'without a reason'}"
    yield from (f"an incident is left: {one.sentence}" for one in incident.found(shop))


def _keys(steps: Iterable[RowMapping], ledger: Mapping[str, Any]) -> Iterator[str]:
    held = Counts((row["set"], key) for row in ledger["documents"] for key in _keys_of(row))
    for step in steps:
        if step["kind"] not in ENDS | {OPEN, PART}:
            times = held.pop((SETS.get(step["kind"], step["kind"]), step["key"]), 0)
            if times != 1:
                yield f"{step['kind']} {step['key']} is in SAP {times} times"
    yield from (f"SAP holds {key} and nobody asked for it" for key in held)


def _ended(steps: Iterable[RowMapping], ledger: Mapping[str, Any]) -> Iterator[str]:
    held = {key: row for row in ledger["documents"] for key in _keys_of(row)}
    for step in steps:
        if step["kind"] in ENDS:
            row = held.get(step["key"].rpartition(":")[0], {})
            if row.get("Cancelled") != "tYES" and row.get("DocumentStatus") != "bost_Close":
                yield f"SAP still expects something of {step['key']}"


def _lists(shop: Shop, rows: Iterable[RowMapping], ledger: Mapping[str, Any]) -> Iterator[str]:
    """Each receipt of a list is whole in lists and nowhere else; each list is what SAP holds."""
    members, made = _rows(shop, consolidation_members), _rows(shop, consolidations)
    held = {key: row for row in ledger["documents"] for key in _keys_of(row)}
    own = {row["document_id"]: row["total"] for row in rows if row["kind"] == "invoice"}
    inside, brought = Counts[str](), Counts[str]()
    for member in members:
        inside[member["sale_id"]] += member["gross"]
        brought[member["consolidation_id"]] += member["gross"]
    for sale_id, gross in inside.items():
        if gross != own[sale_id]:
            yield f"receipt {sale_id} over {own[sale_id]} is in lists with {gross}"
        if sale_id in held:
            yield f"receipt {sale_id} is in SAP by itself and in a list"
    for one in made:
        total = Money(one["total"], one["currency"]).amount
        name = "DocTotal" if one["currency"] == "USD" else "DocTotalFc"
        booked = Decimal(held.get(one["id"], {}).get(name, 0))
        if brought[one["id"]] != one["total"] or booked != total:
            yield (
                f"list {one['reference']} over {total} holds {brought[one['id']]} "
                f"and is {booked} in SAP"
            )


def _keys_of(row: Mapping[str, Any]) -> list[str]:
    """The key a document carries; a counting set aside moved nothing and stands for nothing."""
    if str(row.get("Remarks")).endswith(ASIDE) and row["DocumentStatus"] == "cdsClosed":
        return []
    name = KEY if row.get(KEY) else "Remarks"
    return [str(row[name])] if row.get(name) else []


def _open(
    shop: Shop, rows: Iterable[RowMapping], steps: Iterable[RowMapping], ledger: Mapping[str, Any]
) -> Iterator[str]:
    """SAP expects of no open order more than is left of it here."""
    held = {key: row for row in ledger["documents"] for key in _keys_of(row)}
    kept = {step["queue_id"] for step in steps}
    promised = {
        row["document_id"]: held.get(row["key"], {})
        for row in rows
        if row["kind"] == "sales_order" and row["queue_id"] in kept
    }
    for line in _rows(shop, trade_lines):
        order = promised.get(line["trade_id"], {})
        if order.get("DocumentStatus") == "bost_Open":
            [there] = [one for one in order["DocumentLines"] if one["LineNum"] == line["line"] - 1]
            expected = Decimal(there["RemainingOpenQuantity"])
            left = line["quantity"] - line["fulfilled"]
            if there["LineStatus"] == "bost_Open" and expected > left:
                yield f"SAP expects {expected} of {line['item']} of {line['trade_id']}, not {left}"


def _lowered(
    shop: Shop, rows: Iterable[RowMapping], steps: Iterable[RowMapping]
) -> dict[str, Decimal]:
    """By how much orders came down in SAP with the lines lowered there, by currency."""
    lines = {(one["trade_id"], one["line"] - 1): one for one in _rows(shop, trade_lines)}
    owner = {row["queue_id"]: row for row in rows}
    left: dict[tuple[str, int], Decimal] = {}
    for step in sorted(steps, key=lambda one: one["queue_id"]):
        if step["kind"] == OPEN and step["state"] == "done":
            trade_id = owner[step["queue_id"]]["document_id"]
            for number, quantity in step["request"].get("lowered", {}).items():
                left[trade_id, int(number)] = Decimal(quantity)
    currency = {row["document_id"]: row["currency"] for row in rows if row["kind"] == OPEN}
    made: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (trade_id, number), quantity in left.items():
        line, code = lines[trade_id, number], currency[trade_id]
        gross = Money(line["gross"], code)
        each = half_up(gross.amount / line["quantity"], 6)
        made[code] += gross.amount - Money.rounded(each * quantity, code).amount
    return dict(made)


def _totals(
    rows: Iterable[RowMapping], ledger: Mapping[str, Any], lowered: Mapping[str, Decimal]
) -> Iterator[str]:
    taken = _taken(rows)
    asked: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for code, amount in lowered.items():
        asked[SETS["sales_order"], code] -= amount
    for row in rows:
        if row["kind"] in SUMMED and row["queue_id"] not in taken:
            money = Money(row["total"], row["currency"])
            asked[SETS[row["kind"]], row["currency"]] += abs(money.amount)
    booked: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in ledger["documents"]:
        if row["set"] in {SETS[kind] for kind in SUMMED}:
            is_foreign = row["DocCurrency"] == "ZiG"
            total = row["DocTotalFc" if is_foreign else "DocTotal"]
            booked[row["set"], "ZIG" if is_foreign else "USD"] += Decimal(total)
    count = Counts(row["set"] for row in ledger["documents"])
    for key in sorted(asked.keys() | booked.keys()):
        if abs(asked[key] - booked[key]) > CENTS.get(key[0], Decimal(0)) * count[key[0]]:
            yield f"{key[0]} in {key[1]}: our books say {asked[key]}, SAP {booked[key]}"


def _goods(
    shop: Shop, ledger: Mapping[str, Any], ahead: Mapping[Place, Decimal] | None
) -> Iterator[str]:
    if ahead is None:
        return
    for place, more in sorted(ahead_of_sap(shop, ledger).items()):
        if more != ahead.get(place, Decimal(0)):
            yield f"{place[0]} in {place[1]}: our books and SAP moved apart by {more}"


def _books(shop: Shop) -> Iterator[str]:
    for row in invariants.check(shop, is_server=True):
        if row.code not in NOT_FROM_TILLS:
            yield f"{row.code} {row.subject}: {row.sentence}"
