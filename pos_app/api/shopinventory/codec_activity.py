"""Between the audit trail and the contract's words for it."""

from __future__ import annotations

from pos_app.api.shopinventory.schemas.user_activity import (
    ActivityDashboard,
    ActivityItem,
    ActivityOfHour,
    ActivityOfType,
    ActivityOfUser,
    ActivitySummary,
)
from pos_app.services.activity import Dashboard, Event, Summary

REFUSED = "Refused."


def item(event: Event) -> ActivityItem:
    """An event as ``UserActivityItem``."""
    return ActivityItem(
        id=event.number,
        username=event.username,
        user_role=event.role or None,
        action=event.action,
        entity_type=event.kind or None,
        entity_id=event.subject or None,
        details=event.details or None,
        ip_address=event.address or None,
        is_success=event.is_success,
        error_message=None if event.is_success else REFUSED,
        timestamp=event.at,
    )


def summary(told: Summary) -> ActivitySummary:
    """What one user did as ``UserActivitySummary``."""
    newest = told.newest[0] if told.newest else None
    return ActivitySummary(
        user_id=told.user,
        username=told.username,
        total_actions=told.total,
        actions_today=told.today,
        actions_this_week=told.this_week,
        last_activity_at=newest.at if newest else None,
        last_action=newest.action if newest else None,
        recent_activities=[item(event) for event in told.newest],
    )


def dashboard(told: Dashboard) -> ActivityDashboard:
    """A period as the dashboard."""
    return ActivityDashboard(
        from_date=told.since,
        to_date=told.until,
        total_users=told.users,
        active_users=told.active,
        total_logins=told.sign_ins,
        failed_logins=told.failures,
        total_actions=told.total,
        activity_by_user=[
            ActivityOfUser(
                user_id=row.user,
                username=row.username,
                total_actions=row.total,
                last_activity_at=row.last_at,
            )
            for row in told.busiest
        ],
        activity_by_type=[
            ActivityOfType(action=action, count=count) for action, count in told.actions.items()
        ],
        hourly_activity=[
            ActivityOfHour(hour=hour, count=count) for hour, count in enumerate(told.hours)
        ],
    )
