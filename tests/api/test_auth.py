"""Signing in, refreshing, signing out, registering, and forged tokens."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest

from pos_app.domain.permission import Role
from pos_app.services import api_key, session, user
from pos_app.store import audit
from pos_app.store import user as users
from tests.api.house import SECRET, House, name_of
from tests.shops import PASSWORD

LOGIN = "/api/Auth/login"
REFRESH = "/api/Auth/refresh"


OTHER_SECRET = "another secret of more than thirty-two bytes"
NAMES_ITS_KEY = {
    "kid": "../../dev/null",
    "jku": "https://elsewhere.example/keys.json",
    "x5u": "https://elsewhere.example/key.pem",
    "jwk": {"kty": "oct", "k": urlsafe_b64encode(OTHER_SECRET.encode()).decode().rstrip("=")},
}
"""A token that brings its own key, or says where to fetch it (ASVS 5.0 9.1.3)."""


def login(house: House, username: str = "", password: str = PASSWORD) -> Any:
    body = {"username": username or name_of("Cashier"), "password": password}
    return house.client.post(LOGIN, json=body)


def new_window(house: House) -> None:
    """Let the sign-in rate limit pass, so that a test meets the rule it is about."""
    house.clock.sleep(61)


def test_login_answers_as_the_contract_prints_it(house: House) -> None:
    answer = login(house)
    told = answer.json()
    assert answer.status_code == 200
    assert told["tokenType"] == "Bearer"
    assert told["expiresAt"] == "2026-11-02T07:00:00Z"
    assert told["user"] == {
        "username": "the-cashier",
        "role": "Cashier",
        "email": "cashier@example.com",
        "assignedWarehouseCode": None,
        "assignedWarehouseCodes": [],
        "allowedPaymentMethods": ["Cash", "Transfer"],
        "cardCode": None,
        "mustChangePassword": False,
    }
    me = house.client.get(
        "/api/Auth/me", headers={"Authorization": f"Bearer {told['accessToken']}"}
    )
    assert me.json() == told["user"]
    assert answer.headers["cache-control"] == "no-store, no-cache"


@pytest.mark.parametrize("name", ["THE-CASHIER", "cashier@example.com", "Cashier@Example.COM"])
def test_name_or_email_in_any_case_signs_in(quick: House, name: str) -> None:
    assert login(quick, name).status_code == 200


def test_wrong_password_and_unknown_user_are_not_told_apart(quick: House) -> None:
    wrong, unknown = login(quick, password="nope"), login(quick, "nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.headers["www-authenticate"] == "Bearer"


def test_five_wrong_passwords_lock_for_fifteen_minutes(house: House) -> None:
    for _ in range(5):
        assert login(house, password="wrong").json()["code"] == "sign_in_refused"
    locked = login(house)
    assert (locked.status_code, locked.json()["code"]) == (401, "password_locked")
    house.clock.sleep(14 * 60)
    assert login(house).status_code == 401
    house.clock.sleep(62)
    assert login(house).status_code == 200


def test_an_unlock_forgets_the_wrong_tries(house: House) -> None:
    for _ in range(5):
        login(house, password="wrong")
    user.unlock(house.shop, "The-Cashier", by="console")
    assert login(house).status_code == 200


def test_a_success_forgets_the_wrong_tries(house: House) -> None:
    for _ in range(2):
        for _ in range(4):
            assert login(house, password="wrong").status_code == 401
        assert login(house).status_code == 200
        new_window(house)


def test_wrong_tries_from_a_public_address_lock_the_address(house: House) -> None:
    for number in range(5):
        with pytest.raises(Exception, match="wrong"):
            session.sign_in(house.shop, f"guess{number}", "x", address="41.60.1.2")
    with pytest.raises(Exception, match="locked"):
        session.sign_in(house.shop, name_of("Cashier"), PASSWORD, address="41.60.1.2")
    assert session.sign_in(house.shop, name_of("Cashier"), PASSWORD, address="10.0.0.7")


def test_refresh_rotates_and_reuse_ends_the_session(house: House) -> None:
    first = login(house).json()
    second = refresh(house, first["refreshToken"]).json()
    third = refresh(house, second["refreshToken"]).json()
    assert len({row["refreshToken"] for row in (first, second, third)}) == 3
    assert refresh(house, first["refreshToken"]).status_code == 401
    assert refresh(house, third["refreshToken"]).status_code == 401
    assert me(house, third["accessToken"]).status_code == 401
    with house.shop.store.read() as connection:
        assert "session.stolen" in [row["action"] for row in audit.walk(connection)]


def test_a_lost_answer_may_be_asked_for_again(house: House) -> None:
    first = login(house).json()
    lost = refresh(house, first["refreshToken"]).json()
    again = refresh(house, first["refreshToken"])
    assert again.status_code == 200
    assert refresh(house, again.json()["refreshToken"]).status_code == 200
    # Whoever still holds the answer that was thought lost has a copy.
    assert refresh(house, lost["refreshToken"]).status_code == 401
    assert me(house, again.json()["accessToken"]).status_code == 401


def test_a_refresh_token_lasts_seven_days(house: House) -> None:
    token = login(house).json()["refreshToken"]
    house.clock.sleep(7 * 86_400 - 1)
    token = refresh(house, token).json()["refreshToken"]
    house.clock.sleep(7 * 86_400)
    assert refresh(house, token).status_code == 401


def test_logout_ends_the_session_and_is_idempotent(house: House) -> None:
    tokens = login(house).json()
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    body = {"refreshToken": tokens["refreshToken"]}
    other = house.client.post(
        "/api/Auth/logout",
        json=body,
        headers={"Authorization": f"Bearer {house.token('Manager')}"},
    )
    assert other.status_code == 204
    assert me(house, tokens["accessToken"]).status_code == 200, "not the other user's to end"
    assert house.client.post("/api/Auth/logout", json=body, headers=headers).status_code == 204
    assert me(house, tokens["accessToken"]).status_code == 401
    assert refresh(house, tokens["refreshToken"]).status_code == 401
    unknown = house.client.post(
        "/api/Auth/logout",
        json={"refreshToken": "never seen"},
        headers={"Authorization": f"Bearer {house.token()}"},
    )
    assert unknown.status_code == 204


def test_an_access_token_ends_after_an_hour_and_a_minute_of_skew(house: House) -> None:
    token = house.token("Cashier")
    house.clock.sleep(3600 + 59)
    assert me(house, token).status_code == 200
    house.clock.sleep(2)
    assert me(house, token).status_code == 401


def test_a_changed_role_counts_at_once(house: House) -> None:
    """ASVS 5.0 8.3.1: what the token says of its user is not believed."""
    caller = house.as_role("Cashier")
    for change, status in (
        ({}, 200),
        ({"role": "StockController"}, 403),
        ({"is_active": False}, 401),
    ):
        with house.shop.store.write() as connection:
            stored = users.by_username(connection, name_of("Cashier"))
            assert stored is not None
            users.change(connection, replace(stored, user=replace(stored.user, **change)))
        assert caller.get("/api/Invoice").status_code == status, change


def test_each_sign_in_has_a_session_of_its_own(house: House) -> None:
    """ASVS 5.0 7.2.2-7.2.4: tokens are made anew each time, and nobody guesses one."""
    one, two = login(house).json(), login(house).json()
    assert len(one["refreshToken"]) >= 43, "256 bits"
    assert one["refreshToken"] != two["refreshToken"]
    assert sid(one) != sid(two)
    headers = {"Authorization": f"Bearer {one['accessToken']}"}
    body = {"refreshToken": one["refreshToken"]}
    assert house.client.post("/api/Auth/logout", json=body, headers=headers).status_code == 204
    assert me(house, one["accessToken"]).status_code == 401
    assert me(house, two["accessToken"]).status_code == 200
    assert refresh(house, two["refreshToken"]).status_code == 200


def sid(tokens: dict[str, Any]) -> str:
    claims = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
    return str(claims["sid"])


def test_a_token_of_one_kind_is_none_of_another(quick: House) -> None:
    """ASVS 5.0 9.2.2."""
    told, key = login(quick).json(), quick.key()
    for wrong in (told["refreshToken"], key):
        assert me(quick, wrong).status_code == 401
    for wrong in (told["accessToken"], key):
        assert refresh(quick, wrong).status_code == 401
    for wrong in (told["accessToken"], told["refreshToken"]):
        answer = quick.client.get("/api/Product", headers={"X-API-Key": wrong})
        assert answer.status_code == 401


def forged(house: House, **changes: Any) -> str:
    claims = jwt.decode(house.token("Admin"), options={"verify_signature": False})
    options = {"key": SECRET, "algorithm": "HS256", "headers": {"typ": "JWT"}}
    options |= changes.pop("options", {})
    claims |= changes
    for name in [name for name, value in claims.items() if value is None]:
        del claims[name]
    return jwt.encode(claims, **options)


@pytest.mark.parametrize(
    "changes",
    [
        {"options": {"key": OTHER_SECRET}},
        {"options": {"headers": {"typ": "at+jwt"}}},
        {"options": {"key": OTHER_SECRET, "headers": {"typ": "JWT"} | NAMES_ITS_KEY}},
        {"options": {"algorithm": "none", "key": None}},
        {"options": {"algorithm": "HS512"}},
        {"iss": "SomebodyElse"},
        {"aud": "OtherClients"},
        {"aud": None},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"sid": None},
        {"sub": "U-Manager"},
        {"sid": "01a19ad7-0000-7000-8000-000000000000"},
        {"exp": "tomorrow"},
        {"exp": 10**30},
        {"iat": 4102444800},
    ],
)
def test_forged_tokens_are_refused(quick: House, changes: dict[str, Any]) -> None:
    assert me(quick, forged(quick)).status_code == 200
    answer = me(quick, forged(quick, **changes))
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthorized"


@pytest.mark.parametrize(
    "value", ["", "x", "Basic dXNlcjpwYXNz", "Bearer", "Bearer a.b.c", "Bearer é"]
)
def test_odd_authorization_headers_are_refused(quick: House, value: str) -> None:
    answer = quick.client.get("/api/Auth/me", headers={"Authorization": value.encode("latin-1")})
    assert answer.status_code == 401


def test_an_api_key_works_until_it_expires_or_is_retired(house: House) -> None:
    admin = session.sign_in(house.shop, name_of("Admin"), PASSWORD).account.actor
    day = timedelta(days=1)
    dated = api_key.issue(house.shop, admin, name_of("ApiUser"), "dated", life=day).key
    lasting = api_key.issue(house.shop, admin, name_of("ApiUser"), "lasting").key
    assert keyed(house, dated).status_code == keyed(house, lasting).status_code == 200
    assert keyed(house, dated + "x").status_code == 401
    house.clock.sleep(86_400)
    assert keyed(house, dated).status_code == 401
    api_key.retire(house.shop, admin, "lasting")
    assert keyed(house, lasting).status_code == 401
    with pytest.raises(api_key.KeyNameTaken):
        api_key.issue(house.shop, admin, name_of("ApiUser"), "lasting")
    with pytest.raises(api_key.KeyLifeTooLong, match="90 days"):
        api_key.issue(house.shop, admin, name_of("ApiUser"), "long", life=91 * day)
    till = api_key.issue_for_till(house.shop, admin, "T01", "till", life=91 * day)
    assert till.expires_at == house.clock.now() + 91 * day
    with pytest.raises(api_key.KeyLifeTooLong):
        api_key.issue_for_till(house.shop, admin, "T01", "long", life=3651 * day)


def test_an_api_key_is_no_signed_in_user(quick: House) -> None:
    answer = quick.client.get("/api/Auth/me", headers={"X-API-Key": quick.key()})
    assert answer.status_code == 401


def test_register_makes_a_user_who_can_sign_in(house: House) -> None:
    body = {
        "username": "tendai",
        "email": "tendai@example.com",
        "password": "Str0ng!Pass",
        "role": "Cashier",
    }
    made = house.as_role("Admin").post("/api/Auth/register", body)
    assert made.status_code == 201
    assert made.json()["username"] == "tendai"
    assert login(house, "tendai@example.com", "Str0ng!Pass").json()["user"]["role"] == "Cashier"
    assert house.as_role("Manager").post("/api/Auth/register", body).status_code == 403


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"username": "THE-CASHIER"}, 409, "user_taken"),
        ({"email": "MANAGER@example.com"}, 409, "user_taken"),
        ({"username": "user@example.com"}, 409, "user_taken"),
        ({"role": "Boss"}, 400, "role_unknown"),
        ({"password": "short"}, 400, "secret_too_weak"),
        ({"password": "nouppercase1!"}, 400, "secret_too_weak"),
        ({"role": "StockController"}, 400, "user_invalid"),
    ],
)
def test_register_refuses(quick: House, change: dict[str, str], status: int, code: str) -> None:
    body = {
        "username": "tendai",
        "email": "tendai@example.com",
        "password": "Str0ng!Pass",
        "role": "Cashier",
    }
    answer = quick.as_role("Admin").post("/api/Auth/register", body | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_first_admin_is_made_once(quick: House) -> None:
    with pytest.raises(user.NotEmpty):
        user.first_admin(
            quick.shop, user.NewUser(username="again", password=PASSWORD, role=Role.ADMIN)
        )


def refresh(house: House, token: str) -> Any:
    return house.client.post(REFRESH, json={"refreshToken": token})


def me(house: House, token: str) -> Any:
    return house.client.get("/api/Auth/me", headers={"Authorization": f"Bearer {token}"})


def keyed(house: House, key: str) -> Any:
    return house.client.get("/api/Product/MILK", headers={"X-API-Key": key})
