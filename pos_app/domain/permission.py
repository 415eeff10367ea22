"""Permissions, what each role has by default, and the actor they are asked of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pos_app.errors import InvalidInput, NotAllowed


class PermissionMissing(NotAllowed):
    """The actor has none of the permissions asked for."""

    code = "permission_missing"

    def __init__(self, username: str, permissions: tuple[str, ...]) -> None:
        needed = " or ".join(permissions)
        super().__init__(
            f"{username} lacks the permission {needed}: ask a manager to do it or to grant it.",
            username=username,
            permissions=permissions,
        )


class PermissionUnknown(InvalidInput):
    """A permission name that does not exist."""

    code = "permission_unknown"

    def __init__(self, permission: str) -> None:
        super().__init__(
            f"There is no permission {permission[:60]!r}: take one from the list of permissions.",
            permission=permission[:60],
        )


class RoleUnknown(InvalidInput):
    """A role name that does not exist."""

    code = "role_unknown"

    def __init__(self, role: str) -> None:
        super().__init__(
            f"There is no role {role[:40]!r}: use one of {', '.join(Role)}.", role=role[:40]
        )


class TillKeyNeeded(NotAllowed):
    """What a till synchronises is for the till's own key alone."""

    code = "till_key_needed"

    def __init__(self, username: str, till: str) -> None:
        super().__init__(
            f"{username} is not a key of till {till}: give the till a key of its own.",
            username=username,
            till=till,
        )


class Role(StrEnum):
    """What a user is; one role each."""

    ADMIN = "Admin"
    MANAGER = "Manager"
    USER = "User"
    CASHIER = "Cashier"
    STOCK_CONTROLLER = "StockController"
    DEPOT_CONTROLLER = "DepotController"
    POD_OPERATOR = "PodOperator"
    READ_ONLY = "ReadOnly"
    API_USER = "ApiUser"
    CUSTOMER = "Customer"


class Permission(StrEnum):
    """Everything an actor may be allowed to do; the till's own ones stand last."""

    DASHBOARD_VIEW = "dashboard.view"
    PRODUCTS_VIEW = "products.view"
    PRODUCTS_CREATE = "products.create"
    PRODUCTS_EDIT = "products.edit"
    PRODUCTS_DELETE = "products.delete"
    PRODUCTS_MANAGE_PRICES = "products.manage_prices"
    INVOICES_VIEW = "invoices.view"
    INVOICES_CREATE = "invoices.create"
    INVOICES_EDIT = "invoices.edit"
    INVOICES_DELETE = "invoices.delete"
    INVOICES_VOID = "invoices.void"
    PURCHASING_VIEW = "purchasing.view"
    PURCHASING_CREATE = "purchasing.create"
    PURCHASING_EDIT = "purchasing.edit"
    PURCHASING_DELETE = "purchasing.delete"
    PURCHASING_APPROVE = "purchasing.approve"
    PURCHASING_RECEIVE = "purchasing.receive"
    PURCHASING_UPLOAD_DOCUMENTS = "purchasing.upload_documents"
    PURCHASING_REQUESTS_VIEW = "purchasing.requests.view"
    PURCHASING_REQUESTS_CREATE = "purchasing.requests.create"
    PURCHASING_QUOTATIONS_VIEW = "purchasing.quotations.view"
    PURCHASING_QUOTATIONS_CREATE = "purchasing.quotations.create"
    PURCHASING_GRPO_VIEW = "purchasing.grpo.view"
    PURCHASING_GRPO_CREATE = "purchasing.grpo.create"
    PURCHASING_INVOICES_VIEW = "purchasing.invoices.view"
    PURCHASING_INVOICES_CREATE = "purchasing.invoices.create"
    SALESORDERS_VIEW = "salesorders.view"
    SALESORDERS_CREATE = "salesorders.create"
    SALESORDERS_EDIT = "salesorders.edit"
    SALESORDERS_DELETE = "salesorders.delete"
    SALESORDERS_APPROVE = "salesorders.approve"
    SALESORDERS_POST_TO_SAP = "salesorders.post_to_sap"
    PAYMENTS_VIEW = "payments.view"
    PAYMENTS_CREATE = "payments.create"
    PAYMENTS_REFUND = "payments.refund"
    PAYMENTS_PROCESS_REFUNDS = "payments.process_refunds"
    STOCK_VIEW = "stock.view"
    STOCK_EDIT = "stock.edit"
    STOCK_TRANSFER = "stock.transfer"
    STOCK_ADJUST = "stock.adjust"
    INVENTORY_VIEW = "inventory.view"
    INVENTORY_TRANSFER = "inventory.transfer"
    INVENTORY_ADJUST = "inventory.adjust"
    REPORTS_VIEW = "reports.view"
    REPORTS_EXPORT = "reports.export"
    CUSTOMERS_VIEW = "customers.view"
    CUSTOMERS_CREATE = "customers.create"
    CUSTOMERS_EDIT = "customers.edit"
    CUSTOMERS_DELETE = "customers.delete"
    USERS_VIEW = "users.view"
    USERS_CREATE = "users.create"
    USERS_EDIT = "users.edit"
    USERS_DELETE = "users.delete"
    USERS_MANAGE_ROLES = "users.manage_roles"
    USERS_MANAGE_PERMISSIONS = "users.manage_permissions"
    SETTINGS_VIEW = "settings.view"
    SETTINGS_EDIT = "settings.edit"
    SETTINGS_MANAGE = "settings.manage"
    SETTINGS_INTEGRATIONS = "settings.integrations"
    AUDIT_VIEW = "audit.view"
    AUDIT_EXPORT = "audit.export"
    WEBHOOKS_VIEW = "webhooks.view"
    WEBHOOKS_MANAGE = "webhooks.manage"
    TIMESHEETS_VIEW = "timesheets.view"
    TIMESHEETS_MANAGE = "timesheets.manage"
    SYNC_VIEW = "sync.view"
    SYNC_MANAGE = "sync.manage"
    SYSTEM_ADMIN = "system.admin"
    SYSTEM_BACKUPS = "system.backups"
    BACKUPS_VIEW = "backups.view"
    BACKUPS_CREATE = "backups.create"
    BACKUPS_RESTORE = "backups.restore"
    BACKUPS_DELETE = "backups.delete"
    SALE_SELL = "sale.sell"
    SALE_HOLD = "sale.hold"
    SALE_DISCOUNT = "sale.discount"
    SALE_VOID_LINE = "sale.void_line"
    SALE_VOID = "sale.void"
    SALE_PRICE_OVERRIDE = "sale.price_override"
    SALE_ON_ACCOUNT = "sale.on_account"
    SALE_APPROVE = "sale.approve"
    REFUND_MAKE = "refund.make"
    SHIFT_OPEN = "shift.open"
    SHIFT_CLOSE = "shift.close"
    SHIFT_CLOSE_OTHER = "shift.close_other"
    SHIFT_X = "shift.x"
    DRAWER_OPEN = "drawer.open"
    DRAWER_PAID_IN = "drawer.paid_in"
    DRAWER_PAID_OUT = "drawer.paid_out"
    DRAWER_PICKUP = "drawer.pickup"
    RECEIPT_REPRINT = "receipt.reprint"
    RECEIPT_VIEW = "receipt.view"
    FISCAL_DAY = "fiscal.day"
    FISCAL_RESOLVE = "fiscal.resolve"
    STOCK_COUNT = "stock.count"
    POSTING_RETRY = "posting.retry"
    POSTING_CANCEL = "posting.cancel"
    LABEL_PRINT = "label.print"
    TRANSFER_APPROVE = "transfer.approve"
    TILL_CONFIGURE = "till.configure"


EVERY = frozenset(permission.value for permission in Permission)

_USER = {
    "dashboard.view", "products.view", "invoices.view", "invoices.create", "payments.view",
    "payments.create", "stock.view", "inventory.view", "customers.view", "receipt.view",
    "posting.retry",
}  # fmt: skip
_CASHIER = _USER | {
    "invoices.edit", "customers.create", "customers.edit", "salesorders.view",
    "salesorders.create", "salesorders.edit", "salesorders.approve", "reports.view",
    "sale.sell", "sale.hold", "sale.discount", "sale.void_line", "sale.void", "sale.price_override",
    "sale.on_account", "refund.make", "shift.open", "shift.close", "shift.x", "drawer.paid_in",
    "drawer.paid_out", "drawer.pickup", "drawer.open", "receipt.reprint",
}  # fmt: skip
_STOCK = {
    "dashboard.view", "products.view", "stock.view", "stock.transfer", "inventory.view",
    "inventory.transfer", "customers.view", "stock.count", "posting.retry", "label.print",
}  # fmt: skip
_MANAGER = (
    _CASHIER
    | _STOCK
    | {
        "products.create",
        "products.edit",
        "products.manage_prices",
        "invoices.void",
        "payments.refund",
        "payments.process_refunds",
        "stock.adjust",
        "inventory.adjust",
        "purchasing.view",
        "purchasing.create",
        "purchasing.edit",
        "purchasing.approve",
        "purchasing.receive",
        "reports.export",
        "users.view",
        "settings.view",
        "settings.edit",
        "audit.view",
        "sync.view",
        "sale.approve",
        "shift.close_other",
        "fiscal.day",
        "fiscal.resolve",
        "posting.cancel",
        "transfer.approve",
        "till.configure",
    }
    | {
        name
        for name in EVERY
        if name.startswith(
            (
                "salesorders.",
                "purchasing.requests.",
                "purchasing.quotations.",
                "purchasing.grpo.",
                "purchasing.invoices.",
            )
        )
    }
)
_VIEWERS = {
    name
    for name in EVERY
    if name.endswith(".view")
    and not name.startswith(("users.", "settings.", "audit.", "webhooks.", "sync.", "backups."))
}

ROLE_PERMISSIONS: Mapping[str, frozenset[str]] = {
    Role.ADMIN: EVERY,
    Role.MANAGER: frozenset(_MANAGER),
    Role.USER: frozenset(_USER),
    Role.CASHIER: frozenset(_CASHIER),
    Role.STOCK_CONTROLLER: frozenset(_STOCK),
    Role.DEPOT_CONTROLLER: frozenset(_STOCK | {"payments.view", "payments.create"}),
    Role.POD_OPERATOR: frozenset(
        {
            "dashboard.view",
            "invoices.view",
            "users.view",
            "users.create",
            "users.edit",
            "timesheets.view",
            "timesheets.manage",
            "posting.retry",
        }
    ),
    Role.READ_ONLY: frozenset(_VIEWERS),
    Role.API_USER: EVERY - {"system.admin"},
    Role.CUSTOMER: frozenset(),  # sees its own documents by its code, `domain.portal`
}
"""What a role may do when nothing was granted to the user; documented contract, plus the till's."""

TILL = "Till"
"""The role of a till's key; no user can have it, and no route of a contract takes it."""

_UNKNOWN_ROLE = frozenset({"dashboard.view"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a signed-in user, an API key, or a till by its own key.

    Attributes:
        kind: ``user``, ``api_key`` or ``till``.
        till: the till whose key it is, else empty.
    """

    user_id: str
    username: str
    role: str
    permissions: frozenset[str]
    kind: str = "user"
    till: str = ""

    def may(self, *permissions: str) -> bool:
        """Whether the actor has any of the permissions; ``system.admin`` has them all."""
        return Permission.SYSTEM_ADMIN in self.permissions or any(
            permission in self.permissions for permission in permissions
        )


def effective(role: str, extra: Iterable[str] = (), *, is_active: bool = True) -> frozenset[str]:
    """Return role defaults plus what was granted directly; an inactive user has nothing."""
    if not is_active:
        return frozenset()
    return ROLE_PERMISSIONS.get(role, _UNKNOWN_ROLE) | frozenset(extra)


def require(actor: Actor, *permissions: str) -> None:
    """Let the actor pass with any one of the permissions.

    Raises:
        PermissionMissing: the actor has none of them.
    """
    if not actor.may(*permissions):
        raise PermissionMissing(actor.username, permissions)


def till_actor(till: str, key: str) -> Actor:
    """A till as its server knows it: it may synchronise itself and do nothing else.

    Args:
        till: its code.
        key: the name of its key.
    """
    return Actor("", key, TILL, frozenset({Permission.SYNC_MANAGE}), kind="till", till=till)


def require_till(actor: Actor, till: str) -> None:
    """Let a till pass that synchronises itself; what it gets lets people sign in offline.

    Raises:
        TillKeyNeeded: it is somebody else, whatever permissions that one has.
    """
    if actor.kind != "till" or actor.till != till:
        raise TillKeyNeeded(actor.username, till)


def check_permissions(names: Iterable[str]) -> frozenset[str]:
    """Return the names if all of them exist.

    Raises:
        PermissionUnknown: the first that does not.
    """
    wanted = frozenset(names)
    for name in sorted(wanted - EVERY):
        raise PermissionUnknown(name)
    return wanted


def check_role(role: str) -> Role:
    """Return the role.

    Raises:
        RoleUnknown: there is none of that name.
    """
    try:
        return Role(role)
    except ValueError:
        raise RoleUnknown(role) from None
