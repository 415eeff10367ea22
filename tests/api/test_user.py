"""Users made, changed, kept out and removed, by whoever may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pos_app.domain.grant import LastAdmin
from pos_app.domain.permission import EVERY, Actor
from pos_app.services import user_change
from pos_app.services.user_change import Change
from pos_app.store import audit, feed
from pos_app.store import user as users
from tests.api.house import House, name_of
from tests.api.test_auth import keyed, login, me
from tests.cheap import cheap

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
NEW = {
    "username": "jdoe",
    "email": "jdoe@example.com",
    "password": "Str0ng!Pass",
    "firstName": "John",
    "lastName": "Doe",
    "role": "Cashier",
    "permissions": ["invoices.view", "users.view"],
    "assignedWarehouseCodes": ["SHOP1"],
    "allowedPaymentMethods": ["Cash"],
    "defaultGLAccount": "100",
    "sendWelcomeEmail": True,
}
MANAGE = "/api/UserManagement"


def number_of(house: House, role: str) -> int:
    with house.shop.store.read() as connection:
        found = users.by_username(connection, name_of(role))
    assert found is not None
    return found.number


def test_a_user_is_made_read_changed_and_kept_out(house: House) -> None:
    admin = house.as_role("Admin")
    made = admin.post(MANAGE, NEW)
    assert made.status_code == 201, made.text
    told = made.json()
    kept = {name: told[name] for name in NEW if name not in {"password", "sendWelcomeEmail"}}
    assert kept == {name: NEW[name] for name in kept}
    assert "argon2" not in made.text
    assert admin.get(f"{MANAGE}/{told['id']}").json() == told
    changed = admin.put(f"{MANAGE}/{told['id']}", {"lastName": "Moyo", "role": "User"}).json()
    assert (changed["firstName"], changed["lastName"], changed["role"]) == ("John", "Moyo", "User")
    assert changed["email"] == NEW["email"], "what is absent stays"
    assert login(house, "jdoe", "Str0ng!Pass").status_code == 200
    assert admin.delete(f"{MANAGE}/{told['id']}").json() == {"message": "jdoe is inactive."}
    assert login(house, "jdoe", "Str0ng!Pass").status_code == 401
    listed = admin.get(MANAGE, search="MOYO", isActive=False).json()
    assert [row["id"] for row in listed["items"]] == [told["id"]]


def test_lists_page_and_filter(quick: House) -> None:
    admin = quick.as_role("Admin")
    page = admin.get(MANAGE).json()
    assert (page["pageSize"], page["totalCount"], page["hasMore"]) == (10, 14, True)
    short = admin.get("/api/User", page=2, pageSize=3).json()
    assert short["items"] == short["users"]
    assert len(short["items"]) == 3
    for odd in ({"page": 10**12}, {"page": -1, "pageSize": 0}, {"search": "100%_"}, {"role": "?"}):
        assert admin.get("/api/User", **odd).status_code == 200
    assert admin.get("/api/User", search="x" * 101).status_code == 400
    assert admin.get("/api/User", role="Admin").json()["totalCount"] == 1
    assert admin.get("/api/User/roles").json()[0] == "Admin"
    assert admin.get("/api/User/999999").status_code == 404


@pytest.mark.parametrize("state", ["role", "inactive", "password", "permissions", "deleted"])
def test_sessions_of_whoever_was_changed_end(house: House, state: str) -> None:
    admin, token, number = (
        house.as_role("Admin"),
        house.token("Cashier"),
        number_of(house, "Cashier"),
    )
    answers: dict[str, Any] = {
        "role": lambda: admin.put(f"/api/User/{number}", {"role": "User"}),
        "inactive": lambda: admin.post(f"/api/User/{number}/deactivate"),
        "password": lambda: admin.post(
            f"/api/User/{number}/change-password", {"newPassword": "N3w!Passw0rd"}
        ),
        "permissions": lambda: admin.put(
            f"{MANAGE}/{number}/permissions", {"permissions": ["audit.view"]}
        ),
        "deleted": lambda: admin.delete(f"/api/User/{number}"),
    }
    assert answers[state]().status_code in {200, 204}
    assert me(house, token).status_code == 401
    with house.shop.store.read() as connection:
        told = {row["key"] for row in feed.page(connection, after=0, limit=1000)}
    assert "U-Cashier" in told, "the tills hear of it"


def test_whoever_is_removed_stays_in_the_audit_and_keeps_the_name(quick: House) -> None:
    admin, number = quick.as_role("Admin"), number_of(quick, "Cashier")
    assert admin.delete(f"/api/User/{number}").status_code == 204
    for path in (f"/api/User/{number}", f"{MANAGE}/{number}", f"{MANAGE}/{number}/permissions"):
        assert admin.get(path).status_code == 404
    assert admin.post(f"/api/User/{number}/activate").status_code == 404
    assert name_of("Cashier") not in admin.get("/api/User", pageSize=100).text
    taken = admin.post("/api/User", NEW | {"username": name_of("Cashier")})
    assert taken.status_code == 409
    free = admin.post("/api/User", NEW | {"email": "cashier@example.com"})
    assert free.status_code == 201, "but the address is free"
    with quick.shop.store.read() as connection:
        event = next(row for row in audit.walk(connection) if row["action"] == "user.delete")
    assert (event["actor"], event["subject"]) == ("the-admin", "the-cashier")


@pytest.mark.parametrize(
    "how",
    [
        lambda admin, number: admin.delete(f"/api/User/{number}"),
        lambda admin, number: admin.delete(f"{MANAGE}/{number}"),
        lambda admin, number: admin.put(f"/api/User/{number}", {"role": "Manager"}),
        lambda admin, number: admin.post(f"/api/User/{number}/deactivate"),
        lambda admin, number: admin.put(f"{MANAGE}/{number}", {"isActive": False}),
    ],
)
def test_the_last_admin_stays(quick: House, how: Any) -> None:
    admin, number = quick.as_role("Admin"), number_of(quick, "Admin")
    told = how(admin, number)
    assert (told.status_code, told.json()["code"]) == (400, "last_admin")
    second = admin.post("/api/User", NEW | {"role": "Admin"}).json()["user"]["id"]
    admin.post(f"/api/User/{second}/deactivate")
    assert how(admin, number).status_code == 400, "an inactive Admin is none"
    admin.post(f"/api/User/{second}/activate")
    assert how(admin, number).status_code in {200, 204}


@pytest.mark.parametrize(
    ("role", "body", "code"),
    [
        ("PodOperator", NEW | {"permissions": None, "role": "Admin"}, "grant_too_wide"),
        ("PodOperator", NEW | {"permissions": None}, "grant_too_wide"),
        ("PodOperator", NEW | {"role": "PodOperator"}, "permission_missing"),
        ("Manager", NEW, "permission_missing"),
    ],
)
def test_nobody_makes_somebody_mightier(
    quick: House, role: str, body: dict[str, Any], code: str
) -> None:
    """ASVS 5.0 8.2.1, 8.2.3."""
    told = quick.as_role(role).post(MANAGE, body)
    assert (told.status_code, told.json()["code"]) == (403, code)


def test_a_pod_operator_keeps_his_like_and_nobody_else(quick: House) -> None:
    operator = quick.as_role("PodOperator")
    body = NEW | {"permissions": None, "role": "PodOperator"}
    number = operator.post(MANAGE, body).json()["id"]
    assert operator.put(f"{MANAGE}/{number}", {"firstName": "Jo"}).status_code == 200
    for other in ("Admin", "Cashier"):
        path = f"{MANAGE}/{number_of(quick, other)}"
        calls = (
            operator.put(path, {"email": "mine@example.com"}),
            operator.post(f"{path}/unlock"),
            operator.post(f"{path}/reset-2fa"),
        )
        assert [told.json()["code"] for told in calls] == ["user_out_of_reach"] * 3
    up = operator.put(f"{MANAGE}/{number}", {"role": "Admin"})
    assert up.json()["code"] == "permission_missing"


def test_a_key_of_a_program_has_no_way_to_an_admin(quick: House) -> None:
    headers = {"X-API-Key": quick.key()}
    number = number_of(quick, "Admin")
    told = quick.client.put(f"{MANAGE}/{number}", json={"email": "x@example.com"}, headers=headers)
    assert told.json()["code"] == "user_out_of_reach"


def test_permissions_are_replaced_or_added(quick: House) -> None:
    admin, number = quick.as_role("Admin"), number_of(quick, "Cashier")
    path = f"{MANAGE}/{number}/permissions"
    assert admin.get(path).json()["usesRoleDefaults"] is True
    for body, expected in (
        ({"permissions": ["audit.view"]}, ["audit.view"]),
        ({"permissions": ["users.view"], "replaceAll": False}, ["audit.view", "users.view"]),
        ({"permissions": []}, []),
    ):
        assert admin.put(path, body).status_code == 200
        assert admin.get(path).json()["permissions"] == expected
    assert admin.put(path, {"permissions": ["no.such"]}).json()["code"] == "permission_unknown"
    known = admin.get(f"{MANAGE}/permissions/available").json()["permissionsByCategory"]
    assert {row["code"] for rows in known.values() for row in rows} == EVERY


def test_ones_own_record(quick: House) -> None:
    told = quick.as_role("Cashier").get(f"{MANAGE}/me").json()
    assert (told["username"], told["allowedPaymentMethods"]) == (
        "the-cashier",
        ["Cash", "Transfer"],
    )
    assert "sale.sell" in quick.as_role("Cashier").get(f"{MANAGE}/me/permissions").json()


def test_an_unlock_may_leave_the_tries_counted(quick: House) -> None:
    admin, number = quick.as_role("Admin"), number_of(quick, "Cashier")
    for _ in range(5):
        login(quick, password="wrong")
    seen = admin.get(f"/api/User/{number}").json()
    assert (seen["failedLoginAttempts"], seen["lockoutEnd"]) == (5, "2026-11-02T06:15:00Z")
    path = f"/api/User/{number}/unlock"
    assert admin.post(path, {"resetFailedAttempts": False}).status_code == 200
    assert login(quick).status_code == 200, "unlocked"
    for _ in range(5):
        login(quick, password="wrong")
    admin.post(path)
    assert admin.get(f"/api/User/{number}").json()["failedLoginAttempts"] == 0


def test_names_nobody_has_lock_like_those_of_people(quick: House) -> None:
    """ASVS 5.0 6.3.8: five wrong tries tell nobody who exists."""
    told: dict[str, list[Any]] = {"known": [], "unknown": []}
    for name, rows in (("the-cashier", told["known"]), ("nobody", told["unknown"])):
        for _ in range(6):
            rows.append(login(quick, name, "wrong").json() | {"details": None})
            quick.fresh_limits()
    assert told["known"] == told["unknown"]
    assert told["known"][-1]["code"] == "password_locked"


def test_a_key_of_somebody_kept_out_is_no_good(quick: House) -> None:
    key = quick.key("Manager", "reports")
    assert keyed(quick, key).status_code == 200
    admin = quick.as_role("Admin")
    admin.post(f"/api/User/{number_of(quick, 'Manager')}/deactivate")
    assert keyed(quick, key).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        NEW | {"username": "ab"},
        NEW | {"username": "a\tb\tc"},
        NEW | {"email": "nobody"},
        NEW | {"permissions": ["x"] * 300},
        NEW | {"permissions": "all"},
        NEW | {"assignedWarehouseCodes": [""]},
        NEW | {"firstName": "x" * 101},
        NEW | {"role": "Driver"},
        NEW | {"isActive": "perhaps", "username": None},
        {},
        [],
    ],
)
def test_odd_bodies_are_refused(quick: House, body: Any) -> None:
    assert quick.as_role("Admin").post(MANAGE, body).status_code == 400


def test_mass_assignment_is_of_no_use(quick: House) -> None:
    """ASVS 5.0 15.3.3: what a body may set is what its route is for."""
    caller = quick.as_role("Admin")
    wide = NEW | {"permissions": ["system.admin"], "passwordHash": "x", "isActive": False, "id": 1}
    made = caller.post("/api/User", wide).json()["user"]
    assert made["isActive"] is True
    assert made["id"] != 1
    assert caller.get(f"{MANAGE}/{made['id']}").json()["permissions"] == []


def test_two_who_demote_each_other_at_once_leave_one(house: House) -> None:
    """Whoever comes second waits for the first, and then finds the other one the last."""
    admin = house.as_role("Admin")
    second = admin.post("/api/User", NEW | {"role": "Admin"}).json()["user"]["id"]
    numbers = [number_of(house, "Admin"), second]
    with house.shop.store.read() as connection:
        found = [users.by_number(connection, number) for number in numbers]
    actors = [stored.user.actor() for stored in found if stored is not None]

    def demote(actor: Actor, number: int) -> str:
        try:
            user_change.change(house.shop, actor, number, Change(role="Manager"))
        except LastAdmin as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(demote, actors, reversed(numbers)))
    assert outcomes == ["done", "last_admin"]
