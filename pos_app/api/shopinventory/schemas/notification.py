"""Bodies below ``/api/Notification``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from pos_app.api.wire import Answer, Question
from pos_app.domain.notification import NotificationType

MOST_FACTS, MOST_NUMBERS = 50, 1000
LARGEST_ID = 2**63 - 1


def _type(value: object) -> object:
    """Any case of a name."""
    known = {one.value.casefold(): one for one in NotificationType}
    return known.get(value.casefold(), value) if isinstance(value, str) else value


def _facts(value: dict[str, Any]) -> dict[str, str | int | bool | None]:
    if len(value) > MOST_FACTS:
        raise PydanticCustomError("facts", "Send at most 50 facts.")
    return {name[:100]: _fact(fact) for name, fact in value.items()}


def _fact(value: object) -> str | int | bool | None:
    if isinstance(value, Decimal):
        return format(value, "f")[:500]
    if isinstance(value, str):
        return value[:500]
    if value is None or isinstance(value, int):
        return value if value is None or abs(value) <= LARGEST_ID else str(value)[:500]
    raise PydanticCustomError("facts", "A fact is a text, a number, true, false or null.")


def _name(value: object) -> object:
    """A user's number may come as one."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Category = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[A-Za-z][A-Za-z0-9_]*$"
    ),
]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Facts = Annotated[dict[str, Any], AfterValidator(_facts)]


class NotificationQuestion(Question):
    """A notification to be made; without a target it is for whoever its category concerns."""

    title: Title
    message: Message
    type: Annotated[NotificationType, BeforeValidator(_type)] = NotificationType.INFO
    category: Category = "System"
    entity_type: Short | None = None
    entity_id: Short | None = None
    action_url: Link | None = None
    target_user_id: Annotated[Short, BeforeValidator(_name)] | None = None
    target_username: Short | None = None
    target_role: Short | None = None
    data: Facts | None = None


class ReadQuestion(Question):
    """Which notifications were read; null or none: all that can be seen."""

    notification_ids: (
        Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_ID)]], Field(max_length=MOST_NUMBERS)]
        | None
    ) = None


class NotificationDto(Answer):
    """A notification as the one who asked sees it."""

    id: int
    title: str
    message: str
    type: str
    category: str
    entity_type: str | None
    entity_id: str | None
    action_url: str | None
    is_read: bool
    created_at: datetime
    read_at: datetime | None
    created_by: str | None
    data: dict[str, str | int | bool | None]


class NotificationPage(Answer):
    """Some notifications; ``unreadCount`` is of all that can be seen."""

    total_count: int
    unread_count: int
    page: int
    page_size: int
    count: int
    total_pages: int
    has_more: bool
    notifications: list[NotificationDto]
    items: list[NotificationDto]


class UnreadCount(Answer):
    """How many are not read."""

    unread_count: int


class MarkedRead(Answer):
    """What was marked."""

    message: str
    marked_count: int
