"""The clock of a box: local, in whole seconds, perhaps wrong, and never twice the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from fiscal.clock import Clock
from fiscal.simulator import refusal
from fiscal.simulator.settings import DeviceSettings

_WAIT_SECONDS_MAX = 5


class LocalTime:
    """Time as the box shows it.

    Attributes:
        ahead_seconds: how far it is ahead of the true time; negative is behind.
    """

    def __init__(self, settings: DeviceSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self.ahead_seconds = 0.0

    def instant(self) -> datetime:
        """The instant it believes in, aware."""
        return self._clock.now() + timedelta(seconds=self.ahead_seconds)

    def now(self) -> datetime:
        """Local time without zone, as the authority writes it."""
        hours = timedelta(hours=self._settings.zone_hours)
        return (self.instant() + hours).replace(microsecond=0, tzinfo=None)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._clock.sleep(seconds)

    def after(self, past: str) -> datetime:
        """A date for the next receipt: later than `past`; a burst waits, a clock set back refuses.

        Raises:
            Refused: the clock is further behind than a burst of receipts explains.

        Source: ZIMRA FDMS 7.2, RCPT014 and RCPT030.
        """
        now, date = self.now(), datetime.fromisoformat(past) + timedelta(seconds=1)
        if now >= date:
            return now
        wait = (date - now).total_seconds() - self._settings.lead_seconds
        if wait > _WAIT_SECONDS_MAX:
            raise refusal.clock_behind(past)
        if wait > 0:
            self._clock.sleep(wait)
        return date
