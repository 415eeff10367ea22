"""Rate limits: what is counted, who is blocked and let in again, and limits that are changed."""

from __future__ import annotations

from tests.conformance.step import Look, Step

LIMIT = "/api/RateLimit"
CASHIER = {"clientId": "user:the-cashier"}
STRANGER = {"clientId": "nobody"}
CONFIG = {
    "maxRequests": 50,
    "windowSizeSeconds": 30,
    "blockDurationMinutes": 5,
    "isEnabled": True,
    "whitelistedIPs": ["10.0.0.7"],
    "whitelistedApiKeys": [],
}


def _client(**says: object) -> Look:
    return Look(route=f"GET {LIMIT}/client/{{clientId}}", at=CASHIER, says=says)


def _blocked(count: int) -> Look:
    return Look(route=f"GET {LIMIT}/blocked", says={"#": count})


STEPS = (
    Step(
        route=f"GET {LIMIT}/current",
        role="Cashier",
        says={"clientId": "user:the-cashier", "requestsInWindow": 1, "remainingRequests": 99},
    ),
    Step(
        route=f"GET {LIMIT}/check",
        role="Cashier",
        says={"isAllowed": True, "isBlocked": False, "maxRequests": 100},
    ),
    Step(
        route=f"POST {LIMIT}/block/{{clientId}}",
        at=CASHIER,
        body={"durationMinutes": 30, "reason": "Asks without end"},
        missing=STRANGER,
        missing_status=400,  # one that was never here may be blocked; this is no client at all
        then=(_blocked(1), _client(isBlocked=True, blockedUntil="2026-11-02T06:30:00Z")),
    ),
    Step(
        route=f"GET {LIMIT}/blocked",
        says={"0.clientId": "user:the-cashier", "0.blockReason": "Asks without end"},
    ),
    Step(route=f"GET {LIMIT}", query={"blockedOnly": True}, says={"totalCount": 1}),
    Step(route=f"GET {LIMIT}/stats", says={"blockedClients": 1}),
    Step(
        route=f"GET {LIMIT}/check",
        role="Cashier",
        says={"isAllowed": False, "isBlocked": True, "blockedUntil": "2026-11-02T06:30:00Z"},
    ),
    Step(
        route=f"GET {LIMIT}/client/{{clientId}}",
        at=CASHIER,
        missing={"clientId": "user:never-here"},
        says={"clientId": "user:the-cashier", "isBlocked": True},
    ),
    Step(
        route=f"POST {LIMIT}/reset/{{clientId}}",
        at=CASHIER,
        missing={"clientId": "user:never-here"},
        then=(_client(requestsInWindow=0, isBlocked=True),),
    ),
    Step(
        route=f"POST {LIMIT}/unblock/{{clientId}}",
        at=CASHIER,
        missing={"clientId": "user:never-here"},
        then=(_blocked(0), _client(isBlocked=False)),
    ),
    Step(
        route=f"GET {LIMIT}/check",
        role="Cashier",
        says={"isAllowed": True, "isBlocked": False, "blockedUntil": None},
    ),
    Step(route=f"GET {LIMIT}/config", says={"maxRequests": 100, "blockDurationMinutes": 15}),
    Step(
        route=f"PUT {LIMIT}/config",
        body=CONFIG,
        then=(
            Look(route=f"GET {LIMIT}/config", says=CONFIG),
            Look(route=f"GET {LIMIT}/check", says={"maxRequests": 50, "windowSizeSeconds": 30}),
        ),
    ),
    Step(
        route=f"POST {LIMIT}/cleanup",
        says={"message": "0 clients are forgotten."},
        then=(_client(isBlocked=False),),
    ),
)
