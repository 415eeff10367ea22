"""The way to the fiscal device of one installation: one user at a time, given back when idle."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fiscal.errors import FiscalError
from pos_app.clock import Clock
from pos_app.config import Fiscal
from pos_app.holder import Holder

if TYPE_CHECKING:
    from fiscal.driver import Driver


class FiscalPort:
    """Lends the driver of one device, in turn, to the threads and programs of this machine.

    The lock file stands for the device: every program that shares it names the same one. Whoever
    leaves a doubt about a receipt keeps the device until it is settled, so that nobody files
    anything between a baseline and its look-up (docs/decisions/0003-commit-before-device.md).
    """

    def __init__(self, wanted: Fiscal, folder: Path, clock: Clock) -> None:
        self._wanted = wanted
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
        from fiscal.transport import open_transport

        transport = open_transport(self._wanted.device, clock=self._clock)
        timeouts = Timeouts(submit=self._wanted.timeout_seconds)
        return Driver(transport, profile(self._wanted.profile), timeouts=timeouts)
