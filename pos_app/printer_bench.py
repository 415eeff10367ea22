"""Where a printer is tried out and its settings are written: for the screen and for the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pos_app import config_edit
from pos_app.config import load
from pos_app.printer_port import PrinterPort
from pos_app.services import printer_setup
from pos_app.services.drawer import trial
from pos_app.services.printer_setup import Attempt, Choice, PrinterInUse
from pos_app.services.shop import Shop
from printing.conversation import Timing
from printing.ports import FoundPort, found_ports
from printing.profile import PROFILES
from printing.status import PrinterStatus
from printing.trial import Trial


class PrinterBench:
    """Tries printers on the till's machine; what the till sells meanwhile waits in its spool."""

    def __init__(self, shop: Shop, config: Path, *, timing: Timing | None = None) -> None:
        """Open nothing yet; printers are borrowed from the till of this config file."""
        self._shop = shop
        self._config = config
        self._port = PrinterPort(shop, config.resolve().parent, timing=timing)

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of the profiles there are."""
        return tuple(PROFILES)

    def ports(self) -> list[FoundPort]:
        """Where a printer may be plugged in."""
        return found_ports()

    def current(self) -> Choice:
        """The printer as the settings file has it now. Raises ConfigInvalid."""
        settings = load(self._config)
        return Choice(
            url=settings.printer.url,
            profile=settings.printer.profile,
            settings=settings.printer.settings,
            open_level=settings.drawer.open_level,
        )

    def ask(self, choice: Choice) -> PrinterStatus:
        """What the printer says of itself; unknown when it is silent.

        Raises:
            PrinterSettingWrong: it is no printer that can be.
            PrinterInUse: the till does not let go of it.
        """
        wanted = printer_setup.rules_of(choice)
        with self._port.use(wanted) as printer:
            if printer is None:
                raise PrinterInUse
            return printer.status()

    def attempt(self, choice: Choice, kind: Trial, *, by: str) -> Attempt:
        """Print a test paper. Raises as `ask`.

        Args:
            choice: the printer.
            kind: which paper.
            by: who does it; an opened drawer is audited.
        """
        wanted = printer_setup.rules_of(choice)
        with self._port.use(wanted) as printer:
            if printer is None:
                raise PrinterInUse
            if kind is Trial.DRAWER:
                trial.note(self._shop, by)
            return printer_setup.attempt(
                printer, wanted, kind, clock=self._shop.clock, job_id=self._shop.ids.new()
            )

    def save(self, choice: Choice) -> None:
        """Write a choice into the settings file; the till follows it from its next start.

        Raises:
            PrinterSettingWrong, ConfigInvalid, DiskFull: nothing was written.
        """
        printer_setup.rules_of(choice)
        printer: dict[str, Any] = {
            "url": choice.url,
            "profile": choice.profile,
            "settings": dict(choice.settings),
        }
        drawer = {"open_level": choice.open_level}
        config_edit.change(self._config, {"printer": printer, "drawer": drawer})
