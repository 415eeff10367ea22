"""A pause for a device that does not answer, so that nobody waits for it again and again."""

from __future__ import annotations

import math
from collections.abc import Callable

from fiscal.errors import Resting, Unavailable

FAILURES = 5
REST_SECONDS = 60.0
"""Reading clients of live boxes do well with a minute."""


class Breaker:
    """After some reads in a row without an answer, reads fail at once for a while, then one tries.

    What is sent to be filed is never held up: it is sent once, and its own look-up decides.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        failures: int = FAILURES,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._monotonic = monotonic
        self._failures = failures
        self._rest = rest_seconds
        self._failed = 0
        self._until = 0.0
        self._seen = ""

    def check(self) -> None:
        """Raise Resting while the device is left alone."""
        left = self._until - self._monotonic()
        if self._failed >= self._failures and left > 0:
            raise Resting(self._seen, math.ceil(left))

    def failed(self, error: Unavailable) -> None:
        """A read got no answer; whoever asks next is told why."""
        self._failed += 1
        self._seen = error.seen if isinstance(error, Resting) else error.reason
        self._until = self._monotonic() + self._rest

    def answered(self) -> None:
        """It answered, or is there again: ask as usual."""
        self._failed = 0
