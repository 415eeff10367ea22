"""Who works in the simulated shop."""

from __future__ import annotations

from datetime import datetime

from pos_app.domain.permission import Actor
from pos_app.domain.user import User
from pos_app.store.user import StoredUser

CASHIER = User("U-cashier", "cashier", "Sample Cashier", "Cashier")
MANAGER = User("U-manager", "manager", "Sample Manager", "Manager")


def people(now: datetime) -> list[StoredUser]:
    """The rows of everybody; nobody here types a secret."""
    return [StoredUser(user=who, created_at=now, changed_at=now) for who in (CASHIER, MANAGER)]


def cashier() -> Actor:
    """The cashier at work."""
    return CASHIER.actor()


def manager() -> Actor:
    """The manager at work."""
    return MANAGER.actor()
