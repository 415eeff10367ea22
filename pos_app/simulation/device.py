"""The fiscal device and the printer on a simulated counter, each with a ledger of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fiscal.clock import Clock
from fiscal.direct import DirectTransport
from fiscal.port import Transport
from fiscal.signing import seeded_signer
from fiscal.simulator.box import Box
from fiscal.simulator.device import Device
from fiscal.simulator.fault import KNOWN
from fiscal.simulator.journal import MemoryJournal
from fiscal.simulator.settings import DeviceSettings
from pos_app.simulation.mischief import Fault
from pos_app.simulation.rules import ZONE_HOURS
from pos_app.simulation.world import World
from printing import escpos
from printing.printer import Printer
from printing.profile import profile_named
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.fault import PrinterFaults
from printing.simulator.machine import MACHINES
from sandbox.fault import Fault as Misdeed
from sandbox.fault import Faults

LOST = (
    "commit_then_silence",
    "power_cut_after_commit",
    "power_cut_mid_reply",
    "drop_before",
    "power_cut_before_commit",
    "flip_byte",
)
BUSY_SECONDS = 20
TROUBLES = ("paper_out", "cover_open", "unplug", "power_cycle", "cutter")
TROUBLE_MINUTES = 30
MODEL = "80mm"

Filed = Callable[[str, Decimal, str], None]
"""Told of each receipt the moment it is filed: number, total, currency."""


class _Watched(MemoryJournal):
    """Keeps nothing and tells what the device commits."""

    def __init__(self, filed: Filed) -> None:
        self._filed = filed

    def append(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        """See `fiscal.simulator.journal.Journal`."""
        del is_durable
        if event["event"] == "filed":
            row = event["receipt"]
            self._filed(row["number"], Decimal(row["total"]), row["currency"])


class FiscalDesk:
    """One fiscal device, which outlives every process that talks to it."""

    def __init__(self, world: World, till: str, number: int, filed: Filed) -> None:
        settings = replace(
            DeviceSettings(),
            device_id=str(99000 + number),
            serial=f"5B0C6E2A{number:04d}",
            zone_hours=ZONE_HOURS,
        )
        device = Device(
            settings,
            world.clock,
            signer=seeded_signer(f"{world.seed}/{till}"),
            journal=_Watched(filed),
        )
        faults = Faults(world.rng(f"{till} box"), known=KNOWN)
        self.box = Box(device, world.clock, faults=faults)
        self._world = world

    def transport(self, clock: Clock) -> Transport:
        """What a till that starts opens."""
        return DirectTransport(self.box, clock)

    def misbehave(self) -> None:
        """Arm what goes wrong with the next receipt."""
        mischief, armed = self._world.mischief, []
        if mischief.strikes(Fault.DEVICE_REPLY):
            armed.append(Misdeed(on="POST TransactM", do=mischief.rng.choice(LOST)))
        if mischief.strikes(Fault.DEVICE_BUSY):
            armed.append(Misdeed(do="busy", seconds=mischief.rng.randint(1, BUSY_SECONDS)))
        if armed:
            self.box.faults.replace(armed)

    def reach_authority(self, *, up: bool) -> None:
        """Cut or mend the way from the device to the tax authority."""
        self.box.change({"network": up})

    def heal(self) -> None:
        """Forget every fault."""
        self.box.faults.replace([])
        self.reach_authority(up=True)


class PrinterDesk:
    """One receipt printer, which outlives every process that talks to it."""

    def __init__(self, world: World, till: str) -> None:
        self._world = world
        self.machine = SimulatedPrinter(
            MACHINES[MODEL],
            clock=world.clock,
            faults=PrinterFaults(world.rng(f"{till} printer")),
        )

    def printer(self) -> Printer:
        """What a till that starts opens."""
        clock = self._world.clock
        return Printer(Desk(self.machine, clock), profile_named(MODEL), clock=clock)

    def misbehave(self) -> None:
        """Arm what stops the paper, for a while, in the middle of a job or before it."""
        rng = self._world.mischief.rng
        lasts = timedelta(minutes=rng.randint(1, TROUBLE_MINUTES)).total_seconds()
        fault = Misdeed(do=rng.choice(TROUBLES), seconds=lasts, bytes=rng.choice((0, 40, 700)))
        self.machine.faults.replace([fault])

    def heal(self) -> None:
        """Load paper, close the cover, plug in."""
        self.machine.faults.replace([])
        self.machine.run()

    def has_printed(self, job_id: str) -> bool:
        """Whether the whole paper of a job exists: what a cashier sees."""
        code = escpos.process_code(job_id)
        return any(code in paper["jobs"] for paper in self.machine.ledger()["receipts"])
