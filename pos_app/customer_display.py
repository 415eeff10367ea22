"""The customer's display as an actor of its own: the latest wish wins, and nobody waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from pos_app.clock import Clock
from pos_app.lane import Lane
from pos_app.services import display_text
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from printing.display import DisplayText
from printing.errors import PrintingError

GREET_AFTER = timedelta(seconds=20)
"""How long total and change of a finished sale stay before the greeting comes back."""

AGAIN = timedelta(seconds=5)
"""How soon a display that was not there is tried again."""

ANEW = timedelta(seconds=15)
"""How often what it shows is told it once more: it may have been switched off and on."""


class DisplayPort(Protocol):
    """What is needed of `printing.display.Display`."""

    def show(self, text: DisplayText) -> None:
        """Show two lines; raises Offline."""
        ...

    def close(self) -> None:
        """Let go of the port."""
        ...


@dataclass(frozen=True, slots=True)
class _Wish:
    text: DisplayText
    ends_at: datetime | None = None
    is_greeting: bool = False


class CustomerDisplay:
    """What the customer sees; every wish is taken at once, whatever the device does."""

    def __init__(self, shop: Shop, port: DisplayPort) -> None:
        self._shop = shop
        self._clock: Clock = shop.clock
        self._port = port
        self._lock = Lock()
        self._greeting = _Wish(display_text.greeting(shop), is_greeting=True)
        self._wish = self._greeting
        self._shown: _Wish | None = None
        self._told_at: datetime | None = None
        self._try_at: datetime | None = None
        self._problem = ""
        self._noted: str | None = None
        self.lane = Lane("display", self.work, clock=shop.clock)

    def show(self, text: DisplayText) -> None:
        """Show a line, a total, what is due."""
        self._put(_Wish(text))

    def finish(self, text: DisplayText) -> None:
        """Show how a sale ended, for a while."""
        self._put(_Wish(text, ends_at=self._clock.now() + GREET_AFTER))

    def greet(self) -> None:
        """Nobody is being served; how the last sale ended stays its while."""
        with self._lock:
            if self._wish.ends_at is None:
                self._wish = self._greeting
        self.lane.wake()

    def stop(self) -> None:
        """End the work, and let go of the port."""
        self.lane.stop(timeout=2)
        self._port.close()

    def work(self) -> Worked:
        """Bring the display up to the latest wish, if it is time to."""
        now = self._clock.now()
        wish = self._latest(now)
        if self._try_at is not None and now < self._try_at:
            return Worked(problem=self._problem, next_at=self._try_at)
        is_old = self._told_at is None or now - self._told_at >= ANEW
        if wish == self._shown and not is_old:
            return Worked()
        try:
            self._port.show(wish.text)
        except PrintingError as error:
            self._shown, self._try_at = None, now + AGAIN
            self._note(str(error).replace("printer", "customer display"))
            return Worked(problem=self._problem, next_at=self._try_at)
        self._shown, self._told_at, self._try_at = wish, now, None
        self._note("")
        return Worked(done=1)

    def _put(self, wish: _Wish) -> None:
        with self._lock:
            self._wish = wish
        self.lane.wake()

    def _latest(self, now: datetime) -> _Wish:
        with self._lock:
            if self._wish.ends_at is not None and now >= self._wish.ends_at:
                self._wish = self._greeting
            return self._wish

    def _note(self, problem: str) -> None:
        """Keep what is wrong where other programs can read it; written only when it changes."""
        if problem != self._noted:
            self._noted = problem
            display_text.note(self._shop, problem)
        self._problem = problem
