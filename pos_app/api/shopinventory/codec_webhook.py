"""Webhooks in the contract's words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pos_app.api.shopinventory.schemas.webhook import (
    CreateWebhook,
    UpdateWebhook,
    WebhookDeliveryDto,
    WebhookDto,
    WebhookEventTypeInfo,
    WebhookEventTypes,
    WebhookNeverTold,
    WebhookTested,
)
from pos_app.domain.webhook import MEANING, NEVER_TOLD
from pos_app.services.webhook.book import Delivery, Wanted, Webhook
from sync.webhook.sender import Answer


def wanted(asked: CreateWebhook | UpdateWebhook) -> Wanted:
    """What is asked for."""
    return Wanted(
        name=asked.name,
        url=asked.url,
        secret=asked.secret,
        events=tuple(asked.events) if asked.events is not None else None,
        headers=asked.custom_headers,
        is_active=asked.is_active if isinstance(asked, UpdateWebhook) else None,
        attempts_most=asked.retry_count,
        timeout_seconds=asked.timeout_seconds,
    )


def webhook(found: Webhook) -> WebhookDto:
    """One webhook, without its secret."""
    return WebhookDto(
        id=found.number,
        name=found.name,
        url=found.url,
        events=list(found.events),
        is_active=found.is_active,
        retry_count=found.attempts_most,
        timeout_seconds=found.timeout_seconds,
        custom_headers=dict(found.headers),
        created_at=found.created_at,
        last_triggered_at=found.triggered_at,
        success_count=found.succeeded,
        failure_count=found.failed,
        last_error=found.problem or None,
    )


def tested(answer: Answer) -> WebhookTested:
    """What came of a trial."""
    return WebhookTested(
        success=answer.is_good,
        status_code=answer.status,
        response_body=answer.text or None,
        error_message=answer.problem or None,
        duration_ms=answer.milliseconds,
    )


def delivery(row: Delivery) -> WebhookDeliveryDto:
    """One try."""
    return WebhookDeliveryDto(
        id=row.number,
        webhook_id=row.webhook,
        webhook_name=row.webhook_name,
        event_type=row.event,
        response_status_code=row.status,
        is_success=row.is_success,
        error_message=row.problem or None,
        duration_ms=row.milliseconds,
        retry_attempt=row.attempt,
        created_at=row.at,
    )


def event_types() -> WebhookEventTypes:
    """Every event there is."""
    rows = [
        WebhookEventTypeInfo(
            event_type=event.value, category=told.category, description=told.description
        )
        for event, told in MEANING.items()
    ]
    never = [
        WebhookNeverTold(event_type=name, reason=f"{why[0].upper()}{why[1:]}.")
        for name, why in NEVER_TOLD.items()
    ]
    return WebhookEventTypes(event_types=rows, never_told=never)


def plain(value: Any) -> Any:
    """Data as it came in, for a body that is signed: decimals as text, the rest as it is."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value
