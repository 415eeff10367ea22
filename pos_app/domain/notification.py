"""Notifications: what people are told, who sees it, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pos_app.domain.permission import Role
from pos_app.errors import InvalidInput

LIFE = timedelta(days=30)
"""So long a notification is shown; then it is deleted (contract of the back office, §2.19)."""


class NotificationTargetUnknown(InvalidInput):
    """A notification is for a user or a role that does not exist."""

    code = "notification_target_unknown"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(
            f"There is no {what} {name[:40]!r} to tell: leave it out to tell everybody.",
            name=name[:40],
        )


class NotificationLinkInvalid(InvalidInput):
    """A notification leads out of the shop's own screens."""

    code = "notification_link_invalid"

    def __init__(self, link: str) -> None:
        super().__init__(
            f"The link {link[:60]!r} does not lead to a screen: write a path such as "
            "/products/PRD001.",
            link=link[:60],
        )


class NotificationType(StrEnum):
    """How much it matters."""

    INFO = "Info"
    SUCCESS = "Success"
    WARNING = "Warning"
    ERROR = "Error"


_OFFICE = (Role.CASHIER, Role.STOCK_CONTROLLER, Role.DEPOT_CONTROLLER, Role.MANAGER)
_GOODS = (Role.STOCK_CONTROLLER, Role.DEPOT_CONTROLLER, Role.MANAGER)
AUDIENCES: Mapping[str, frozenset[str]] = {
    "System": frozenset(_OFFICE),
    "SAP": frozenset(_OFFICE),
    "Invoice": frozenset({Role.CASHIER, Role.MANAGER}),
    "CreditNote": frozenset({Role.CASHIER, Role.MANAGER}),
    "Payment": frozenset({Role.CASHIER, Role.DEPOT_CONTROLLER, Role.MANAGER}),
    "LowStock": frozenset(_GOODS),
    "Stock": frozenset(_GOODS),
    "Inventory": frozenset(_GOODS),
    "InventoryTransfer": frozenset(_GOODS),
    "Sales": frozenset({Role.CASHIER, Role.MANAGER}),
    "Purchasing": frozenset({Role.MANAGER}),
    "Fiscal": frozenset({Role.CASHIER, Role.MANAGER}),
    "Backup": frozenset(),
    "Security": frozenset(Role) - {Role.CUSTOMER},
}
"""Which roles a broadcast of a category reaches, beside Admin, who sees every one.

From the contract (§2.19), with the Manager added wherever those they lead are told; a category
that is not listed reaches Admins alone.
"""

_BY_NAME = {name.casefold(): name for name in AUDIENCES}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads notifications."""

    user_id: str
    role: str

    @property
    def sees_all(self) -> bool:
        """Whether every broadcast reaches them."""
        return self.role == Role.ADMIN

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories whose broadcasts reach them, where not all do."""
        return tuple(name for name, roles in AUDIENCES.items() if self.role in roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Who is told: one user, one role, both, or with neither whoever the category concerns."""

    user_id: str = ""
    role: str = ""

    def reaches(self, reader: Reader, category: str) -> bool:
        """Whether a reader is told; the store says the same in SQL."""
        if self.user_id or self.role:
            return self.user_id == reader.user_id or self.role == reader.role
        return reader.sees_all or category in reader.categories


def category_of(text: str) -> str:
    """A category as it is kept: a known one in its own spelling, another as it is."""
    return _BY_NAME.get(text.strip().casefold(), text.strip())


def check_link(link: str) -> str:
    """A link as it is kept.

    Raises:
        NotificationLinkInvalid: it is no path of this shop's own screens.
    """
    told = link.strip()
    is_path = not told or (told.startswith("/") and not told.startswith(("//", "/\\")))
    if not is_path or any(ord(letter) <= 32 or letter == "\\" for letter in told):
        raise NotificationLinkInvalid(link)
    return told
