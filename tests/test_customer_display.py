"""The customer's display: the latest wish, the greeting, and a device that is never waited for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos_app.customer_display import CustomerDisplay
from pos_app.services import basket, display_text, status
from pos_app.services.doctor import neighbour
from pos_app.services.doctor.finding import State
from pos_app.services.shop import DisplayRules, Shop
from pos_app.store.engine import Store
from printing.display import Display, DisplayProfile, DisplayText
from printing.simulator.display import SimulatedDisplay
from tests import shops

RULES = DisplayRules(url="memory://", profile=DisplayProfile(), greeting=("Welcome", "to us"))
GREETING = ("      Welcome", "       to us")


@pytest.fixture
def shop(sqlite_store: Store) -> Shop:
    made = shops.open_shop(sqlite_store, display=RULES)
    shops.open_till(made)
    return made


def made(shop: Shop) -> tuple[CustomerDisplay, SimulatedDisplay]:
    device = SimulatedDisplay()
    return CustomerDisplay(shop, Display(device, RULES.profile, clock=shop.clock)), device


def test_the_greeting_then_the_latest_wish_only(shop: Shop) -> None:
    display, device = made(shop)
    display.work()
    assert device.seen == [GREETING]
    for at in range(50):
        display.show(DisplayText(f"line {at}"))
    display.work()
    display.work()
    assert device.seen[1:] == [("line 49", "")]


def test_how_a_sale_ended_stays_a_while_then_the_greeting(shop: Shop) -> None:
    display, device = made(shop)
    display.finish(DisplayText("TOTAL", "Change"))
    display.work()
    display.greet()
    display.work()
    assert device.seen == [("TOTAL", "Change")]
    shop.clock.sleep(21)
    display.work()
    assert device.seen[-1] == GREETING
    display.show(DisplayText("next"))
    display.greet()
    display.work()
    assert device.seen[-1] == GREETING


def test_what_it_shows_is_told_again_to_one_that_was_switched_off(shop: Shop) -> None:
    display, device = made(shop)
    display.show(DisplayText("a"))
    display.work()
    device.lines = ["", ""]
    shop.clock.sleep(16)
    display.work()
    assert device.lines[0].rstrip() == "a"


@pytest.mark.parametrize("wrong", ["is_unplugged", "is_stuck"])
def test_a_dead_display_is_named_and_comes_back_by_itself(shop: Shop, wrong: str) -> None:
    display, device = made(shop)
    setattr(device, wrong, True)
    worked = display.work()
    assert "customer display is offline" in worked.problem
    assert status.status(shop).display == worked.problem
    asked = len(device.seen)
    display.show(DisplayText("a"))  # nobody waits for it, and it is not hammered
    assert display.work().problem == worked.problem
    assert len(device.seen) == asked
    setattr(device, wrong, False)
    shop.clock.sleep(6)
    assert display.work().problem == ""
    assert device.seen[-1] == ("a", "")
    assert status.status(shop).display == ""


def test_what_a_sale_says(shop: Shop) -> None:
    actor = shops.actor()
    sale = basket.start(shop, actor)
    assert display_text.of_sale(shop, sale) == DisplayText("", "TOTAL       0.00 USD")
    sale = basket.add(shop, actor, sale, "BANANA", quantity=Decimal("0.555"))
    sale = basket.add(shop, actor, sale, "MILK", quantity=Decimal(2))
    text = display_text.of_sale(shop, sale)
    assert text == DisplayText("2x1.99 Milk 1 l", "TOTAL       5.89 USD")
    due = display_text.of_tender(shop, sale, (sale.total,), is_begun=False)
    assert due == DisplayText("TOTAL       5.89 USD", "")


def test_the_doctor_says_how_it_was_last(shop: Shop) -> None:
    assert neighbour.display(shop).state is State.UNKNOWN
    display, device = made(shop)
    display.work()
    assert neighbour.display(shop).state is State.OK
    device.is_unplugged = True
    display.show(DisplayText("a"))
    display.work()
    finding = neighbour.display(shop)
    assert (finding.state, finding.sentence) == (State.WARN, status.status(shop).display)


def test_a_till_without_one_says_nothing_of_it(sqlite_store: Store) -> None:
    shop = shops.open_shop(sqlite_store)
    assert status.status(shop).display is None
    assert display_text.greeting(shop).first.strip() == shop.rules.seller.name
