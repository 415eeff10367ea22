"""The way to a printer for whoever tries it out: borrowed from the till that prints on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pos_app.holder import Holder
from pos_app.services import printer_loan
from pos_app.services.shop import PrinterRules, Shop
from printing.conversation import Timing
from printing.printer import Printer
from printing.transport import link_factory

WAIT_SECONDS = 5.0


class PrinterPort:
    """Lends the printer of one till to one user at a time; its spool waits meanwhile."""

    def __init__(self, shop: Shop, folder: Path, *, timing: Timing | None = None) -> None:
        """Open nothing yet; the folder is that of the settings, where the lock lies."""
        self._shop = shop
        self._lock = folder / "printer.lock"
        self._timing = timing

    @contextmanager
    def use(
        self, wanted: PrinterRules, *, wait_seconds: float = WAIT_SECONDS
    ) -> Iterator[Printer | None]:
        """Have a printer for a while; None when the till does not let go of it in that time.

        Args:
            wanted: its address and profile, which need not be those of the settings.
            wait_seconds: for the paper that is being printed.

        Raises:
            InvalidAddress: the address can never work.
        """
        factory = link_factory(wanted.url, wanted.profile)
        printer_loan.want(self._shop)
        try:
            with Holder(self._lock).held(wait_seconds) as is_ours:
                if not is_ours:
                    yield None
                    return
                printer = Printer(
                    factory, wanted.profile, clock=self._shop.clock, timing=self._timing
                )
                try:
                    yield printer
                finally:
                    printer.close()
        finally:
            printer_loan.done(self._shop)
