"""The own password and how one signs in."""

from __future__ import annotations

import itertools
import unicodedata
from typing import Any

import pytest

from pos_app.domain.user import SecretTooWeak
from pos_app.services import password, user
from pos_app.store import audit
from tests.api.house import House, name_of
from tests.api.test_auth import login, me, new_window
from tests.cheap import cheap
from tests.shops import PASSWORD

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
NEW = "N3w!Passw0rd"


def body(current: str = PASSWORD, new: str = NEW, again: str | None = None) -> dict[str, Any]:
    told = new if again is None else again
    return {"currentPassword": current, "newPassword": new, "confirmPassword": told}


@pytest.mark.parametrize(
    "common",
    ["P@ssw0rd1!", "Password1!", "Welcome1!", "Admin123!", "Qwerty12!", "Abcd1234!", "Tendai1A!"],
)
def test_common_passwords_are_refused(common: str) -> None:
    """ASVS 5.0 6.2.4, 6.2.11, 6.2.12: also those made of the user's own name."""
    with pytest.raises(SecretTooWeak, match="first that are guessed"):
        password.check(common, ("tendai", "tendai@example.com"))


@pytest.mark.parametrize("good", [NEW, "Str0ng!Pass", PASSWORD, "x" * 60 + "Aa1!" + "y" * 60])
def test_long_and_documented_passwords_are_taken(good: str) -> None:
    """ASVS 5.0 6.2.9: at least 64 characters are permitted."""
    assert password.check(good, ("tendai",)) == good


@pytest.mark.parametrize(
    "odd", ["  Aa1 spaces at both ends  ", "Ünïcödé-ñ1-漢字-🔑", "\tTab\x01 Aa1!"]
)
def test_any_character_is_taken(quick: House, odd: str) -> None:
    """ASVS 5.0 6.2.5; the mixture the contract asks for is asked for all the same."""
    assert quick.as_role("Cashier").post("/api/Password/change", body(new=odd)).status_code == 200
    assert login(quick, password=odd).status_code == 200


def test_a_password_is_checked_as_it_was_sent(quick: House) -> None:
    """ASVS 5.0 6.2.8: neither cut, nor trimmed, nor brought into one case or one spelling."""
    long = "Längst-vergessen 1" * 5
    assert quick.as_role("Cashier").post("/api/Password/change", body(new=long)).status_code == 200
    spellings = (
        long[:72], long[:64], f"{long} ", f" {long}", long.lower(), long.upper(),
        unicodedata.normalize("NFD", long),
    )  # fmt: skip
    for wrong in spellings:
        user.unlock(quick.shop, name_of("Cashier"), by="console")
        quick.fresh_limits()
        assert login(quick, password=wrong).status_code == 401
    assert login(quick, password=long).status_code == 200


def test_a_change_ends_every_session_and_lifts_the_lock(house: House) -> None:
    """ASVS 5.0 6.2.2, 6.2.3, 7.4.3."""
    here, elsewhere = house.as_role("Cashier"), house.token("Cashier")
    for _ in range(4):
        login(house, password="wrong")
    assert here.post("/api/Password/change", body()).status_code == 200
    assert here.get("/api/Auth/me").status_code == me(house, elsewhere).status_code == 401
    new_window(house)
    assert login(house).status_code == 401
    assert login(house, password=NEW).status_code == 200


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (body(current="wrong"), "current_password_wrong"),
        (body(again="N3w!Passw0rd2"), "passwords_differ"),
        (body(new=PASSWORD), "password_used_before"),
        (body(new="Sh0rt!"), "secret_too_weak"),
        (body(new="Password1!"), "secret_too_weak"),
    ],
)
def test_a_change_refuses(quick: House, told: dict[str, Any], code: str) -> None:
    answer = quick.as_role("Cashier").post("/api/Password/change", told)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_none_of_the_last_five_passwords_comes_back(quick: House) -> None:
    names = [PASSWORD, *(f"Winter-Coat-{number}7" for number in range(5))]
    for old, new in itertools.pairwise(names):
        told = quick.as_role("Cashier").post("/api/Password/change", body(old, new))
        assert told.status_code == 200, told.text
    new_window(quick)
    for past in names[1:]:
        told = quick.as_role("Cashier").post("/api/Password/change", body(names[-1], past))
        assert told.json()["code"] == "password_used_before"
    told = quick.as_role("Cashier").post("/api/Password/change", body(names[-1], PASSWORD))
    assert told.status_code == 200


def test_whoever_found_an_open_session_cannot_guess_the_password(quick: House) -> None:
    """ASVS 5.0 6.3.1: a wrong password counts wherever it is asked for."""
    caller = quick.as_role("Cashier")
    for _ in range(5):
        assert caller.post("/api/Password/change", body(current="wrong")).status_code == 400
        new_window(quick)
    locked = caller.post("/api/Password/change", body())
    assert (locked.status_code, locked.json()["code"]) == (403, "own_secret_locked")


def test_name_and_address_are_changed_by_password(house: House) -> None:
    """ASVS 5.0 7.5.1."""
    caller, elsewhere = house.as_role("Cashier"), house.token("Cashier")
    told = {"username": "rudo", "email": "rudo@example.com", "currentPassword": "wrong"}
    assert caller.put("/api/Password/credentials", told).status_code == 400
    told["currentPassword"] = PASSWORD
    assert caller.put("/api/Password/credentials", told).json()["username"] == "rudo"
    assert caller.get("/api/Password/credentials").json()["email"] == "rudo@example.com"
    assert me(house, elsewhere).status_code == 401
    assert login(house, "rudo@example.com").status_code == 200
    taken = told | {"username": name_of("Manager")}
    assert caller.put("/api/Password/credentials", taken).status_code == 409
    with house.shop.store.read() as connection:
        event = next(row for row in audit.walk(connection) if row["action"] == "user.rename")
    assert event["details"]["email"] == {"from": "cashier@example.com", "to": "rudo@example.com"}
