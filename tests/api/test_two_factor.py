"""The second factor, from set-up to a lost telephone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest

from pos_app.services import two_factor, user
from pos_app.services.seal import Seal
from pos_app.store import audit
from pos_app.store import two_factor as factors
from pos_app.store import user as users
from tests.api.house import House, name_of
from tests.api.test_auth import login, me, new_window
from tests.cheap import cheap
from tests.shops import PASSWORD

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
SECOND = "/api/Auth/login/two-factor"


class Phone:
    """Somebody's telephone with the secret in it, on the shop's clock."""

    def __init__(self, house: House, secret: str) -> None:
        self._house, self._totp = house, pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        now = int(self._house.clock.now().timestamp())
        return self._totp.generate_otp(now // 30 + steps)


def switch_on(house: House, role: str = "Cashier") -> tuple[Phone, list[str]]:
    caller = house.as_role(role)
    setup = caller.post("/api/TwoFactor/setup").json()
    phone = Phone(house, setup["secretKey"])
    done = caller.post("/api/TwoFactor/enable", {"code": phone.code()})
    assert done.status_code == 200, done.text
    assert done.json()["backupCodes"] == setup["backupCodes"]
    house.clock.sleep(30)
    return phone, setup["backupCodes"]


def challenge(house: House) -> str:
    told = login(house).json()
    assert told["requiresTwoFactor"] is True
    assert told["accessToken"] is told["refreshToken"] is told["user"] is None
    return str(told["twoFactorToken"])


def second(house: House, token: str, code: str, *, is_backup: bool = False) -> Any:
    body = {"twoFactorToken": token, "code": code, "isBackupCode": is_backup}
    return house.client.post(SECOND, json=body)


def test_a_set_up_is_shown_as_telephones_read_it(quick: House) -> None:
    setup = quick.as_role("Cashier").post("/api/TwoFactor/setup").json()
    read = pyotp.parse_uri(setup["qrCodeUri"])
    assert (read.secret, read.issuer, read.name) == (
        setup["secretKey"],
        "ShopInventory",
        "the-cashier",
    )
    assert (read.digits, read.interval) == (6, 30)
    assert setup["manualEntryKey"].replace(" ", "") == setup["secretKey"]
    assert len(set(setup["backupCodes"])) == 10


def test_sign_in_with_a_code(house: House) -> None:
    phone, codes = switch_on(house)
    state = house.as_role("Cashier").get("/api/TwoFactor/status").json()
    assert state == {
        "isEnabled": True,
        "backupCodesRemaining": 10,
        "enabledAt": "2026-11-02T06:00:00Z",
    }
    token = challenge(house)
    signed_in = second(house, token, phone.code())
    assert me(house, signed_in.json()["accessToken"]).status_code == 200
    assert second(house, token, phone.code(1)).status_code == 401, "a challenge is good once"
    backed = second(house, challenge(house), codes[3].upper(), is_backup=True)
    assert backed.status_code == 200
    again = second(house, challenge(house), codes[3], is_backup=True)
    assert again.status_code == 401, "a backup code is good once (ASVS 5.0 6.5.1)"
    state = house.as_role("Cashier").get("/api/TwoFactor/status").json()
    assert state["backupCodesRemaining"] == 9


def test_the_second_leg_may_come_to_login_itself(quick: House) -> None:
    phone, _ = switch_on(quick)
    body = {
        "username": name_of("Cashier"),
        "password": PASSWORD,
        "twoFactorToken": challenge(quick),
        "twoFactorCode": phone.code(),
    }
    assert quick.client.post("/api/Auth/login", json=body).json()["user"]["role"] == "Cashier"


def test_a_sign_in_that_waits_for_its_code_ends_with_the_password(quick: House) -> None:
    phone, _ = switch_on(quick)
    waiting = challenge(quick)
    user.set_password(quick.shop, name_of("Cashier"), "An0ther-Pass-Word!", by="console")
    assert second(quick, waiting, phone.code()).status_code == 401


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
def test_codes_of_one_step_around_are_taken(quick: House, steps: int, status: int) -> None:
    """ASVS 5.0 6.5.5: a code lives 30 seconds, give or take one step."""
    phone, _ = switch_on(quick)
    quick.clock.sleep(90)
    assert second(quick, challenge(quick), phone.code(steps)).status_code == status


def test_no_code_is_good_twice_nor_an_earlier_one_after_it(quick: House) -> None:
    phone, _ = switch_on(quick)
    quick.clock.sleep(90)
    used, earlier = phone.code(1), phone.code()
    assert second(quick, challenge(quick), used).status_code == 200
    for code in (used, earlier):
        assert second(quick, challenge(quick), code).json()["code"] == "second_factor_refused"


def test_a_challenge_lasts_five_minutes_and_the_newest_alone_counts(quick: House) -> None:
    phone, _ = switch_on(quick)
    first, newest = challenge(quick), challenge(quick)
    assert second(quick, first, phone.code()).status_code == 401
    quick.clock.sleep(301)
    assert second(quick, newest, phone.code()).status_code == 401
    kept = challenge(quick)
    assert second(quick, kept, "000000").status_code == 401
    assert second(quick, kept, phone.code()).status_code == 200, "a wrong code leaves it"


def test_wrong_codes_lock_like_wrong_passwords(quick: House) -> None:
    """ASVS 5.0 6.3.1, 6.6.3: signing in between gives no new tries."""
    phone, _ = switch_on(quick)
    for _ in range(5):
        new_window(quick)
        assert second(quick, challenge(quick), "000000").status_code == 401
    assert login(quick).json()["code"] == "password_locked"
    user.unlock(quick.shop, name_of("Cashier"), by="console")
    new_window(quick)
    assert second(quick, challenge(quick), phone.code()).status_code == 200


def test_nothing_is_in_force_before_a_code(quick: House) -> None:
    caller = quick.as_role("Cashier")
    for path in ("enable", "verify", "backup-codes/regenerate"):
        told = caller.post(f"/api/TwoFactor/{path}", {"code": "123456"})
        assert (told.status_code, told.json()["code"]) == (409, "two_factor_off")
    setup = caller.post("/api/TwoFactor/setup").json()
    body = {"code": setup["backupCodes"][0], "isBackupCode": True}
    assert caller.post("/api/TwoFactor/verify", body).json()["code"] == "two_factor_off"
    assert caller.post("/api/TwoFactor/enable", {"code": "000000"}).status_code == 400
    assert login(quick).json()["requiresTwoFactor"] is False


def test_verify_enables_once_and_checks_afterwards(quick: House) -> None:
    caller = quick.as_role("Cashier")
    setup = caller.post("/api/TwoFactor/setup").json()
    phone = Phone(quick, setup["secretKey"])
    first = caller.post("/api/TwoFactor/verify", {"code": phone.code()}).json()
    assert first["backupCodes"] == setup["backupCodes"]
    quick.clock.sleep(30)
    assert caller.post("/api/TwoFactor/verify", {"code": phone.code()}).json() == {
        "message": "The code is right.",
        "backupCodes": [],
    }
    assert caller.post("/api/TwoFactor/verify", {"code": phone.code()}).status_code == 400
    assert caller.post("/api/TwoFactor/setup").status_code == 409
    assert caller.post("/api/TwoFactor/enable", {"code": phone.code(1)}).status_code == 409


def test_new_backup_codes_void_the_old_ones(quick: House) -> None:
    phone, old = switch_on(quick)
    caller = quick.as_role("Cashier")
    told = caller.post("/api/TwoFactor/backup-codes/regenerate", {"code": phone.code()}).json()
    assert second(quick, challenge(quick), old[0], is_backup=True).status_code == 401
    fresh = told["backupCodes"][0]
    assert second(quick, challenge(quick), fresh, is_backup=True).status_code == 200


def test_switching_on_and_off_ends_the_other_sessions(quick: House) -> None:
    """ASVS 5.0 7.4.3."""
    elsewhere = quick.token("Cashier")
    mine = quick.as_role("Cashier")
    setup = mine.post("/api/TwoFactor/setup").json()
    phone = Phone(quick, setup["secretKey"])
    assert mine.post("/api/TwoFactor/enable", {"code": phone.code()}).status_code == 200
    assert me(quick, elsewhere).status_code == 401
    quick.clock.sleep(30)
    body = {"password": "wrong", "code": phone.code()}
    assert mine.post("/api/TwoFactor/disable", body).json()["code"] == "current_password_wrong"
    assert mine.post("/api/TwoFactor/disable", body | {"password": PASSWORD}).status_code == 200
    assert login(quick).json()["requiresTwoFactor"] is False


def test_a_lost_telephone_is_forgiven_by_somebody_who_may(house: House) -> None:
    switch_on(house)
    token = house.token("Cashier")
    admin = house.as_role("Admin")
    who = admin.get("/api/UserManagement", search="the-cashier").json()["items"][0]
    assert who["twoFactorEnabled"] is True
    path = f"/api/UserManagement/{who['id']}/reset-2fa"
    assert admin.post(path).json()["message"] == "Two-factor sign-in was reset."
    assert admin.post(path).json()["message"] == "Two-factor sign-in was not on."
    assert me(house, token).status_code == 401
    assert login(house).json()["requiresTwoFactor"] is False


def test_neither_database_nor_audit_give_the_secret_away(quick: House) -> None:
    """ASVS 5.0 6.5.2, 11.3.2, 16.2.5."""
    caller = quick.as_role("Cashier")
    setup = caller.post("/api/TwoFactor/setup").json()
    Phone(quick, setup["secretKey"])
    with quick.shop.store.read() as connection:
        row = factors.by_user(connection, "U-Cashier")
        told = str([dict(event) for event in audit.walk(connection)])
    assert row is not None
    for secret in (setup["secretKey"], *setup["backupCodes"]):
        assert secret not in str(dict(row))
        assert secret not in told
    assert "two_factor.set_up" in told


def test_another_server_secret_is_told_plainly(quick: House) -> None:
    phone, _ = switch_on(quick)
    context = quick.app.state.context
    kept = context.seal
    try:
        object.__setattr__(context, "seal", Seal("another secret of the server", "two-factor"))
        token = challenge(quick)
        told = second(quick, token, phone.code())
    finally:
        object.__setattr__(context, "seal", kept)
    assert (told.status_code, told.json()["code"]) == (503, "secret_lost")
    assert second(quick, token, phone.code()).status_code == 200


def test_two_at_once_with_one_backup_code_are_one(house: House) -> None:
    """ASVS 5.0 2.3.4: whoever is second finds the code used, whatever the database."""
    _, codes = switch_on(house)
    with house.shop.store.read() as connection:
        stored = users.by_username(connection, name_of("Cashier"))
    assert stored is not None
    seal = house.app.state.context.seal

    def spend(_: int) -> bool:
        return two_factor.spend(house.shop, seal, stored, codes[0], is_backup=True)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(spend, range(3))) == [False, False, True]
