"""How long a session and an API key last at most."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from pos_app.domain.backup import next_due

REFRESH_LIFE = timedelta(days=7)
"""Without being renewed (contract §2.1)."""

DAY_BEGINS = time.fromisoformat("04:00")
"""On the shop's clock: nobody is signed out in the middle of the work of a day."""

KEY_LIFE = timedelta(days=90)
"""Of a program's API key, at most (contract §1.2)."""

KEY_WARNING = timedelta(days=14)
"""So long before a key ends people are told (contract §1.2)."""

TILL_KEY_LIFE, TILL_KEY_LIFE_MOST = timedelta(days=365), timedelta(days=3650)
"""Of a till's, which opens nothing but its own deliveries: one that is away is not shut out."""


class KeyScope(StrEnum):
    """What of its user's rights an API key has; a till's has its own deliveries alone."""

    ALL = "all"
    READ = "read"


def session_end(began: datetime, *, days: int, zone: str) -> datetime:
    """When a session ends, however often it was renewed (ASVS 5.0 7.3.2).

    Args:
        began: with the sign-in; aware.
        days: from the settings.
        zone: the shop's.

    Returns:
        The beginning of the day of the shop that follows so many days.
    """
    return next_due(began + timedelta(days=days), DAY_BEGINS, zone)
