"""The sale screen, from the first scan to the next sale."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pos_app.domain.money import Money
from pos_app.services import hold, hold_paper, receipt
from pos_app.store import print_job
from pos_app.tui.screens.sale import SaleScreen
from tests.tui.grocer import MANAGER_PIN, NASTY, PRINTER

MAZOE, FLOUR, BREAD = "6001234567890", "6009801234567", "6001112223331"


def codes(till):
    sale = till.app.desk.sale
    return [(line.item.code, str(line.quantity)) for line in sale.lines] if sale else []


async def test_scans_become_lines_in_order_and_the_total_is_shown(person):
    till = await person()
    await till.scan(MAZOE, FLOUR, BREAD, MAZOE)
    await till.sees("Mazoe Orange Crush 2 l", "Gloria Plain Flour", "Brown bread")
    assert [code for code, _ in codes(till)] == ["1001", "1002", "1003", "1001"]
    assert till.app.desk.sale.total == Money.of("9.39", "USD")
    assert till.app.screen.panel.totals.text == "9.39"
    assert till.notice == ""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_entry_line_understands_its_grammar(person, size):
    till = await person(size=size, quick={"4": "1005"})
    await till.type("1001\r")
    await till.type("3*1002\r")
    await till.type("*5\r")
    await till.type("!")
    await till.type("2*!\r")
    await till.type("@4\r")
    assert codes(till) == [
        ("1001", "1"), ("1002", "5"), ("1002", "5"), ("1002", "2"), ("1005", "1"),
    ]  # fmt: skip
    await till.type("2-\r")
    await till.type("-")
    assert codes(till) == [("1001", "1"), ("1002", "5"), ("1002", "2")]
    await till.sees("Taken out: 1 x White sugar 2 kg.")


async def test_a_quantity_waits_for_its_scan_with_and_without_enter(person):
    till = await person()
    await till.type("3*\r")
    await till.sees("3 x >")
    await till.scan(MAZOE)
    await till.type("4*")
    await till.scan(FLOUR)
    await till.type("5*\r")
    await till.type("\r")
    assert codes(till) == [("1001", "3"), ("1002", "5")]
    await till.type("6*\r")
    await till.press("escape")
    await till.scan(BREAD)
    assert codes(till)[-1] == ("1003", "1")


async def test_a_quantity_of_a_hundred_is_asked_for_and_enter_alone_does_not_mean_yes(person):
    till = await person()
    await till.type("250*1002\r")
    await till.at("Confirm")
    await till.press("enter", "enter")
    assert till.notice == "Press Y or N."
    await till.press("n")
    await till.at("SaleScreen")
    assert codes(till) == []
    await till.type("250*1002\r")
    await till.at("Confirm")
    await till.press("y")
    await till.until(lambda: codes(till) == [("1002", "250")])


async def test_an_unknown_code_is_named_and_the_scans_after_it_still_count(person):
    till = await person()
    await till.scan(MAZOE, "6009999999993", FLOUR)
    assert [code for code, _ in codes(till)] == ["1001", "1002"]
    assert "6009999999993" in till.notice
    assert "scan it again or search" in till.notice
    await till.press("escape")
    assert till.notice == ""
    assert len(codes(till)) == 2


async def test_what_cannot_be_read_stays_in_the_line(person):
    till = await person()
    await till.type("0*1001\r")
    assert "quantity of zero" in till.notice
    assert till.app.screen.line.value == "0*1001"
    await till.press("escape")
    assert till.app.screen.line.value == ""


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("1008", "has no price in list"),
        ("1009", "is not mapped"),
        ("1.5*1001", "whole numbers"),
        ("6001234567891", "6001234567891"),
        ("[/b] [", "No item has the code"),
    ],
)
async def test_what_cannot_be_sold_is_refused_in_one_sentence(person, code, sentence):
    till = await person()
    await till.scan(MAZOE)
    await till.type(f"{code}\r")
    await till.until(lambda: bool(till.notice))
    assert sentence in till.notice
    assert codes(till) == [("1001", "1")]


async def test_a_barcode_of_two_items_is_chosen_from_never_guessed(person):
    till = await person()
    await till.type("3*6111\r")
    await till.at("SearchScreen")
    await till.sees("Mazoe Orange Crush 2 l", "Gloria Plain Flour 2 kg")
    assert codes(till) == []
    await till.press("down", "enter")
    await till.at("SaleScreen")
    await till.until(lambda: codes(till) == [("1002", "3")])


async def test_search_finds_by_name_and_sells_the_marked_item(person):
    till = await person()
    await till.type("2*/flour\r")
    await till.at("SearchScreen")
    await till.sees("Gloria Plain Flour 2 kg", "120")
    await till.type("\r")
    await till.until(lambda: codes(till) == [("1002", "2")])
    await till.press("f2")
    await till.at("SearchScreen")
    await till.type("nothing at all\r")
    await till.until(lambda: "Nothing found" in till.notice)
    await till.press("escape")
    await till.until(lambda: "Nothing found" not in till.text)
    await till.press("escape")
    await till.at("SaleScreen")
    assert codes(till) == [("1002", "2")]


async def test_an_item_without_a_price_cannot_be_chosen(person):
    till = await person()
    await till.type("/without\r")
    await till.at("SearchScreen")
    await till.sees("Without a price", "no price")
    await till.type("\r")
    await till.until(lambda: "has no price" in till.notice)
    assert type(till.app.screen).__name__ == "SearchScreen"


async def test_a_discount_above_the_limit_asks_a_manager(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f7")
    await till.type("20\r")
    await till.at("ApprovalDialog")
    await till.sees("is above your limit of 5 %")
    await till.type("farai\r0000\rloyal\r")
    await till.until(lambda: "wrong" in till.notice)
    await till.type(f"{MANAGER_PIN}\rloyal customer\r")
    await till.at("SaleScreen")
    await till.sees("-20 %", "20 % off Mazoe")
    assert till.app.desk.sale.total == Money.of("2.56", "USD")


async def test_a_cashier_cannot_approve_for_herself(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f7", "f7")
    await till.sees("the whole sale")
    await till.type("12\r")
    await till.at("ApprovalDialog")
    await till.type("thandi\r2580\rbecause\r")
    await till.until(lambda: "own request" in till.notice)
    await till.press("escape")
    await till.at("SaleScreen")
    await till.until(lambda: "Not approved" in till.notice)
    assert till.app.desk.sale.discount_percent == 0


@pytest.mark.parametrize("typed", ["abc", "101", "-1", "1e1", "[/]", ""])
async def test_a_discount_that_is_no_number_is_refused_where_it_is_typed(person, typed):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f7")
    await till.at("DiscountDialog")
    await till.type(f"{typed}\r")
    await till.until(lambda: "from 0 to 100" in till.notice)
    await till.press("escape")
    await till.at("SaleScreen")


async def test_park_and_recall_bring_the_same_sale_back(person):
    till = await person()
    await till.scan(MAZOE, FLOUR)
    await till.press("f5")
    await till.type("blue hat\r")
    await till.sees("Scan the first item", "stay reserved for 60 min")
    assert [row.note for row in hold.list_held(till.shop)] == ["blue hat"]
    await till.scan(BREAD)
    await till.press("f6")
    await till.until(lambda: "is in progress" in till.notice)
    await till.type("-")
    await till.press("f6")
    await till.at("HeldScreen")
    await till.sees("blue hat", "5.19 USD", "for 60 min")
    await till.press("enter")
    await till.at("SaleScreen")
    await till.sees("Recalled 2 lines.")
    assert [code for code, _ in codes(till)] == ["1001", "1002"]
    assert hold.list_held(till.shop) == []


async def test_the_slip_of_a_parked_sale_takes_it_up_again(person):
    till = await person(printers=(PRINTER,))
    await till.scan(MAZOE, FLOUR)
    await till.press("f5")
    await till.type("blue hat\r")
    await till.sees("Scan the first item")
    (held,) = hold.list_held(till.shop)
    with till.shop.store.read() as connection:
        (job,) = print_job.of_document(connection, held.id)
    code = hold_paper.code_of(held.id)
    assert b"PARKED SALE" in job["bytes"]
    assert b"blue hat" in job["bytes"]
    assert code.encode() in job["bytes"]
    await till.scan(BREAD)
    await till.scan(code)
    await till.until(lambda: "is in progress" in till.notice)
    await till.type("-")
    await till.scan(code)
    await till.sees("Recalled 2 lines.")
    assert hold.list_held(till.shop) == []
    await till.type("-")
    await till.type("-")
    await till.scan(code)
    await till.until(lambda: "no parked sale" in till.notice)


async def test_esc_names_the_keys_that_take_something_out_and_only_those(person):
    till = await person(size=(80, 24), keys={"sale.cancel": "ctrl+y"})
    await till.press("escape")
    assert till.notice == ""
    await till.scan(MAZOE)
    await till.press("escape")
    assert till.notice == (
        "Esc never takes a line out: use - for the last line, Ctrl+Y for the sale."
    )


async def test_a_discount_and_a_name_that_was_cut_stand_beside_the_basket_in_full(person):
    till = await person(size=(80, 24))
    await till.scan(BREAD)
    name = till.app.desk.sale.lines[0].item.name
    await till.press("f7", "f7")
    await till.type("5\r")
    await till.at("SaleScreen")
    await till.sees("-5 % · VAT")
    long = replace(till.app.desk.sale.lines[0].item, name="Brown bread of the bakery next door")
    line = replace(till.app.desk.sale.lines[0], item=long)
    assert till.app.screen.basket.is_cut(line)
    assert not till.app.screen.basket.is_cut(till.app.desk.sale.lines[0]), name


async def test_cancelling_needs_a_reason_and_above_the_limit_a_manager(person):
    till = await person()
    await till.type("8*1001\r")
    await till.press("ctrl+x")
    await till.at("Ask")
    await till.press("enter")
    await till.until(lambda: "reason is needed" in till.notice)
    await till.type("changed her mind\r")
    await till.at("ApprovalDialog")
    await till.press("escape")
    await till.at("SaleScreen")
    assert codes(till) == [("1001", "8")]
    await till.type("*2\r")
    await till.press("ctrl+x")
    await till.type("changed her mind\r")
    await till.sees("The sale was cancelled")
    assert till.app.desk.sale is None


async def test_another_customer_gets_other_prices(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f3")
    await till.at("CustomerScreen")
    await till.type("chipo")
    await till.sees("Chipo's Tuckshop", "150.00 USD", "Staff USD")
    await till.press("enter")
    await till.at("SaleScreen")
    await till.sees("Customer: Chipo's Tuckshop.", "2.90")
    await till.press("f3")
    await till.at("CustomerScreen")
    await till.press("f3")
    await till.at("SaleScreen")
    await till.until(lambda: till.app.desk.sale.total == Money.of("3.20", "USD"))


async def test_the_other_currency_has_its_own_prices(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("ctrl+t")
    await till.sees("This sale is in ZIG now.", "86.40")
    assert till.app.desk.sale.currency == "ZIG"


async def test_price_check_shows_both_currencies_and_the_same_scan_again_sells(person):
    till = await person()
    await till.press("f4")
    await till.at("PriceCheckScreen")
    await till.scan("6009999999993")
    await till.until(lambda: "6009999999993" in till.notice)
    await till.scan(MAZOE)
    await till.sees("Mazoe Orange Crush 2 l", "3.20", "86.40", "MAIN", "40")
    assert codes(till) == []
    await till.scan(MAZOE)
    await till.at("SaleScreen")
    await till.until(lambda: codes(till) == [("1001", "1")])


async def test_locking_keeps_the_sale_for_whoever_comes(person):
    till = await person()
    await till.scan(MAZOE, FLOUR)
    await till.press("f12")
    await till.at("SignInScreen")
    await till.sees("A sale of 2 lines, 5.19 USD, is waiting.")
    await till.scan(BREAD)
    await till.press("escape")
    await till.type(f"farai\r{MANAGER_PIN}\r")
    await till.at("SaleScreen")
    assert [code for code, _ in codes(till)] == ["1001", "1002"]
    assert till.app.desk.actor.username == "farai"


async def test_a_scan_while_a_dialog_is_open_is_refused_and_named_afterwards(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("ctrl+x")
    await till.at("Ask")
    await till.scan(FLOUR)
    assert [code for code, _ in codes(till)] == ["1001"]
    assert FLOUR in till.notice
    await till.press("escape")
    await till.at("SaleScreen")
    await till.until(lambda: f"not sold: {FLOUR}" in till.notice)
    assert [code for code, _ in codes(till)] == ["1001"]


async def test_a_reason_and_a_name_typed_as_fast_as_a_scanner_are_text(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f3")
    await till.at("CustomerScreen")
    await till.scan("chipo's")
    await till.at("SaleScreen")
    assert till.app.desk.sale.partner.name.startswith("Chipo")
    await till.press("ctrl+x")
    await till.at("Ask")
    await till.scan("left without")
    await till.at("SaleScreen")
    assert codes(till) == []


async def test_a_scan_into_the_search_is_searched_for_and_never_sells_by_itself(person):
    till = await person()
    await till.type("/ma")
    await till.type("\r")
    await till.at("SearchScreen")
    await till.scan(FLOUR)
    await till.until(lambda: till.app.screen.line.value == FLOUR)
    assert type(till.app.screen).__name__ == "SearchScreen"
    assert codes(till) == []


async def test_a_scan_into_the_customers_is_undone_and_named(person):
    till = await person()
    await till.press("f3")
    await till.at("CustomerScreen")
    await till.type("ch")
    await till.scan(FLOUR)
    await till.until(lambda: FLOUR in till.notice)
    assert till.app.screen.line.value == "ch"


async def test_escape_never_takes_a_line_and_enter_on_nothing_does_nothing(person):
    till = await person()
    await till.scan(MAZOE)
    for _ in range(3):
        await till.press("escape", "enter", "enter")
    assert codes(till) == [("1001", "1")]
    assert isinstance(till.app.screen, SaleScreen)


async def test_a_held_down_minus_takes_one_line_out(person):
    till = await person()
    await till.scan(MAZOE, FLOUR, BREAD)
    till._time += 1
    for _ in range(8):
        till._send("minus", "-", 0.03)
    await till.settle()
    assert [code for code, _ in codes(till)] == ["1001", "1002"]


async def test_nasty_names_are_shown_as_they_are_without_their_control_characters(person):
    till = await person()
    await till.type("1007\r")
    shown = NASTY.replace("\x1b", "·").replace("\x07", "·")
    await till.sees(shown)
    await till.press("f2")
    await till.at("SearchScreen")
    await till.type("off")
    await till.sees(shown)
    await till.press("escape", "escape", "f3")
    await till.at("CustomerScreen")
    await till.sees(shown)
    await till.press("escape", "f4")
    await till.at("PriceCheckScreen")
    await till.type("1007\r")
    await till.sees(shown)


async def test_a_full_sale_says_so(person):
    till = await person()
    await till.scan(MAZOE)
    line = till.app.desk.sale.lines[0]
    sale = till.app.desk.sale
    for _ in range(499):
        sale = sale.with_line(replace(line, number=0))
    till.app.desk.sale = sale
    await till.scan(FLOUR)
    assert "at most 500 lines" in till.notice
    assert len(codes(till)) == 500


async def test_the_keys_can_be_remapped(person):
    till = await person(keys={"sale.search": "f8", "sale.receipts": "f2"})
    await till.press("f8")
    await till.at("SearchScreen")
    await till.press("escape", "f2")
    await till.at("ReceiptsScreen")
    await till.press("escape", "f1")
    await till.at("HelpScreen")
    await till.sees("Find an item by name")


async def test_weights_on_labels_are_sold_as_they_weigh(person):
    till = await person()
    await till.scan("2000042012342")
    assert codes(till) == [("2001", "1.234")]
    assert till.app.desk.sale.total == Money.rounded(Decimal("8.50") * Decimal("1.234"), "USD")
    await till.sees("1.234 kg")


async def test_nothing_was_posted_by_any_of_this(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f9", "escape", "escape")
    await till.at("SaleScreen")
    assert receipt.recent(till.shop) == []
