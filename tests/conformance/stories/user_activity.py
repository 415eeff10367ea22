"""What people did, as the audit trail tells it."""

from __future__ import annotations

from typing import Any

from tests.api.house import House
from tests.api.test_auth import login
from tests.api.test_user import number_of
from tests.conformance.step import Act, Step

TRAIL = "/api/UserActivity"
TODAY = {"startDate": "2026-11-02", "endDate": "2026-11-02"}


def _work(house: House, known: dict[str, Any]) -> None:
    """Somebody signs in, somebody fails to, and a user is changed."""
    assert login(house).status_code == 200
    assert login(house, password="wrong").status_code == 401
    known["cashier"] = number_of(house, "Cashier")
    kept_out, admin = number_of(house, "DepotController"), house.as_role("Admin")
    assert admin.post(f"/api/User/{kept_out}/deactivate").status_code == 200


STEPS = (
    Act(_work),
    Step(
        route=f"GET {TRAIL}",
        query={"username": "the-cashier", "page": 1, "pageSize": 10} | TODAY,
        says={"totalCount": 2, "items.0.isSuccess": False, "items.1.action": "session.begin"},
    ),
    Step(
        route=f"GET {TRAIL}/dashboard",
        query=TODAY,
        says={"totalLogins": 1, "failedLogins": 1, "hourlyActivity.#": 24},
    ),
    Step(route=f"GET {TRAIL}/export", query=TODAY),
    Step(route=f"GET {TRAIL}/filter-options", says={"users": ["the-admin", "the-cashier"]}),
    Step(
        route=f"GET {TRAIL}/user/{{userId}}",
        at={"userId": "$cashier"},
        query={"recentCount": 1},
        says={"username": "the-cashier", "totalActions": 2, "recentActivities.#": 1},
    ),
    Step(
        route=f"GET {TRAIL}/me",
        role="Cashier",
        says={"username": "the-cashier", "actionsToday": 2, "lastAction": "session.refuse"},
    ),
    Step(
        route=f"GET {TRAIL}/entity/{{entityType}}/{{entityId}}",
        at={"entityType": "user", "entityId": "the-depotcontroller"},
        missing_status=None,  # of what nobody touched there is nothing to tell: an empty list
        says={"#": 1, "0.action": "user.deactivate", "0.username": "the-admin"},
    ),
)
