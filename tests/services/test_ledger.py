"""A shop without SAP: the same queue, local numbers, and books whose two sides are equal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from pos_app.domain.ledger import CASH, RECEIVABLE, REVENUE, Line, Unbalanced, balanced, exchanged
from pos_app.domain.money import Money
from pos_app.domain.note import WantedLine
from pos_app.services import payment, refund
from pos_app.services.check.invariants import check
from pos_app.services.ledger import told
from pos_app.services.payment import Receipt
from pos_app.services.posting.work import work
from pos_app.services.proof import day as proofs
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import FiscalRules
from pos_app.store import ledger as books
from pos_app.store import partner as partners
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests import shops
from tests.office import Office, office

NO_DEVICE = FiscalRules(device="", is_required=False, deferred_count=0, deferred_hours=0)
MANAGER = replace(shops.actor("manager"), role="Admin")
ZERO = {"USD": Money(0, "USD"), "ZIG": Money(0, "ZIG")}


@pytest.fixture
def own(store: Store) -> Office:
    """A server without SAP, on each database."""
    return office(store, role="server", has_sap=False, fiscal=NO_DEVICE)


def book(house: Office) -> None:
    worked = work(house.shop, None, owner="w")
    assert (worked.waiting, worked.problem) == (0, "")


def give_back(house: Office, of: Posted, quantity: str) -> Posted:
    lines = (WantedLine(line=1, quantity=Decimal(quantity)),)
    asked = AskedNote(id=house.shop.ids.new(), receipt=of.receipt, lines=lines, reason="sour")
    noted = refund.post(house.shop, MANAGER, asked)
    house.queue(noted)
    return noted


def pay(house: Office, partner: str, amount: str, currency: str = "USD") -> None:
    money = dict.fromkeys(("transfer", "cheque", "card"), ZERO[currency])
    asked = Receipt(partner=partner, currency=currency, cash=Money.of(amount, currency), **money)
    payment.receive(house.shop, shops.actor("manager"), asked)


def trial(house: Office) -> dict[tuple[str, str], int]:
    with house.shop.store.read() as connection:
        rows = books.trial_balance(connection)
    return {(row["code"], row["currency"]): row["debit"] - row["credit"] for row in rows}


def sums(house: Office) -> dict[str, int]:
    made: dict[str, int] = {}
    for (_, currency), minor in trial(house).items():
        made[currency] = made.get(currency, 0) + minor
    return made


def test_a_sale_is_booked_with_numbers_of_its_own(own: Office) -> None:
    first, second = own.sell("MILK", "BREAD", "BOOK"), own.sell("MILK")
    book(own)
    assert own.lamp(first) == own.lamp(second) == "done"
    assert [step["doc_num"] for step in own.steps(first)] == [1, 1]
    assert [step["doc_num"] for step in own.steps(second)] == [2, 2]
    assert [step["kind"] for step in own.steps(first)] == ["invoice", "payment"]
    assert trial(own) == {
        ("1110", "USD"): 1549 + 199,
        ("1300", "USD"): 0,
        ("2200", "USD"): -27 * 2,
        ("4000", "USD"): -(1549 - 27) - (199 - 27),
    }


def test_the_same_row_again_books_nothing(own: Office) -> None:
    own.sell("MILK")
    book(own)
    before = trial(own)
    own.shop.clock.sleep(3600)
    book(own)
    assert trial(own) == before


def test_a_sale_paid_in_two_currencies_balances_in_each(own: Office) -> None:
    made = own.fill("BOOK")
    own.post(made, own.tender("100.00", "ZIG"), own.tender("20.00"), change_currency="USD")
    book(own)
    assert set(sums(own).values()) == {0}
    accounts = trial(own)
    assert accounts["1111", "ZIG"] == 10000
    assert accounts["1900", "ZIG"] == -10000
    assert accounts["1300", "USD"] == 0


def test_a_credit_note_turns_every_side(own: Office) -> None:
    sold = own.sell("MILK", quantity="2")
    book(own)
    noted = give_back(own, sold, "2")
    book(own)
    assert own.lamp(noted) == "done"
    assert [step["kind"] for step in own.steps(noted)] == ["credit_note", "refund"]
    assert set(trial(own).values()) == {0}


def test_a_payment_lowers_what_its_customer_owes(own: Office) -> None:
    pay(own, "C0001", "5.00")
    book(own)
    with own.shop.store.read() as connection:
        known = partners.by_code(connection, "C0001")
        assert books.owed(connection, "C0001", RECEIVABLE.code) == {"USD": -500}
    assert known is not None
    assert known.balance == Money(-500, "USD")
    assert sums(own) == {"USD": 0}


def test_the_books_and_the_checker_agree_after_any_mix(own: Office) -> None:
    sold = own.sell("MILK", "YOGHURT", quantity="3")
    own.sell("BANANA", currency="ZIG")
    pay(own, "C0001", "7.00")
    book(own)
    give_back(own, sold, "1")
    book(own)
    assert set(sums(own).values()) == {0}
    assert found(own) == set()


def found(house: Office) -> set[str]:
    """What the checker finds of the way into the books; the till's part was not played."""
    words = ("ledger", "sap", "queue", "posting", "lamp")
    codes = {row.code for row in check(house.shop, is_server=True)}
    return {code for code in codes if any(word in code for word in words)}


SPOILT = {
    "ledger_unbalanced": (
        "UPDATE ledger_lines SET credit = credit + 1 WHERE credit > 0 AND line = 2"
    ),
    "ledger_numbers": "UPDATE ledger_entries SET number = 9 WHERE kind = 'payment' AND entry = 5",
    "ledger_total_differs": "UPDATE ledger_lines SET account = '1010' WHERE account = '1300'",
}


@pytest.mark.parametrize("code", SPOILT)
def test_what_is_spoilt_in_the_books_is_named(own: Office, code: str) -> None:
    own.sell("MILK")
    own.sell("MILK")
    book(own)
    with own.shop.store.write() as connection:
        connection.execute(text(SPOILT[code]))
    assert found(own) == {code}


def test_the_proof_compares_with_the_books(own: Office) -> None:
    sold = own.sell("MILK", "BREAD", quantity="2")
    own.sell("MILK", currency="ZIG")
    pay(own, "C0001", "7.00")
    book(own)
    give_back(own, sold, "1")
    waits = proofs.of_server(own.shop, own.shop.today, books=None)
    assert [row.code for row in waits.differences] == ["sap_waiting"]
    assert "the books" in waits.differences[0].sentence
    book(own)
    proof = proofs.of_server(own.shop, own.shop.today, books=None)
    assert [row.sentence for row in proof.differences] == []
    assert [row.name for row in proof.sums if row.differs] == []


def test_an_account_of_another_day_does_not_count(own: Office) -> None:
    own.sell("MILK")
    book(own)
    with own.shop.store.read() as connection:
        assert books.trial_balance(connection, until=date(2026, 11, 1)) == []
        many = connection.execute(select(func.count()).select_from(books.ledger_lines)).scalar()
    assert many == 5


def test_an_entry_that_does_not_balance_is_never_booked() -> None:
    one = Line(account=CASH, debit=Money(100, "USD"))
    with pytest.raises(Unbalanced):
        balanced([one])
    with pytest.raises(Unbalanced):
        balanced([one, Line(account=REVENUE, debit=Money(-99, "USD"))])
    with pytest.raises(Unbalanced):
        balanced([one, Line(account=REVENUE, debit=Money(-100, "ZIG"))])
    nothing = Line(account=REVENUE, debit=Money(0, "USD"))
    assert balanced([nothing]) == ()
    other = Line(account=RECEIVABLE, debit=Money(-2650, "ZIG"))
    assert len(balanced(exchanged(one, other))) == 4


def test_the_server_says_that_it_keeps_the_books(own: Office) -> None:
    with own.shop.store.read() as connection:
        assert not told.keeps_own(connection)
    told.announce(own.shop)
    with own.shop.store.read() as connection:
        assert told.keeps_own(connection)


def test_a_shop_that_leaves_sap_goes_on_behind_its_numbers(sqlite_store: Store) -> None:
    house = office(sqlite_store, role="server", fiscal=NO_DEVICE)
    before = house.sell("MILK")
    house.work()
    house.shop.clock.sleep(60)
    house.shop = replace(house.shop, rules=replace(house.shop.rules, has_sap=False))
    after = house.sell("MILK")
    book(house)
    assert house.steps(after)[0]["doc_num"] == house.steps(before)[0]["doc_num"] + 1
    assert found(house) == set()


def test_what_sap_was_only_to_get_is_booked_when_a_shop_leaves_it(sqlite_store: Store) -> None:
    house = office(sqlite_store, role="server", fiscal=NO_DEVICE)
    house.arm(Fault(on="POST Invoices", do="refuse", times=9))
    sold = house.sell("MILK")
    house.work()
    assert [step["state"] for step in house.steps(sold)] == ["waiting", "waiting"]
    house.shop.clock.sleep(60)
    house.shop = replace(house.shop, rules=replace(house.shop.rules, has_sap=False))
    book(house)
    assert [step["doc_num"] for step in house.steps(sold)] == [1, 1]
    assert trial(house)["4000", "USD"] == -(199 - 27)
    assert found(house) == set()


def test_what_sap_may_hold_is_not_booked_beside_it(sqlite_store: Store) -> None:
    house = office(sqlite_store, role="server", fiscal=NO_DEVICE)
    house.arm(Fault(on="POST IncomingPayments", do="commit_then_drop"))
    sold = house.sell("MILK")
    house.work()
    house.shop.clock.sleep(60)
    house.shop = replace(house.shop, rules=replace(house.shop.rules, has_sap=False))
    work(house.shop, None, owner="w")
    assert house.row(sold)["state"] == "RequiresReview"
    assert "SAP may hold some" in house.row(sold)["reason"]
    assert trial(house) == {}
