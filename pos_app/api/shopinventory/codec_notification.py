"""From our words to the contract's: notifications."""

from __future__ import annotations

from pos_app.api.shopinventory.schemas.notification import NotificationDto, NotificationQuestion
from pos_app.services.notification.make import Asked
from pos_app.services.notification.view import Notification


def notification(told: Notification) -> NotificationDto:
    """A notification as ``NotificationDto``."""
    return NotificationDto(
        id=told.id,
        title=told.title,
        message=told.message,
        type=told.type,
        category=told.category,
        entity_type=told.entity_type or None,
        entity_id=told.entity_id or None,
        action_url=told.link or None,
        is_read=told.read_at is not None,
        created_at=told.created_at,
        read_at=told.read_at,
        created_by=told.created_by,
        data=dict(told.data),
    )


def asked(question: NotificationQuestion) -> Asked:
    """What somebody wants to be told."""
    return Asked(
        title=question.title,
        message=question.message,
        type=question.type,
        category=question.category,
        entity_type=question.entity_type or "",
        entity_id=question.entity_id or "",
        link=question.action_url or "",
        user_id=question.target_user_id or "",
        username=question.target_username or "",
        role=question.target_role or "",
        data=question.data or {},
    )
