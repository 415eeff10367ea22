"""Paying: what is due, what was taken, and that every sale is posted once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from pos_app.domain.money import Money
from pos_app.domain.partner import AboveLimit
from pos_app.services import credit, receipt, sale
from pos_app.store import partner
from pos_app.store.fault import CommitUnknown
from pos_app.tui.screens import tender
from tests.tui.grocer import MANAGER_PIN

MAZOE, FLOUR, BREAD = "6001234567890", "6009801234567", "6001112223331"


def large(till):
    """The title and the large amount in front."""
    screen = till.app.screen
    totals = screen.view.totals if hasattr(screen, "view") else screen.panel.totals
    return totals.title, totals.text


def posted(till):
    return [(row.receipt, str(row.total)) for row in receipt.recent(till.shop)]


async def test_two_plus_keys_are_a_cash_sale_and_the_next_scan_starts_the_next_one(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("++")
    await till.at("SaleScreen")
    assert posted(till) == [("T01-000001", "3.20")]
    await till.sees("PAID USD", "T01-000001", "PAID", "FISCALISED", "change none")
    assert till.app.desk.sale is None
    await till.scan(FLOUR)
    await till.sees("TOTAL USD", "Gloria", "T01-000001")
    assert "wake" in till.quiet.calls


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_usd_and_zig_together_with_change(person, size):
    till = await person(size=size)
    await till.type("4*1001\r")
    await till.press("f9")
    await till.at("TenderScreen")
    await till.sees("1  Cash USD", "2  Cash ZIG", "345.60 ZIG")
    await till.type("2\r100\r")
    await till.until(lambda: large(till) == ("STILL DUE ZIG", "245.70"))
    await till.sees("100.00 ZIG")
    await till.press("f9")
    await till.type("1\r20\r")
    await till.at("SaleScreen")
    await till.until(lambda: large(till) == ("CHANGE USD", "10.90"))
    shown = receipt.show(till.shop, "T01-000001")
    assert [row.tendered for row in shown.tenders] == [
        Money.of("100", "ZIG"),
        Money.of("20", "USD"),
    ]
    assert shown.change == (Money.of("10.90", "USD"),)


async def owing(till):
    """Choose a customer who may owe 5.00 more, and put 12.80 on account."""
    with till.shop.store.write() as connection:
        known = partner.by_code(connection, "C0001")
        told = replace(known, credit_limit=Money.of("55.00", "USD"))
        partner.put(connection, [told], at=till.shop.clock.now())
    await till.type("4*1001\r")
    await till.press("f3")
    await till.at("CustomerScreen")
    await till.type("chipo")
    await till.sees("Chipo's Tuckshop")
    await till.press("enter")
    await till.at("SaleScreen")
    await till.press("f9")
    await till.sees("Account")
    number = next(
        at
        for at, row in enumerate(till.app.screen.state.options, start=1)
        if row.type.code == "account"
    )
    await till.type(f"{number}\r\r")


async def test_what_is_owed_above_the_limit_asks_a_manager(person):
    till = await person()
    await owing(till)
    await till.at("ApprovalDialog")
    await till.sees("Credit above the customer's limit of")
    await till.press("escape")
    await till.until(lambda: "Not approved" in till.notice)
    assert posted(till) == []
    await till.type("\r")
    await till.at("ApprovalDialog")
    await till.type(f"farai\r{MANAGER_PIN}\rpays on Friday\r")
    await till.at("SaleScreen")
    assert [name for name, _ in posted(till)] == ["T01-000001"]


async def test_a_shop_that_only_warns_shows_three_figures_and_asks_for_a_key(person):
    till = await person(above_limit=AboveLimit.WARN)
    await owing(till)
    await till.at("Confirm")
    await till.sees("may owe 55.00 USD, owes 50.00", "above the limit", "Y sell on account")
    await till.type("\rn")
    await till.at("TenderScreen")
    await till.until(lambda: "Not sold yet" in till.notice)
    assert posted(till) == []
    await till.type("-")
    await till.until(lambda: "Given back" in till.notice)
    await till.type("\r")
    await till.at("Confirm")
    await till.type("y")
    await till.at("SaleScreen")
    assert credit.warned(till.shop, "T01-000001")["message"].startswith("Chipo's Tuckshop may owe")


async def test_nobody_in_particular_owes_nothing(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f9")
    await till.type("7\r\r")
    await till.until(lambda: "choose the customer first" in till.notice)
    assert not till.app.screen.has_tenders


async def test_change_in_the_other_currency(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("+")
    await till.press("ctrl+t", "ctrl+t")
    await till.sees("Change in ZIG")
    await till.type("5\r")
    await till.at("SaleScreen")
    await till.until(lambda: large(till) == ("CHANGE ZIG", "48.60"))


async def test_enter_on_nothing_takes_exactly_what_is_due_and_a_note_key_that_note(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("+")
    await till.sees("F5 5.00", "F6 10.00")
    await till.press("f6")
    await till.at("SaleScreen")
    await till.until(lambda: large(till) == ("CHANGE USD", "6.80"))
    await till.scan(MAZOE)
    await till.type("+\r")
    await till.at("SaleScreen")
    assert [total for _, total in posted(till)] == ["3.20", "3.20"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("abc", "is not an amount"),
        ("0", "is not an amount"),
        ("5-", "is not an amount"),
        ("1.234", "more than 2 decimals"),
        ("5 EUR", "is not one the shop takes"),
        ("10% [/] [b", "is not an amount"),
        ("6001234567890123456", "larger"),
        ("99999", "drawer cannot give"),
    ],
)
async def test_amounts_that_cannot_be_taken(person, typed, sentence):
    till = await person()
    await till.scan(MAZOE)
    await till.type("+")
    await till.at("TenderScreen")
    await till.type(f"{typed}\r")
    await till.until(lambda: sentence in till.notice)
    assert posted(till) == []
    assert type(till.app.screen).__name__ == "TenderScreen"
    await till.press("escape", "escape")
    await till.at("SaleScreen")
    assert len(till.app.desk.sale.lines) == 1


async def test_card_gives_no_change_and_ecocash_needs_its_reference(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f9")
    await till.type("3\r5\r")
    await till.until(lambda: "above" in till.notice)
    await till.press("f9")
    await till.type("5+")
    await till.at("Ask")
    await till.type("\r")
    await till.until(lambda: "reference" in till.notice)
    await till.type("MP2603.1234\r")
    await till.at("SaleScreen")
    assert receipt.show(till.shop, "T01-000001").tenders[0].reference == "MP2603.1234"


async def test_digits_that_choose_a_tender_are_no_amount(person):
    till = await person()
    await till.type("4*1001\r")
    await till.press("f9")
    await till.at("TenderScreen")
    await till.sees("Tender 1-7: Cash USD >", "then the amount")
    await till.type("15")
    await till.sees("Tender 1-7: EcoCash USD >")
    await till.type("x.0\r")
    await till.sees("EcoCash USD > Enter takes exactly")
    assert (till.app.screen.state.taken, till.app.screen.line.value) == ((), "")
    await till.press("f9")
    await till.type("1\r5\r")
    await till.until(lambda: large(till) == ("STILL DUE USD", "7.80"))
    await till.press("f9")
    await till.type("2")
    await till.press("f5")
    await till.at("SaleScreen")
    assert posted(till) == [("T01-000001", "12.80")]


async def test_an_amount_that_was_not_taken_is_tried_again_or_typed_over(person):
    till = await person()
    await till.type("4*1001\r")
    await till.press("f9")
    await till.type("5\r6\r")
    await till.at("Ask")
    await till.press("escape")
    await till.at("TenderScreen")
    await till.until(lambda: "EcoCash 6.00 USD was not taken: Enter asks again" in till.notice)
    assert "F9 chooses another tender" in till.notice
    assert till.app.screen.line.value == "6"
    await till.type("\r")
    await till.at("Ask")
    await till.press("escape")
    await till.at("TenderScreen")
    await till.type("7\r")
    await till.at("Ask")
    await till.type("MP2603.1\r")
    await till.until(lambda: large(till) == ("STILL DUE USD", "5.80"))
    await till.type("5x\r")
    await till.until(lambda: "'5x' is not an amount" in till.notice)
    await till.press("f9")
    await till.type("1\r99999\r")
    await till.until(lambda: "drawer cannot give" in till.notice)
    await till.type("5.80\r")
    await till.at("SaleScreen")
    assert posted(till) == [("T01-000001", "12.80")]


async def test_money_that_was_taken_is_given_back_on_purpose_only(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("+1\r")
    await till.until(lambda: large(till) == ("STILL DUE USD", "2.20"))
    await till.press("escape")
    assert "Money was taken" in till.notice
    await till.scan(BREAD)
    assert BREAD in till.notice
    await till.type("-")
    await till.until(lambda: "Given back" in till.notice)
    await till.press("escape")
    await till.at("SaleScreen")
    assert posted(till) == []
    assert BREAD in till.notice


async def test_another_item_scanned_before_any_money_joins_the_sale(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("+")
    await till.at("TenderScreen")
    await till.scan(BREAD)
    await till.at("SaleScreen")
    await till.until(lambda: len(till.app.desk.sale.lines) == 2)


async def test_without_a_shift_nothing_is_sold_and_nothing_is_lost(person):
    till = await person(has_shift=False)
    await till.sees("No shift is open: press F10")
    await till.scan(MAZOE)
    await till.type("++")
    await till.until(lambda: "has no open shift" in till.notice)
    assert posted(till) == []
    await till.type("-")
    await till.press("escape")
    await till.at("SaleScreen")
    assert len(till.app.desk.sale.lines) == 1


async def test_more_than_is_in_stock_is_refused_and_can_be_corrected(person):
    till = await person()
    await till.type("4*1006\r")
    await till.type("++")
    await till.until(lambda: "Only 3" in till.notice)
    await till.type("-")
    await till.press("escape")
    await till.at("SaleScreen")
    await till.type("*3\r")
    await till.type("++")
    await till.at("SaleScreen")
    assert posted(till) == [("T01-000001", "3.30")]


async def test_enter_held_down_pays_once_and_only_what_was_typed(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("+1")
    till._time += 1
    for _ in range(10):
        till._send("enter", "\r", 0.03)
    await till.settle()
    assert posted(till) == []
    await till.until(lambda: large(till) == ("STILL DUE USD", "2.20"))


async def test_keys_while_the_sale_is_posted_do_nothing_and_scans_wait(person, monkeypatch):
    till = await person()
    go, real = threading.Event(), sale.post
    calls = []

    def slow(*arguments, **options):
        calls.append(arguments[2].id)
        assert go.wait(5)
        return real(*arguments, **options)

    monkeypatch.setattr(tender.sales, "post", slow)
    await till.scan(MAZOE)
    await till.type("+")
    await till.at("TenderScreen")
    for key in ("enter", "enter", "plus", "escape"):
        till._send(key, None, 0.2)
    await till.until(lambda: len(calls) == 1)
    for char in f"{FLOUR}\r":
        till._send("enter" if char == "\r" else char, char, 0.002)
    await till.until(lambda: len(till.app.late_scans) == 1)
    go.set()
    await till.at("SaleScreen")
    assert (len(calls), posted(till)) == (1, [("T01-000001", "3.20")])
    await till.until(lambda: till.app.desk.has_lines)
    assert [line.item.code for line in till.app.desk.sale.lines] == ["1002"]


async def test_an_unclear_commit_is_asked_again_with_the_same_sale(person, monkeypatch):
    till = await person()
    real, calls = sale.post, []

    def unclear(*arguments, **options):
        calls.append(arguments[2].id)
        done = real(*arguments, **options)
        if len(calls) == 1:
            raise CommitUnknown("till.db")
        return done

    monkeypatch.setattr(tender.sales, "post", unclear)
    await till.scan(MAZOE)
    await till.type("++")
    await till.until(lambda: till.app.screen.notice.kind == "error")
    await till.type("\r")
    await till.at("SaleScreen")
    assert len(set(calls)) == 1
    assert posted(till) == [("T01-000001", "3.20")]


async def test_l27_leaving_in_the_middle_of_a_posting_still_posts_and_tells_the_application(
    person, monkeypatch
):
    till = await person()
    go, real = threading.Event(), sale.post

    def slow(*arguments, **options):
        assert go.wait(5)
        return real(*arguments, **options)

    monkeypatch.setattr(tender.sales, "post", slow)
    await till.scan(MAZOE)
    await till.type("+")
    await till.at("TenderScreen")
    till._send("enter", "\r", 0.2)
    await till.until(lambda: till.app.lanes.is_busy)
    with till.app._context():
        for worker in list(till.app.workers):
            worker.cancel()
    go.set()
    await till.until(lambda: till.app.last is not None)
    assert posted(till) == [("T01-000001", "3.20")]


async def test_lamps_turn_on_by_themselves(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("++")
    await till.at("SaleScreen")
    await till.sees("● PAID", "○ SYNCED")
    with till.shop.store.write() as connection:
        connection.execute(text("UPDATE outbox SET state = 'delivered'"))
    till.quiet.look()
    await till.sees("● SYNCED")
