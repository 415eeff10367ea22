"""A customer's wallet asked from the tender screen: paid, refused, left open, paid after all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pos_app.services import receipt
from pos_app.services.prompt import look, view
from pos_app.tui.screens import tender
from pos_app.tui.widgets import prompt
from sync.errors import OutcomeUnknown, Unavailable
from tests.tui.conftest import Person
from tests.tui.grocer import PIN, TENDERS

MILK_AND_MORE = "4*1001\r"  # 12.80 USD
ECOCASH = tuple(replace(one, gateway="ecocash" if one.code == "ecocash" else "") for one in TENDERS)


@dataclass
class Wallet:
    """The server and the customer's phone behind it; it says the last of `states` for good."""

    states: list[str] = field(default_factory=lambda: ["Processing"])
    message: str = ""
    is_cut: bool = False
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def charge_ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.is_cut:
            raise Unavailable("The server cannot be reached (no route).")
        self.asked.append(asked)
        return self.charge(asked["id"])

    def charge(self, charge_id: str) -> Mapping[str, Any]:
        if self.is_cut:
            raise OutcomeUnknown("The server's answer got lost.")
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        number = f"MP{len(self.asked)}" if state == "Success" else ""
        return {
            "id": charge_id, "state": state, "is_held": False, "message": self.message,
            "external_id": number, "received": "", "is_claimed": False, "seconds_left": 90,
            "shown": {},
        }  # fmt: skip

    def charge_leave(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.left.append(asked["id"])
        return self.charge(asked["id"])


@dataclass
class Counter:
    person: Person
    wallet: Wallet

    async def pay(self, phone: str = "0771234567") -> None:
        """Ring up 12.80 and ask a number for it."""
        till = self.person
        await till.type(MILK_AND_MORE)
        await till.press("f9")
        await till.type("5\r\r")
        await till.at("Ask")
        await till.sees("EcoCash 12.80 USD", "The customer's number")
        await till.type(f"{phone}\r")

    def work(self) -> None:
        """What the background does."""
        self.person.shop.clock.sleep(2)
        look.work(self.person.shop, self.wallet)

    def tenders(self, number: str = "T01-000001") -> list[tuple[str, str]]:
        rows = receipt.show(self.person.shop, number).tenders
        return [(row.type, row.reference) for row in rows]


@pytest.fixture
def counter(person: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    async def come(*states: str, size: tuple[int, int] = (120, 40), **facts: Any) -> Counter:
        monkeypatch.setattr(prompt, "PAUSE", 0.05)
        monkeypatch.setattr(tender, "WATCH_SECONDS", 0.05)
        till = await person(size=size, tender_types=ECOCASH)
        wallet = Wallet(list(states) or ["Processing"], **facts)
        till.app._interior = replace(till.app._interior, receipts=lambda: wallet)
        return Counter(till, wallet)

    return come


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_customer_pays_on_the_phone(counter: Any, size: tuple[int, int]) -> None:
    at = await counter("Processing", size=size)
    await at.pay()
    await at.person.at("PromptDialog")
    await at.person.sees("+263771234567", "Waiting for the customer", "1:30 left", "Esc leaves it")
    at.wallet.states = ["Success"]
    await at.person.at("SaleScreen")
    assert at.tenders() == [("ecocash", "MP1")]
    (asked,) = at.wallet.asked
    assert (asked["amount"], asked["currency"], asked["provider"]) == ("12.80", "USD", "ecocash")


async def test_what_is_paid_behind_a_locked_till_is_taken_when_it_is_unlocked(counter: Any) -> None:
    at = await counter()
    await at.pay()
    await at.person.at("PromptDialog")
    await at.person.press("f12")
    await at.person.at("SignInScreen")
    at.wallet.states = ["Success"]
    await at.person.until(lambda: view.for_sale(at.person.shop, "any") != ())
    await at.person.type(f"thandi\r{PIN}\r")
    await at.person.at("SaleScreen")
    await at.person.until(lambda: receipt.recent(at.person.shop) != [])
    assert at.tenders() == [("ecocash", "MP1")]


async def test_a_refusal_is_one_sentence_and_another_tender_follows(counter: Any) -> None:
    at = await counter("Failed", message="Insufficient Balance")
    await at.pay()
    await at.person.at("TenderScreen")
    await at.person.until(
        lambda: "EcoCash 12.80 USD was not paid (Insufficient Balance)" in at.person.notice
    )
    at.wallet.is_cut = True
    await at.person.type("\r")
    await at.person.at("Ask")
    await at.person.type("0771234567\r")
    await at.person.until(lambda: "cannot be reached" in at.person.notice)
    await at.person.at("TenderScreen")
    await at.person.press("f9")
    await at.person.type("1\r+")
    await at.person.at("SaleScreen")
    assert at.tenders() == [("cash", "")]


async def test_what_is_left_open_is_watched_on_and_taken_when_it_comes(counter: Any) -> None:
    at = await counter()
    await at.pay()
    await at.person.at("PromptDialog")
    await at.person.press("escape")
    await at.person.at("TenderScreen")
    await at.person.until(lambda: "is watched on" in at.person.notice)
    await at.person.sees("12.80 USD asked of 263771234567, not known yet")
    await at.person.type("\r")
    await at.person.at("Ask")
    await at.person.type("0772222222\r")
    await at.person.at("Confirm")
    await at.person.sees("pay twice. Ask once more?")
    await at.person.type("n")
    await at.person.at("TenderScreen")
    assert len(at.wallet.asked) == 1
    at.wallet.states = ["Success"]
    at.work()
    await at.person.sees("12.80 USD came from 263771234567", "Ctrl+E Money came")
    await at.person.until(lambda: "MP1 came: Ctrl+E takes it" in at.person.notice)
    await at.person.press("ctrl+e")
    await at.person.at("Choose")
    await at.person.type("1")
    await at.person.at("SaleScreen")
    assert at.tenders() == [("ecocash", "MP1")]


async def test_cash_instead_of_money_that_came_is_asked_about_and_told_to_the_server(
    counter: Any,
) -> None:
    at = await counter()
    await at.pay()
    await at.person.at("PromptDialog")
    await at.person.press("escape")
    await at.person.at("TenderScreen")
    at.wallet.states = ["Success"]
    at.work()
    await at.person.sees("came from")
    await at.person.press("f9")
    await at.person.type("1\r+")
    await at.person.at("Confirm")
    await at.person.sees("came from the customer's wallet after all")
    await at.person.type("n")
    await at.person.at("TenderScreen")
    assert receipt.recent(at.person.shop) == []
    await at.person.type("\r")
    await at.person.at("Confirm")
    await at.person.type("y")
    await at.person.at("SaleScreen")
    assert at.tenders() == [("cash", "")]
    at.work()
    assert at.wallet.left == [at.wallet.asked[0]["id"]]


async def test_a_wrong_number_a_way_back_and_a_payment_made_already(counter: Any) -> None:
    at = await counter()
    await at.pay("0242123456")
    await at.person.until(lambda: "no mobile number of Zimbabwe" in at.person.notice)
    await at.person.press("escape")
    await at.person.at("TenderScreen")
    await at.person.until(lambda: "was not taken: Enter asks again" in at.person.notice)
    await at.person.type("\r")
    await at.person.at("Ask")
    await at.person.type("\r")
    await at.person.sees("Reference of the confirmation")
    await at.person.type("MP7700\r")
    await at.person.at("SaleScreen")
    assert (at.tenders(), at.wallet.asked) == ([("ecocash", "MP7700")], [])


async def test_money_of_a_sale_that_is_gone_is_named_at_the_next(counter: Any) -> None:
    at = await counter()
    await at.pay()
    await at.person.at("PromptDialog")
    await at.person.press("escape")
    await at.person.at("TenderScreen")
    at.wallet.states = ["Success"]
    at.work()
    at.person.app.desk.sale = None  # as after a power cut
    at.person.enter()
    await at.person.press("escape")
    await at.person.at("SaleScreen")
    await at.person.until(lambda: "Mobile money no sale has taken: 12.80 USD" in at.person.notice)
