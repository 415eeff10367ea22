"""Bodies of ``/api/Webhook``; a secret goes in and never comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from pos_app.api.wire import Answer, Question

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Secret = Annotated[str, StringConstraints(max_length=256)]
Event = Annotated[str, StringConstraints(max_length=100)]
Events = Annotated[list[Event], Field(min_length=1, max_length=50)]
Headers = dict[
    Annotated[str, StringConstraints(max_length=100)],
    Annotated[str, StringConstraints(max_length=1000)],
]


class CreateWebhook(Question):
    """What is to be told to whom."""

    name: Name
    url: Url
    secret: Secret | None = Field(default=None, repr=False)
    events: Events
    retry_count: int = Field(default=3, ge=1, le=10)
    timeout_seconds: int = Field(default=30, ge=5, le=60)
    custom_headers: Headers | None = None


class UpdateWebhook(Question):
    """What changes; the rest stays. An empty secret takes the signature away."""

    name: Name | None = None
    url: Url | None = None
    secret: Secret | None = Field(default=None, repr=False)
    events: Events | None = None
    is_active: bool | None = None
    retry_count: int | None = Field(default=None, ge=1, le=10)
    timeout_seconds: int | None = Field(default=None, ge=5, le=60)
    custom_headers: Headers | None = None


class TestWebhook(Question):
    """What a trial tells."""

    __test__ = False

    event_type: Event
    sample_data: dict[str, Any] | None = None


class WebhookDto(Answer):
    """One webhook."""

    id: int
    name: str
    url: str
    events: list[str]
    is_active: bool
    retry_count: int
    timeout_seconds: int
    custom_headers: dict[str, str]
    created_at: datetime
    last_triggered_at: datetime | None
    success_count: int
    failure_count: int
    last_error: str | None


class WebhookTested(Answer):
    """What came of a trial."""

    success: bool
    status_code: int | None
    response_body: str | None
    error_message: str | None
    duration_ms: int


class WebhookDeliveryDto(Answer):
    """One try."""

    id: int
    webhook_id: int
    webhook_name: str
    event_type: str
    response_status_code: int | None
    is_success: bool
    error_message: str | None
    duration_ms: int
    retry_attempt: int
    created_at: datetime


class WebhookDeliveryPage(Answer):
    """A page of tries."""

    page: int
    page_size: int
    count: int
    total_count: int
    total_pages: int
    has_more: bool
    items: list[WebhookDeliveryDto]
    deliveries: list[WebhookDeliveryDto]


class WebhookEventTypeInfo(Answer):
    """One event."""

    event_type: str
    category: str
    description: str


class WebhookNeverTold(Answer):
    """A name other programs may know that nothing causes here, and what to ask for instead."""

    event_type: str
    reason: str


class WebhookEventTypes(Answer):
    """Every event, and names that are none here."""

    event_types: list[WebhookEventTypeInfo]
    never_told: list[WebhookNeverTold]
