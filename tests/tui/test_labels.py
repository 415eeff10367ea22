"""The place of labels: what changed, print, confirm, cancel, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos_app.domain.price import ListPrice
from pos_app.errors import InvalidInput
from pos_app.services import sign_in
from pos_app.services.label import queue, work
from pos_app.services.shop import LabelRules
from pos_app.store import price
from pos_app.tui.screens.labels import read_wish
from printing.label import LabelMedia
from printing.label_printer import LabelPrinter
from printing.simulator.label import SimulatedLabelPrinter
from tests.tui.grocer import MANAGER_PIN

RULES = LabelRules(url="memory://", media=LabelMedia(width_mm=50, height_mm=30))


async def at_labels(person, clock):
    """A manager before two labels that are due."""
    till = await person(label=RULES, is_signed_in=False)
    queue.refresh(till.shop)
    with till.shop.store.write() as connection:
        price.put(connection, [ListPrice("1003", "RETAIL-USD", Decimal("1.20")),
                               ListPrice("1004", "RETAIL-USD", Decimal("4.40"))])  # fmt: skip
    till.enter("farai", MANAGER_PIN)
    await till.at("SaleScreen")
    await till.press("ctrl+b")
    await till.at("LabelsScreen")
    await till.sees("Brown bread", "1.20 USD", "Showing all: 2 labels. 2 due")
    machine = SimulatedLabelPrinter(clock)
    return till, machine, LabelPrinter(machine, clock=clock)


async def test_from_due_to_the_shelf(person, clock):
    till, machine, printer = await at_labels(person, clock)
    await till.press("f6")
    await till.sees("2 waits", "2 labels on the way")
    work.work(till.shop, printer)
    assert len(machine.labels) == 2
    till.quiet.look()
    await till.sees("2 printed")
    await till.press("f7")
    await till.sees("Showing all: 1 label.")
    await till.press("f8")
    await till.at("Confirm")
    await till.type("y")
    await till.at("LabelsScreen")
    await till.sees("No label is due")


async def test_an_unsure_label_says_why_and_can_be_printed_again(person, clock):
    till, machine, printer = await at_labels(person, clock)
    machine.media, machine.answers_in_trouble = 1, False
    await till.press("f6")
    await till.sees("2 waits")
    work.work(till.shop, printer)
    till.quiet.look()
    await till.sees("came out?", "Nobody knows whether the paper came out")
    await till.press("f5")
    await till.until(lambda: "on the way" in till.notice)


async def test_filter_cancel_and_by_hand(person, clock):
    till, machine, printer = await at_labels(person, clock)
    await till.press("f2")
    await till.sees("Showing new prices: 2 labels")
    await till.press("f2")
    await till.sees("Showing new goods: 0 labels")
    await till.press("f2", "f2", "delete")
    await till.at("Ask")
    await till.type("Written by hand\r")
    await till.at("LabelsScreen")
    await till.sees("Showing all: 1 label")
    await till.press("f4")
    await till.at("Ask")
    await till.type("2*1001\r")
    await till.until(lambda: "label of 1001" in till.notice)
    work.work(till.shop, printer)
    assert [label.fields[0] for label in machine.labels] == ["Mazoe Orange Crush 2 l"] * 2
    await till.press("f4")
    await till.at("Ask")
    await till.type("nobody\r")
    await till.until(lambda: "No item has the code" in till.notice)
    await till.press("escape")
    await till.at("SaleScreen")


async def test_a_till_without_a_label_printer_and_a_cashier_have_no_such_place(person):
    till = await person(label=RULES)
    await till.press("ctrl+b")
    await till.settle()
    await till.at("SaleScreen")
    assert not sign_in.with_pin(till.shop, "thandi", "2580").may("label.print")


@pytest.mark.parametrize(
    ("typed", "wish"),
    [("1001", ("1001", 1, None)), ("3*1001", ("1001", 3, None)),
     ("2001 0.555", ("2001", 1, Decimal("0.555"))), ("2001 0.5 kg", ("2001", 1, Decimal("0.5")))],
)  # fmt: skip
def test_what_is_typed_for_a_label_by_hand(typed, wish):
    assert read_wish(typed) == wish


@pytest.mark.parametrize("typed", ["", "x*1", "*", "2001 heavy", "2001 NaN"])
def test_what_is_no_wish_is_refused(typed):
    with pytest.raises(InvalidInput):
        read_wish(typed)
