"""Bodies of ``/api/UserActivity``."""

from __future__ import annotations

from datetime import date, datetime

from pos_app.api.wire import Answer


class ActivityItem(Answer):
    """One thing somebody did; what the trail does not know is null."""

    id: int
    username: str
    user_role: str | None
    action: str
    entity_type: str | None
    entity_id: str | None
    details: str | None
    ip_address: str | None
    user_agent: str | None = None
    page_url: str | None = None
    is_success: bool
    error_message: str | None
    app_version: str | None = None
    device_model: str | None = None
    timestamp: datetime


class ActivityPage(Answer):
    """A page of the trail, newest first."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[ActivityItem]


class FilterOptions(Answer):
    """What a search can be narrowed to."""

    users: list[str]
    actions: list[str]


class ActivitySummary(Answer):
    """What one user did."""

    user_id: int
    username: str
    total_actions: int
    actions_today: int
    actions_this_week: int
    last_activity_at: datetime | None
    last_action: str | None
    recent_activities: list[ActivityItem]


class ActivityOfUser(Answer):
    """How much one user did in a period."""

    user_id: int
    username: str
    total_actions: int
    last_activity_at: datetime


class ActivityOfType(Answer):
    """How often something was done."""

    action: str
    count: int


class ActivityOfHour(Answer):
    """How much was done in an hour of the day."""

    hour: int
    count: int


class ActivityDashboard(Answer):
    """A period at a glance."""

    from_date: date
    to_date: date
    total_users: int
    active_users: int
    total_logins: int
    failed_logins: int
    total_actions: int
    activity_by_user: list[ActivityOfUser]
    activity_by_type: list[ActivityOfType]
    hourly_activity: list[ActivityOfHour]
