"""The fiscal device, its day and the receipts in doubt, driven as a manager does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.messages import ReceiptLine
from fiscal.simulator.box import Box
from fiscal.simulator.settings import DeviceTax
from pos_app.services import fiscal, fiscal_settle
from pos_app.services.shop import FiscalRules
from pos_app.store import audit, print_job
from sandbox.fault import Fault
from tests.fiscal.samples import line, make_box, request
from tests.tui.conftest import Person
from tests.tui.grocer import MANAGER_PIN, PRINTER, StillClock

MAZOE = "6001234567890"
TAXES = (
    DeviceTax(id="3", filed_id=515, code="A", percent=Decimal("15.5")),
    DeviceTax(id="1", filed_id=1, code="C", percent=None),
)
RULES = FiscalRules(
    device="/dev/revmax", is_required=True, deferred_count=20, deferred_hours=24, quiet_seconds=0
)
SIZES = [(120, 36), (80, 24)]


@dataclass
class Way:
    """The device beside the till; `is_lent` while another program has it."""

    driver: Driver
    is_lent: bool = False

    @contextmanager
    def look(self, wait_seconds: float = 0) -> Iterator[Driver | None]:
        del wait_seconds
        yield None if self.is_lent else self.driver


@dataclass
class Counter:
    """A person at a till with a fiscal device, which works when it is told to."""

    person: Person
    box: Box
    driver: Driver
    way: Way
    clock: StillClock = field(repr=False)

    async def work(self, *, times: int = 1) -> None:
        """Let the lane work, some seconds apart."""
        for _ in range(times):
            fiscal.work(self.person.shop, self.driver)
            self.clock.sleep(31)
        self.person.quiet.look()
        await self.person.settle()

    def breaks(self, *faults: tuple[str, str, int]) -> None:
        self.box.faults.replace([Fault(do=do, on=on, times=times) for do, on, times in faults])

    async def sell(self) -> None:
        await self.person.at("SaleScreen")
        await self.person.scan(MAZOE)
        await self.person.type("++")
        await self.person.at("SaleScreen")

    async def open(self, *keys: str) -> None:
        """Go to the device, and on from there."""
        await self.person.press("f10")
        await self.person.at("ShiftScreen")
        await self.person.press("f8")
        await self.person.at("FiscalScreen")
        for key in keys:
            await self.person.press(key)

    def deeds(self) -> list[str]:
        with self.person.shop.store.read() as connection:
            return [row["action"] for row in audit.walk(connection)]

    def papers(self) -> list[tuple[str, str, int]]:
        with self.person.shop.store.read() as connection:
            rows = connection.execute(print_job.print_jobs.select()).mappings()
            return [(row["document_kind"], row["document_id"], row["copy_number"]) for row in rows]


def theirs(price: str) -> ReceiptLine:
    """One line, taxed as this device taxes."""
    made = line(quantity="1", price=price, tax_id="3")
    return replace(made, tax_percent=Decimal("15.5"))


@pytest.fixture
def counter(person: Any, clock: StillClock) -> Any:
    async def come(
        size: tuple[int, int] = SIZES[0], *, username: str = "farai", **rules: Any
    ) -> Counter:
        box = make_box(clock, taxes=TAXES)
        driver = Driver(DirectTransport(box, clock))
        way = Way(driver)
        changes = {"fiscal": RULES, "printers": (PRINTER,)} | rules
        till = await person(size=size, fiscal_way=way, **changes)
        till.enter(username, MANAGER_PIN) if username == "farai" else till.enter(username)
        return Counter(till, box, driver, way, clock)

    return come


@pytest.mark.parametrize("size", SIZES)
async def test_the_panel_says_how_the_device_stands(counter: Any, size: Any) -> None:
    desk = await counter(size)
    await desk.sell()
    await desk.work()
    await desk.open()
    await desk.person.sees("READY", "Nothing to do.", "99001", "Last receipt", "1")
    await desk.person.sees("Sample Shop (Pvt) Ltd", "2000123456")
    if size == SIZES[0]:
        await desk.person.sees("Active", "Backlog", "nothing", "agrees", "boot-1")


async def test_a_device_that_is_away_is_told_with_what_is_left(counter: Any) -> None:
    desk = await counter()
    await desk.sell()
    await desk.work()
    desk.breaks(("power_cut_before_commit", "", 1), ("init_error", "", 99))
    await desk.sell()
    await desk.work()
    await desk.open()
    await desk.person.sees("DEGRADED", "19 more receipts may wait", "Waiting", "1 receipt")


async def test_a_device_another_program_has_is_told_in_words(counter: Any) -> None:
    desk = await counter()
    await desk.work()
    desk.way.is_lent = True
    await desk.open()
    await desk.person.until(lambda: "is using the fiscal device" in desk.person.notice)
    desk.way.is_lent = False
    await desk.person.press("f7")
    await desk.person.sees("Sample Shop (Pvt) Ltd")


async def test_a_till_without_a_device_says_so(person: Any) -> None:
    till = await person()
    await till.press("f10", "f8")
    await till.at("FiscalScreen")
    await till.sees("no device in the settings", "never met", "not filed")
    await till.press("escape")
    await till.at("ShiftScreen")


@pytest.mark.parametrize("size", SIZES)
async def test_an_unknown_receipt_is_shown_and_settles_by_itself(counter: Any, size: Any) -> None:
    desk = await counter(size)
    await desk.work()
    desk.breaks(("commit_then_silence", "POST TransactM", 1), ("drop_before", "GET GetInvoice", 9))
    await desk.sell()
    await desk.work()
    await desk.open("f5")
    await desk.person.at("DoubtsScreen")
    await desk.person.sees("T01-000001", "unknown", "answer was lost", "Look again")
    assert "Adopt" not in desk.person.text.splitlines()[-2]
    await desk.person.press("f5")
    await desk.person.until(lambda: "is asked about T01-000001" in desk.person.notice)
    assert "fiscal.look_again" in desk.deeds()
    desk.breaks()
    await desk.work()
    await desk.person.sees("Nothing is in doubt")
    assert [row["number"] for row in desk.box.ledger()["receipts"]] == ["T01-000001"]


async def test_a_disputed_receipt_is_compared_and_adopted_by_two(counter: Any) -> None:
    desk = await counter(username="thandi")
    await desk.work()
    desk.driver.submit(request("T01-000001", theirs("9.00")))
    await desk.sell()
    await desk.work(times=2)
    await desk.open("f5")
    await desk.person.at("DoubtsScreen")
    await desk.person.sees("T01-000001", "disputed", "3.20", "9.00")
    assert fiscal_settle.troubles(desk.person.shop)[0].found is not None
    await desk.person.press("f6")
    await desk.person.at("Confirm")
    await desk.person.sees("as the fiscal record", "USD 9.00")
    await desk.person.press("y")
    await desk.person.at("ApprovalDialog")
    await desk.person.type(f"farai\r{MANAGER_PIN}\rpaper and device agree\r")
    await desk.person.at("DoubtsScreen")
    await desk.person.sees("Nothing is in doubt")
    assert "fiscal.adopt" in desk.deeds()


async def test_nobody_adopts_alone(counter: Any) -> None:
    desk = await counter()
    await desk.work()
    desk.driver.submit(request("T01-000001", theirs("9.00")))
    await desk.sell()
    await desk.work(times=2)
    await desk.open("f5")
    await desk.person.sees("disputed")
    await desk.person.press("f6")
    await desk.person.press("y")
    await desk.person.at("ApprovalDialog")
    await desk.person.type(f"farai\r{MANAGER_PIN}\ralone\r")
    await desk.person.at("DoubtsScreen")
    await desk.person.until(lambda: "nobody approves their own" in desk.person.notice)
    await desk.person.sees("disputed")


async def test_a_refused_receipt_is_sent_again_with_a_reason(counter: Any) -> None:
    desk = await counter(fiscal=RULES)
    await desk.work()
    await desk.sell()
    with desk.person.shop.store.write() as connection:
        connection.exec_driver_sql("UPDATE fiscal_journal SET state='refused', reason='Bad name.'")
    await desk.open("f5")
    await desk.person.sees("refused", "Bad name.", "proven not filed")
    await desk.person.press("f7")
    await desk.person.at("Ask")
    await desk.person.type("\r")
    await desk.person.until(lambda: "reason in a few words" in desk.person.notice)
    await desk.person.type("the name is right now\r")
    await desk.person.at("DoubtsScreen")
    await desk.person.until(lambda: "goes out again" in desk.person.notice)
    await desk.work()
    await desk.person.sees("Nothing is in doubt")


async def test_a_refused_receipt_is_left_to_its_correction(counter: Any) -> None:
    desk = await counter()
    await desk.work()
    await desk.sell()
    with desk.person.shop.store.write() as connection:
        connection.exec_driver_sql("UPDATE fiscal_journal SET state='refused', reason='Bad name.'")
    await desk.open("f5")
    await desk.person.press("f8")
    await desk.person.at("Ask")
    await desk.person.type("T01-000002\r")
    await desk.person.at("Ask")
    await desk.person.type("sold anew\r")
    await desk.person.at("DoubtsScreen")
    await desk.person.sees("Nothing is in doubt")
    assert "fiscal.write_off" in desk.deeds()


async def test_a_cashier_sees_the_doubts_and_may_do_nothing_alone(counter: Any) -> None:
    desk = await counter(username="thandi")
    await desk.work()
    desk.breaks(("commit_then_silence", "POST TransactM", 1), ("drop_before", "GET GetInvoice", 9))
    await desk.sell()
    await desk.work()
    await desk.open("f5")
    await desk.person.sees("unknown")
    keys = desk.person.text.splitlines()[-2]
    assert not {"Look again", "Send again", "Corrected"} & set(keys.split("  "))
    await desk.person.press("f5", "f7", "f8", "f9")
    assert type(desk.person.app.screen).__name__ == "DoubtsScreen"
    assert "fiscal.look_again" not in desk.deeds()


async def test_a_device_with_receipts_of_others_is_gone_on_with_by_a_manager(counter: Any) -> None:
    desk = await counter()
    await desk.work()
    desk.driver.submit(request("OTHER-1", theirs("1.50")))
    await desk.sell()
    await desk.work(times=2)
    await desk.open()
    await desk.person.sees("BLOCKED", "does not know of", "Go on with it")
    await desk.person.press("f9")
    await desk.person.at("Ask")
    await desk.person.type("the office filed it\r")
    await desk.person.at("FiscalScreen")
    await desk.person.until(lambda: "goes on with the device" in desk.person.notice)
    await desk.work(times=2)
    await desk.person.sees("READY")
    assert "fiscal.accept_device" in desk.deeds()


@pytest.mark.parametrize("size", SIZES)
async def test_a_day_from_x_to_z_with_its_papers(counter: Any, size: Any) -> None:
    desk = await counter(size)
    await desk.sell()
    await desk.work()
    await desk.open("f6")
    await desk.person.at("FiscalDayScreen")
    await desk.person.sees("open (X)", "USD 15.5 %", "2.77", "0.43", "3.20")
    await desk.person.press("f7")
    await desk.person.until(lambda: "X report" in desk.person.notice)
    await desk.person.press("f9")
    await desk.person.at("Confirm")
    await desk.person.sees("1 invoice", "cannot be opened again")
    await desk.person.press("n")
    await desk.person.at("FiscalDayScreen")
    assert desk.box.ledger()["days"][-1]["status"] == "FiscalDayOpened"
    await desk.person.press("f9", "y")
    await desk.person.at("FiscalDayScreen")
    await desk.work()
    await desk.person.until(lambda: "The fiscal day is closed." in desk.person.notice)
    await desk.person.sees("closed", "agrees")
    for _ in range(2):
        await desk.person.press("f7")
        await desk.person.until(lambda: "Z report of day 1" in desk.person.notice)
        desk.person.app.screen.notice.clear()
    assert [row for row in desk.papers() if row[0] == "fiscal_day"] == [
        ("fiscal_day", "99001/1/X", 0),
        ("fiscal_day", "99001/1", 0),
        ("fiscal_day", "99001/1", 1),
    ]
    await desk.person.press("f5", "y")
    await desk.work()
    await desk.person.until(lambda: "The fiscal day is open." in desk.person.notice)
    assert len(desk.box.ledger()["days"]) == 2
    await desk.person.press("f8")
    assert type(desk.person.app.screen).__name__ == "FiscalDayScreen", "an open day is not signed"


async def test_a_day_is_not_closed_over_a_receipt_in_doubt(counter: Any) -> None:
    desk = await counter()
    await desk.work()
    desk.breaks(("commit_then_silence", "POST TransactM", 1), ("drop_before", "GET GetInvoice", 9))
    await desk.sell()
    await desk.work()
    await desk.open("f6")
    await desk.person.sees("Keeps it open", "T01-000001")
    await desk.person.press("f9")
    await desk.person.at("Confirm")
    await desk.person.sees("Not settled yet", "will be refused")
    await desk.person.press("y")
    await desk.person.until(lambda: "cannot be closed before T01-000001" in desk.person.notice)
    assert desk.box.ledger()["days"][-1]["status"] == "FiscalDayOpened"


async def test_what_was_asked_of_the_day_can_be_taken_back(counter: Any) -> None:
    desk = await counter()
    await desk.sell()
    await desk.work()
    await desk.open("f6")
    await desk.person.press("f9", "y")
    await desk.person.at("FiscalDayScreen")
    await desk.person.sees("farai asked to close it", "Take back")
    await desk.person.press("ctrl+x")
    await desk.person.at("Ask")
    await desk.person.type("one more customer\r")
    await desk.person.at("FiscalDayScreen")
    await desk.work()
    assert desk.box.ledger()["days"][-1]["status"] == "FiscalDayOpened"


async def test_a_closed_day_is_signed_with_a_note(counter: Any) -> None:
    desk = await counter()
    await desk.sell()
    await desk.work()
    desk.driver.close_day()
    desk.clock.sleep(120)
    await desk.work()
    await desk.open()
    await desk.person.sees("wait for a manager's name: 1")
    await desk.person.press("f6")
    await desk.person.sees("look", "Somebody else than this till")
    await desk.person.press("f8")
    await desk.person.at("Ask")
    await desk.person.type("closed by the technician\r")
    await desk.person.at("FiscalDayScreen")
    await desk.person.sees("signed", "closed by the technician")


async def test_a_cashier_reads_x_and_touches_nothing(counter: Any) -> None:
    desk = await counter(username="thandi")
    await desk.sell()
    await desk.work()
    await desk.open("f6")
    await desk.person.sees("open (X)")
    await desk.person.press("f5", "f8", "f9")
    assert type(desk.person.app.screen).__name__ == "FiscalDayScreen"
    assert desk.box.ledger()["days"][-1]["status"] == "FiscalDayOpened"


async def test_an_empty_day_and_long_times(counter: Any) -> None:
    desk = await counter()
    await desk.work()
    await desk.open("f6")
    await desk.person.sees("No receipt was filed.")
    desk.clock.at += timedelta(hours=25)
    await desk.work()
    await desk.person.settle()


async def test_keys_of_the_places_can_be_moved(person: Any) -> None:
    till = await person(keys={"shift.fiscal": "ctrl+f", "fiscal.day": "f4"})
    await till.press("f10", "ctrl+f")
    await till.at("FiscalScreen")
    await till.press("f1")
    await till.at("HelpScreen")
    await till.sees("F4", "fiscal day")
    await till.press("escape", "f4")
    await till.at("FiscalDayScreen")
    await till.sees("No fiscal day is known here yet.")
