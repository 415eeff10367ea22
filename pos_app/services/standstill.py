"""Standstills: nothing is committed, and the shop's clock stays within one second.

Whatever follows from the database and from whole seconds alone is the same all through one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pos_app.services.shop import Shop
from pos_app.store.version import Version


@dataclass(frozen=True, slots=True)
class Standstill:
    """One of them; equal ones are the same."""

    version: Version
    second: datetime

    def holds(self, now: datetime) -> bool:
        """Whether an instant is of its second."""
        return now.replace(microsecond=0) == self.second


def current(shop: Shop) -> Standstill | None:
    """The one at hand, or None where the database does not say whether it changed."""
    version = shop.store.version()
    if version is None:
        return None
    return Standstill(version, shop.clock.now().replace(microsecond=0))
