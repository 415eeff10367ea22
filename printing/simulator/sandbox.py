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
from printing.simulator.folder import PaperFolder
from printing.simulator.line import PrinterLine
from printing.simulator.machine import MACHINES, Machine
from printing.simulator.network import NetworkPort
from printing.simulator.port import PseudoTerminal
from sandbox.clock import SandboxClock
from sandbox.control import control_routes
from sandbox.log import RequestLog
from sandbox.server import serve

DEFAULT_MACHINE = MACHINES["80mm"]


@dataclass(frozen=True, slots=True)
class PrinterSandbox:
    """A printer on a pseudo-terminal and on the network, with its control application."""

    printer: SimulatedPrinter
    line: PrinterLine
    network: NetworkPort
    app: Starlette
    paper: Path

    def start(self) -> None:
        """Begin to serve."""
        self.line.start()

    def stop(self) -> None:
        """Stop, switch the printer off, leave no link behind."""
        self.line.stop()
        self.printer.stop()


def build(
    *,
    serial_link: Path,
    directory: Path,
    machine: Machine = DEFAULT_MACHINE,
    seed: int = 0,
    host: str = "127.0.0.1",
    network_port: int = 0,
) -> PrinterSandbox:
    """Put a printer together; nothing runs yet.

    Args:
        serial_link: symbolic link to make.
        directory: keeps paper, ledger and roll; the same directory again resumes them.
        machine: kind of printer.
        seed: for the chances of faults.
        host: where its network port listens.
        network_port: for RFC 2217, 0 for a free one.

    Raises:
        LinkTaken: the link's name belongs to something else.
        PortTaken: the network port cannot be listened on.
    """
    clock = SandboxClock()
    faults = PrinterFaults(random.Random(seed))  # noqa: S311 - not a secret
    log = RequestLog(clock.now)
    store = PaperFolder(directory)
    printer = SimulatedPrinter(machine, clock=clock, faults=faults, store=store, log=log)
    terminal = PseudoTerminal(serial_link)
    try:
        network = NetworkPort(host, network_port)
    except OSError:
        terminal.close()
        raise
    line = PrinterLine(printer, (terminal, network))
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
    return PrinterSandbox(printer, line, network, Starlette(routes=routes), store.paper)


def run(
    *,
    port: int,
    directory: Path,
    serial_link: Path | None = None,
    host: str = "127.0.0.1",
    machine: Machine = DEFAULT_MACHINE,
    seed: int = 0,
    network_port: int = 0,
    ready_extra: Mapping[str, Any] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; prints one line of JSON when ready.

    Args:
        port: of the control door, 0 for a free one.
        directory: see `build`.
        serial_link: symbolic link to the pseudo-terminal; ``printer`` in the directory if None.
        host: address of the control door and of the network port.
        machine: kind of printer.
        seed: see `build`.
        network_port: see `build`.
        ready_extra: further keys of the line of JSON.

    Raises:
        LinkTaken: the link's name belongs to something else.
        OSError: the port is taken.
    """
    link = serial_link or directory / "printer"
    sandbox = build(
        serial_link=link,
        directory=directory,
        machine=machine,
        seed=seed,
        host=host,
        network_port=network_port,
    )

    def ready(taken: int) -> dict[str, Any]:
        sandbox.start()
        return {
            "serial": str(link),
            "rfc2217": sandbox.network.address,
            "paper": str(sandbox.paper),
            "sandbox": f"http://{host}:{taken}/_sandbox",
            **(ready_extra or {}),
        }

    try:
        serve(sandbox.app, host=host, port=port, ready=ready)
    finally:
        sandbox.stop()
