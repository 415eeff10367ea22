"""Each failure of a serial line, for each operation: told truly, done at most once, then settled.

The line and the box are the real ones, on virtual time; what is asserted is the ledger of the box.
"""

from __future__ import annotations

import itertools
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from enum import Enum, auto
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.driver import Driver
from fiscal.errors import LinkBusy, OutcomeUnknown, Rejected, Unavailable
from fiscal.messages import ForeignOriginal, ReceiptRequest
from fiscal.serial_port import Line
from fiscal.serial_transport import SerialTransport
from fiscal.simulator.box import Box
from fiscal.simulator.proof import violations
from fiscal.simulator.virtual_port import VirtualLine, untouched
from sandbox.fault import Fault
from tests.fiscal import link_damage as damage
from tests.fiscal.link_failures import FAILURES
from tests.fiscal.samples import VirtualClock, line, make_box, request

BAUDS = Line().bauds


class Told(Enum):
    """What the driver said became of it."""

    DONE = auto()
    REFUSED = auto()
    UNAVAILABLE = auto()
    UNKNOWN = auto()


class World:
    """A driver, a line and a box that has filed one receipt.

    Attributes:
        call: what the operation under test asks of the box.
    """

    def __init__(self, seed: int, call: str = "") -> None:
        self.seed = seed
        self.call = call
        self.clock = VirtualClock()
        self.box: Box = make_box(self.clock, seed=seed, delivery_seconds=10**6)
        self.line = VirtualLine(self.box, self.clock, seed=seed)
        numbers = itertools.count(1)
        self.is_taken = False
        self.transport = SerialTransport(
            "/dev/fiscal",
            self.clock,
            monotonic=self.line.monotonic,
            new_session=lambda: next(numbers),
            open_port=self._open,
        )
        self.driver = Driver(self.transport)
        self.driver.hello()
        self.driver.submit(request("T01-000001"))
        self.before = len(self.box.log.rows())

    def _open(self, address: str, settings: Line, baud: int) -> Any:
        if self.is_taken:
            raise LinkBusy(address)
        return self.line.open_port(address, settings, baud)

    def arm(self, do: str, seconds: float) -> None:
        self.box.faults.replace([Fault(do=do, on=self.call, seconds=seconds)])

    def take_port(self) -> None:
        self.transport.close()
        self.is_taken = True

    def heal(self) -> None:
        """The line is well again, and a minute has gone by."""
        self.box.faults.replace([])
        self.line.to_device = self.line.to_host = untouched
        if self.line.baud not in BAUDS:
            self.line.baud = BAUDS[0]
        self.is_taken = False
        self.clock.sleep(90)

    def asked(self, call: str) -> list[dict[str, Any]]:
        rows = self.box.log.rows()[self.before :]
        return [row for row in rows if row["call"] == call]

    def receipts(self, number: str) -> list[dict[str, Any]]:
        return [row for row in self.box.ledger()["receipts"] if row["number"] == number]

    def days(self) -> list[tuple[int, str]]:
        return [(day["number"], day["status"]) for day in self.box.ledger()["days"]]


def told(deed: Callable[[], Any]) -> tuple[Told, Any]:
    try:
        return Told.DONE, deed()
    except Rejected as error:
        return Told.REFUSED, error
    except Unavailable as error:
        return Told.UNAVAILABLE, error
    except OutcomeUnknown as error:
        return Told.UNKNOWN, error


# ---------------------------------------------------------------- operations


def long_receipt(number: str, **more: Any) -> ReceiptRequest:
    """One of several parts, whatever is done to make it small."""
    rng = random.Random(number)
    names = ["".join(chr(rng.randrange(48, 123)) for _ in range(90)) for _ in range(40)]
    rows = [line(at, name=name, price="0.75") for at, name in enumerate(names, 1)]
    return request(number, *rows, **more)


def check_receipt(world: World, asked: ReceiptRequest, outcome: Told, answer: Any) -> None:
    rows = world.receipts(asked.number)
    assert len(rows) <= 1
    if outcome is Told.DONE:
        assert (answer.number, answer.total) == (asked.number, asked.total)
        assert answer.qr == rows[0]["qr"]
    if outcome in {Told.REFUSED, Told.UNAVAILABLE}:
        assert rows == [], answer
    world.heal()
    found = world.driver.look_up(asked.number)
    assert (found is not None) is bool(rows)
    if found is None:
        world.driver.submit(asked)
    (row,) = world.receipts(asked.number)
    assert abs(Decimal(row["total"])) == asked.total


def run_receipt(world: World, asked: ReceiptRequest) -> Told:
    outcome, answer = told(lambda: world.driver.submit(asked))
    op = "POST TransactMExt" if asked.foreign else "POST TransactM"
    assert len(world.asked(op)) <= 1, "sent once"
    check_receipt(world, asked, outcome, answer)
    return outcome


def run_invoice(world: World) -> Told:
    return run_receipt(world, request("T01-000002"))


def run_long_invoice(world: World) -> Told:
    return run_receipt(world, long_receipt("T01-000002"))


def run_foreign_note(world: World) -> Told:
    original = ForeignOriginal(device_id="99002", receipt_global_no=7, fiscal_day_no=3)
    return run_receipt(
        world,
        request("C-1", kind="credit", original="T02-000007", foreign=original, comment="Back"),
    )


def run_close(world: World) -> Told:
    outcome, _ = told(world.driver.close_day)
    assert len(world.asked("GET ZReport")) <= 1, "toggled once"
    (day,) = world.days()
    if outcome is Told.DONE:
        assert day == (1, "FiscalDayClosed")
    if outcome in {Told.REFUSED, Told.UNAVAILABLE}:
        assert day == (1, "FiscalDayOpened")
    world.heal()
    assert world.driver.day_status().status == day[1]
    return outcome


def run_open(world: World) -> Told:
    outcome, _ = told(world.driver.open_day)
    assert len(world.asked("GET ZReport")) <= 1, "toggled once"
    days = world.days()
    if outcome is Told.DONE:
        assert days[-1] == (2, "FiscalDayOpened")
    if outcome in {Told.REFUSED, Told.UNAVAILABLE}:
        assert days[-1] == (1, "FiscalDayClosed")
    world.heal()
    assert world.driver.open_day().last_fiscal_day_no == 2
    return outcome


def run_license(world: World) -> Told:
    outcome, _ = told(lambda: world.driver.set_license("ABCD-EFGH-5678"))
    rows = world.asked("GET SetLicense")
    assert len(rows) <= 1, "sent once"
    if outcome is Told.DONE:
        assert rows[0]["code"] == "1"
    if outcome in {Told.REFUSED, Told.UNAVAILABLE}:
        assert rows == []
    world.heal()
    assert world.driver.license().status == "Active"
    return outcome


def run_read(read: Callable[[Driver], Any]) -> Callable[[World], Told]:
    """A read changes nothing, says what is true or that it could not, and is never unknown."""

    def run(world: World) -> Told:
        ledger = world.box.ledger()
        outcome, answer = told(lambda: read(world.driver))
        assert outcome in {Told.DONE, Told.UNAVAILABLE}, answer
        assert world.box.ledger() == ledger
        world.heal()
        if outcome is Told.DONE:
            assert answer == read(world.driver)
        return outcome

    return run


OPERATIONS: dict[str, tuple[str, Callable[[World], Told]]] = {
    "an invoice": ("POST TransactM", run_invoice),
    "an invoice in parts": ("POST TransactM", run_long_invoice),
    "a note on another's": ("POST TransactMExt", run_foreign_note),
    "closing the day": ("GET ZReport", run_close),
    "opening the day": ("GET ZReport", run_open),
    "a licence": ("GET SetLicense", run_license),
    "a greeting": ("", run_read(lambda driver: replace(driver.hello(), clock=None, boot_id=""))),
    "the card": ("GET GetCardDetails", run_read(Driver.card)),
    "the day": ("GET GetDayStatus", run_read(Driver.day_status)),
    "the licence": ("GET GetLicense", run_read(Driver.license)),
    "a look-up": ("GET GetInvoice", run_read(lambda driver: driver.look_up("T01-000001"))),
    "a look-up of none": ("GET GetInvoice", run_read(lambda driver: driver.look_up("T01-999999"))),
    "the backlog": ("GET GetUnProcessed", run_read(lambda driver: driver.backlog(1))),
}


HARMLESS = (
    "bytes one by one",
    "two frames in one read",
    "escapes split",
    "acknowledgements late, once",
    "frames of an older number",
    "frames of another session",
    "the reply lost once",
    "a sign of life every 2.9 s",
    "a speed that is tried second",
)
"""What the link must bear without anybody noticing."""


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_failure_of_the_line_in_each_operation(operation: str, failure: str) -> None:
    call, run = OPERATIONS[operation]
    world = World(zlib.crc32(f"{operation}/{failure}".encode()), call)
    if run is run_open:
        world.driver.close_day()
        world.before = len(world.box.log.rows())
    began = world.line.monotonic()
    FAILURES[failure](world)
    outcome = run(world)
    assert world.line.monotonic() - began < 90 + 700, "everything ends"
    if failure.startswith(HARMLESS):
        assert outcome is Told.DONE
    assert violations(world.box.ledger()) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.02, 0.1, 0.3, 0.6]))
def test_sales_over_an_unreliable_line_are_filed_once_each(seed: int, rate: float) -> None:
    """Sent once, doubts settled by reading over the same line; what was told is true."""
    rng = random.Random(seed)
    world = World(seed)
    for number in range(3):
        world.line.to_device = world.line.to_host = damage.unreliable(rng, rate)
        asked = request(f"T01-{number + 10:06d}", line(price=f"{number + 1}.25"))
        outcome, answer = told(lambda asked=asked: world.driver.submit(asked))  # type: ignore[misc]
        check_receipt(world, asked, outcome, answer)
    assert len(world.box.ledger()["receipts"]) == 4
    assert violations(world.box.ledger()) == []
