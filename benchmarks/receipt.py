"""What a fiscal receipt costs beside the device's own work: time on the line, and the driver's."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.measure import Stopwatch, calmest
from benchmarks.result import Check, Result
from benchmarks.run import Run
from fiscal.amount import included_tax, line_total
from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.messages import PaymentLine, ReceiptLine, ReceiptRequest
from fiscal.serial_transport import SerialTransport
from fiscal.simulator.assembly import memory_device
from fiscal.simulator.box import Box
from fiscal.simulator.virtual_port import VirtualLine
from pos_app.sample import goods

NAME = "receipt"
LINE_SECONDS, LONG_SECONDS = 0.6, 4.0
DRIVER_MS = 5.0
LINES, LONG = 20, 500
ROUNDS, RECEIPTS = 5, 60
PERCENT = Decimal("15.5")
NAMES = (
    "Full cream milk 2 l",
    "Long grain rice 5 kg",
    "Baobab brown bread",
    "Washing powder 1 kg",
    "Sunflower oil 750 ml",
    "Mazoe orange crush 2 l",
)
PAUSE = 0.002
"""Between two receipts: they come one by one, and whoever rested is let in at once."""


class Clock:
    """Time that passes when somebody waits for it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The instant reached."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Reach a later one at once."""
        self._now += timedelta(seconds=seconds)


class Recorded:
    """A device that knew the answer before: what is left is the driver's own work."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._answers: dict[str, dict[str, Any]] = {}

    def answer(self, op: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer the box gave to a receipt of this number."""
        number = (body or {})["InvoiceNumber"]
        if number not in self._answers:
            self._answers[number] = self._box.answer(op, body)
        return self._answers[number]

    def greeting(self) -> dict[str, Any]:
        """What the box says of itself."""
        return self._box.greeting()


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    rounds = 1 if bench.is_quick else ROUNDS
    return [_on_the_line(LINES, LINE_SECONDS), _on_the_line(LONG, LONG_SECONDS), _driver(rounds)]


def _on_the_line(lines: int, most: float) -> Result:
    """Virtual seconds at 115,200 baud: greeting, request and reply, the device taking none."""
    clock = Clock()
    line = VirtualLine(Box(memory_device(clock), clock), clock)
    sessions = itertools.count(1)
    transport = SerialTransport(
        "/dev/fiscal",
        clock,
        monotonic=line.monotonic,
        new_session=lambda: next(sessions),
        open_port=line.open_port,
    )
    driver = Driver(transport)
    driver.hello()
    began, carried = line.monotonic(), line.carried
    driver.hello()
    driver.submit(_request(1, lines))
    return Result(
        name=NAME,
        what=f"receipt of {lines} lines over the link at 115,200 baud",
        value=line.monotonic() - began,
        unit="s",
        check=Check(at_most=most),
        about={"bytes": line.carried - carried},
    )


def _driver(rounds: int) -> Result:
    """Checking, writing and reading a receipt; every number was filed once before the watch."""
    clock = Clock()
    driver = Driver(DirectTransport(Recorded(Box(memory_device(clock), clock))))
    requests = [_request(number, LINES) for number in range(RECEIPTS)]
    for request in requests:
        driver.submit(request)
    watch = Stopwatch()
    for request in requests * rounds:
        time.sleep(PAUSE)
        watch.call(lambda asked=request: driver.submit(asked))  # type: ignore[misc]
    return Result(
        name=NAME,
        what=f"driver of its own, receipt of {LINES} lines, p99",
        value=calmest(watch.taken, rounds) * 1e3,
        unit="ms",
        check=Check(at_most=DRIVER_MS),
        about={
            "receipts": len(watch.taken),
            "median_ms": round(watch.median * 1e3, 3),
            "p99_of_all_ms": round(watch.p99 * 1e3, 3),
        },
    )


def _request(number: int, lines: int) -> ReceiptRequest:
    rows = tuple(_line(number * lines + at, at + 1) for at in range(lines))
    total = sum((row.amount for row in rows), Decimal(0))
    return ReceiptRequest(
        number=f"T01-{number:06d}",
        kind="invoice",
        currency="USD",
        total=total,
        tax=included_tax(total, PERCENT),
        cashier="cashier",
        comment=f"Till T01 receipt T01-{number:06d}",
        lines=rows,
        payments=(PaymentLine(currency="USD", amount=total),),
        branch="Sample Shop",
    )


def _line(item: int, at: int) -> ReceiptLine:
    quantity, price = Decimal(1 + item % 4), Decimal(95 + item * 37 % 1900) / 100
    return ReceiptLine(
        number=at,
        code=goods.code_of(item + 1),
        name=f"{NAMES[item % len(NAMES)]} {item * 7919 % 10007}",
        quantity=quantity,
        price=price,
        amount=line_total(quantity, price),
        tax_id="1",
        tax_percent=PERCENT,
        hs_code="99001000",
    )
