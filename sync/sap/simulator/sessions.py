"""Sessions of the simulator: an idle limit that slides with every call."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sync.sap.simulator.refusal import Refusal

GONE = "Invalid session or session already timeout."
WRONG_ATTEMPTS_MAX = 5


class Sessions:
    """Who is logged in; identities come from the given randomness.

    Args:
        now: the simulator's time.
        rng: for session identities.
    """

    def __init__(self, now: Callable[[], datetime], rng: random.Random) -> None:
        self._now = now
        self._rng = rng
        self._used: dict[str, datetime] = {}
        self._wrong = 0

    def open(self, *, is_right: bool) -> str:
        """A new session; raises Refusal for wrong credentials or a user locked by too many."""
        if self._wrong >= WRONG_ATTEMPTS_MAX:
            raise Refusal(100000055, "User is locked", 401)
        if not is_right:
            self._wrong += 1
            raise Refusal(100000027, "Login failed", 401)
        self._wrong = 0
        identity = f"{self._rng.getrandbits(128):032x}"
        self._used[identity] = self._now()
        return identity

    def check(self, cookies: Mapping[str, str], idle_minutes: int) -> None:
        """Let a call pass and slide the limit; raises Refusal 301."""
        identity = cookies.get("B1SESSION", "")
        last = self._used.get(identity)
        if last is None or self._now() - last > timedelta(minutes=idle_minutes):
            self._used.pop(identity, None)
            raise Refusal(301, GONE, 401)
        self._used[identity] = self._now()

    def close(self, cookies: Mapping[str, str]) -> None:
        """Log out; raises Refusal 301 when there is no such session."""
        if self._used.pop(cookies.get("B1SESSION", ""), None) is None:
            raise Refusal(301, GONE, 401)

    def end_all(self) -> None:
        """Forget every session."""
        self._used.clear()

    def unlock(self) -> None:
        """Forget wrong attempts."""
        self._wrong = 0
