"""A cash drawer on a simulated printer: pulses open it, a cashier closes it, pin 3 tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from printing.simulator.machine import Machine, Sensor


class Drawer:
    """One drawer; `is_held` keeps it open (somebody left it so), `is_jammed` keeps it shut."""

    def __init__(self, machine: Machine, now: Callable[[], datetime]) -> None:
        self._machine = machine
        self._now = now
        self._opened_at: datetime | None = None
        self.openings = 0
        self.is_held = False
        self.is_jammed = False

    @property
    def is_open(self) -> bool:
        """Whether it is open now; a cashier closes it after a while."""
        if self.is_held:
            return True
        if self._opened_at is None:
            return False
        lasts = timedelta(seconds=self._machine.drawer_seconds)
        return self._now() < self._opened_at + lasts

    @property
    def is_pin_high(self) -> bool:
        """The level of connector pin 3."""
        match self._machine.drawer_sensor:
            case Sensor.OPEN_HIGH:
                return self.is_open
            case Sensor.OPEN_LOW:
                return not self.is_open
            case Sensor.NONE:
                return False

    def pulse(self, pin: int) -> None:
        """A pulse on connector pin 2 (0) or 5 (1); only that of this drawer opens it."""
        if pin == self._machine.drawer_pin and not self.is_jammed:
            self._opened_at = self._now()
            self.openings += 1

    def close(self) -> None:
        """Push it shut."""
        self._opened_at = None
        self.is_held = False
