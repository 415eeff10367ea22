"""One sale whose printer goes wrong, through the real services, and what must hold afterwards.

The printer's own ledger is believed, never the till: the sale is done at once, no paper of it comes
out twice unmarked, what the till says of the paper and of the printer is true, and trouble that is
mended is gone. People do what people do: they mend the printer, and look whether a paper is there.
"""

from __future__ import annotations

from collections import Counter as Counts
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pos_app.services import quick_sale, receipt, spool, spool_question, status
from pos_app.services.quick_sale import WantedLine, WantedSale, WantedTender
from pos_app.services.sale import Posted
from pos_app.services.shop import PrinterRules
from pos_app.store.engine import Store
from printing.printer import Printer
from printing.profile import Flow, adapted, profile_named
from printing.simulator import fault
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES, Intake
from sandbox.fault import Fault
from tests import shops
from tests.counter import Counter, counter

SECOND = "tcp://192.0.2.11:9100"
FOOT = "Thank you for shopping with us."
PASS_SECONDS = 25
"""As long as the lane may be away with one job, whatever the printer does (virtual seconds)."""

LASTING = (
    fault.PAPER_OUT, fault.COVER_OPEN, fault.OFFLINE, fault.UNPLUG, fault.STUCK, fault.SILENCE,
)  # fmt: skip
FAULTS = (
    *LASTING, fault.CUTTER, fault.NEAR_END, fault.POWER_CYCLE, fault.GARBAGE,
    *sorted(fault.OF_REPLIES),
)  # fmt: skip
NAMED = {
    fault.PAPER_OUT: "paper_out",
    fault.COVER_OPEN: "cover_open",
    fault.OFFLINE: "printer_offline",
    fault.UNPLUG: "printer_offline",
    fault.SILENCE: "printer_offline",
    fault.CUTTER: "cutter_fault",
}
"""What the till has to call a trouble that lasts; a clone that says it is well is not believed."""

KINDS = ("80mm", "80mm-42", "58mm", "80mm-clone", "58mm-clone", "xonxoff", "small-buffer")


@dataclass
class Ordeal:
    """A till whose printer is of one kind, and everything that was found wrong with either."""

    till: Counter
    kind: str
    second: SimulatedPrinter | None = None
    found: list[str] = field(default_factory=list)
    outcomes: Counts[str] = field(default_factory=Counts)
    slowest: float = 0.0

    @property
    def papers(self) -> list[dict[str, Any]]:
        """Every paper of both printers."""
        rows = list(self.till.machine.ledger()["receipts"])
        return rows + (list(self.second.ledger()["receipts"]) if self.second else [])

    @property
    def is_clone(self) -> bool:
        """Whether the printer cannot prove anything."""
        return "clone" in self.kind

    def suffer(self, do: str, at: int) -> None:
        """One sale with one trouble, after so many bytes of its paper; 0 before the first."""
        name = f"{self.kind}, {do} at {at}"
        self.till.machine.faults.replace([Fault(do=do, on="print" if at else "", bytes=at)])
        posted = self._sell()
        for _ in range(3):
            self._pass(name)
            self.till.shop.clock.sleep(1.5)
        self._check(name, posted, do)
        self._mend()
        self._pass(name)
        self._check_mended(name)
        self._answer(posted)
        for _ in range(12):
            self._pass(name)
            if not status.status(self.till.shop).queues["printer"].waiting:
                break
            self.till.shop.clock.sleep(10)
        self._check_end(name, posted)

    def _sell(self) -> Posted:
        """What ``pos sell`` does; the fiscal device is well."""
        wanted = WantedSale(
            user="cashier",
            pin=shops.PIN,
            lines=[WantedLine(item="MILK"), WantedLine(item="BREAD", quantity=Decimal(2))],
            tenders=[WantedTender(type="cash", currency="USD", amount=Decimal(5))],
            content="",
        )
        posted = quick_sale.sell(self.till.shop, wanted)
        self.till.file()
        return posted

    def _pass(self, name: str) -> None:
        before = self.till.shop.clock.now()
        self.till.print()
        seconds = (self.till.shop.clock.now() - before).total_seconds()
        self.slowest = max(self.slowest, seconds)
        if seconds > PASS_SECONDS:
            self.found.append(f"{name}: the lane was away for {seconds:.0f} s")

    def _check(self, name: str, posted: Posted, do: str) -> None:
        """While it lasts: the sale is done, and what is said of paper and printer is true."""
        lit = receipt.lamps(self.till.shop, posted.sale_id).as_words()
        if (lit["paid"], lit["fiscalised"]) != ("done", "done"):
            self.found.append(f"{name}: the sale is not done: {lit}")
        (job,) = self.till.jobs(posted)
        self.outcomes[job["state"]] += 1
        self._check_state(name, posted, job["state"])
        seen = status.status(self.till.shop)
        if do in NAMED and do in self._conditions and not self.is_clone:
            told = seen.printers[0].trouble
            if told != NAMED[do]:
                self.found.append(f"{name}: the printer is said to be {told or 'well'}")
        if job["state"] == "unconfirmed" and seen.asked is None:
            self.found.append(f"{name}: nobody is asked")

    def _check_state(self, name: str, posted: Posted, state: str) -> None:
        whole, begun = self._whole(posted), self._begun(posted)
        if state == "confirmed" and len(whole) != 1:
            self.found.append(f"{name}: confirmed with {len(whole)} whole papers")
        if state == "probably" and len(whole) != 1:
            self.found.append(f"{name}: said to be there with {len(whole)} whole papers")
        if state == "queued" and begun:
            self.found.append(f"{name}: not begun, and there is paper")
        if state == "started":
            self.found.append(f"{name}: still said to be printing")

    def _check_mended(self, name: str) -> None:
        (own, *_) = status.status(self.till.shop).printers
        if not own.can_print:
            self.found.append(f"{name}: mended, and still said to be {own.trouble}")

    def _check_end(self, name: str, posted: Posted) -> None:
        jobs = self.till.jobs(posted)
        if jobs[-1]["state"] not in ("confirmed", "probably"):
            self.found.append(f"{name}: it ends {jobs[-1]['state']} ({jobs[-1]['reason']})")
        unmarked, marked = self._whole(posted), self._whole(posted, is_marked=True)
        if len(unmarked) > 1:
            self.found.append(f"{name}: {len(unmarked)} unmarked papers")
        if len(unmarked) + len(marked) < 1:
            self.found.append(f"{name}: no paper at all")
        if len(marked) != len(jobs) - 1:
            self.found.append(
                f"{name}: {len(marked)} copies of {len(jobs) - 1} that were asked for"
            )
        seen = status.status(self.till.shop)
        if seen.asked is not None or seen.queues["printer"].waiting:
            self.found.append(f"{name}: something still waits")

    @property
    def _conditions(self) -> list[str]:
        conditions: list[str] = self.till.machine.ledger()["conditions"]
        return conditions

    def _mend(self) -> None:
        """New paper, cover closed, cable in, switched on; then the printer has its time."""
        self.till.machine.faults.replace([])
        for _ in range(5):
            self.till.shop.clock.sleep(2)
            self.till.machine.run()

    def _answer(self, posted: Posted) -> None:
        """The cashier looks at what hangs out of the printers."""
        for asked in spool_question.unconfirmed(self.till.shop):
            is_there = bool(self._whole(posted, is_marked=asked.copy_number > 0))
            self.outcomes["seen" if is_there else "missing"] += 1
            spool.answer(self.till.shop, shops.actor(), asked.id, is_there=is_there)

    def _begun(self, posted: Posted) -> list[str]:
        """Papers that say whose they are, one that still hangs out of a printer as well."""
        printers = [self.till.machine, *([self.second] if self.second else [])]
        hanging = [printer.ledger()["hanging"] or "" for printer in printers]
        texts = [row["text"] for row in self.papers] + hanging
        return [text for text in texts if posted.receipt in text]

    def _whole(self, posted: Posted, *, is_marked: bool = False) -> list[str]:
        """Papers from the first line to the last; marked COPY, or not."""
        head = self.till.shop.rules.seller.name
        return [
            text
            for text in self._begun(posted)
            if head in text and FOOT in text and ("*** COPY" in text) is is_marked
        ]


def ordeal(store: Store, kind: str = "80mm", *, has_second: bool = False) -> Ordeal:
    """A till with a printer of a kind, and a second one if that is wanted."""
    model = kind if kind in MACHINES else "80mm"
    machine, profile = MACHINES[model], profile_named(model)
    if kind == "xonxoff":
        machine = replace(machine, intake=Intake.XONXOFF, buffer=512, bytes_per_second=2000)
        profile = adapted(profile, {"flow": Flow.XONXOFF.value, "buffer": 512})
    if kind == "small-buffer":
        machine = replace(machine, buffer=64, bytes_per_second=2000)
        profile = adapted(profile, {"buffer": 64})
    till = counter(store, may_oversell=True)
    own = PrinterRules(url=till.shop.rules.printers[0].url, profile=profile)
    places = [own]
    second = None
    clock = till.shop.clock
    if has_second:
        second = SimulatedPrinter(MACHINES["58mm"], clock=clock)
        places.append(PrinterRules(url=SECOND, profile=profile_named("58mm")))
        till.spare = Printer(Desk(second, clock), profile_named("58mm"), clock=clock)
    till.shop = replace(till.shop, rules=replace(till.shop.rules, printers=tuple(places)))
    till.machine = SimulatedPrinter(machine, clock=clock)
    till.printer = Printer(Desk(till.machine, clock), profile, clock=clock)
    return Ordeal(till, kind, second)
