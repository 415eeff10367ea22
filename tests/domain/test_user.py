from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.user import (
    PASSWORD_RULE,
    PIN_RULE,
    Lockout,
    LockRule,
    PasswordLocked,
    PinLocked,
    SecretTooWeak,
    User,
    UserInvalid,
    WarehouseNotYours,
    after_failure,
    after_success,
    check_new_password,
    check_new_pin,
    check_password_lock,
    check_pin_lock,
    check_user,
    check_warehouse,
    seconds_locked,
)

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def failed(times: int, rule: LockRule, *, lockout: Lockout = Lockout()) -> Lockout:  # noqa: B008
    for _ in range(times):
        lockout = after_failure(lockout, NOW, rule=rule)
    return lockout


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour() -> None:
    check_password_lock(failed(4, PASSWORD_RULE), NOW)
    locked = failed(5, PASSWORD_RULE)
    assert seconds_locked(locked, NOW) == 900
    with pytest.raises(PasswordLocked) as caught:
        check_password_lock(locked, NOW + timedelta(minutes=14))
    assert caught.value.details["seconds"] == 60
    assert "60 seconds" in caught.value.sentence
    check_password_lock(locked, NOW + timedelta(minutes=15))


def test_after_the_lock_five_more_tries() -> None:
    locked = failed(5, PASSWORD_RULE)
    later = NOW + timedelta(minutes=15)
    again = after_failure(locked, later, rule=PASSWORD_RULE)
    assert again == Lockout(1, None)


def test_wrong_pins_double_the_wait() -> None:
    waits = [seconds_locked(failed(times, PIN_RULE), NOW) for times in range(1, 15)]
    assert waits[:9] == [0, 0, 0, 0, 30, 60, 120, 240, 480]
    assert waits[-1] == 3600
    assert seconds_locked(failed(100, PIN_RULE), NOW) == 3600
    with pytest.raises(PinLocked) as caught:
        check_pin_lock(failed(9, PIN_RULE), NOW)
    assert "8 minutes" in caught.value.sentence


def test_pin_failures_are_kept_after_the_wait_until_a_right_one() -> None:
    locked = failed(5, PIN_RULE)
    later = NOW + timedelta(seconds=30)
    check_pin_lock(locked, later)
    assert seconds_locked(after_failure(locked, later, rule=PIN_RULE), later) == 60
    assert after_success() == Lockout(0, None)


def test_a_started_second_counts_as_a_whole_one() -> None:
    lockout = Lockout(5, NOW + timedelta(milliseconds=1500))
    assert seconds_locked(lockout, NOW) == 2
    assert seconds_locked(Lockout(5, NOW + timedelta(days=2)), NOW) == 172_800
    assert seconds_locked(Lockout(), NOW) == 0


def test_users_become_actors() -> None:
    user = User("u1", "rudo", "Rudo M", "Cashier", permissions_extra=frozenset({"drawer.open"}))
    actor = user.actor()
    assert actor.may("drawer.open")
    assert actor.may("sale.sell")
    assert not actor.may("system.admin")
    gone = User("u1", "rudo", "Rudo M", "Admin", is_active=False)
    assert gone.permissions == frozenset()


@pytest.mark.parametrize(
    ("username", "role", "warehouses", "is_right"),
    [
        ("rudo", "Cashier", (), True),
        ("ab", "Cashier", (), False),
        ("x" * 51, "Cashier", (), False),
        ("ru\ndo", "Cashier", (), False),
        ("rudo.m@shop-1", "Cashier", (), True),
        ("Jos\u00e9", "Cashier", (), True),
        ("Jose\u0301", "Cashier", (), False),
        ("\u0440\u0443\u0434\u043e", "Cashier", (), True),
        ("rud\u043e", "Cashier", (), False),
        ("\uff52\uff55\uff44\uff4f", "Cashier", (), False),
        ("ru\u200bdo", "Cashier", (), False),
        ("rudo\u00a0m", "Cashier", (), False),
        ("rudo", "StockController", (), False),
        ("rudo", "DepotController", ("SHOP1",), True),
    ],
)
def test_users_are_complete(
    username: str, role: str, warehouses: tuple[str, ...], is_right: bool
) -> None:
    user = User("u1", username, "Name", role, warehouses=warehouses)
    if is_right:
        assert check_user(user) is user
        return
    with pytest.raises(UserInvalid):
        check_user(user)


def test_warehouses_of_a_user() -> None:
    user = User("u1", "rudo", "Rudo", "Cashier", warehouses=("SHOP1",))
    check_warehouse(user, "SHOP1")
    check_warehouse(User("u2", "any", "Any", "Cashier"), "SHOP1")
    with pytest.raises(WarehouseNotYours):
        check_warehouse(user, "DEPOT")


@pytest.mark.parametrize(
    "password",
    ["Sh0rt!", "Sh0rt!7", "alllower1!", "ALLUPPER1!", "NoDigits!!", "NoSpecial11", "Aa1!" * 51, ""],
)
def test_weak_passwords(password: str) -> None:
    with pytest.raises(SecretTooWeak) as caught:
        check_new_password(password)
    assert password == "" or password not in caught.value.sentence


def test_a_good_password() -> None:
    for password in ("Good-enough1", "Aa1!aaaa", "Aa1!" * 50, "Длинный-пароль-1", "Ünïcödé-1"):
        assert check_new_password(password) == password


@pytest.mark.parametrize(
    "pin", ["", "123", "1234", "4321", "0000", "123456789", "12a4", "\u0661\u0662\u0669\u0664"]
)
def test_weak_pins(pin: str) -> None:
    with pytest.raises(SecretTooWeak):
        check_new_pin(pin)


@given(st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_pins_are_digits_without_a_pattern(pin: str) -> None:
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    if len(steps) > 1:
        assert check_new_pin(pin) == pin
