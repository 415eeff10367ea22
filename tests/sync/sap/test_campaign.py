"""Documents of every kind through a line that loses answers: SAP holds each key exactly once.

The judge is the simulator's own ledger, not what the client was told (production lesson L01).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sandbox.fault import Fault
from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import documents, goods_documents
from sync.sap.goods_requests import (
    CountLine,
    MovementKind,
    OrderKind,
    ReceivedLine,
    TransferKind,
)
from sync.sap.simulator.object_number import NUMBERS
from tests.sync.sap.test_credit_notes import credit, refund
from tests.sync.sap.test_goods_documents import (
    count,
    movement,
    order,
    posting,
    receipt,
    transfer,
)

ROUNDS = 8
QUIET_SECONDS = 120
FAULTS = [
    Fault(do="refuse", times=10**6, probability=0.02),
    Fault(do="drop_before", times=10**6, probability=0.03),
    Fault(do="expire_session", times=10**6, probability=0.03),
    Fault(on="POST", do="commit_then_drop", times=10**6, probability=0.06),
    Fault(on="POST", do="commit_then_502", times=10**6, probability=0.06),
    Fault(on="POST", do="truncate_json", times=10**6, probability=0.05),
    Fault(on="POST", do="hide", times=10**6, probability=0.08, seconds=40),
    Fault(on="POST", do="stall", times=10**6, probability=0.03, seconds=340),
    Fault(on="GET", do="lookup_fails", times=10**6, probability=0.06),
    Fault(on="GET", do="short_pages", times=10**6, probability=0.1),
]

Step = tuple[Callable[[], Any], Callable[[], Any]]


def settle(world: Any, find: Callable[[], Any], post: Callable[[], Any]) -> Any:
    """Look up, send once, settle by reading; a "no" is believed when the line has been quiet."""
    for _ in range(400):
        try:
            found = find()
            if found is not None:
                return found
            return post()
        except OutcomeUnknown:
            world.clock.sleep(QUIET_SECONDS)
        except Unavailable:
            world.clock.sleep(7)
    raise AssertionError("never settled")


def sales(world: Any, make: Any, number: int) -> Iterator[tuple[str, str]]:
    """One sale, half of it brought back, and what that leaves in SAP: set and key."""
    sl, key = world.sl, f"sale-{number}"
    request = make.invoice(key, make.line("SUGAR", "4", "2.50"))
    sold = settle(
        world,
        lambda: documents.find_invoice(sl, key),
        lambda: documents.post_invoice(sl, request),
    )
    yield "Invoices", key
    paid = make.payment(sold, "10.00", f"{key}-USD")
    settle(
        world,
        lambda: documents.find_payment(sl, paid),
        lambda: documents.post_payment(sl, paid),
    )
    yield "IncomingPayments", paid.reference
    back = credit(make, f"cn-{number}", make.line("SUGAR", "2", "2.50"), invoice_entry=1)
    note = settle(
        world,
        lambda: documents.find_credit_note(sl, back.key),
        lambda: documents.post_credit_note(sl, back),
    )
    yield "CreditNotes", back.key
    money = refund(make, note.doc_entry, "5.00", f"rf-{number}")
    settle(
        world,
        lambda: documents.find_refund(sl, money),
        lambda: documents.post_refund(sl, money),
    )
    yield "VendorPayments", money.reference


def goods(world: Any, number: int) -> Iterator[tuple[str, str]]:
    """One document of every other kind."""
    sl = world.sl
    for kind in OrderKind:
        wanted = order(kind, f"{kind}-{number}")
        settle(
            world,
            lambda kind=kind, wanted=wanted: goods_documents.find_order(sl, kind, wanted.key),
            lambda wanted=wanted: goods_documents.post_order(sl, wanted),
        )
        yield kind, wanted.key
    line = ReceivedLine(
        item_code="BREAD",
        quantity=Decimal(30),
        warehouse="MAIN",
        vat_group="I01",
        unit_price=Decimal("0.80"),
    )
    came = receipt(0, "1", f"gr-{number}", lines=(line,))
    settle(
        world,
        lambda: goods_documents.find_purchase_receipt(sl, came.key),
        lambda: goods_documents.post_purchase_receipt(sl, came),
    )
    yield "PurchaseDeliveryNotes", came.key
    for move in TransferKind:
        sent = transfer(move, f"{move}-{number}", quantity=Decimal(3))
        settle(
            world,
            lambda move=move, sent=sent: goods_documents.find_transfer(sl, move, sent.key),
            lambda sent=sent: goods_documents.post_transfer(sl, sent),
        )
        yield move, sent.key
    for way in MovementKind:
        moved = movement(way, f"{way}-{number}")
        settle(
            world,
            lambda way=way, moved=moved: goods_documents.find_movement(sl, way, moved.key),
            lambda moved=moved: goods_documents.post_movement(sl, moved),
        )
        yield way, moved.key
    yield from counts(world, number)


def counts(world: Any, number: int) -> Iterator[tuple[str, str]]:
    """A count that finds the shelf as the books have it, and its posting."""
    sl = world.sl
    there = world.core.books.on_hand("BREAD", "SHOP1")
    told = count(
        f"count-{number}",
        lines=(CountLine(item_code="BREAD", warehouse="SHOP1", counted=there + 1),),
    )
    counted = settle(
        world,
        lambda: goods_documents.find_count(sl, told.key),
        lambda: goods_documents.post_count(sl, told),
    )
    yield "InventoryCountings", told.key
    booked = posting(counted.doc_entry, str(there + 1), f"posting-{number}")
    settle(
        world,
        lambda: goods_documents.find_count_posting(sl, booked.key),
        lambda: goods_documents.post_count_posting(sl, booked),
    )
    yield "InventoryPostings", booked.key


@pytest.mark.parametrize("seed", range(3))
def test_l01_every_kind_of_document_is_in_sap_once_whatever_the_line_loses(
    local: Any, make: Any, seed: int
) -> None:
    local.gate.faults._rng = random.Random(seed)
    local.gate.faults.replace(FAULTS)
    local.sl = local.client(breaker_seconds=5)
    wanted = []
    for number in range(ROUNDS):
        wanted += list(sales(local, make, number)) + list(goods(local, number))
    ledger = local.core.ledger()
    held = Counter(
        (row["set"], row.get("U_Van_saleorder") or row["Remarks"]) for row in ledger["documents"]
    )
    assert held == Counter(dict.fromkeys(wanted, 1))
    # The shop sends neither deliveries nor bills of suppliers: those are made in SAP.
    others = {"Drafts", "StockTransferDrafts", "DeliveryNotes", "Returns", "PurchaseInvoices"}
    assert {name for name, _ in wanted} == NUMBERS.keys() - others
    # Every round sells 4 and takes 2 back, receives 30, sends 3, loses and finds 2, finds 1.
    stock = {(row["item"], row["warehouse"]): row["quantity"] for row in ledger["stock"]}
    assert Decimal(stock["SUGAR", "SHOP1"]) == 1000 - 2 * ROUNDS
    assert Decimal(stock["BREAD", "MAIN"]) == 100 + 27 * ROUNDS
    assert Decimal(stock["BREAD", "SHOP1"]) == 10 + 4 * ROUNDS
    assert Decimal(ledger["balances"]["C0001"]) == 0
    lost = [row for row in local.gate.log.rows() if "after" in row["outcome"]]
    assert len(lost) > ROUNDS
    assert local.unselected() == []


def test_the_campaign_s_judge_notices_a_document_sent_twice(local: Any, make: Any) -> None:
    documents.post_invoice(local.sl, make.invoice("k-1"))
    documents.post_invoice(local.sl, replace(make.invoice("k-1"), num_at_card="again"))
    held = Counter(row["U_Van_saleorder"] for row in local.core.ledger()["documents"])
    assert held == {"k-1": 2}
