"""The printer sandbox as a process: paper in a folder, a pseudo-terminal, a control door."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from printing.simulator.core import SimulatedPrinter
from printing.simulator.fault import PrinterFaults
from printing.simulator.line import SerialLine
from printing.simulator.machine import MACHINES, Machine
from printing.simulator.store import PaperFolder
from sandbox.clock import SandboxClock
from sandbox.control import control_routes
from sandbox.log import RequestLog
from sandbox.server import serve

DEFAULT_MACHINE = MACHINES["80mm"]


@dataclass(frozen=True, slots=True)
class PrinterSandbox:
    """A printer on a pseudo-terminal with its control application."""

    printer: SimulatedPrinter
    line: SerialLine
    app: Starlette
    paper: Path

    def start(self) -> None:
        """Begin to serve the pseudo-terminal."""
        self.line.start()

    def stop(self) -> None:
        """Stop, switch the printer off, leave no link behind."""
        self.line.stop()
        self.printer.stop()


def build(
    *, serial_link: Path, directory: Path, machine: Machine = DEFAULT_MACHINE, seed: int = 0
) -> PrinterSandbox:
    """Put a printer together; nothing runs yet.

    Args:
        serial_link: symbolic link to make.
        directory: keeps paper, ledger and roll; the same directory again resumes them.
        machine: kind of printer.
        seed: for the chances of faults.

    Raises:
        LinkTaken: the link's name belongs to something else.
    """
    clock = SandboxClock()
    faults = PrinterFaults(random.Random(seed))  # noqa: S311 - not a secret
    log = RequestLog(clock.now)
    store = PaperFolder(directory)
    printer = SimulatedPrinter(machine, clock=clock, faults=faults, store=store, log=log)
    line = SerialLine(printer, serial_link)
    ended = faults.on_replaced
    faults.on_replaced = lambda is_healthy: line.locked(lambda: ended(is_healthy))
    routes = control_routes(
        ledger=lambda: line.locked(printer.ledger),
        requests=log,
        faults=faults,
        clock=clock,
        reset=lambda: line.locked(printer.reset),
        changed=line.wake,
    )
    return PrinterSandbox(printer, line, Starlette(routes=routes), store.paper)


def run(
    *,
    port: int,
    directory: Path,
    serial_link: Path | None = None,
    host: str = "127.0.0.1",
    machine: Machine = DEFAULT_MACHINE,
    seed: int = 0,
    ready_extra: Mapping[str, Any] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; prints one line of JSON when ready.

    Args:
        port: of the control door, 0 for a free one.
        directory: see `build`.
        serial_link: symbolic link to the pseudo-terminal; ``printer`` in the directory if None.
        host: address of the control door.
        machine: kind of printer.
        seed: see `build`.
        ready_extra: further keys of the line of JSON.

    Raises:
        LinkTaken: the link's name belongs to something else.
        OSError: the port is taken.
    """
    link = serial_link or directory / "printer"
    sandbox = build(serial_link=link, directory=directory, machine=machine, seed=seed)

    def ready(taken: int) -> dict[str, Any]:
        sandbox.start()
        return {
            "serial": str(link),
            "paper": str(sandbox.paper),
            "sandbox": f"http://{host}:{taken}/_sandbox",
            **(ready_extra or {}),
        }

    try:
        serve(sandbox.app, host=host, port=port, ready=ready)
    finally:
        sandbox.stop()
