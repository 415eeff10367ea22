"""Posting to SAP: look up before every attempt, each step once, and nobody in another's way."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import RowMapping, text, update

from pos_app.domain.preflight import Problem
from pos_app.domain.tender import TenderType
from pos_app.services.posting import work as posting_work
from pos_app.services.posting.kinds import KINDS, Kind
from pos_app.services.posting.sale import InvoiceStep
from pos_app.services.posting.told import light
from pos_app.services.sale import Posted
from pos_app.store import sale as sales
from pos_app.store.engine import Store
from pos_app.store.posting import postings
from sandbox.fault import Fault
from sync.sap.client import ServiceLayer
from tests import shops
from tests.office import Office, company, office

POST, FIND = "POST Invoices", "GET Invoices"
PAY, FIND_PAYMENT = "POST IncomingPayments", "GET IncomingPayments"
HOUR = timedelta(hours=1)


@pytest.fixture
def house(sqlite_store: Store) -> Office:
    return office(sqlite_store)


@pytest.fixture
def any_house(store: Store) -> Office:
    return office(store)


def assert_booked_once(house: Office, posted: Posted, *, payments: int = 1) -> dict[str, Any]:
    """One invoice to the cent, paid and closed, and as many payments as currencies."""
    (invoice,) = house.invoices(posted)
    assert house.row(posted)["state"] == "Completed"
    assert house.lamp(posted) == "done"
    foreign = posted.currency != "USD"
    total = invoice["DocTotalFc" if foreign else "DocTotal"]
    assert Decimal(total) == posted.total.amount
    assert len(house.payments(posted)) == payments
    if payments:
        assert invoice["DocumentStatus"] == "bost_Close"
        assert invoice["PaidToDateFC" if foreign else "PaidToDate"] == total
    assert [step["state"] for step in house.steps(posted)] == ["done"] * (payments + 1)
    entries = [step["doc_entry"] for step in house.steps(posted)]
    assert entries == [invoice["DocEntry"], *(row["DocEntry"] for row in house.payments(posted))]
    return dict(invoice)


def test_a_sale_becomes_an_invoice_and_its_payment(any_house: Office) -> None:
    house = any_house
    posted = house.sell("MILK", "BANANA", "BOOK", quantity="2")
    worked = house.work()
    assert (worked.done, worked.waiting, worked.next_at, worked.problem) == (1, 0, None, "")
    invoice = assert_booked_once(house, posted)
    assert (invoice["NumAtCard"], invoice["CardCode"]) == (posted.receipt, "C0000")
    assert posted.receipt in invoice["Comments"]
    assert [line["VatGroup"] for line in invoice["DocumentLines"]] == ["O1", "O2", "O3"]
    (payment,) = house.payments(posted)
    assert (payment["CashAccount"], Decimal(payment["CashSum"])) == ("1110", posted.total.amount)
    assert house.work().done == 0


def test_sap_is_asked_before_every_post(house: Office) -> None:
    house.sell("MILK")
    house.work()
    calls = [row["call"] for row in house.gate.log.rows()]
    assert calls.index(FIND) < calls.index(POST)
    assert calls.index(FIND_PAYMENT) < calls.index(PAY)


@pytest.mark.parametrize("call", [POST, PAY])
@pytest.mark.parametrize("loss", ["commit_then_drop", "commit_then_502", "truncate_json"])
def test_l01_a_lost_answer_is_adopted(house: Office, call: str, loss: str) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=call, do=loss))
    worked = house.work()
    assert worked.done == 0
    assert worked.problem
    assert house.lamp(posted) == "unknown"
    assert worked.next_at == house.shop.clock.now() + timedelta(seconds=2)
    house.work_on()
    assert_booked_once(house, posted)
    assert house.calls(call) == 1
    step = house.steps(posted)[0 if call == POST else 1]
    assert step["adopted"] == 1


def test_l01_adopting_needs_no_stock(sqlite_store: Store) -> None:
    """The first posting has taken the last one: whoever looks at stock first never finds it."""
    books = company()
    milk = next(row for row in books["items"] if row["code"] == "MILK")
    milk["stock"] = {"SHOP1": "1"}
    house = office(sqlite_store, books=books)
    posted = house.sell("MILK")
    house.arm(Fault(on=POST, do="commit_then_drop"))
    house.work_on()
    assert_booked_once(house, posted)


@pytest.mark.parametrize(("call", "post"), [(FIND, POST), (FIND_PAYMENT, PAY)])
@pytest.mark.parametrize("how", ["lookup_fails", "error", "drop_before", "truncate_json"])
def test_l02_a_look_up_that_fails_is_no_no(house: Office, call: str, post: str, how: str) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=call, do=how, times=4))
    house.work()
    assert house.calls(post) == 0
    assert house.row(posted)["state"] != "Completed"
    house.arm()
    house.work_on()
    assert_booked_once(house, posted)


def test_l03_a_document_that_shows_late_is_waited_for(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=POST, do="hide", seconds=200), Fault(on=POST, do="commit_then_502"))
    began = house.shop.clock.now()
    house.work_on()
    assert_booked_once(house, posted)
    assert house.calls(POST) == 1
    assert house.shop.clock.now() - began >= timedelta(seconds=200)


def test_l03_a_payment_that_shows_late_is_waited_for(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=PAY, do="hide", seconds=200), Fault(on=PAY, do="commit_then_drop"))
    house.work_on()
    assert_booked_once(house, posted)


def test_l03_no_is_believed_after_the_quiet_time_alone(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=POST, do="drop_before"))
    lost_at = house.shop.clock.now()
    house.work()
    house.shop.clock.sleep(house.shop.rules.sap.quiet_seconds - 10)
    house.work()
    assert house.calls(POST) <= 1
    assert house.invoices() == []
    house.work_on()
    assert_booked_once(house, posted)
    assert house.shop.clock.now() >= lost_at


def test_l03_a_no_is_as_old_as_its_question(house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """SAP is slow to say no, and the quiet time ends while it is asked."""
    posted = house.sell("MILK")
    house.arm(Fault(on=POST, do="drop_before"))
    house.work()
    asked = house.calls(POST)
    house.shop.clock.sleep(house.shop.rules.sap.quiet_seconds - 10)
    find = InvoiceStep.find

    def slowly(step: InvoiceStep, sap: ServiceLayer) -> Any:
        found = find(step, sap)
        house.shop.clock.sleep(20)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(InvoiceStep, "find", slowly)
        house.work()
    assert house.calls(POST) == asked
    house.work_on()
    assert_booked_once(house, posted)


def test_l19_settled_already_finds_its_payment(house: Office) -> None:
    """SAP says the invoice is closed: our own payment closed it and became visible just now."""
    posted = house.sell("MILK")
    house.arm(Fault(on=PAY, do="hide", seconds=30), Fault(on=PAY, do="commit_then_drop"))
    house.work()
    with house.shop.store.write() as connection:
        # As after a refusal that came in between: nothing is known to be on its way.
        connection.execute(
            text("UPDATE posting_steps SET state='waiting', sent_at=NULL WHERE kind='payment'")
        )
    house.shop.clock.sleep(5)
    send = house.gate.core.respond

    def slowly(request: Any, **how: Any) -> Any:
        if request.call == PAY:
            house.shop.clock.sleep(60)
        return send(request, **how)

    house.gate.core.respond = slowly  # type: ignore[method-assign]
    house.work()
    assert_booked_once(house, posted)


def test_settled_by_somebody_else_goes_to_a_person(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=PAY, do="refuse"))
    house.work()
    pay_by_hand(house, posted)
    house.work_on()
    row = house.row(posted)
    assert row["state"] == "RequiresReview"
    assert "settled" in row["reason"]
    assert len(house.gate.core.ledger()["payments"]) == 1
    assert len(house.invoices()) == 1


@pytest.mark.parametrize("field", ["DocTotal", "CardCode"])
def test_l22_an_invoice_under_our_key_that_is_not_ours_goes_to_a_person(
    house: Office, field: str
) -> None:
    posted, behind = house.sell("MILK"), house.sell("BREAD")
    post_by_hand(house, posted, wrong=field)
    house.work_on()
    row = house.row(posted)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "mismatch")
    assert posted.receipt in row["reason"]
    assert house.lamp(posted) == "review"
    assert len(house.invoices(posted)) == 1
    assert house.payments(posted) == []
    assert_booked_once(house, behind)


def test_two_invoices_under_our_key_go_to_a_person(house: Office) -> None:
    posted = house.sell("MILK")
    post_by_hand(house, posted)
    post_by_hand(house, posted)
    house.work_on()
    assert house.row(posted)["state"] == "RequiresReview"
    assert house.calls(POST) == 2, "those by hand"


def test_a_payment_under_our_reference_over_another_amount_goes_to_a_person(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=PAY, do="refuse"))
    house.work()
    pay_by_hand(house, posted, reference=f"{posted.receipt}-USD1", amount="1.00")
    house.work_on()
    row = house.row(posted)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "mismatch")
    assert "1.00" in row["reason"]


def test_a_wrong_total_in_our_own_invoice_goes_to_a_person_and_is_not_paid(house: Office) -> None:
    """SAP books another total than the customer paid."""
    posted = house.sell("MILK")
    with house.shop.store.write() as connection:
        connection.execute(
            text("UPDATE sales SET total = total + 1, net = net + 1 WHERE id = :id"),
            {"id": posted.sale_id},
        )
    house.work_on()
    assert house.row(posted)["state"] == "RequiresReview"
    assert len(house.invoices()) == 1
    assert house.payments() == []
    requeue(house, posted)
    house.work_on()
    assert house.row(posted)["state"] == "RequiresReview", "asking again makes it no better"
    assert house.payments() == []


def test_l47_a_poisoned_row_stops_nobody(house: Office) -> None:
    before, poisoned, behind = house.sell("MILK"), house.sell("MILK"), house.sell("BREAD")
    with house.shop.store.write() as connection:
        connection.execute(
            text("UPDATE postings SET document_id = 'gone' WHERE reference = :receipt"),
            {"receipt": poisoned.receipt},
        )
    worked = house.work_on()
    assert_booked_once(house, before)
    assert_booked_once(house, behind)
    assert worked.waiting == 1
    row = house.row(poisoned)
    assert row["state"] == "RequiresReview"
    assert row["reason"]


def test_l47_old_rows_in_trouble_leave_turns_to_those_behind_them(house: Office) -> None:
    tired = [house.sell("MILK"), house.sell("MILK")]
    fresh = [house.sell("BREAD"), house.sell("BREAD")]
    with house.shop.store.write() as connection:
        connection.execute(
            update(postings)
            .where(postings.c.reference.in_([one.receipt for one in tired]))
            .values(failures=9)
        )
    taken = []

    def held(row: RowMapping) -> Problem | None:
        taken.append(row["reference"])
        return Problem("closed", "", "Not today.") if row["failures"] else None

    posting_work.work(house.shop, house.sap, owner="w", hold=held)
    order = (tired[0], fresh[0], tired[1], fresh[1])
    assert taken == [one.receipt for one in order]
    for one in fresh:
        assert_booked_once(house, one)


def test_a_row_our_own_program_cannot_handle_goes_to_a_person(
    house: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned, behind = house.sell("MILK"), house.sell("BREAD")
    plan = KINDS["invoice"].plan

    def fails(shop: Any, connection: Any, row: Any) -> Any:
        if row["document_id"] == poisoned.sale_id:
            raise ZeroDivisionError("a line without a quantity")
        return plan(shop, connection, row)

    monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "invoice", Kind(fails, light))
    worked = house.work()
    assert worked.done == 1
    assert_booked_once(house, behind)
    row = house.row(poisoned)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "fault")
    assert "ZeroDivisionError" in row["reason"]
    assert house.lamp(poisoned) == "review"


def test_l17_an_unmapped_tender_goes_to_a_person_before_anything_is_sent(house: Office) -> None:
    posted = house.sell("MILK")
    rules = house.shop.rules
    house.shop = replace(house.shop, rules=replace(rules, sap=replace(rules.sap, accounts={})))
    house.work_on()
    assert house.row(posted)["reason_code"] == "unmapped_tender"
    assert house.invoices() == []
    house.shop = replace(house.shop, rules=rules)
    requeue(house, posted)
    house.work_on()
    assert_booked_once(house, posted)


def test_l48_an_outage_spends_no_attempts(house: Office) -> None:
    rows = [house.sell("BREAD") for _ in range(3)]
    house.arm(Fault(on="", do="refuse", times=100_000))
    worked = house.work()
    assert worked.problem.startswith("SAP cannot be reached")
    asked = len(house.gate.log.rows())
    assert asked <= 3, "one row finds out for all"
    house.work_on(seconds=6 * 3600)
    assert [house.row(posted)["attempts"] for posted in rows] == [0, 0, 0]
    assert {house.row(posted)["state"] for posted in rows} == {"Pending"}
    house.arm()
    house.work_on()
    for posted in rows:
        assert_booked_once(house, posted)
    assert [row["NumAtCard"] for row in house.invoices()] == [row.receipt for row in rows]


def test_three_refusals_go_to_a_person_and_by_hand_it_goes_on(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=POST, do="error", code=-1116, message="(77) Not on a Monday", times=3))
    house.work_on()
    behind = house.sell("BREAD")
    worked = house.work_on()
    row = house.row(posted)
    assert (row["state"], row["attempts"], row["reason_code"]) == ("RequiresReview", 3, "-1116")
    assert "Not on a Monday" in row["reason"]
    assert house.calls(POST) == 4
    assert_booked_once(house, behind)
    assert worked.waiting == 1
    requeue(house, posted)
    house.work_on()
    assert_booked_once(house, posted)


def test_l19_a_payment_refused_leaves_the_invoice_alone(house: Office) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=PAY, do="error", code=-5002, message="Account is locked", times=3))
    house.work_on()
    assert house.row(posted)["state"] == "RequiresReview"
    assert len(house.invoices(posted)) == 1
    house.arm()
    requeue(house, posted)
    house.work_on()
    assert_booked_once(house, posted)
    assert house.calls(POST) == 1


@pytest.mark.parametrize(
    ("code", "message", "waits_for"),
    [
        (-4006, "Update the exchange rate , 'ZiG'", "rate"),
        (-5002, "10000156 - Posting Date deviates from the defined range", "period"),
        (-10, "Quantity falls into negative inventory  [line: 1]", "stock"),
        (-5002, "10001153 - Insufficient quantity for item MILK with batch B", "stock"),
    ],
)
def test_l21_what_sap_waits_for_is_named_and_spends_no_attempts(
    house: Office, code: int, message: str, waits_for: str
) -> None:
    posted = house.sell("MILK")
    house.arm(Fault(on=POST, do="error", code=code, message=message, times=9))
    house.work_on(seconds=1200)
    row = house.row(posted)
    assert (row["state"], row["attempts"], row["waits_for"]) == ("Pending", 0, waits_for)
    house.arm()
    house.work_on()
    assert_booked_once(house, posted)
    assert house.row(posted)["waits_for"] == ""


def test_l57_a_draft_that_waits_for_approval_is_not_made_twice(sqlite_store: Store) -> None:
    house = office(sqlite_store, books=company(company={"approval": ["Invoices"]}))
    posted = house.sell("MILK")
    house.work_on(seconds=1800)
    assert house.row(posted)["waits_for"] == "approval"
    drafts = [row for row in house.gate.core.ledger()["documents"] if row["set"] == "Drafts"]
    assert len(drafts) == 1
    assert house.calls(POST) == 1


def test_l20_a_zig_sale_in_both_currencies_is_closed_by_two_payments(
    any_house: Office,
) -> None:
    house = any_house
    made = house.fill("MILK", "BOOK", currency="ZIG")
    posted = house.post(made, house.tender("5", "USD"), house.tender("400", "ZIG"))
    house.work_on()
    invoice = assert_booked_once(house, posted, payments=2)
    assert (invoice["DocCurrency"], Decimal(invoice["DocRate"])) == ("ZiG", shops.RATE)
    usd, zig = house.payments(posted)
    assert (usd["DocCurrency"], usd["CashAccount"], usd["CashSum"]) == ("USD", "1110", "5.00")
    assert (zig["DocCurrency"], zig["CashAccount"]) == ("ZiG", "1111")
    assert zig["CashSum"] == str(posted.total.amount - Decimal("132.50"))


def test_a_dollar_sale_paid_in_both_currencies_is_closed_by_two_payments(house: Office) -> None:
    posted = house.post(house.fill("BOOK"), house.tender("100", "ZIG"), house.tender("20"))
    house.work_on()
    assert_booked_once(house, posted, payments=2)


def test_cash_and_wallet_of_one_currency_are_one_payment(house: Office) -> None:
    posted = house.post(
        house.fill("BOOK", "MILK"),
        house.tender("5.49", code="ecocash"),
        house.tender("20"),
    )
    house.work_on()
    assert_booked_once(house, posted, payments=1)
    (payment,) = house.payments(posted)
    assert (payment["CashSum"], payment["TransferSum"]) == ("9.00", "5.49")
    assert (payment["CashAccount"], payment["TransferAccount"]) == ("1110", "1120")
    assert payment["TransferReference"] == "REF-5.49-USD"


def test_two_wallets_need_two_payments(sqlite_store: Store) -> None:
    house = office(sqlite_store)
    rules = house.shop.rules
    card = TenderType("card", "Card", 1, "card", ("USD",), needs_reference=True)
    accounts = {**rules.sap.accounts, ("card", "USD"): "1110"}
    house.shop = replace(
        house.shop,
        rules=replace(
            rules,
            tender_types=(*rules.tender_types, card),
            sap=replace(rules.sap, accounts=accounts),
        ),
    )
    posted = house.post(
        house.fill("BOOK", "MILK"),
        house.tender("5.49", code="ecocash"),
        house.tender("4", code="card"),
        house.tender("5"),
    )
    house.work_on()
    assert_booked_once(house, posted, payments=2)
    sums = sorted((row.get("CashSum", "0"), row["TransferSum"]) for row in house.payments(posted))
    assert len(sums) == 2
    assert {row["Remarks"] for row in house.payments(posted)} == {
        f"{posted.receipt}-USD1",
        f"{posted.receipt}-USD2",
    }


def test_l18_what_is_settled_is_booked_and_not_what_was_handed_over(house: Office) -> None:
    posted = house.post(house.fill("MILK"), house.tender("20"))
    house.work_on()
    assert_booked_once(house, posted)
    assert house.payments(posted)[0]["CashSum"] == "1.99"


def test_money_owed_on_account_makes_no_payment(house: Office) -> None:
    rules = house.shop.rules
    account = TenderType("account", "Account", 4, "account", ("USD",))
    house.shop = replace(
        house.shop, rules=replace(rules, tender_types=(*rules.tender_types, account))
    )
    whole = house.post(house.fill("BOOK", customer="C0001"), house.tender("12.50", code="account"))
    part = house.post(
        house.fill("BOOK", customer="C0001"),
        house.tender("10", code="account"),
        house.tender("2.50"),
    )
    house.work_on()
    assert house.row(whole)["state"] == "Completed"
    assert house.payments(whole) == []
    assert house.invoices(whole)[0]["DocumentStatus"] == "bost_Open"
    (payment,) = house.payments(part)
    assert payment["CashSum"] == "2.50"
    assert house.invoices(part)[0]["PaidToDate"] == "2.50"


def test_l43_batches_go_as_they_were_sold(house: Office) -> None:
    posted = house.sell("YOGHURT", quantity="8")
    house.work()
    invoice = assert_booked_once(house, posted)
    (line,) = invoice["DocumentLines"]
    assert [(row["BatchNumber"], row["Quantity"]) for row in line["BatchNumbers"]] == [
        ("Y-SOON", "5"),
        ("Y-LATE", "3"),
    ]
    assert house.gate.core.ledger()["batches"] == [
        {"item": "YOGHURT", "batch": "Y-LATE", "warehouse": "SHOP1", "quantity": "27"}
    ]


def test_a_sale_of_nothing_but_gifts_is_an_invoice_over_zero(sqlite_store: Store) -> None:
    """Where no device has to file it: one that has to takes no receipt over nothing."""
    fiscal = replace(shops.shop_rules().fiscal, is_required=False)
    house = office(sqlite_store, fiscal=fiscal)
    made = house.fill("MILK")
    line = made.lines[0]
    gift = replace(line.item, is_free=True)
    free = replace(line, item=gift, quote=replace(line.quote, unit_price=Decimal(0)))
    posted = house.post(replace(made, lines=(free,)), *[])
    house.work_on()
    assert posted.total.is_zero
    assert house.row(posted)["state"] == "Completed"
    (invoice,) = house.invoices(posted)
    assert Decimal(invoice["DocTotal"]) == 0
    assert house.payments(posted) == []


def test_sales_are_posted_in_order_and_priority_comes_first(house: Office) -> None:
    rows = [house.sell("BREAD") for _ in range(3)]
    with house.shop.store.write() as connection:
        connection.execute(
            update(postings).where(postings.c.reference == rows[2].receipt).values(priority=-1)
        )
    house.work()
    assert [row["NumAtCard"] for row in house.invoices()] == [
        rows[2].receipt,
        rows[0].receipt,
        rows[1].receipt,
    ]


def test_a_pass_has_a_limit(house: Office) -> None:
    for _ in range(3):
        house.sell("BREAD")
    worked = posting_work.work(house.shop, house.sap, owner="w", limit=2)
    assert (worked.done, worked.waiting) == (2, 1)
    assert worked.next_at is not None


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", [POST, PAY])
def test_l49_a_row_whose_worker_died_is_asked_about(house: Office, call: str, moment: str) -> None:
    posted = house.sell("MILK")
    kill(house, call, moment)
    with pytest.raises(Killed):
        house.work(owner="dead")
    assert house.row(posted)["state"] == "Processing"
    assert house.work(owner="other").done == 0, "the lease still holds"
    house.shop.clock.sleep(house.shop.rules.sap.lease_seconds + 1)
    house.work_on()
    assert_booked_once(house, posted)


def test_the_next_pass_is_when_a_dead_workers_lease_ends(house: Office) -> None:
    """With nothing else to do the lane must come back for it."""
    house.sell("MILK")
    kill(house, POST, "before")
    with pytest.raises(Killed):
        house.work(owner="dead")
    worked = house.work(owner="other")
    assert worked.waiting == 1
    lease = timedelta(seconds=house.shop.rules.sap.lease_seconds)
    assert worked.next_at is not None
    assert worked.next_at - house.shop.clock.now() <= lease


@pytest.mark.parametrize("call", [POST, PAY])
def test_l24_a_worker_that_lost_its_lease_sends_nothing(house: Office, call: str) -> None:
    """It slept through its lease between the look-up and the sending; another one took over."""
    posted = house.sell("MILK")
    stolen = threading.Event()
    ask = FIND if call == POST else FIND_PAYMENT
    respond = house.gate.core.respond

    def interrupted(request: Any, **how: Any) -> Any:
        answer = respond(request, **how)
        if request.call == ask and not stolen.is_set():
            stolen.set()
            house.shop.clock.sleep(house.shop.rules.sap.lease_seconds + 1)
            house.work(owner="second", sap=house.connect())
        return answer

    house.gate.core.respond = interrupted  # type: ignore[method-assign]
    house.work(owner="first")
    assert stolen.is_set()
    assert_booked_once(house, posted)
    assert (house.calls(POST), house.calls(PAY)) == (1, 1)
    assert house.row(posted)["lease_owner"] is None


def test_l51_a_worker_that_lost_its_lease_writes_no_end(house: Office) -> None:
    """What it has to say of the row is out of date."""
    posted = house.sell("MILK")
    respond = house.gate.core.respond
    stolen = threading.Event()

    def interrupted(request: Any, **how: Any) -> Any:
        if request.call == FIND and not stolen.is_set():
            stolen.set()
            house.shop.clock.sleep(house.shop.rules.sap.lease_seconds + 1)
            house.work(owner="second", sap=house.connect())
            house.arm(Fault(on=FIND, do="error", code=-1000, message="late trouble"))
        return respond(request, **how)

    house.gate.core.respond = interrupted  # type: ignore[method-assign]
    house.work(owner="first")
    row = house.row(posted)
    assert (row["state"], row["reason"]) == ("Completed", "")
    assert house.lamp(posted) == "done"


@pytest.mark.postgres
def test_l23_many_workers_share_the_queue_and_post_each_key_once(postgres_store: Store) -> None:
    house = office(postgres_store)
    rows = [house.sell("BREAD") for _ in range(12)]
    lock, errors = threading.Lock(), []
    admit, answer = house.gate.admit, house.gate.answer

    def locked_answer(request: Any, **how: Any) -> Any:
        with lock:
            return answer(request, **how)

    def locked_admit(request: Any) -> Any:
        with lock:
            return admit(request)

    house.gate.answer, house.gate.admit = locked_answer, locked_admit  # type: ignore[method-assign]
    house.arm(
        Fault(on=POST, do="commit_then_drop", times=3, probability=0.5),
        Fault(on=PAY, do="commit_then_502", times=3, probability=0.5),
    )

    def run(name: str) -> None:
        try:
            house.work(owner=name, sap=house.connect())
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    house.arm()
    house.work_on()
    for posted in rows:
        assert_booked_once(house, posted)
    assert len(house.invoices()) == len(house.payments()) == 12


def test_what_is_completed_is_told_to_the_tills(house: Office) -> None:
    posted = house.sell("MILK")
    house.work()
    with house.shop.store.read() as connection:
        status = sales.status_of(connection, [posted.sale_id])[posted.sale_id]
        told = connection.execute(
            text("SELECT count(*) FROM feed WHERE kind='sale_status' AND key=:key"),
            {"key": posted.sale_id},
        ).scalar()
    (invoice,) = house.invoices()
    assert (status["doc_entry"], status["doc_num"]) == (invoice["DocEntry"], invoice["DocNum"])
    assert told == 1


def kill(house: Office, call: str, moment: str) -> None:
    """Let the worker die right before or after a call of its first."""
    answer = house.gate.answer

    def dying(request: Any, **how: Any) -> Any:
        if request.call != call:
            return answer(request, **how)
        house.gate.answer = answer  # type: ignore[method-assign]
        if moment == "after":
            answer(request, **how)
        raise Killed

    house.gate.answer = dying  # type: ignore[method-assign]


def requeue(house: Office, posted: Posted) -> None:
    """What somebody does who has put things right: try again, attempts forgotten."""
    with house.shop.store.write() as connection:
        connection.execute(
            update(postings)
            .where(postings.c.reference == posted.receipt)
            .values(state="Pending", attempts=0, failures=0, try_at=house.shop.clock.now())
        )


def post_by_hand(house: Office, posted: Posted, *, wrong: str = "") -> None:
    """Somebody books an invoice in SAP under our key."""
    price = "9.99" if wrong == "DocTotal" else "1.99"
    house.connect().post(
        "Invoices",
        {
            "CardCode": "C0001" if wrong == "CardCode" else "C0000",
            "DocDate": "2026-11-02",
            "U_Van_saleorder": posted.sale_id,
            "DocumentLines": [
                {
                    "ItemCode": "MILK",
                    "Quantity": Decimal(1),
                    "PriceAfterVAT": Decimal(price),
                    "VatGroup": "O1",
                    "WarehouseCode": "SHOP1",
                }
            ],
        },
    )


def pay_by_hand(
    house: Office, posted: Posted, *, reference: str = "by hand", amount: str = "1.99"
) -> None:
    """Somebody books a payment of our invoice in SAP."""
    (invoice,) = house.invoices(posted)
    house.connect().post(
        "IncomingPayments",
        {
            "DocType": "rCustomer",
            "CardCode": "C0000",
            "DocDate": "2026-11-02",
            "CashAccount": "1110",
            "CashSum": Decimal(amount),
            "Remarks": reference,
            "PaymentInvoices": [
                {
                    "DocEntry": invoice["DocEntry"],
                    "InvoiceType": "it_Invoice",
                    "SumApplied": Decimal(amount),
                }
            ],
        },
    )
