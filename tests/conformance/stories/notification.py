"""Notifications: told to a role, read by each for themselves, put away."""

from __future__ import annotations

from typing import Any

from tests.conformance.step import Look, Step

NOTIFICATION = "/api/Notification"
ROLE = "StockController"
BODY: dict[str, Any] = {
    "title": "Low Stock Alert",
    "message": "Widget A is below reorder level in WH01",
    "type": "Warning",
    "category": "LowStock",
    "entityType": "Product",
    "entityId": "PRD001",
    "actionUrl": "/products/PRD001",
    "targetUsername": None,
    "targetRole": ROLE,
}


def _list(**says: Any) -> Look:
    return Look(route=f"GET {NOTIFICATION}", role=ROLE, says=says)


def _unread(count: int, role: str = ROLE) -> Look:
    return Look(route=f"GET {NOTIFICATION}/unread-count", role=role, says={"unreadCount": count})


STEPS = (
    Step(
        route="POST /hubs/notifications/negotiate",
        says={"availableTransports.0.transport": "WebSockets"},
    ),
    Step(
        route=f"POST {NOTIFICATION}",
        body=BODY,
        keep={"low stock": "id"},
        says={"isRead": False, "createdBy": "the-admin", "actionUrl": "/products/PRD001"},
        then=(_list(totalCount=1), _unread(1), _unread(0, "Cashier")),
    ),
    Step(
        route=f"POST {NOTIFICATION}",
        body=BODY | {"title": "Out of stock", "type": "Error", "targetRole": None},
        keep={"out of stock": "id"},
        then=(_list(totalCount=2), _unread(2), _unread(1, "DepotController")),
    ),
    Step(
        route=f"GET {NOTIFICATION}",
        role=ROLE,
        query={"type": "Warning", "pageSize": 5},
        says={"totalCount": 1, "notifications.0.id": "$low stock"},
    ),
    Step(
        route=f"GET {NOTIFICATION}/unread-count",
        role=ROLE,
        says={"unreadCount": 2},
    ),
    Step(
        route=f"POST {NOTIFICATION}/mark-read",
        role=ROLE,
        body={"notificationIds": ["$out of stock"]},
        says={"message": "Marked 1 notification as read."},
        then=(
            _unread(1),
            _unread(1, "DepotController"),
            _list(**{"notifications.0.isRead": True, "notifications.1.isRead": False}),
        ),
    ),
    Step(
        route=f"DELETE {NOTIFICATION}/{{id}}",
        role=ROLE,
        at={"id": "$low stock"},
        then=(_list(totalCount=1, unreadCount=0),),
    ),
)
