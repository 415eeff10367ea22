"""Receipts of a day become one SAP invoice per customer, currency and tax group, never twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from pos_app.domain.money import Money
from pos_app.domain.note import WantedLine
from pos_app.domain.posting import PostingState
from pos_app.domain.tender import TenderType
from pos_app.services import refund
from pos_app.services.check import consolidation as rules
from pos_app.services.check import posting as posting_rules
from pos_app.services.check.violation import Books
from pos_app.services.consolidation import report, run, view
from pos_app.services.ledger import book
from pos_app.services.posting import by_hand, incident, review
from pos_app.services.posting import work as posting_work
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import FiscalRules
from pos_app.store import consolidation as lists
from pos_app.store import ledger, posting_claim, rebase
from pos_app.store import sale as sales
from pos_app.store.engine import Store
from pos_app.store.stock import stock_moves
from sandbox.fault import Fault
from tests import shops
from tests.office import Office, office

NO_DEVICE = FiscalRules(device="", is_required=False, deferred_count=0, deferred_hours=0)
MANAGER = replace(shops.actor("manager"), role="Admin")


def consolidating(store: Store, **how: Any) -> Office:
    told = {"has_sap": True, "fiscal": NO_DEVICE} | how
    wanted = replace(shops.shop_rules(**told).sap, consolidates=True)
    return office(store, sap=wanted, **told)


@pytest.fixture
def house(sqlite_store: Store) -> Office:
    return consolidating(sqlite_store)


def violations(house: Office) -> list[str]:
    with house.shop.store.read() as connection:
        books = Books(
            connection=connection,
            rules=house.shop.rules,
            now=house.shop.clock.now(),
            is_server=True,
        )
        found = [*rules.consolidated(books), *posting_rules.once(books)]
    return [f"{row.code} {row.subject}" for row in found]


def consolidate(house: Office) -> list[str]:
    return [one.reference for one in run.run(house.shop, by="manager").lists]


def totals(house: Office) -> list[tuple[str, str]]:
    local = [(row["NumAtCard"], row) for row in house.invoices()]
    return [
        (name, row["DocTotalFc"] if Decimal(row["DocTotalFc"]) else row["DocTotal"])
        for name, row in local
    ]


def states(house: Office, *posted: Posted) -> list[str]:
    return [house.row(one)["state"] for one in posted]


def give_back(house: Office, of: Posted, line: int) -> Posted:
    lines = (WantedLine(line=line, quantity=Decimal(1)),)
    asked = AskedNote(id=house.shop.ids.new(), receipt=of.receipt, lines=lines, reason="sour")
    note = refund.post(house.shop, MANAGER, asked)
    house.queue(note)
    return note


def test_a_day_becomes_one_invoice_per_customer_currency_and_tax_group(store: Store) -> None:
    house = consolidating(store)
    sold = (
        house.sell("MILK", "BREAD", "YOGHURT"),
        house.sell("MILK", "YOGHURT"),
        house.sell("MILK", currency="ZIG"),
        house.sell("MILK", customer="C0001"),
    )
    house.work()
    assert house.invoices() == []
    assert states(house, *sold) == ["Collected"] * 4
    names = consolidate(house)
    assert states(house, *sold) == ["Listed"] * 4
    house.work_on()
    assert totals(house) == [
        ("CONSOL-20261102-C0000-USD-1", "8.68"),
        ("CONSOL-20261102-C0000-USD-2", "1.00"),
        ("CONSOL-20261102-C0000-ZIG-1", "51.74"),
        ("CONSOL-20261102-C0001-USD-1", "1.99"),
    ]
    assert sorted(names) == [name for name, _ in totals(house)]
    assert [(row["Remarks"], row["CashSum"]) for row in house.payments()] == [
        (f"{name}-{name.split('-')[3]}1", total) for name, total in totals(house)
    ]
    assert {row["DocumentStatus"] for row in house.invoices()} == {"bost_Close"}
    assert states(house, *sold) == ["Completed"] * 4
    assert [house.lamp(one) for one in sold] == ["done"] * 4
    assert violations(house) == []


def test_l30_what_comes_late_goes_into_the_next_list(house: Office) -> None:
    first = house.sell("MILK")
    assert consolidate(house) == ["CONSOL-20261102-C0000-USD-1"]
    late = house.sell("MILK", "MILK")
    house.work_on()
    assert states(house, first, late) == ["Completed", "Collected"]
    assert consolidate(house) == ["CONSOL-20261102-C0000-USD-2"]
    assert consolidate(house) == []
    house.work_on()
    assert totals(house) == [
        ("CONSOL-20261102-C0000-USD-1", "1.99"),
        ("CONSOL-20261102-C0000-USD-2", "3.98"),
    ]
    assert violations(house) == []


def test_l29_a_receipt_of_yesterday_keeps_its_day(house: Office) -> None:
    house.sell("MILK")
    with house.shop.store.write() as connection:
        day = house.shop.today - timedelta(days=1)
        connection.execute(update(sales.sales).values(business_date=day))
    house.sell("MILK")
    assert consolidate(house) == ["CONSOL-20261101-C0000-USD-1", "CONSOL-20261102-C0000-USD-1"]
    house.work_on()
    assert [row["DocDate"] for row in house.invoices()] == ["2026-11-01", "2026-11-02"]


@pytest.mark.parametrize("do", ["commit_then_drop", "commit_then_502", "drop_before", "stall"])
@pytest.mark.parametrize("call", ["POST Invoices", "POST IncomingPayments"])
def test_l01_however_an_answer_is_lost_a_list_is_one_invoice(
    house: Office, call: str, do: str
) -> None:
    house.sell("MILK", "YOGHURT")
    house.sell("BREAD")
    consolidate(house)
    house.arm(Fault(on=call, do=do, times=2, seconds=301))
    house.work_on()
    assert len(house.invoices()) == 2
    assert len(house.payments()) == 2
    assert len({row["U_Van_saleorder"] for row in house.invoices()}) == 2
    assert violations(house) == []


def test_one_list_that_is_refused_leaves_the_others(house: Office) -> None:
    wrong, right = house.sell("MILK"), house.sell("MILK", customer="C0001")
    consolidate(house)
    house.arm(Fault(on="POST Invoices", do="error", code="-5002", message="Item locked", times=1))
    house.work()
    assert states(house, wrong, right) == ["Listed", "Completed"]
    assert house.lamp(right) == "done"
    house.work_on()
    assert states(house, wrong, right) == ["Completed", "Completed"]


def test_a_list_in_review_is_taken_out_with_its_receipts(house: Office) -> None:
    sold = house.sell("MILK")
    [name] = consolidate(house)
    house.arm(Fault(on="POST Invoices", do="error", code="-5002", message="Item locked", times=9))
    house.work_on()
    assert house.lamp(sold) == "review"
    review.cancel(house.shop, MANAGER, name, reason="entered by hand as 17")
    assert states(house, sold) == ["Cancelled"]
    assert "entered by hand as 17" in house.row(sold)["reason"]
    assert consolidate(house) == []
    assert violations(house) == []


NO_PAYMENT = Fault(on="POST IncomingPayments", do="error", code=-5002, message="No", times=9)


def test_the_second_of_three_lists_of_a_receipt_may_be_the_last(house: Office) -> None:
    sold = house.sell("MILK", "BREAD", "BOOK")
    assert len(consolidate(house)) == 3
    posting_work.work(house.shop, house.sap, owner="w", limit=1)
    house.arm(replace(NO_PAYMENT, times=1))
    house.work_on()
    assert (states(house, sold), house.lamp(sold)) == (["Completed"], "done")
    assert violations(house) == []


def test_what_is_in_sap_of_a_list_that_is_taken_out_stays_in_sap(store: Store) -> None:
    """Its invoice is booked and its payment refused: the goods and the debt are in SAP."""
    house = consolidating(store)
    sold = house.sell("MILK")
    [name] = consolidate(house)
    house.arm(NO_PAYMENT)
    house.work_on()
    review.cancel(house.shop, MANAGER, name, reason="the payment is entered by hand")
    [invoice] = house.invoices()
    assert (states(house, sold), house.lamp(sold)) == (["Completed"], "done")
    note = give_back(house, sold, 1)
    house.arm()
    house.work_on()
    assert states(house, note) == ["Completed"]
    paid = house.sap.post(
        "IncomingPayments",
        {
            "DocType": "rCustomer",
            "CardCode": "C0000",
            "CashAccount": "1110",
            "CashSum": Decimal("1.99"),
            "PaymentInvoices": [{"DocEntry": invoice["DocEntry"], "SumApplied": Decimal("1.99")}],
        },
    )
    by_hand.settle(house.shop, house.sap, MANAGER, name, number=paid["DocNum"])
    assert view.of_day(house.shop, house.shop.today).lists[0].state == "Completed"
    assert (states(house, sold), violations(house)) == (["Completed"], [])


def test_a_list_entered_by_hand_after_it_was_taken_out_counts_as_posted(house: Office) -> None:
    sold = house.sell("MILK")
    [name] = consolidate(house)
    review.cancel(house.shop, MANAGER, name, reason="entered by hand")
    assert states(house, sold) == ["Cancelled"]
    body = {
        "CardCode": "C0000",
        "NumAtCard": name,
        "DocDate": house.shop.today.isoformat(),
        "DocumentLines": [
            {
                "ItemCode": "MILK",
                "Quantity": 1,
                "PriceAfterVAT": Decimal("1.99"),
                "WarehouseCode": "SHOP1",
                "VatGroup": "O1",
            }
        ],
    }
    number = house.sap.post("Invoices", body)["DocNum"]
    told = by_hand.settle(house.shop, house.sap, MANAGER, name, number=number)
    assert (told.left, states(house, sold)) == (("payment",), ["Listed"])
    house.work_on()
    assert (states(house, sold), house.lamp(sold)) == (["Completed"], "done")
    assert (len(house.invoices()), len(house.payments()), violations(house)) == (1, 1, [])


def test_two_at_once_make_one_list(store: Store) -> None:
    house = consolidating(store)
    for _ in range(3):
        house.sell("MILK")
    made: list[str] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        made.extend(consolidate(house))

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert made == ["CONSOL-20261102-C0000-USD-1"]


def test_a_run_that_breaks_off_has_done_nothing(house: Office, monkeypatch: Any) -> None:
    sold = house.sell("MILK")

    def die(*_: object) -> int:
        raise OSError("the plug was pulled")

    with monkeypatch.context() as broken:
        broken.setattr(lists, "enlist", die)
        with pytest.raises(OSError, match="plug"):
            consolidate(house)
    assert states(house, sold) == ["Collected"]
    assert consolidate(house) == ["CONSOL-20261102-C0000-USD-1"]


def test_goods_leave_sap_with_the_list_their_line_is_in(house: Office) -> None:
    """Stock shown is SAP's less our sales that it does not contain; batches are those sold from."""
    sold = house.sell("BREAD", "YOGHURT")
    consolidate(house)
    house.arm(Fault(on="POST Invoices", do="error", code="-5002", message="No", times=9, after=1))
    house.work()
    with house.shop.store.read() as connection:
        query = select(stock_moves).where(stock_moves.c.document_id == sold.sale_id)
        told = {row["item"]: row["upstream_seq"] for row in connection.execute(query).mappings()}
    assert sorted(item for item, seq in told.items() if seq is None) == ["BREAD"] or sorted(
        item for item, seq in told.items() if seq is None
    ) == ["YOGHURT"]
    house.arm()
    house.work_on()
    with house.shop.store.read() as connection:
        query = select(stock_moves).where(stock_moves.c.upstream_seq.is_(None))
        assert connection.execute(query).all() == []


def test_each_account_and_currency_gets_its_money(house: Office) -> None:
    house.post(
        house.fill("MILK", "MILK", "MILK"),
        house.tender("2.00"),
        house.tender("1.97", code="ecocash"),
        house.tender("53.00", "ZIG"),
    )
    house.sell("MILK")
    consolidate(house)
    house.work_on()
    [invoice] = house.invoices()
    assert invoice["DocumentStatus"] == "bost_Close"
    names = [row["Remarks"].rpartition("-")[2] for row in house.payments()]
    assert names == ["USD1", "ZIG1"]
    [dollars, gold] = house.payments()
    assert (dollars["CashSum"], dollars["TransferSum"]) == ("3.99", "1.97")
    assert (invoice["DocTotal"], gold["CashSum"]) == ("7.96", "53.00")


@pytest.mark.parametrize(
    ("amounts", "payments"),
    [(range(5200, 5240), 2), ([5210] * 15, 9)],
    ids=["both ways", "one way"],
)
def test_many_roundings_of_another_currency_miss_no_invoice(
    house: Office, amounts: Sequence[int], payments: int
) -> None:
    """52.13 ZIG are 2.01 USD and a bit; many bits of one direction are more than SAP lets pass."""
    for amount in amounts:
        given = house.tender(str(Decimal(amount) / 100), "ZIG")
        house.post(house.fill("MILK", "MILK"), given, house.tender("4.00"))
    consolidate(house)
    house.work_on()
    [invoice] = house.invoices()
    assert invoice["DocumentStatus"] == "bost_Close"
    gold = sum(Decimal(row["CashSum"]) for row in house.payments() if row["DocCurrency"] == "ZiG")
    assert gold == sum(map(Decimal, amounts)) / 100
    assert len(house.payments()) == payments
    assert violations(house) == []


def test_what_is_owed_is_an_invoice_of_its_own(sqlite_store: Store) -> None:
    account = TenderType("account", "Account", 4, "account", ("USD",))
    house = consolidating(sqlite_store, tender_types=(*shops.shop_rules().tender_types, account))
    owed = house.post(house.fill("MILK", customer="C0001"), house.tender("1.99", code="account"))
    assert states(house, owed) == ["Pending"]
    house.work()
    assert states(house, owed) == ["Completed"]
    house.sell("MILK")
    [sums] = report.report(house.shop, house.shop.today).sums
    assert (sums.total, sums.paid) == (Money(398, "USD"), Money(199, "USD")), "owed is not paid"


@pytest.mark.postgres
def test_two_lists_of_one_receipt_may_end_at_once(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = consolidating(postgres_store)
    sold = house.sell("MILK", "BREAD")
    consolidate(house)
    real, others = posting_claim.steps_many, []

    def beside(*arguments: Any) -> dict[int, int]:
        found: dict[int, int] = real(*arguments)
        if not others:
            sap = house.connect()
            others.append(threading.Thread(target=lambda: house.work(owner="v", sap=sap)))
            others[0].start()
            others[0].join(0.8)  # its chance to be first; who has to stand in line comes after us
        return found

    monkeypatch.setattr(posting_claim, "steps_many", beside)
    house.work()
    others[0].join()
    assert states(house, sold) == ["Completed"]
    assert (len(house.invoices()), len(house.steps(sold)), violations(house)) == (2, 2, [])


def test_a_note_waits_with_its_receipt_and_follows_it(house: Office) -> None:
    sold = house.sell("MILK", "BREAD")
    note = give_back(house, sold, 1)
    assert states(house, note) == ["Collected"]
    consolidate(house)
    assert states(house, note) == ["Pending"]
    house.work_on()
    assert states(house, sold, note) == ["Completed", "Completed"]


def test_a_note_of_a_consolidated_receipt_names_its_invoice(house: Office) -> None:
    """The invoice is paid and closed, so SAP takes none as a base: alone, with a reference."""
    house.sell("MILK")
    sold = house.sell("MILK", "BREAD")
    consolidate(house)
    house.work_on()
    note = give_back(house, sold, 1)
    house.work_on()
    milk = next(row for row in house.invoices() if row["DocTotal"] == "3.98")
    [credit] = [dict(row) for row in house.gate.core.books.tables["CreditNotes"].rows()]
    assert [one["RefDocEntr"] for one in credit["DocumentReferences"]] == [milk["DocEntry"]]
    assert str(credit["DocTotal"]) == "1.99"
    assert states(house, note) == ["Completed"]


TAMPERED = {
    "a receipt taken out": (
        lambda connection, sale: connection.execute(
            delete(lists.consolidation_members).where(lists.consolidation_members.c.sale_id == sale)
        ),
        {"consolidation_changed", "consolidation_member_missing"},
    ),
    "another amount": (
        lambda connection, sale: connection.execute(
            update(lists.consolidation_members)
            .where(lists.consolidation_members.c.sale_id == sale)
            .values(gross=1)
        ),
        {
            "consolidation_total_differs",
            "consolidation_share_differs",
            "consolidation_member_missing",
        },
    ),
}


@pytest.mark.parametrize("deed", TAMPERED)
def test_a_changed_list_is_named_and_never_sent(house: Office, deed: str) -> None:
    sold = house.sell("MILK")
    house.sell("MILK")
    consolidate(house)
    change, codes = TAMPERED[deed]
    with house.shop.store.write() as connection:
        change(connection, sold.sale_id)
    assert {row.split()[0] for row in violations(house)} == codes
    house.work_on()
    assert house.invoices() == []
    [seen] = view.of_day(house.shop, house.shop.today).lists
    assert seen.state == PostingState.REQUIRES_REVIEW


def test_it_runs_by_itself_once_a_day(house: Office) -> None:
    sap = replace(house.shop.rules.sap, consolidate_at=time(18))
    shop = replace(house.shop, rules=replace(house.shop.rules, sap=sap))
    house.sell("MILK")
    assert run.due(shop) is None
    shop.clock.sleep(12 * 3600)
    done = run.due(shop)
    assert done is not None
    assert len(done.lists) == 1
    assert run.due(shop) is None


def test_a_shop_that_no_longer_consolidates_lets_its_receipts_go(house: Office) -> None:
    sold = house.sell("MILK")
    sap = replace(house.shop.rules.sap, consolidates=False)
    run.due(replace(house.shop, rules=replace(house.shop.rules, sap=sap)))
    house.work_on()
    assert states(house, sold) == ["Completed"]
    assert [row["NumAtCard"] for row in house.invoices()] == [sold.receipt]


def test_a_day_nobody_closed_is_an_incident(house: Office) -> None:
    house.sell("MILK")
    house.shop.clock.sleep(37 * 3600)
    [one] = incident.found(house.shop)
    assert "wait for the end of their day" in one.sentence
    assert "consolidation_overdue T01-000001" in violations(house)


def test_the_books_of_a_shop_without_sap_take_a_list_whole(store: Store) -> None:
    house = consolidating(store, has_sap=False)
    first, second = house.sell("MILK", "BREAD"), house.sell("MILK")
    consolidate(house)
    posting_work.work(house.shop, None, owner="w")
    assert states(house, first, second) == ["Completed", "Completed"]
    with house.shop.store.read() as connection:
        rows = ledger.of_day(connection, house.shop.today)
    rows = [row for row in rows if row["kind"] != "opening"]
    assert {row["reference"] for row in rows} == {
        "CONSOL-20261102-C0000-USD-1",
        "CONSOL-20261102-C0000-USD-2",
    }
    assert violations(house) == []
    assert book.PLANNERS
    assert Money(sum(r["debit"] - r["credit"] for r in rows), "USD").is_zero


DEATHS = {
    "before the answer is kept": (posting_claim, "settle"),
    "while the receipts are told": (lists, "end_members"),
    "while the goods are counted": (rebase, "reached_lines"),
}


@pytest.mark.parametrize("place", DEATHS)
def test_a_worker_that_dies_on_a_list_leaves_one_invoice(
    house: Office, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Whoever takes it over finds by its key what is there, and says so on every receipt."""
    first, second = house.sell("MILK"), house.sell("MILK")
    consolidate(house)
    module, name = DEATHS[place]

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(module, name, die)
        with pytest.raises(KeyboardInterrupt):
            house.work()
    house.shop.clock.sleep(3600)
    house.work_on()
    assert len(house.invoices()) == len(house.payments()) == 1
    assert states(house, first, second) == ["Completed", "Completed"]
    assert violations(house) == []
