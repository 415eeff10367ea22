"""The devices and neighbours of a till: opened by address, one holder each, and their lanes.

What speaks to one is loaded when this process has it: a sale that leaves its receipt to the agent
needs none of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pos_app.config import Settings
from pos_app.domain.fiscal_day import StepState
from pos_app.domain.lamp import Lamp
from pos_app.fiscal_port import FiscalPort, expected_of
from pos_app.holder import Holder
from pos_app.secret import Secrets
from pos_app.services import printer_loan, receipt
from pos_app.services.shop import LabelRules, OfficeRules, Shop
from pos_app.services.worked import Worked

if TYPE_CHECKING:
    from pos_app.customer_display import CustomerDisplay
    from pos_app.services.drawer.watch import DrawerWatch
    from pos_app.services.fiscal_step import DayStep
    from printing.label_printer import LabelPrinter
    from printing.office import OfficePrinter
    from printing.printer import Printer
    from sync.http import HttpRemote

ANSWER_SECONDS = 5.0
POLL_SECONDS = 0.05
DAY_SECONDS = 30.0
DAY_POLL_SECONDS = 0.25
DISPLAY_BAUD = 9600
"""What displays are delivered with; the address may say otherwise."""
BUSY = Worked(problem="")


class Devices:
    """What one process may talk to; each device is opened when it is first needed.

    Attributes:
        fiscal: the way to the fiscal device, for whoever else in this process needs it.
    """

    def __init__(self, shop: Shop, settings: Settings, folder: Path, secrets: Secrets) -> None:
        self._shop = shop
        self._settings = settings
        self._secrets = secrets
        expected = expected_of(settings)
        self.fiscal = FiscalPort(settings.fiscal, folder, shop.clock, expected=expected)
        self._printer_holder = Holder(folder / "printer.lock")
        self._label_holder = Holder(folder / "label.lock")
        self._office_holder = Holder(folder / "office.lock")
        self._sync_holder = Holder(folder / "sync.lock")
        self._has_met = False
        self._printers: dict[str, Printer] = {}
        self._drawer: DrawerWatch | None = None
        self._label_printer: LabelPrinter | Printer | None = None
        self._remote: HttpRemote | None = None

    def work_fiscal(self) -> Worked:
        """File what waits, if this process can have the device; kept while something waits."""
        if not self._shop.rules.fiscal.is_required:
            return BUSY
        if self._has_met and not self.fiscal.is_held and not self._has_fiscal_work():
            return BUSY
        with self.fiscal.use() as driver:
            if driver is None:
                return BUSY
            from pos_app.services import fiscal

            is_first, self._has_met = not self._has_met, True
            worked = fiscal.work(self._shop, driver, is_first=is_first)
            self.fiscal.keep(fiscal.must_keep(self._shop))
            return worked

    def work_printer(self, *, is_hasty: bool = False) -> Worked:
        """Print what waits, if this process can hold the printers.

        Args:
            is_hasty: somebody waits for this process: printers get less time to answer in, and
                are not asked how they are when there is nothing to print.
        """
        if not self._shop.rules.printer:
            return BUSY
        if printer_loan.is_to_be_lent(self._shop):
            self._lend_printer()
            return BUSY
        if not self._printer_holder.is_held and not self._printer_holder.take():
            return BUSY
        from pos_app.services import spool_work

        printers = self._open_printers(is_hasty=is_hasty)
        moved = self._watch_drawer(printers[self._shop.rules.printers[0].url])
        worked = spool_work.work(self._shop, printers, may_look=not is_hasty)
        return replace(worked, done=worked.done + moved)

    def _watch_drawer(self, printer: Printer) -> int:
        """Open the drawer where that was asked for, before any paper, and look at it."""
        if not self._shop.rules.has_drawer:
            return 0
        if self._drawer is None:
            from pos_app.services.drawer.watch import DrawerWatch

            self._drawer = DrawerWatch(self._shop, printer)
        return self._drawer.work()

    def work_labels(self) -> Worked:
        """Print the labels that were asked for, if this process can hold the label printer."""
        wanted = self._shop.rules.label
        if wanted is None or not self._label_holder.take():
            return BUSY
        from pos_app.services.label import work

        return work.work(self._shop, self._open_label_printer(wanted))

    def work_sync(self) -> Worked:
        """Deliver and fetch, if this process holds the line to the server."""
        if not self._settings.server.url or not self._sync_holder.take():
            return BUSY
        from pos_app.services import sync

        return sync.work(self._shop, self._open_remote())

    def work_prompts(self) -> Worked:
        """Ask the server about wallets that were asked; any process may, one at a time for each."""
        if not self._settings.server.url:
            return BUSY
        from pos_app.services.prompt import look

        return look.work(self._shop, self._open_remote())

    def work_office(self) -> Worked:
        """Hand over the pages that wait, if this process can hold the office printer."""
        wanted = self._shop.rules.office
        if wanted is None or not self._office_holder.take():
            return BUSY
        from pos_app.services import office

        return office.work(self._shop, self._open_office(wanted))

    def _open_office(self, wanted: OfficeRules) -> OfficePrinter:
        from printing.office import CommandOffice, FolderOffice, NetworkOffice
        from printing.profile import PROFILES
        from printing.transport import link_factory

        if wanted.folder is not None:
            return FolderOffice(wanted.folder)
        if wanted.command:
            return CommandOffice(wanted.command, seconds=wanted.seconds)
        return NetworkOffice(link_factory(wanted.url, PROFILES["80mm"]), clock=self._shop.clock)

    def customer_display(self) -> CustomerDisplay | None:
        """The customer's display, not begun yet; None for a till without one."""
        wanted = self._shop.rules.display
        if wanted is None:
            return None
        from pos_app.customer_display import CustomerDisplay
        from printing.display import Display
        from printing.profile import PROFILES
        from printing.transport import link_factory

        line = replace(PROFILES["80mm"], baud=DISPLAY_BAUD)
        display = Display(link_factory(wanted.url, line), wanted.profile, clock=self._shop.clock)
        return CustomerDisplay(self._shop, display)

    def receipts(self) -> HttpRemote | None:
        """Where receipts of other tills are asked for; None for a till without a server."""
        return self._open_remote() if self._settings.server.url else None

    def settle(self, sale_id: str) -> None:
        """Bring one fresh sale as far as its device goes, or wait a little for the holder.

        A device that cannot be had leaves the sale to its holder; nothing is lost by that.
        """
        if not self._shop.rules.fiscal.is_required:
            return
        deadline = self._shop.clock.now().timestamp() + ANSWER_SECONDS
        while self._shop.clock.now().timestamp() < deadline:
            if receipt.lamps(self._shop, sale_id).fiscalised is not Lamp.PENDING:
                break
            self.work_fiscal()
            if receipt.lamps(self._shop, sale_id).fiscalised is not Lamp.PENDING:
                break
            if self.fiscal.is_held:
                return
            self._shop.clock.sleep(POLL_SECONDS)
        self.work_printer(is_hasty=True)

    def settle_day(self, step_id: str, *, wait_seconds: float = DAY_SECONDS) -> DayStep:
        """Bring a step of the fiscal day to its end, or wait a while for the device's holder.

        A device that cannot be told is not waited for as long as one that is at work.
        """
        from pos_app.services import fiscal_day

        began = self._shop.clock.now().timestamp()
        while True:
            step = fiscal_day.step(self._shop, step_id)
            waited = self._shop.clock.now().timestamp() - began
            is_stuck = step.state is StepState.ASKED and bool(step.problem)
            if step.is_over or waited >= (ANSWER_SECONDS if is_stuck else wait_seconds):
                return step
            self.work_fiscal()
            self._shop.clock.sleep(DAY_POLL_SECONDS)

    def close(self) -> None:
        """Close every device and let go of all of them."""
        self.fiscal.close()
        for printer in self._printers.values():
            printer.close()
        if self._label_printer is not None:
            self._label_printer.close()
        if self._remote is not None:
            self._remote.close()
        self._printer_holder.release()
        self._label_holder.release()
        self._office_holder.release()
        self._sync_holder.release()

    def _has_fiscal_work(self) -> bool:
        from pos_app.services import fiscal

        return fiscal.has_work(self._shop)

    def _lend_printer(self) -> None:
        """Let go of line and lock, for somebody who tries the printer out."""
        for printer in self._printers.values():
            printer.close()
        self._printers.clear()
        self._drawer = None
        self._printer_holder.release()

    def _open_printers(self, *, is_hasty: bool) -> dict[str, Printer]:
        """One actor per printer; a port is opened when there is something to send."""
        if not self._printers:
            from printing.conversation import HASTY
            from printing.printer import Printer
            from printing.transport import link_factory

            timing = HASTY if is_hasty else None
            for wanted in self._shop.rules.printers:
                factory = link_factory(wanted.url, wanted.profile)
                self._printers[wanted.url] = Printer(
                    factory, wanted.profile, clock=self._shop.clock, timing=timing
                )
        return self._printers

    def _open_label_printer(self, wanted: LabelRules) -> LabelPrinter | Printer:
        if self._label_printer is None:
            from printing.label_printer import LabelPrinter
            from printing.printer import Printer
            from printing.profile import PROFILES
            from printing.transport import link_factory

            clock = self._shop.clock
            factory = link_factory(wanted.url, wanted.roll or PROFILES["80mm"])
            self._label_printer = (
                Printer(factory, wanted.roll, clock=clock)
                if wanted.roll
                else LabelPrinter(factory, clock=clock, answers=wanted.answers)
            )
        return self._label_printer

    def _open_remote(self) -> HttpRemote:
        if self._remote is None:
            from sync.http import HttpRemote

            wanted = self._settings.server
            self._remote = HttpRemote(wanted.url, self._secrets.resolve(wanted.api_key))
        return self._remote
