"""The audit trail read through the API."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from pos_app.store import audit
from tests.api.house import House
from tests.api.test_auth import login
from tests.api.test_user import number_of
from tests.cheap import cheap

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
TRAIL = "/api/UserActivity"


def happen(house: House, actor: str, action: str, subject: str = "X", **details: Any) -> None:
    with house.shop.store.write() as connection:
        audit.append(
            connection,
            at=house.clock.now(),
            actor=actor,
            action=action,
            subject=subject,
            details=details,
        )


@pytest.fixture
def busy(house: House) -> House:
    """A day before yesterday, a long evening, and a morning."""
    house.clock._now -= timedelta(days=2)
    happen(house, "the-cashier", "sale.post", "T01-000001")
    house.clock._now += timedelta(days=1)
    happen(house, "the-cashier", "sale.post", "T01-000002", total="1.99")
    happen(house, "the-manager", "invoice.post", "INV-1")
    house.clock._now += timedelta(days=1)
    login(house)
    login(house, password="wrong")
    login(house, "nobody-here", "wrong")
    return house


def test_the_trail_is_searched(busy: House) -> None:
    manager = busy.as_role("Manager")
    page = manager.get(TRAIL).json()
    assert [row["action"] for row in page["items"]][:3] == [
        "session.refuse",
        "session.refuse",
        "session.begin",
    ]
    assert (page["pageSize"], page["totalCount"]) == (50, 6)
    newest = page["items"][1]
    assert (newest["username"], newest["userRole"], newest["isSuccess"], newest["ipAddress"]) == (
        "the-cashier",
        "Cashier",
        False,
        "testclient",
    )
    cashier = number_of(busy, "Cashier")
    for query, subjects in (
        ({"username": "the-cashier", "action": "sale.post"}, ["T01-000002", "T01-000001"]),
        ({"userId": cashier, "entityType": "sale"}, ["T01-000002", "T01-000001"]),
        ({"entityType": "sal"}, []),
        ({"startDate": "2026-11-01", "endDate": "2026-11-01"}, ["INV-1", "T01-000002"]),
        ({"toDate": "2026-10-31"}, ["T01-000001"]),
        ({"page": 2, "pageSize": 5}, ["T01-000001"]),
        ({"page": 10**9}, []),
        ({"entityId": "INV-1"}, ["INV-1"]),
    ):
        told = manager.get(TRAIL, **query).json()["items"]
        assert [row["entityId"] for row in told] == subjects, query
    assert manager.get(TRAIL, userId=999999).status_code == 404
    entity = manager.get(f"{TRAIL}/entity/sale/T01-000002").json()
    assert [row["details"] for row in entity] == ['{"total": "1.99"}']
    told = manager.get(f"{TRAIL}/filter-options", startDate="2026-11-01").json()
    assert told["users"] == ["nobody-here", "the-cashier", "the-manager"]
    assert told["actions"] == ["invoice.post", "sale.post", "session.begin", "session.refuse"]


def test_the_dashboard_counts_a_period(busy: House) -> None:
    told = busy.as_role("Manager").get(f"{TRAIL}/dashboard", startDate="2026-11-01").json()
    hours = {row["hour"]: row["count"] for row in told["hourlyActivity"] if row["count"]}
    assert hours == {8: 5}, "06:00 UTC is 08:00 in Harare"
    assert len(told["hourlyActivity"]) == 24
    counts = ("totalUsers", "activeUsers", "totalLogins", "failedLogins", "totalActions")
    assert [told[name] for name in counts] == [14, 2, 1, 2, 5]
    assert (told["fromDate"], told["toDate"]) == ("2026-11-01", "2026-11-02")
    first = told["activityByUser"][0]
    assert (first["username"], first["totalActions"]) == ("the-cashier", 3)


def test_what_one_user_did(busy: House) -> None:
    told = busy.as_role("Manager").get(f"{TRAIL}/user/{number_of(busy, 'Cashier')}").json()
    assert (told["totalActions"], told["actionsToday"], told["actionsThisWeek"]) == (4, 2, 2)
    assert told["lastAction"] == "session.refuse"
    mine = busy.as_role("Cashier").get(f"{TRAIL}/me", recentCount=1).json()
    assert (mine["totalActions"], len(mine["recentActivities"])) == (4, 1)
    assert busy.as_role("Manager").get(f"{TRAIL}/user/999999").status_code == 404


def test_an_export_defuses_formulas_and_leaves_a_trace(house: House) -> None:
    """ASVS 5.0 1.2.10."""
    odd = '=HYPERLINK("http://x")'
    happen(house, odd, "sale.post", "@SUM(1)", note='a,b\n"c"')
    admin = house.as_role("Admin")
    answer = admin.get(f"{TRAIL}/export", entityType="sale")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["username"], row["entityId"]) for row in rows] == [(f"'{odd}", "'@SUM(1)")]
    assert admin.get(TRAIL).json()["items"][0]["action"] == "audit.export"
    assert house.as_role("Manager").get(f"{TRAIL}/export").status_code == 403


def test_an_export_has_an_end(quick: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos_app.services.activity.EXPORT_MOST", 1)
    happen(quick, "a", "sale.post")
    happen(quick, "b", "sale.post")
    told = quick.as_role("Admin").get(f"{TRAIL}/export")
    assert (told.status_code, told.json()["code"]) == (400, "export_too_large")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": -5, "pageSize": 10**9}, 200),
        ({"page": "x"}, 400),
        ({"startDate": "2026-11-02", "endDate": "2026-11-01"}, 400),
        ({"startDate": "01/11/2026"}, 400),
        ({"startDate": "0001-01-01", "endDate": "9999-12-31"}, 200),
        ({"userId": 0}, 400),
        ({"userId": 2**64}, 400),
        ({"username": "%' OR 1=1 --"}, 200),
        ({"action": "x" * 101}, 400),
        ({"username": "a\x00b"}, 400),
    ],
)
def test_odd_searches(house: House, query: dict[str, Any], status: int) -> None:
    for path in ("", "/export", "/dashboard", "/filter-options"):
        told = house.as_role("Admin").get(f"{TRAIL}{path}", **query)
        assert told.status_code in {status, 200}, (path, told.text)
        assert path or told.status_code == status
    odd = house.as_role("Admin").get(f"{TRAIL}/entity/a%00b/%F0%9F%98%80")
    assert odd.status_code in {200, 400}
