"""Sessions: how long they last however often they are renewed, and who sees and ends them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pos_app.domain.user import SignInRefused
from pos_app.services import own_session, session
from pos_app.store import audit
from tests.api.house import House, name_of
from tests.api.test_auth import login, me, new_window, refresh
from tests.cheap import cheap
from tests.shops import MORNING, PASSWORD

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
SESSIONS = "/api/Auth/sessions"


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['accessToken']}"}


def seen(house: House, tokens: dict[str, Any]) -> Any:
    return house.client.get(SESSIONS, headers=bearer(tokens)).json()


def end(house: House, tokens: dict[str, Any], session_id: str | None = None, **more: str) -> Any:
    new_window(house)
    body = {"currentPassword": PASSWORD, "sessionId": session_id} | more
    return house.client.post(f"{SESSIONS}/end", json=body, headers=bearer(tokens))


def test_a_session_ends_in_the_night_after_its_days(house: House) -> None:
    """ASVS 5.0 7.3.2: renewed every day, it is over in the morning after the thirtieth."""
    told = login(house).json()
    assert told["sessionEndsAt"] == "2026-12-03T02:00:00Z", "four o'clock in Harare"
    for _ in range(30):
        house.clock.sleep(86_400)
        told = refresh(house, told["refreshToken"]).json()
        assert told["sessionEndsAt"] == "2026-12-03T02:00:00Z"
    assert house.clock.now() == MORNING + timedelta(days=30), "at work on the thirtieth day"
    house.clock.sleep(19.5 * 3600)
    told = refresh(house, told["refreshToken"]).json()
    assert told["expiresAt"] == "2026-12-03T02:00:00Z", "no token outlives its session"
    house.clock.sleep(1799)
    assert me(house, told["accessToken"]).status_code == 200
    assert [row["endsAt"] for row in seen(house, told)["items"]] == ["2026-12-03T02:00:00Z"]
    house.clock.sleep(1)
    assert me(house, told["accessToken"]).status_code == 401
    assert refresh(house, told["refreshToken"]).status_code == 401
    assert own_session.of_user(house.shop, name_of("Cashier")) == []
    assert login(house).json()["sessionEndsAt"] == "2027-01-03T02:00:00Z"


def test_the_days_of_the_settings_count_for_sessions_that_began_before(quick: House) -> None:
    shop = quick.shop
    begun = session.sign_in(shop, name_of("Cashier"), PASSWORD)
    assert isinstance(begun, session.SignedIn)
    quick.clock.sleep(2 * 86_400)
    shorter = replace(shop, rules=replace(shop.rules, session_days=1))
    with pytest.raises(SignInRefused):
        session.account_of(shorter, begun.account.actor.user_id, begun.session_id)
    with pytest.raises(SignInRefused):
        session.refresh(shorter, begun.refresh_token)
    assert session.refresh(shop, begun.refresh_token).account.actor.username == name_of("Cashier")


def test_everybody_sees_where_they_are_signed_in(house: House) -> None:
    """ASVS 5.0 7.5.2; what a program calls itself is cut to what a list can show."""
    quiet = {"username": name_of("Cashier"), "password": PASSWORD}
    odd = {"User-Agent": "Till \x07" + "x" * 300}
    first = house.client.post("/api/Auth/login", json=quiet, headers=odd).json()
    house.clock.sleep(60)
    second = login(house).json()
    login(house, name_of("Manager"))
    told = seen(house, second)
    assert told["count"] == 2
    assert [(row["isCurrent"], row["ipAddress"]) for row in told["items"]] == [
        (True, "testclient"), (False, "testclient"),
    ]  # fmt: skip
    old = told["items"][1]
    assert old["device"] == "Till " + "x" * 195
    assert (old["createdAt"], old["lastUsedAt"]) == ("2026-11-02T06:00:00Z",) * 2
    house.clock.sleep(60)
    refresh(house, first["refreshToken"])
    assert seen(house, second)["items"][0]["lastUsedAt"] == "2026-11-02T06:02:00Z"
    assert house.client.get(SESSIONS, headers={"X-API-Key": house.key()}).status_code == 401


def test_one_or_all_others_are_ended_by_password(house: House) -> None:
    """ASVS 5.0 7.5.2, 7.4.5."""
    one, two, three = (login(house).json() for _ in range(3))
    boss = login(house, name_of("Manager")).json()
    ids = {row["sessionId"] for row in seen(house, one)["items"] if row["isCurrent"]}
    wrong = end(house, two, *ids, currentPassword="wrong")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "current_password_wrong")
    assert me(house, one["accessToken"]).status_code == 200
    assert end(house, two, *ids).json() == {"ended": 1, "message": "1 session has ended."}
    assert me(house, one["accessToken"]).status_code == 401
    assert refresh(house, one["refreshToken"]).status_code == 401
    assert end(house, two, *ids).status_code == 404, "it is over already"
    (foreign,) = (row["sessionId"] for row in seen(house, boss)["items"])
    assert end(house, two, foreign).status_code == 404
    assert end(house, two).json()["ended"] == 1
    assert me(house, three["accessToken"]).status_code == 401
    assert me(house, two["accessToken"]).status_code == 200, "the one that asked stays"
    assert me(house, boss["accessToken"]).status_code == 200
    with house.shop.store.read() as connection:
        told = [row for row in audit.walk(connection) if row["action"] == "session.end"]
    assert [row["details"]["sessions"] for row in told] == ["1", "1"]


@pytest.mark.parametrize(
    "body", [{}, {"currentPassword": ""}, {"currentPassword": PASSWORD, "sessionId": ""}]
)
def test_odd_wishes_to_end_are_refused(quick: House, body: dict[str, str]) -> None:
    assert quick.as_role("Cashier").post(f"{SESSIONS}/end", body).status_code == 400


def test_the_console_ends_sessions_without_a_new_password(house: House) -> None:
    """ASVS 5.0 7.4.5."""
    one, two = login(house).json(), login(house).json()
    (_, chosen) = own_session.of_user(house.shop, name_of("Cashier"))
    assert own_session.end_of_user(house.shop, name_of("Cashier"), chosen.id, by="console") == 1
    assert sorted(me(house, row["accessToken"]).status_code for row in (one, two)) == [200, 401]
    assert own_session.end_of_user(house.shop, name_of("Cashier"), None, by="console") == 1
    assert own_session.of_user(house.shop, name_of("Cashier")) == []
    assert login(house).status_code == 200
