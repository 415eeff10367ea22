"""Back-off as data: a rule says when to try again, whoever works the queue only obeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

_MOST_DOUBLINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How soon, how ever more slowly, and how often something is tried again.

    Attributes:
        first: the pause after the first failure; each further one doubles it.
        longest: the pause never grows beyond this.
        attempts: refusals after which a person has to look.
        jitter: share of the pause that chance may take off, so that many tills do not come back
            in step after an outage.
    """

    first: timedelta
    longest: timedelta
    attempts: int = 1
    jitter: float = 0.25

    def pause(self, failures: int, rng: Random) -> timedelta:
        """The pause after the n-th failure in a row."""
        doublings = min(max(failures - 1, 0), _MOST_DOUBLINGS)
        whole = min(self.first * (1 << doublings), self.longest)
        return whole * (1 - self.jitter * rng.random())

    def next_at(self, now: datetime, failures: int, rng: Random) -> datetime:
        """The moment after which the n-th failure may be followed by another try."""
        return now + self.pause(failures, rng)

    def is_spent(self, attempts: int) -> bool:
        """Whether so many refusals are enough."""
        return attempts >= self.attempts


SERVER_AWAY = RetryRule(first=timedelta(seconds=1), longest=timedelta(seconds=30))
"""The whole lane waits; no envelope is the worse for it (production lesson L48)."""

REFUSED = RetryRule(first=timedelta(seconds=5), longest=timedelta(minutes=10), attempts=4)
"""One envelope was refused; the next server version may take it, a person must see it soon."""

NOT_YET = RetryRule(first=timedelta(seconds=15), longest=timedelta(seconds=15))
"""One envelope waits for another that comes from elsewhere."""
