"""Users made, changed, locked, let in again, kept out and removed."""

from __future__ import annotations

from typing import Any

from tests.api.house import House
from tests.api.test_auth import login
from tests.api.test_two_factor import switch_on
from tests.api.test_user import number_of
from tests.conformance.step import Act, Look, Step

USER, MANAGE = "/api/User", "/api/UserManagement"
NEW: dict[str, Any] = {
    "username": "jdoe",
    "email": "jdoe@example.com",
    "password": "Str0ng!Pass",
    "firstName": "John",
    "lastName": "Doe",
    "role": "Cashier",
    "assignedWarehouseCodes": ["SHOP1"],
    "allowedPaymentMethods": ["Cash"],
}
OTHER = NEW | {
    "username": "rmoyo",
    "email": "rmoyo@example.com",
    "firstName": "Rudo",
    "lastName": "Moyo",
    "permissions": ["invoices.view"],
}
AT, OF_OTHER, OF_CASHIER = {"id": "$user"}, {"id": "$other"}, {"id": "$cashier"}


def _user(**says: Any) -> Look:
    return Look(route=f"GET {USER}/{{id}}", at=AT, says=says)


def _managed(at: dict[str, str], **says: Any) -> Look:
    return Look(route=f"GET {MANAGE}/{{id}}", at=at, says=says)


def _guess_at(house: House, name: str) -> None:
    for _ in range(5):
        assert login(house, name, "wrong").status_code == 401
        house.fresh_limits()


def _lock_user(house: House, _known: dict[str, Any]) -> None:
    _guess_at(house, "jdoe")


def _lock_cashier(house: House, known: dict[str, Any]) -> None:
    """The cashier has a second factor, and somebody guesses at the password."""
    switch_on(house)
    _guess_at(house, "the-cashier")
    known["cashier"] = number_of(house, "Cashier")


USERS = (
    Step(
        route=f"POST {USER}",
        body=NEW,
        keep={"user": "user.id"},
        says={"user.username": "jdoe"},
        then=(_user(firstName="John", assignedWarehouseCodes=["SHOP1"]),),
    ),
    Step(
        route=f"GET {USER}",
        query={"search": "doe", "page": 1, "pageSize": 5},
        says={"totalCount": 1, "users.0.id": "$user"},
    ),
    Step(route=f"GET {USER}/{{id}}", at=AT, says={"email": "jdoe@example.com", "isActive": True}),
    Step(
        route=f"PUT {USER}/{{id}}",
        at=AT,
        body={"lastName": "Dube", "role": "User"},
        says={"lastName": "Dube", "firstName": "John"},
        then=(_managed(AT, lastName="Dube", role="User"),),
    ),
    Step(
        route=f"POST {USER}/{{id}}/change-password",
        at=AT,
        body={"newPassword": "N3w!Passw0rd"},
        then=(
            Look(
                route="GET /api/UserActivity",
                query={"action": "password.set"},
                says={"totalCount": 1, "items.0.entityId": "jdoe"},
            ),
        ),
    ),
    Step(
        route="POST /api/Auth/login",
        role="",
        body={"username": "jdoe", "password": "N3w!Passw0rd"},
        says={"user.role": "User"},
    ),
    Act(_lock_user),
    Step(route=f"GET {USER}/{{id}}", at=AT, says={"failedLoginAttempts": 5}),
    Step(
        route=f"POST {USER}/{{id}}/unlock",
        at=AT,
        body={"resetFailedAttempts": True},
        then=(_user(failedLoginAttempts=0, lockoutEnd=None),),
    ),
    Step(route=f"POST {USER}/{{id}}/deactivate", at=AT, then=(_user(isActive=False),)),
    Step(route=f"POST {USER}/{{id}}/activate", at=AT, then=(_user(isActive=True),)),
    Step(route=f"GET {USER}/roles", says={"0": "Admin"}),
    Step(
        route=f"DELETE {USER}/{{id}}",
        at=AT,
        then=(Look(route=f"GET {USER}", query={"search": "jdoe"}, says={"totalCount": 0}),),
    ),
)

MANAGED = (
    Step(
        route=f"POST {MANAGE}",
        body=OTHER,
        keep={"other": "id"},
        says={"permissions": ["invoices.view"], "isLockedOut": False},
        then=(_managed(OF_OTHER, username="rmoyo", allowedPaymentMethods=["Cash"]),),
    ),
    Step(
        route=f"GET {MANAGE}",
        query={"search": "moyo", "isActive": True},
        says={"totalCount": 1, "items.0.id": "$other"},
    ),
    Step(route=f"GET {MANAGE}/{{id}}", at=OF_OTHER, says={"lastName": "Moyo"}),
    Step(
        route=f"PUT {MANAGE}/{{id}}",
        at=OF_OTHER,
        body={"firstName": "Ruth", "assignedWarehouseCodes": ["SHOP1", "DEPOT"]},
        then=(_managed(OF_OTHER, firstName="Ruth", assignedWarehouseCodes=["SHOP1", "DEPOT"]),),
    ),
    Step(
        route=f"GET {MANAGE}/permissions/available",
        keep={"permissions": "permissionsByCategory"},
    ),
    Step(
        route=f"GET {MANAGE}/{{id}}/permissions",
        at=OF_OTHER,
        says={"permissions": ["invoices.view"], "usesRoleDefaults": False},
    ),
    Step(
        route=f"PUT {MANAGE}/{{id}}/permissions",
        at=OF_OTHER,
        body={"permissions": ["audit.view"], "replaceAll": True},
        then=(
            Look(
                route=f"GET {MANAGE}/{{id}}/permissions",
                at=OF_OTHER,
                says={"permissions": ["audit.view"]},
            ),
        ),
    ),
    Act(_lock_cashier),
    Step(
        route=f"GET {MANAGE}/{{id}}",
        at=OF_CASHIER,
        says={"isLockedOut": True, "twoFactorEnabled": True},
    ),
    Step(
        route=f"POST {MANAGE}/{{id}}/unlock",
        at=OF_CASHIER,
        then=(_managed(OF_CASHIER, isLockedOut=False, lockoutEnd=None),),
    ),
    Step(
        route=f"POST {MANAGE}/{{id}}/reset-2fa",
        at=OF_CASHIER,
        says={"message": "Two-factor sign-in was reset."},
        then=(_managed(OF_CASHIER, twoFactorEnabled=False),),
    ),
    Step(route=f"GET {MANAGE}/me", role="Cashier", says={"username": "the-cashier"}),
    Step(route=f"GET {MANAGE}/me/permissions", role="Cashier"),
    Step(
        route=f"DELETE {MANAGE}/{{id}}",
        at=OF_OTHER,
        says={"message": "rmoyo is inactive."},
        then=(_managed(OF_OTHER, isActive=False),),
    ),
)

STEPS = (*USERS, *MANAGED)
