"""The people and keys of the demo, made once in the server's own books."""

from __future__ import annotations

from typing import Any

from pos_app.bootstrap import Installation
from pos_app.demo.folder import TILL
from pos_app.domain.permission import EVERY, Actor
from pos_app.sample import shop as sample
from pos_app.services import api_key, user
from pos_app.services.user import NewUser

CONSOLE = Actor("demo", "demo", "Admin", EVERY)
API_ROLE = "ApiUser"
TILL_KEY = "till-t01"


def make(installation: Installation, *, seed: int) -> dict[str, Any]:
    """Add the users of every role, a key for the ApiUser and one for the till.

    Returns:
        ``users`` as the demo's line of JSON has them, and ``till_key``.
    """
    shop = installation.shop
    rows = []
    for person in sample.users(seed=seed):
        new = NewUser(
            username=person.username,
            password=person.password,
            role=person.role,
            name=person.name,
            email=f"{person.username}@example.com",
            pin=person.pin,
            warehouses=person.warehouses,
        )
        user.add(shop, new, by=CONSOLE.username)
        key = None
        if person.role == API_ROLE:
            issued = api_key.issue(shop, CONSOLE, person.username, "demo")
            key = issued.key
        rows.append(
            {
                "username": person.username,
                "password": person.password,
                "pin": person.pin,
                "role": person.role,
                "api_key": key,
            }
        )
    issued = api_key.issue_for_till(shop, CONSOLE, TILL, TILL_KEY)
    return {"users": rows, "till_key": issued.key}
