"""Sign-in, shift, receipts, help: the places around the sale."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from pos_app.domain.permission import Role
from pos_app.services import receipt, shift
from pos_app.tui.catalogue import PLACES
from tests.tui.grocer import MANAGER_PIN, NASTY, PASSWORD, PIN, PRINTER

MAZOE = "6001234567890"


async def test_sign_in_by_pin_and_by_password(person):
    till = await person(is_signed_in=False)
    await till.sees("Corner Grocer", "thandi", "Farai Ncube", NASTY[:8])
    await till.type(f"thandi\r{PIN}\r")
    await till.at("SaleScreen")
    await till.press("f12")
    await till.at("SignInScreen")
    await till.press("escape")
    await till.type("rudo")
    await till.sees("Password")
    await till.type(f"\r{PASSWORD}\r")
    await till.at("SaleScreen")
    assert till.app.desk.actor.username == "rudo"


async def test_wrong_pins_are_refused_and_five_of_them_lock(person):
    till = await person(is_signed_in=False)
    await till.type("\r")
    assert "Type your user name" in till.notice
    await till.type("thandi\r\r")
    await till.until(lambda: "user name and your PIN" in till.notice)
    for _ in range(5):
        await till.type("0000\r")
        await till.until(lambda: till.app.screen.notice.kind == "error")
        await till.press("f1", "escape")
    await till.type(f"{PIN}\r")
    await till.until(lambda: "locked for another" in till.notice)
    assert till.app.desk.actor is None
    assert PIN not in till.text


async def test_an_unknown_user_is_told_nothing_more_than_a_wrong_pin(person):
    till = await person(is_signed_in=False)
    await till.type("10% [/] [b\r1234\r")
    await till.until(lambda: "User name, PIN or password is wrong" in till.notice)


async def test_a_scan_at_the_door_is_refused(person):
    till = await person(is_signed_in=False)
    await till.scan(MAZOE)
    await till.until(lambda: MAZOE in till.notice)
    assert till.app.screen.user.value == ""


async def test_a_name_and_a_pin_typed_as_fast_as_a_scanner_sign_in(person):
    till = await person(is_signed_in=False)
    await till.scan("thandi", PIN)
    await till.at("SaleScreen")
    assert till.app.desk.actor.username == "thandi"
    assert till.app.refused_scans == []


async def test_arrows_choose_who_signs_in(person):
    till = await person(is_signed_in=False)
    await till.sees("farai")
    await till.press("down", "down", "down", "enter")
    await till.type(f"{PIN}\r")
    await till.at("SaleScreen")
    assert till.app.desk.actor.username == "thandi"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_shift_from_float_to_settlement(person, size):
    till = await person(has_shift=False, size=size)
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.sees("No shift is open", "pieces", "worth")
    await till.type("2\r3\r10\r")
    await till.sees("550.00")
    await till.press("f5")
    await till.sees("The shift is open")
    assert shift.current(till.shop).username == "thandi"
    await till.press("escape")
    await till.at("SaleScreen")
    await till.scan(MAZOE)
    await till.type("++")
    await till.at("SaleScreen")
    await till.press("f10")
    await till.sees("F6 X report")
    await till.press("f6")
    await till.sees("1 receipt", "3.20 USD", "shown after the count")
    assert "553.20" not in till.text
    await till.press("f7")
    await till.at("Choose")
    await till.type("210\rmilk for tea\r")
    await till.at("ShiftScreen")
    await till.until(lambda: "Paid out: 10.00 USD." in till.notice)
    await till.press("f9")
    await till.sees("Count everything in the drawer")
    assert "543.20" not in till.text
    await till.type("2\r3\r9\r1\r1\r1\r1\r")
    await till.press("f9")
    await till.at("Confirm")
    await till.sees("Counted: 548.00 USD")
    await till.press("y")
    await till.at("ShiftScreen")
    await till.sees("The shift is closed.", "543.20", "548.00", "4.80 over")
    assert shift.current(till.shop) is None


async def test_an_empty_float_is_asked_for_and_a_pay_out_needs_a_reason_and_cash(person):
    till = await person(has_shift=False)
    await till.press("f10", "f5")
    await till.at("Confirm")
    await till.press("y")
    await till.at("ShiftScreen")
    await till.sees("The shift is open")
    await till.press("f7")
    await till.type("25\r")
    await till.type("\r")
    await till.until(lambda: "what the cash is for" in till.notice)
    await till.type("10% [/] [b\r")
    await till.until(lambda: "The drawer holds 0.00 USD" in till.notice)


async def test_a_shift_is_not_closed_under_a_sale(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("f10", "f9")
    await till.until(lambda: "A sale is in progress" in till.notice)
    assert shift.current(till.shop) is not None


async def test_a_cashier_cannot_close_what_a_manager_can(person):
    till = await person()
    await till.press("f12", "escape")
    await till.type(f"farai\r{MANAGER_PIN}\r")
    await till.at("SaleScreen")
    await till.press("f10")
    await till.sees("F6 X report")
    await till.press("f6")
    await till.sees("Expected", "Cash USD", "261.00")


async def test_receipts_with_their_lamps_and_reasons(person):
    till = await person()
    for _ in range(2):
        await till.scan(MAZOE)
        await till.type("++")
        await till.at("SaleScreen")
    with till.shop.store.write() as connection:
        connection.execute(
            text("UPDATE outbox SET state='quarantined', reason='10% [/] [b' WHERE key = :sale"),
            {"sale": receipt.recent(till.shop)[0].sale_id},
        )
    await till.press("f8")
    await till.at("ReceiptsScreen")
    await till.sees("T01-000002", "T01-000001", "10% [/] [b", "Mazoe", "✗ SYNCED", "Cash   ")
    await till.press("down")
    await till.sees("waits its turn")
    await till.press("f5")
    await till.until(lambda: till.app.screen.notice.kind == "error")
    assert "no printer" in till.notice
    await till.press("f2")
    await till.type("T01-000002\r")
    await till.until(lambda: "T01-000001" not in till.text)
    await till.press("escape")
    await till.sees("T01-000001")
    await till.press("f2")
    await till.type("[/b]\r")
    await till.sees("No receipt fits.")


async def test_a_reprint_waits_for_the_fiscal_record(person):
    till = await person(printers=(PRINTER,))
    await till.scan(MAZOE)
    await till.type("++")
    await till.press("f8", "f5")
    await till.until(lambda: "no fiscal record" in till.notice)


async def test_a_pdf_waits_for_the_fiscal_record_too(person):
    till = await person()
    await till.scan(MAZOE)
    await till.type("++")
    await till.press("f8")
    await till.at("ReceiptsScreen")
    await till.sees("T01-000001")
    await till.press("f8")
    await till.until(lambda: "no fiscal record" in till.notice)


async def test_a_receipt_is_read_to_its_end_and_found_by_typing(person):
    till = await person(size=(80, 24))
    for _ in range(2):
        await till.scan(MAZOE)
        await till.type("+10\r")
        await till.at("SaleScreen")
    await till.press("f8")
    await till.at("ReceiptsScreen")
    await till.sees("T01-000002  thandi")
    assert "Change" not in till.text
    await till.press("enter", "end")
    await till.sees("Change", "6.80 USD")
    await till.press("escape", "down")
    await till.sees("T01-000001  thandi", "PAID")
    await till.type("t01-000002\r")
    await till.until(lambda: "T01-000001" not in till.text)
    await till.press("escape")
    await till.sees("T01-000001")
    await till.press("escape")
    await till.at("SaleScreen")


async def test_names_have_room_at_the_door_of_a_narrow_terminal(person):
    till = await person(size=(80, 24), is_signed_in=False)
    await till.sees("Farai Ncube")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (120, 40)])
async def test_help_shows_the_keys_of_the_place_on_one_screen(person, size):
    till = await person(size=size, keys={"sale.tender": "f11"})
    await till.scan(MAZOE)
    await till.press("f1")
    await till.at("HelpScreen")
    await till.sees("Sale: keys that work now", "F11", "3*code")
    assert till.app.screen.query_one("#keys").max_scroll_y == 0
    await till.press("escape")
    await till.at("SaleScreen")


async def test_a_person_without_a_permission_does_not_see_its_key(person):
    till = await person()
    actor = till.app.desk.actor
    till.app.desk.actor = actor.__class__(
        actor.user_id, actor.username, Role.CASHIER, frozenset({"sale.sell"})
    )
    await till.scan(MAZOE)
    await till.press("f7", "f5")
    await till.settle()
    assert type(till.app.screen).__name__ == "SaleScreen"
    assert "Discount" not in till.text.splitlines()[-2]


async def test_the_till_is_left_only_without_a_sale_and_on_purpose(person):
    till = await person()
    await till.scan(MAZOE)
    await till.press("ctrl+q")
    await till.until(lambda: "A sale is in progress" in till.notice)
    await till.type("-")
    await till.press("ctrl+q")
    await till.at("Confirm")
    await till.press("n")
    await till.at("SaleScreen")


async def test_every_when_is_a_property_of_its_place(person):
    from pos_app.tui.app import TillApp
    from pos_app.tui.screens.doubts import DoubtsScreen
    from pos_app.tui.screens.fiscal import FiscalScreen
    from pos_app.tui.screens.fiscal_day import FiscalDayScreen
    from pos_app.tui.screens.labels import LabelsScreen
    from pos_app.tui.screens.price_check import PriceCheckScreen
    from pos_app.tui.screens.printer import PrinterScreen
    from pos_app.tui.screens.proof import ProofScreen
    from pos_app.tui.screens.queue import QueueScreen
    from pos_app.tui.screens.receipts import ReceiptsScreen
    from pos_app.tui.screens.refund import RefundScreen
    from pos_app.tui.screens.sale import SaleScreen
    from pos_app.tui.screens.shift import ShiftScreen
    from pos_app.tui.screens.tender import TenderScreen

    holders = {
        "till": TillApp, "sale": SaleScreen, "tender": TenderScreen, "shift": ShiftScreen,
        "receipts": ReceiptsScreen, "price_check": PriceCheckScreen, "refund": RefundScreen,
        "fiscal": FiscalScreen, "doubts": DoubtsScreen, "fiscal_day": FiscalDayScreen,
        "labels": LabelsScreen,
        "proof": ProofScreen,
        "printer": PrinterScreen,
        "queue": QueueScreen,
    }  # fmt: skip
    for name, commands in PLACES.items():
        for command in commands:
            if command.when:
                assert isinstance(getattr(holders[name], command.when), property), command.id
            if name in holders:
                assert hasattr(holders[name], f"action_{command.deed}"), command.id


async def test_the_shift_is_printed_while_it_is_open_and_after_its_close(person):
    till = await person(printers=(PRINTER,))
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.sees("F4", "Print")
    await till.press("f4")
    await till.until(lambda: "on its way to the printer" in till.notice)
    await till.press("f9", "f9")
    await till.sees("Close the shift?")
    await till.type("y")
    await till.until(lambda: "The shift is closed" in till.notice)
    await till.press("f4")
    await till.until(lambda: "on its way to the printer" in till.notice)
    with till.shop.store.read() as connection:
        jobs = connection.execute(text("SELECT document_id, copy_number FROM print_jobs")).all()
    assert [(name.endswith("/X"), copy) for name, copy in jobs] == [(True, 0), (False, 0)]


async def test_a_till_without_a_printer_offers_no_print_of_the_shift(person):
    till = await person()
    await till.press("f10")
    await till.at("ShiftScreen")
    await till.sees("F9")
    assert "Print" not in till.text.splitlines()[-1]
