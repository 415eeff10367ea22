"""Signing in by password and by code, going on, and signing out."""

from __future__ import annotations

from typing import Any

import pyotp

from tests.api.house import House
from tests.conformance.step import Act, Look, Step
from tests.shops import PASSWORD

AUTH, SECOND = "/api/Auth", "/api/TwoFactor"
NEW = {
    "username": "tendai",
    "password": "Str0ng!Pass",
    "email": "tendai@example.com",
    "role": "Cashier",
    "assignedWarehouseCodes": ["SHOP1"],
}
SIGN_IN = {"username": "tendai", "password": "Str0ng!Pass"}
BEARER = {"Authorization": "$bearer"}


def _did(action: str, who: str) -> Look:
    return Look(
        route="GET /api/UserActivity",
        query={"username": who, "action": action},
        says={"items.0.action": action, "items.0.username": who, "items.0.isSuccess": True},
    )


def _factor(**says: Any) -> Look:
    return Look(route=f"GET {SECOND}/status", says=says)


def _carry(_house: House, known: dict[str, Any]) -> None:
    known["bearer"] = f"Bearer {known['access']}"


def _read_phone(house: House, known: dict[str, Any]) -> None:
    """The telephone shows its next code."""
    house.clock.sleep(30)
    known["code"] = pyotp.TOTP(known["secret"]).at(house.clock.now())


SESSIONS = (
    Step(
        route=f"POST {AUTH}/register",
        body=NEW,
        says={"username": "tendai", "assignedWarehouseCode": "SHOP1"},
        then=(
            Look(
                route="GET /api/User",
                query={"search": "tendai"},
                says={"totalCount": 1, "users.0.role": "Cashier"},
            ),
        ),
    ),
    Step(
        route=f"POST {AUTH}/login",
        role="",
        body=SIGN_IN,
        keep={"refresh": "refreshToken"},
        says={"user.username": "tendai", "tokenType": "Bearer", "requiresTwoFactor": False},
        then=(_did("session.begin", "tendai"),),
    ),
    Step(
        route=f"POST {AUTH}/refresh",
        role="",
        body={"refreshToken": "$refresh"},
        keep={"next": "refreshToken", "access": "accessToken"},
        says={"user.username": "tendai"},  # the new token carries what follows
    ),
    Act(_carry),
    Step(
        route=f"GET {AUTH}/me",
        role="",
        headers=BEARER,
        says={"username": "tendai", "role": "Cashier", "assignedWarehouseCodes": ["SHOP1"]},
    ),
    Step(
        route=f"GET {AUTH}/sessions",
        role="",
        headers=BEARER,
        says={"count": 1, "items.0.isCurrent": True, "items.0.ipAddress": "testclient"},
    ),
    Step(
        route=f"POST {AUTH}/sessions/end",
        role="",
        headers=BEARER,
        body={"currentPassword": SIGN_IN["password"], "sessionId": None},
        says={"ended": 0, "message": "0 sessions have ended."},
        then=(_did("session.end", "tendai"),),
    ),
    Step(
        route=f"POST {AUTH}/logout",
        role="",
        headers=BEARER,
        body={"refreshToken": "$next"},
        then=(_did("session.end", "tendai"),),
    ),
)

FACTOR = (
    Step(route=f"GET {SECOND}/status", says={"isEnabled": False, "backupCodesRemaining": 0}),
    Step(
        route=f"POST {SECOND}/setup",
        keep={"secret": "secretKey", "backup": "backupCodes.0"},
        then=(_factor(isEnabled=False), _did("two_factor.set_up", "the-admin")),
    ),
    Act(_read_phone),
    Step(
        route=f"POST {SECOND}/enable",
        body={"code": "$code"},
        says={"backupCodes.#": 10},
        then=(_factor(isEnabled=True, backupCodesRemaining=10),),
    ),
    Act(_read_phone),
    Step(
        route=f"POST {SECOND}/verify",
        body={"code": "$code", "isBackupCode": False},
        says={"message": "The code is right."},
        then=(_did("two_factor.verify", "the-admin"),),
    ),
    Step(
        route=f"POST {AUTH}/login",
        role="",
        body={"username": "the-admin", "password": PASSWORD},
        keep={"second leg": "twoFactorToken"},
        says={"requiresTwoFactor": True, "accessToken": None},
        then=(_did("session.ask_code", "the-admin"),),
    ),
    Step(
        route=f"POST {AUTH}/login/two-factor",
        role="",
        body={"twoFactorToken": "$second leg", "code": "$backup", "isBackupCode": True},
        says={"requiresTwoFactor": False, "user.username": "the-admin"},
        then=(_factor(backupCodesRemaining=9), _did("session.begin", "the-admin")),
    ),
    Act(_read_phone),
    Step(
        route=f"POST {SECOND}/backup-codes/regenerate",
        body={"code": "$code"},
        says={"backupCodes.#": 10},
        then=(_factor(backupCodesRemaining=10),),
    ),
    Act(_read_phone),
    Step(
        route=f"POST {SECOND}/disable",
        body={"password": PASSWORD, "code": "$code"},
        then=(_factor(isEnabled=False, backupCodesRemaining=0),),
    ),
)

STEPS = (*SESSIONS, *FACTOR)
