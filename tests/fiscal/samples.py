"""Requests, clocks and served boxes for the tests of the fiscal package."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from fiscal.amount import included_tax, line_total
from fiscal.clock import SystemClock
from fiscal.link.timing import Timers
from fiscal.messages import Kind, PaymentLine, ReceiptLine, ReceiptRequest
from fiscal.simulator import fault
from fiscal.simulator.assembly import memory_device
from fiscal.simulator.box import Box
from fiscal.simulator.device import Device
from fiscal.simulator.http_face import HttpFace
from fiscal.simulator.serial_face import SerialFace
from fiscal.simulator.settings import DeviceSettings
from sandbox.connection import Connections
from sandbox.fault import Faults
from sandbox.log import RequestLog
from sandbox.server import listen, server_of
from tests.fiscal.bridge import bridge
from tests.fiscal.serial_server import serial_server

DATA = Path(__file__).parent / "data"
START = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
TAXES = {"1": Decimal("15.5"), "2": Decimal(0), "3": None}
QUICK = Timers(
    resend=(0.05, 0.1, 0.2),
    greeting=(0.05, 0.1, 0.2),
    gap=0.05,
    busy=0.03,
    silence=0.3,
    enquiry=0.1,
)


def vectors(name: str) -> list[dict[str, Any]]:
    """One list of the vectors file."""
    found: list[dict[str, Any]] = json.loads((DATA / "vectors.json").read_text())[name]
    return found


class VirtualClock:
    """Time that passes only when it is told to, or when somebody sleeps."""

    def __init__(self, now: datetime = START) -> None:
        self.at = now
        self.slept = 0.0

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.at += timedelta(seconds=seconds)


def line(
    number: int = 1,
    *,
    price: str = "1.50",
    quantity: str = "2",
    tax_id: str = "1",
    name: str = "Bread roll",
) -> ReceiptLine:
    exact, count = Decimal(price), Decimal(quantity)
    return ReceiptLine(
        number=number,
        code=f"PRD{number:03d}",
        name=name,
        quantity=count,
        price=exact,
        amount=line_total(count, exact),
        tax_id=tax_id,
        tax_percent=TAXES[tax_id],
    )


def request(
    number: str = "T01-000001",
    *lines: ReceiptLine,
    kind: Kind = "invoice",
    currency: str = "USD",
    original: str = "",
    **more: Any,
) -> ReceiptRequest:
    rows = lines or (line(),)
    total = sum((row.amount for row in rows), Decimal("0.00"))
    values: dict[str, Any] = {
        "number": number,
        "kind": kind,
        "currency": currency,
        "total": total,
        "tax": sum((included_tax(row.amount, row.tax_percent) for row in rows), Decimal("0.00")),
        "cashier": "rudo",
        "comment": "Counter sale",
        "lines": rows,
        "payments": (PaymentLine(currency=currency, amount=total),),
        "original_number": original,
    }
    return ReceiptRequest(**(values | more))


def make_box(clock: Any, *, device: Device | None = None, seed: int = 1, **settings: Any) -> Box:
    made = device or memory_device(clock, settings=DeviceSettings(**settings))
    faults = Faults(random.Random(seed), known=fault.KNOWN)
    return Box(made, clock, faults=faults, log=RequestLog(clock.now))


@dataclass(frozen=True)
class Served:
    """A box with both faces up."""

    box: Box
    http: str
    serial: str
    socket: str = ""
    rfc2217: str = ""
    bridge: str = ""


@contextlib.contextmanager
def served(
    box: Box, folder: Path, *, ways: tuple[str, ...] = ("http", "serial")
) -> Iterator[Served]:
    """The box on HTTP, a pseudo-serial port, a serial server, or a bridge, in threads of ours."""
    with contextlib.ExitStack() as stack:
        addresses = {"http": "", "serial": ""}
        if {"http", "bridge"} & set(ways):
            addresses["http"] = stack.enter_context(_http(box))
        if {"serial", "socket", "rfc2217"} & set(ways):
            addresses["serial"] = stack.enter_context(_serial(box, folder))
        if "bridge" in ways:
            addresses["bridge"] = stack.enter_context(bridge(addresses["http"], folder))
        for way in {"socket", "rfc2217"} & set(ways):
            server = serial_server(addresses["serial"], is_telnet=way == "rfc2217")
            addresses[way] = stack.enter_context(server)
        yield Served(box, **addresses)


@contextlib.contextmanager
def _http(box: Box) -> Iterator[str]:
    connections = Connections()
    face = HttpFace(box, connections, rng=random.Random(1))
    app = Starlette(routes=[Route("/api/RevmaxAPI/{rest:path}", face)])
    listener = listen("127.0.0.1", 0)
    server = server_of(app, connections)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@contextlib.contextmanager
def _serial(box: Box, folder: Path) -> Iterator[str]:
    face = SerialFace(box, folder / "revmax", rng=random.Random(1), timers=QUICK)
    face.start()
    try:
        yield str(folder / "revmax")
    finally:
        face.stop()


def wait_until(claim: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition; fails when it never comes true."""
    ends = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)


def real_clock() -> SystemClock:
    return SystemClock()
