"""What somebody entered in SAP by hand is told so, compared, and counted once."""

from __future__ import annotations

from typing import Any

import pytest

from pos_app.domain.money import Money
from pos_app.errors import RemoteUnavailable
from pos_app.services.posting import by_hand, review
from pos_app.services.posting.by_hand import NotTheDocument
from pos_app.services.posting.goods import Line
from pos_app.services.posting.review import MayBeInSap, MoveNotAllowed
from pos_app.services.posting.transfer import TRANSFER
from pos_app.services.proof import day as proofs
from pos_app.services.sale import Posted
from pos_app.services.sap_access import NoSapHere
from pos_app.services.transfer import send
from pos_app.store import audit, stock
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests.office import Office, office
from tests.services.test_posting_review import CLERK, MANAGER, MONDAY
from tests.stockroom import BOSS, DEPOT, SHOP, stockroom, to_depot


@pytest.fixture
def any_house(store: Store) -> Office:
    return office(store)


@pytest.fixture
def house(sqlite_store: Store) -> Office:
    return office(sqlite_store)


def refused(house: Office) -> Posted:
    """A sale SAP does not take, so that a person is needed."""
    house.arm(MONDAY)
    posted = house.sell("MILK")
    house.work_on()
    house.arm()
    return posted


def by_person(house: Office, posted: Posted, *, item: str = "MILK", **changes: Any) -> int:
    """The same invoice, entered in SAP by somebody; returns its number."""
    total = Money(house.row(posted)["total"], "USD").amount
    body: dict[str, Any] = {
        "CardCode": "C0000",
        "DocDate": house.shop.clock.now().date().isoformat(),
        "NumAtCard": posted.receipt,
        "DocumentLines": [
            {
                "ItemCode": item,
                "Quantity": 1,
                "PriceAfterVAT": total,
                "WarehouseCode": "SHOP1",
                "VatGroup": "O1",
            }
        ],
    }
    return int(house.sap.post("Invoices", body | changes)["DocNum"])


def unheard(house: Office, posted: Posted) -> int:
    """Moves that still count on top of the stock of SAP."""
    with house.shop.store.read() as connection:
        rows = stock.moves_of(connection, posted.sale_id)
    return sum(row["upstream_seq"] is None for row in rows)


def test_what_was_entered_by_hand_is_posted_once_and_its_stock_counts_once(
    any_house: Office,
) -> None:
    house = any_house
    posted = refused(house)
    number = by_person(house, posted)
    assert unheard(house, posted) == 1
    done = by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=number)
    assert (done.kind, done.number, done.left) == ("invoice", number, ("payment",))
    assert unheard(house, posted) == 0
    house.work_on()
    assert (house.row(posted)["state"], house.lamp(posted)) == ("Completed", "done")
    assert house.steps(posted)[0]["adopted"] == 1
    [invoice], [payment] = house.invoices(), house.payments(posted)
    assert invoice["U_Van_saleorder"] == posted.sale_id
    assert payment["DocEntry"] == house.steps(posted)[1]["doc_entry"]
    day = house.shop.clock.now().date()
    proof = proofs.of_server(house.shop, day, books=house.sap)
    assert [one.sentence for one in proof.differences if one.side == "sap"] == []
    with house.shop.store.read() as connection:
        deeds = [row for row in audit.walk(connection) if row["action"] == "posting.by_hand"]
    assert [(row["actor"], row["details"]["doc_num"]) for row in deeds] == [("mara", number)]


def test_the_payment_entered_by_hand_ends_the_document(house: Office) -> None:
    posted = refused(house)
    number = by_person(house, posted)
    house.arm(Fault(on="POST IncomingPayments", do="error", code=-1116, message="No", times=9))
    by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=number)
    house.work_on()
    house.arm()
    amount = Money(house.row(posted)["total"], "USD").amount
    entry = house.invoices()[0]["DocEntry"]
    paid = house.sap.post(
        "IncomingPayments",
        {
            "DocType": "rCustomer",
            "CardCode": "C0000",
            "DocDate": house.shop.clock.now().date().isoformat(),
            "CashAccount": "1110",
            "CashSum": amount,
            "PaymentInvoices": [
                {"DocEntry": entry, "InvoiceType": "it_Invoice", "SumApplied": amount}
            ],
        },
    )
    done = by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=paid["DocNum"])
    assert done.left == ()
    assert (house.row(posted)["state"], house.lamp(posted)) == ("Completed", "done")
    [payment] = house.payments()
    assert payment["Remarks"] == house.steps(posted)[1]["key"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"CardCode": "C0001"}, "is not T01-"),
        ({"U_Van_saleorder": "another"}, "carries the key of another document"),
    ],
)
def test_another_document_is_not_believed(
    house: Office, changes: dict[str, Any], words: str
) -> None:
    posted = refused(house)
    number = by_person(house, posted, **changes)
    with pytest.raises(NotTheDocument, match=words):
        by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=number)
    with pytest.raises(NotTheDocument, match="shows no invoice 4000"):
        by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=4000)
    assert house.row(posted)["state"] == "RequiresReview"
    assert unheard(house, posted) == 1


def test_what_was_taken_out_because_it_was_entered_by_hand_may_still_be_told(
    house: Office,
) -> None:
    posted = refused(house)
    number = by_person(house, posted)
    review.cancel(house.shop, MANAGER, posted.receipt, reason=f"entered as {number}")
    told = by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=number)
    assert told.left == ("payment",)
    house.work_on()
    assert (house.row(posted)["state"], house.lamp(posted)) == ("Completed", "done")
    assert (len(house.invoices()), len(house.payments()), unheard(house, posted)) == (1, 1, 0)


def test_one_document_of_sap_stands_for_one_of_ours(house: Office) -> None:
    first = house.sell("MILK")
    house.work_on()
    number = house.steps(first)[0]["doc_num"]
    posted = refused(house)
    with pytest.raises(NotTheDocument, match="carries the key of another"):
        by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=number)
    with pytest.raises(MoveNotAllowed):
        by_hand.settle(house.shop, house.sap, MANAGER, first.receipt, number=number)


def test_sap_that_does_not_answer_is_no_yes(house: Office) -> None:
    posted = refused(house)
    number = by_person(house, posted)
    house.arm(Fault(on="", do="refuse", times=100_000))
    with pytest.raises(RemoteUnavailable):
        by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=number)
    assert house.row(posted)["state"] == "RequiresReview"
    with pytest.raises(NoSapHere):
        by_hand.settle(house.shop, None, MANAGER, posted.receipt, number=number)
    with pytest.raises(Exception, match="permission"):
        by_hand.settle(house.shop, house.sap, CLERK, posted.receipt, number=number)


def test_beside_what_may_be_on_its_way_nothing_by_hand_is_believed(house: Office) -> None:
    house.arm(Fault(on="POST Invoices", do="commit_then_drop", times=1))
    posted = house.sell("MILK")
    house.work()
    house.arm()
    number = by_person(house, posted)
    with pytest.raises(MayBeInSap):
        by_hand.settle(house.shop, house.sap, MANAGER, posted.receipt, number=number)
    with pytest.raises(MayBeInSap):
        review.cancel(house.shop, MANAGER, posted.receipt, reason="by hand")


def test_a_transfer_entered_by_hand_is_compared_line_by_line(sqlite_store: Store) -> None:
    room = stockroom(sqlite_store)
    room.arm(Fault(on="POST StockTransfers", do="error", code=-1116, message="No", times=9))
    made = send.send(room.shop, BOSS, to_depot(("MILK", "20")))
    room.work()
    room.arm()
    numbers = []
    for quantity in (19, 20):
        line = {"ItemCode": "MILK", "Quantity": quantity, "WarehouseCode": DEPOT}
        body = {"FromWarehouse": SHOP, "StockTransferLines": [line | {"FromWarehouseCode": SHOP}]}
        numbers.append(int(room.sap.post("StockTransfers", body)["DocNum"]))
    queue_id = str(room.row(made.id, TRANSFER)["queue_id"])
    with pytest.raises(NotTheDocument, match="other goods"):
        by_hand.settle(room.shop, room.sap, MANAGER, queue_id, number=numbers[0])
    by_hand.settle(room.shop, room.sap, MANAGER, queue_id, number=numbers[1])
    assert room.row(made.id, TRANSFER)["state"] == "Completed"
    assert room.unheard(made.id) == 0
    room.sound()


def test_lines_are_told_with_their_batches() -> None:
    from decimal import Decimal

    from sync.sap.requests import BatchPick

    picks = (BatchPick("B", Decimal(1)), BatchPick("A", Decimal(2)), BatchPick("B", Decimal(1)))
    told = Line.of("MILK", "SHOP1", Decimal(4), picks).words
    assert told == "4 MILK in SHOP1 (2 of A, 2 of B)"
