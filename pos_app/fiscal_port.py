"""The way to the fiscal device of one installation: one user at a time, given back when idle."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fiscal.errors import FiscalError
from fiscal.verifier import Expected, TaxMapping, Verifier
from pos_app.clock import Clock
from pos_app.config import Fiscal, Settings
from pos_app.holder import Holder

if TYPE_CHECKING:
    from fiscal.driver import Driver

LOCKS = "pos-ports"
"""In the machine's folder for temporary files: the lock files of serial ports."""


def expected_of(settings: Settings) -> Expected:
    """What the settings say of the device: whose it is, and how it must file."""
    return Expected(
        device_id=settings.fiscal.device_id,
        tin=settings.shop.tin,
        vat_number=settings.shop.vat_number,
        taxes=tuple(
            TaxMapping(tax_id=tax.tax_id, code=tax.code, percent=tax.percent)
            for tax in settings.fiscal.tax
        ),
        currencies=frozenset(row.fiscal_code for row in settings.currency),
    )


class FiscalPort:
    """Lends the driver of one device, in turn, to the threads and programs of this machine.

    The lock file stands for the device: every program that shares it names the same one. Whoever
    leaves a doubt about a receipt keeps the device until it is settled, so that nobody files
    anything between a baseline and its look-up (docs/decisions/0003-commit-before-device.md).
    """

    def __init__(
        self, wanted: Fiscal, folder: Path, clock: Clock, *, expected: Expected | None = None
    ) -> None:
        """Open nothing yet.

        Args:
            wanted: its address and how it is spoken to.
            folder: of the settings, and of the lock file.
            clock: lets time pass between attempts.
            expected: what it is compared with when it is greeted first; any device will do if None.
        """
        self._wanted = wanted
        self._verifier = Verifier(expected or Expected())
        self._clock = clock
        self._holder = Holder(folder / wanted.lock)
        self._turn = threading.Lock()
        self._driver: Driver | None = None
        self._is_kept = False

    @property
    def is_held(self) -> bool:
        """Whether this process holds the device now."""
        return self._holder.is_held

    def keep(self, is_kept: bool) -> None:
        """Say whether the device is kept after this turn; for whoever has the turn."""
        self._is_kept = is_kept

    @contextmanager
    def use(self, wait_seconds: float = 0) -> Iterator[Driver | None]:
        """Have the device for a while; None when somebody else has it all that time."""
        if not self._turn.acquire(timeout=wait_seconds):
            yield None
            return
        try:
            if self._holder.is_held or self._holder.take(wait_seconds):
                yield self._open()
            else:
                yield None
        finally:
            if not self._is_kept:
                self._give_back()
            self._turn.release()

    @contextmanager
    def look(self, wait_seconds: float = 0) -> Iterator[Driver | None]:
        """Have it for reading only: a box on the network answers beside its one writer."""
        if not self._wanted.device.lower().startswith(("http://", "https://")):
            with self.use(wait_seconds) as driver:
                yield driver
            return
        driver = self._make()
        try:
            yield driver
        finally:
            driver.close()

    def close(self) -> None:
        """Let go of the device, whatever is unsettled: it is settled by whoever comes next."""
        self._is_kept = False
        self._give_back()

    def _give_back(self) -> None:
        driver, self._driver = self._driver, None
        try:
            if driver is not None:
                with contextlib.suppress(FiscalError):
                    driver.close()
        finally:
            self._holder.release()

    def _open(self) -> Driver:
        if self._driver is None:
            self._driver = self._make()
        return self._driver

    def _make(self) -> Driver:
        from fiscal.driver import Driver, Timeouts
        from fiscal.profile import profile
        from fiscal.serial_port import Line
        from fiscal.transport import open_transport

        wanted = self._wanted
        line = Line(
            bauds=wanted.bauds,
            rts_cts=wanted.rts_cts,
            locks=Path(tempfile.gettempdir()) / LOCKS,
        )
        transport = open_transport(
            wanted.device, clock=self._clock, line=line, device_id=wanted.device_id
        )
        timeouts = Timeouts(submit=wanted.timeout_seconds)
        spoken = profile(wanted.profile)
        return Driver(transport, spoken, timeouts=timeouts, verifier=self._verifier)
