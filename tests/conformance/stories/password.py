"""The own password and address: lost, set by mail, changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pos_app.services import password_reset
from pos_app.services.shop import MailRules, Rules
from pos_app.store.engine import Store
from tests.api.house import House
from tests.api.test_password_reset import token_of
from tests.conformance.neighbours import server_apart
from tests.conformance.step import Act, Look, Step

PATH, NAME, ADDRESS = "/api/Password", "the-manager", "manager@example.com"
NEW, NEXT, MOVED = "N3w!Passw0rd", "An0ther!Secret", "office@example.com"


def server(store: Store) -> House:
    """A shop that sends mail."""
    return server_apart(store, _with_mail)


def _with_mail(rules: Rules) -> Rules:
    return replace(rules, mail=MailRules(sender="shop@example.com", sender_name="Shop"))


def _read_mail(house: House, known: dict[str, Any]) -> None:
    password_reset.work(house.shop, page="https://shop.example.com/reset")
    known["token"] = token_of(house)


def _did(action: str) -> Look:
    return Look(
        route="GET /api/UserActivity",
        query={"action": action},
        says={"totalCount": 1, "items.0.isSuccess": True},
    )


def _sign_in(secret: str) -> Step:
    return Step(
        route="POST /api/Auth/login",
        role="",
        body={"username": NAME, "password": secret},
        says={"user.username": NAME},
    )


STEPS = (
    Step(
        route=f"POST {PATH}/reset/request",
        role="",
        body={"email": ADDRESS},  # its effect is the mail, read below: the answer tells nothing
    ),
    Act(_read_mail),
    Step(
        route=f"GET {PATH}/reset/validate",
        role="",
        query={"token": "$token"},
        says={"isValid": True},
        then=(_did("password.ask_reset"),),
    ),
    Step(
        route=f"POST {PATH}/reset/complete",
        role="",
        body={"token": "$token", "newPassword": NEW, "confirmPassword": NEW},
        then=(_did("password.reset"),),
    ),
    _sign_in(NEW),
    Step(
        route=f"POST {PATH}/change",
        role="Manager",
        body={"currentPassword": NEW, "newPassword": NEXT, "confirmPassword": NEXT},
        then=(_did("password.change"),),
    ),
    _sign_in(NEXT),
    Step(
        route=f"GET {PATH}/credentials",
        role="Manager",
        says={"username": NAME, "email": ADDRESS},
    ),
    Step(
        route=f"PUT {PATH}/credentials",
        role="Manager",
        body={"username": NAME, "email": MOVED, "currentPassword": NEXT},
        says={"email": MOVED},
        then=(
            Look(route="GET /api/User", query={"search": MOVED}, says={"users.0.username": NAME}),
        ),
    ),
)
