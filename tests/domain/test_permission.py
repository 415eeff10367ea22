from __future__ import annotations

import pytest

from pos_app.domain.permission import (
    EVERY,
    ROLE_PERMISSIONS,
    Actor,
    Permission,
    PermissionMissing,
    PermissionUnknown,
    Role,
    RoleUnknown,
    check_permissions,
    check_role,
    effective,
    require,
)

USER = {
    "dashboard.view",
    "products.view",
    "invoices.view",
    "invoices.create",
    "payments.view",
    "payments.create",
    "stock.view",
    "inventory.view",
    "customers.view",
}


def test_every_role_has_defaults_and_only_real_permissions() -> None:
    assert set(ROLE_PERMISSIONS) == {role.value for role in Role}
    for role, names in ROLE_PERMISSIONS.items():
        assert names <= EVERY, role
        assert ("dashboard.view" in names) == (role != Role.CUSTOMER), role


@pytest.mark.parametrize(
    ("role", "has", "has_not"),
    [
        ("Admin", EVERY, set()),
        ("Manager", USER | {"invoices.void", "salesorders.delete", "purchasing.grpo.create",
                            "stock.adjust", "reports.export", "sale.approve"},
         {"system.admin", "users.edit", "backups.restore", "stock.edit", "customers.delete"}),
        ("User", USER, {"sale.sell", "invoices.edit"}),
        ("Cashier", USER | {"sale.sell", "invoices.edit", "customers.edit", "salesorders.approve",
                            "reports.view", "shift.open", "shift.close", "refund.make",
                            "drawer.open"},
         {"sale.approve", "users.view", "invoices.void", "shift.close_other"}),
        ("StockController", {"stock.transfer", "inventory.transfer", "customers.view",
                             "stock.count"}, {"sale.sell", "payments.view", "stock.adjust"}),
        ("DepotController", {"stock.transfer", "payments.create"}, {"sale.sell"}),
        ("PodOperator", {"users.create", "timesheets.manage", "invoices.view"}, {"stock.view"}),
        ("ReadOnly", {"invoices.view", "reports.view", "salesorders.view", "purchasing.grpo.view"},
         {"users.view", "settings.view", "invoices.create"}),
        ("ApiUser", {"invoices.create", "backups.view"}, {"system.admin"}),
    ],
)  # fmt: skip
def test_role_defaults(role: str, has: set[str], has_not: set[str]) -> None:
    names = effective(role)
    assert set(has) <= names
    assert not names & has_not


def test_extra_permissions_add_and_inactivity_takes_all() -> None:
    assert "audit.view" in effective("Cashier", ["audit.view"])
    assert effective("Cashier") < effective("Cashier", ["audit.view"])
    assert effective("Admin", is_active=False) == frozenset()
    assert effective("Wizard") == {"dashboard.view"}


def test_any_of_several_permissions_is_enough() -> None:
    actor = Actor("u1", "rudo", "User", effective("User"))
    require(actor, "sale.sell", Permission.INVOICES_VIEW)
    with pytest.raises(PermissionMissing) as caught:
        require(actor, "sale.sell", "refund.make")
    assert caught.value.sentence.startswith("rudo lacks the permission sale.sell or refund.make")
    assert caught.value.exit_code == 3


def test_an_administrator_may_everything() -> None:
    require(Actor("u1", "root", "X", frozenset({"system.admin"})), "sale.sell")


def test_names_are_checked() -> None:
    assert check_permissions(["sale.sell", "audit.view"]) == {"sale.sell", "audit.view"}
    with pytest.raises(PermissionUnknown):
        check_permissions(["sale.sell", "sale.steal"])
    assert check_role("Cashier") is Role.CASHIER
    with pytest.raises(RoleUnknown) as caught:
        check_role("cashier")
    assert "StockController" in caught.value.sentence
