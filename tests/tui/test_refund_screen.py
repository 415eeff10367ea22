"""Returns at the till: lines, reason, money and approval, by keyboard alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos_app.services import receipt
from pos_app.services.check.invariants import check
from tests.tui.grocer import MANAGER_PIN

MAZOE, FLOUR = "6001234567890", "6009801234567"


async def sold(person, *codes: str, **how):
    """A till that has sold, in front of its receipts."""
    till = await person(**how)
    await till.scan(*codes)
    await till.type("++")
    await till.at("SaleScreen")
    await till.press("f8")
    await till.at("ReceiptsScreen")
    await till.sees("T01-000001")
    return till


async def pay_back(till, *, reason: str = "2", tender: str = "1") -> None:
    await till.press("f9")
    await till.at("Choose")
    await till.press(reason)
    await till.sees("as it was paid")
    await till.press(tender)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_one_of_three_comes_back(person, size):
    till = await sold(person, MAZOE, MAZOE, MAZOE, FLOUR, size=size)
    await till.press("f9")
    await till.at("RefundScreen")
    await till.sees("Mazoe", "11.59", "Comes back")
    await till.type("1\r")
    await till.sees("Goes back 3.20 USD", "1 line")
    await pay_back(till)
    await till.at("Confirm")
    await till.sees("T01-000001", "3.20 USD go back: Cash USD", "cannot be undone")
    await till.press("y")
    await till.at("ReceiptsScreen")
    await till.sees("T01-000002", "-3.20", "Credit note of T01-000001", "Not what was wanted")
    assert "3.20 USD go back" in till.notice
    assert till.app.last.posted.receipt == "T01-000002"
    await till.press("f9")
    assert type(till.app.screen).__name__ == "ReceiptsScreen"  # a note is no sale
    await till.press("down", "f9")
    await till.at("RefundScreen")
    await till.sees("8.39 USD left")
    await till.type("3\r")
    await till.until(lambda: "Only 0 of item 1001" in till.notice)
    await till.press("escape")
    await till.at("ReceiptsScreen")
    await till.sees("Corrected by T01-000002")
    assert check(till.shop) == []


async def test_a_price_is_corrected_and_a_line_taken_off_again(person):
    till = await sold(person, MAZOE, FLOUR)
    await till.press("f9")
    await till.at("RefundScreen")
    await till.press("f9")
    await till.until(lambda: "Nothing comes back yet" in till.notice)
    await till.press("f5")
    await till.sees("Goes back 5.19 USD", "2 lines")
    await till.press("minus")
    await till.sees("Goes back 1.99 USD")
    await till.press("f6")
    await till.at("Ask")
    await till.type("0.70\r")
    await till.at("RefundScreen")
    await till.sees("Goes back 2.69 USD", "price")
    await till.press("down", "minus")
    await till.sees("Goes back 0.70 USD")
    await till.press("f9")
    await till.at("Choose")
    await till.press("6")
    await till.at("Ask")
    await till.type("shelf said 2.50 [b]\r")
    await till.at("Choose")
    await till.press("1")
    await till.sees("No goods come back.")
    await till.press("n")
    await till.at("RefundScreen")
    await till.type("abc\r")
    await till.until(lambda: "is not a quantity" in till.notice)
    await pay_back(till, reason="4")
    await till.press("y")
    await till.at("ReceiptsScreen")
    shown = receipt.show(till.shop, "T01-000002")
    assert (str(shown.row.total), shown.reason) == ("-0.70", "Price was wrong")
    assert [line.quantity for line in shown.lines] == [Decimal(0)]


async def test_above_the_limit_a_manager_says_yes_on_the_spot(person):
    till = await sold(person, MAZOE, MAZOE)
    await till.press("f9")
    await till.at("RefundScreen")
    await till.type("\r")
    await till.sees("Goes back 3.20 USD")
    await till.press("down")
    await till.type("1\r")
    await till.sees("Goes back 6.40 USD")
    await pay_back(till)
    await till.press("y")
    await till.at("ApprovalDialog")
    await till.sees("A refund of 6.40 USD is above your limit")
    await till.press("escape")
    await till.at("RefundScreen")
    await till.until(lambda: "Not approved" in till.notice)
    await pay_back(till, tender="2")
    await till.press("y")
    await till.at("ApprovalDialog")
    await till.type(f"farai\r{MANAGER_PIN}\rwrong goods\r")
    await till.at("ApprovalDialog")
    await till.sees("another currency")
    await till.type(f"farai\r{MANAGER_PIN}\rno dollars\r")
    await till.at("ReceiptsScreen")
    (tender,) = receipt.tenders_of(till.shop, receipt.show(till.shop, "T01-000002").row.sale_id)
    assert tender.tendered.label == "-172.80 ZIG"


async def test_a_wallet_needs_its_reference_and_leaving_changes_nothing(person):
    till = await sold(person, FLOUR)
    await till.press("f9")
    await till.at("RefundScreen")
    await till.type("1\r")
    await till.press("f9")
    await till.press("1")
    await till.sees("EcoCash USD")
    number = next(
        line.split("EcoCash USD")[0].strip(" │┃╭╰")[-1]
        for line in till.text.splitlines()
        if "EcoCash USD" in line
    )
    await till.press(number)
    await till.at("Ask")
    await till.type("\r")
    await till.until(lambda: "Type the reference" in till.notice)
    await till.type("EC-77\r")
    await till.sees("EcoCash USD")
    await till.press("escape")
    await till.at("RefundScreen")
    await till.press("escape")
    await till.at("ReceiptsScreen")
    assert len(receipt.recent(till.shop)) == 1


async def test_a_receipt_that_is_not_filed_is_told_and_nothing_opens(person):
    from pos_app.services.shop import FiscalRules

    rules = FiscalRules(device="x", is_required=True, deferred_count=9, deferred_hours=9)
    till = await sold(person, FLOUR, fiscal=rules)
    await till.press("f9")
    await till.until(lambda: "still waits for the fiscal device" in till.notice)
    assert type(till.app.screen).__name__ == "ReceiptsScreen"


async def test_a_receipt_from_its_paper_needs_a_manager(person):
    till = await sold(person, FLOUR)
    await till.press("f4")
    await till.at("PaperDialog")
    await till.type("OLD-17\rRVX-1\r22862\r877\r534\r11/02/26 14:05\r\r")
    await till.until(lambda: "needs its Total" in till.notice)
    await till.type("8.38\r")
    await till.at("Ask")
    await till.sees("8.38 USD of the receipt are left")
    await till.type("1001 two 6.40\r")
    await till.until(lambda: "like PRD001 2 3.98" in till.notice)
    await till.press(*["backspace"] * len("1001 two 6.40"))
    await till.type("1001 2 6.40\r")
    await till.sees("1.98 USD of the receipt are left")
    await till.type("1002 1 1.98\r")
    await till.at("RefundScreen")
    await till.sees("OLD-17", "Mazoe", "Gloria")
    await till.type("1\r")
    await till.sees("Goes back 3.20 USD")
    await till.press("f9")
    await till.press("2")
    await till.sees("Cash USD")
    await till.press("1")
    await till.at("Confirm")
    await till.press("y")
    await till.at("ApprovalDialog")
    await till.sees("entered from its paper")
    await till.type(f"farai\r{MANAGER_PIN}\rsaw it\r")
    await till.at("ReceiptsScreen")
    await till.sees("Credit note of OLD-17")
    assert str(receipt.show(till.shop, "T01-000002").row.total) == "-3.20"
    assert check(till.shop) == []


async def test_a_receipt_of_another_till_without_a_server_is_told(person):
    till = await sold(person, FLOUR)
    await till.press("f3")
    await till.at("Ask")
    await till.type("T02-000007\r")
    await till.at("ReceiptsScreen")
    await till.until(lambda: "has not sold receipt T02-000007" in till.notice)
