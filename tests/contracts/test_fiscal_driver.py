"""One suite for every way to a fiscal device: in process, over HTTP, over each serial line."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver, Timeouts
from fiscal.errors import (
    DayNotOpen,
    FiscalError,
    OutcomeUnknown,
    Rejected,
    RequestInvalid,
    Unavailable,
)
from fiscal.http_transport import HttpTransport
from fiscal.messages import ForeignOriginal
from fiscal.port import Transport
from fiscal.profile import PERCENT
from fiscal.serial_transport import SerialTransport
from fiscal.simulator.box import Box
from fiscal.simulator.proof import violations
from sandbox.fault import Fault
from tests.fiscal.samples import QUICK, VirtualClock, line, make_box, real_clock, request, served

WAYS = ("direct", "http", "serial", "socket", "rfc2217", "bridge")

# pyserial 3.5 names its reader thread in the way of old Pythons, and leaves a socket to the
# collector when the server hangs up while it is being opened.
pytestmark = [
    pytest.mark.filterwarnings("ignore:set(Daemon|Name)\\(\\) is deprecated"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket"),
]


@dataclass(frozen=True)
class World:
    """A driver, the box behind it, and the clock of the box."""

    driver: Driver
    box: Box
    clock: VirtualClock
    way: str

    def arm(self, do: str, **more: Any) -> None:
        self.box.faults.replace([Fault(do=do, **more)])

    def receipts(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.box.ledger()["receipts"]
        return rows


def transport_of(way: str, box: Box, clock: VirtualClock, addresses: Any) -> Transport:
    if way == "direct":
        return DirectTransport(box, clock)
    if way == "http":
        return HttpTransport(addresses.http, real_clock())
    return SerialTransport(getattr(addresses, way), real_clock(), timers=QUICK)


@pytest.fixture(params=WAYS)
def make_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., World]]:
    way = request.param
    closing: list[Callable[[], Any]] = []

    def make(**settings: Any) -> World:
        clock = VirtualClock()
        box = make_box(clock, **settings)
        addresses = None
        if way != "direct":
            context = served(box, tmp_path, ways=(way,))
            addresses = context.__enter__()
            closing.append(lambda: context.__exit__(None, None, None))
        transport = transport_of(way, box, clock, addresses)
        closing.append(transport.close)
        driver = Driver(transport, PERCENT, timeouts=Timeouts(read=5, submit=1.5, day=3))
        return World(driver, box, clock, way)

    yield make
    for close in reversed(closing):
        close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> Iterator[World]:
    made = make_world()
    yield made
    assert violations(made.box.ledger()) == []


def test_a_receipt_is_filed_and_found_again(world: World) -> None:
    filed = world.driver.submit(request("T01-000001", line(), line(2, tax_id="3")))
    assert (filed.number, filed.kind, filed.currency) == ("T01-000001", "invoice", "USD")
    assert (filed.receipt_global_no, filed.receipt_counter, filed.fiscal_day) == (1, 1, 1)
    assert filed.total == Decimal("6.00")
    assert filed.filed_at == "2026-10-05T08:00:01"
    found = world.driver.look_up("T01-000001")
    assert found is not None
    assert (found.qr, found.verification_code) == (filed.qr, filed.verification_code)
    assert found.total == filed.total
    (row,) = world.receipts()
    assert row["qr"] == filed.qr


@pytest.mark.parametrize(
    "number", ["T01/2026/1", "a b", "50%", "Ünï-1", "x?y=z", "a#b", "a/../b", "+1"]
)
def test_numbers_with_odd_characters(world: World, number: str) -> None:
    filed = world.driver.submit(request(number))
    found = world.driver.look_up(number)
    assert found is not None
    assert found.number == filed.number == number


def test_what_was_never_filed_is_none(world: World) -> None:
    assert world.driver.look_up("T01-999999") is None


def test_a_duplicate_is_refused_whatever_its_content(world: World) -> None:
    world.driver.submit(request("T01-000001"))
    for again in (request("T01-000001"), request("T01-000001", line(price="9.99"))):
        with pytest.raises(Rejected) as caught:
            world.driver.submit(again)
        assert caught.value.is_duplicate
        assert caught.value.code == "0"
    assert len(world.receipts()) == 1


def test_where_the_device_stands(world: World) -> None:
    world.driver.submit(request("T01-000001"))
    hello = world.driver.hello()
    assert (hello.device_id, hello.serial) == ("99001", "5B0C6E2A9901")
    assert (hello.last_receipt_global_no, hello.is_day_open, hello.fiscal_day) == (1, True, 1)
    if world.way not in {"http", "bridge"}:
        assert (hello.last_invoice_number, hello.boot_id) == ("T01-000001", "boot-1")
        assert hello.clock == world.clock.now()


def test_card_licence_and_status(world: World) -> None:
    card = world.driver.card()
    assert (card.tin, card.serial_number, card.device_id) == (
        "2000123456",
        "5B0C6E2A9901",
        "99001",
    )
    assert world.driver.license().status == "Active"
    assert world.driver.set_license("ABCD-EFGH-1234").status == "Active"
    with pytest.raises(Rejected, match="Invalid license"):
        world.driver.set_license("no")
    assert world.driver.day_status().status == "FiscalDayOpened"


def test_backlog_of_a_day(make_world: Callable[..., World]) -> None:
    world = make_world(delivery_seconds=60)
    world.driver.submit(request("T01-000001"))
    (row,) = world.driver.backlog(1)
    assert (row.number, row.amount, row.currency) == ("T01-000001", Decimal("3.00"), "USD")
    world.clock.sleep(61)
    assert world.driver.backlog(1) == []


def test_a_day_is_closed_and_opened_once(world: World) -> None:
    world.driver.submit(request("T01-000001"))
    report = world.driver.close_day()
    total = report.currencies[0].totals[0]
    assert (report.fiscal_day, report.currencies[0].currency, total.rate) == (1, "USD", "15.5")
    assert (total.net, total.tax) == (Decimal("2.60"), Decimal("0.40"))
    with pytest.raises(DayNotOpen):
        world.driver.close_day()
    with pytest.raises(Rejected) as caught:
        world.driver.submit(request("T01-000002"))
    assert caught.value.is_about_device
    assert world.driver.open_day().last_fiscal_day_no == 2
    assert world.driver.open_day().last_fiscal_day_no == 2
    filed = world.driver.submit(request("T01-000002"))
    assert (filed.receipt_global_no, filed.receipt_counter, filed.fiscal_day) == (2, 1, 2)


def test_a_lost_answer_to_closing_is_settled_by_reading(world: World) -> None:
    world.driver.submit(request("T01-000001"))
    world.arm("commit_then_silence", on="GET ZReport")
    report = world.driver.close_day()
    assert report.is_recovered
    assert report.fiscal_day == 1
    assert not world.driver.day_status().is_open


def test_a_closing_that_did_not_happen_stays_unknown_and_is_not_repeated(world: World) -> None:
    world.arm("drop_before", on="GET ZReport")
    with pytest.raises(OutcomeUnknown):
        world.driver.close_day()
    assert world.driver.day_status().is_open
    asked = [row for row in world.box.log.rows() if row["call"] == "GET ZReport"]
    assert len(asked) == 1


def test_credit_notes(world: World) -> None:
    world.driver.submit(request("T01-000001", line(price="10.00", quantity="1")))
    part = line(price="4.00", quantity="1")
    note = world.driver.submit(request("C-1", part, kind="credit", original="T01-000001"))
    assert (note.kind, note.total) == ("credit", Decimal("4.00"))
    rest = line(price="6.01", quantity="1")
    with pytest.raises(Rejected, match="exceeds the original Invoice Amount") as caught:
        world.driver.submit(request("C-2", rest, kind="credit", original="T01-000001"))
    assert not caught.value.is_about_device
    assert world.receipts()[1]["total"] == "-4.00"


def test_a_request_that_cannot_be_filed_is_never_sent(world: World) -> None:
    with pytest.raises(RequestInvalid):
        world.driver.submit(request("A", comment=" "))
    assert world.box.log.rows() == []


def test_a_thin_answer_is_completed_from_the_record(make_world: Callable[..., World]) -> None:
    world = make_world(is_terse=True)
    filed = world.driver.submit(request("T01-000001"))
    assert filed.is_complete
    assert (filed.receipt_counter, filed.fiscal_day) == (1, 1)


@pytest.mark.parametrize("do", ["code_number", "data_empty", "data_string", "qr_empty"])
def test_odd_answers_are_read_or_looked_up(world: World, do: str) -> None:
    world.arm(do, on="POST TransactM")
    filed = world.driver.submit(request("T01-000001"))
    assert filed.is_complete
    assert filed.qr == world.receipts()[0]["qr"]
    assert filed.fiscal_day in {1, None}


def test_a_yes_without_a_record_is_not_believed(world: World) -> None:
    world.arm("qr_empty", times=9)
    with pytest.raises(OutcomeUnknown):
        world.driver.submit(request("T01-000001"))
    with pytest.raises(OutcomeUnknown):
        world.driver.look_up("T01-000001")
    world.box.faults.replace([])
    assert world.driver.look_up("T01-000001") is not None


def test_an_old_answer_is_not_taken_for_this_one(world: World) -> None:
    first = world.driver.submit(request("T01-000001"))
    world.arm("old_reply", on="TransactM")
    second = world.driver.submit(request("T01-000002"))
    assert second.number == "T01-000002"
    assert second.qr != first.qr


def test_the_answer_of_a_sister_device_is_told_apart(world: World) -> None:
    world.driver.hello()
    world.arm("foreign_receipt", on="POST")
    filed = world.driver.submit(request("T01-000001"))
    assert filed.device_id == "99001"
    world.arm("foreign_receipt", on="GetInvoice")
    found = world.driver.look_up("T01-000001")
    assert found is not None
    assert (found.device_id, found.number) == ("99002", "T01-000001")


@pytest.mark.parametrize("do", ["init_error", "certificate_expired", "day_closed"])
def test_a_device_that_is_not_ready_files_nothing(world: World, do: str) -> None:
    world.arm(do, on="POST")
    with pytest.raises(Rejected) as caught:
        world.driver.submit(request("T01-000001"))
    assert caught.value.is_about_device
    assert world.driver.look_up("T01-000001") is None
    assert world.driver.submit(request("T01-000001")).receipt_counter == 1


@pytest.mark.parametrize("do", ["init_error", "certificate_expired"])
def test_a_look_up_that_cannot_be_answered_is_not_a_no(world: World, do: str) -> None:
    world.driver.submit(request("T01-000001"))
    world.arm(do, on="GetInvoice", times=9)
    with pytest.raises(Unavailable):
        world.driver.look_up("T01-000001")


def test_a_busy_device_is_waited_for(world: World) -> None:
    world.arm("busy", seconds=0.6)
    assert world.driver.submit(request("T01-000001")).receipt_counter == 1


def test_a_device_that_is_too_slow_is_unknown_and_not_asked_twice(world: World) -> None:
    world.arm("busy", on="POST", seconds=2.5)
    with pytest.raises(OutcomeUnknown):
        world.driver.submit(request("T01-000001"))
    if world.way == "direct":
        assert world.driver.look_up("T01-000001") is not None
    asked = [row for row in world.box.log.rows() if row["call"] == "POST TransactM"]
    assert len(asked) <= 1


LOSSES = (
    "commit_then_silence",
    "drop_before",
    "power_cut_before_commit",
    "power_cut_after_commit",
    "power_cut_mid_reply",
    "flip_byte",
    "drop_bytes",
    "duplicate_bytes",
    "noise",
    "nak",
    "old_reply",
    "foreign_receipt",
    "qr_empty",
    "data_empty",
)


def settle(world: World, number: str) -> None:
    """What a till does: send once, then only read, and send again only what is proven absent."""
    for _ in range(20):
        try:
            if world.driver.look_up(number) is not None:
                return
            world.driver.submit(request(number))
        except FiscalError:
            world.clock.sleep(1)
    raise AssertionError(f"{number} was never settled")


@pytest.mark.parametrize("do", LOSSES)
def test_after_every_fault_and_recovery_there_is_one_receipt_per_number(
    world: World, do: str
) -> None:
    world.driver.submit(request("T01-000001"))
    world.arm(do, on="POST", seconds=0.3)
    with contextlib.suppress(OutcomeUnknown):
        world.driver.submit(request("T01-000002"))
    world.clock.sleep(1)
    settle(world, "T01-000002")
    settle(world, "T01-000003")
    numbers = [row["number"] for row in world.receipts()]
    assert numbers == ["T01-000001", "T01-000002", "T01-000003"]


def test_a_note_on_another_devices_receipt_is_sent_with_its_place(world: World) -> None:
    world.driver.hello()
    theirs = ForeignOriginal(device_id="99002", receipt_global_no=7, fiscal_day_no=3)
    world.driver.submit(request("C-1", kind="credit", original="T02-000007", foreign=theirs))
    world.driver.submit(request("T01-000001"))
    ours = ForeignOriginal(device_id="99001", receipt_global_no=2, fiscal_day_no=1)
    world.driver.submit(request("C-2", kind="credit", original="T01-000001", foreign=ours))
    calls = [row["call"] for row in world.box.log.rows() if "Transact" in row["call"]]
    assert calls == ["POST TransactMExt", "POST TransactM", "POST TransactM"]


def test_debit_notes_are_sent_only_to_a_box_that_is_said_to_take_them(world: World) -> None:
    note = request("D-1", kind="debit", original="T01-000001")
    with pytest.raises(RequestInvalid, match="debit notes"):
        world.driver.submit(note)
    assert world.box.log.rows() == []
