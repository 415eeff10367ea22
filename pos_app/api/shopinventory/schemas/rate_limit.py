"""Bodies of ``/api/RateLimit``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from pos_app.api.shopinventory.schemas.fields import Text
from pos_app.api.wire import Answer, Question

LONGEST_MINUTES = 525_600


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise PydanticCustomError("ip", "Write an IP address.") from None


Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=45), AfterValidator(_address)
]
KeyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class RateClient(Answer):
    """One client and its window."""

    id: int
    client_id: str
    client_type: str
    endpoint: str | None
    request_count: int
    window_start: datetime
    window_duration_seconds: int
    max_requests: int
    is_blocked: bool
    block_expires_at: datetime | None
    block_reason: str | None
    total_blocked_count: int
    last_request_at: datetime
    usage_percent: Decimal


class RateClientPage(Answer):
    """A page of clients, the latest first."""

    items: list[RateClient]
    count: int
    total_count: int
    page: int
    page_size: int
    total_pages: int
    has_more: bool


class RateStatus(Answer):
    """Where one client stands."""

    client_id: str
    requests_in_window: int
    max_requests: int
    window_size_seconds: int
    window_reset_at: datetime
    is_blocked: bool
    blocked_until: datetime | None
    remaining_requests: int


class RateClientStatus(RateClient, RateStatus):
    """One client in both shapes."""


class RateCheck(Answer):
    """Whether a request of yours would be let in; asking counts nothing."""

    is_allowed: bool
    current_requests: int
    max_requests: int
    window_size_seconds: int
    window_reset_at: datetime
    is_blocked: bool
    blocked_until: datetime | None


class BlockQuestion(Question):
    """How long and why."""

    duration_minutes: int | None = Field(default=None, ge=1, le=LONGEST_MINUTES)
    reason: Text | None = None


class RateStats(Answer):
    """Counts over all clients; today is the shop's business date."""

    total_clients: int
    active_clients: int
    blocked_clients: int
    total_requests_today: int
    total_blocks_today: int
    average_requests_per_client: Decimal


class RateConfigDto(Answer):
    """The limits in force."""

    max_requests: int
    window_size_seconds: int
    block_duration_minutes: int
    is_enabled: bool
    whitelisted_ips: list[str] = Field(alias="whitelistedIPs")
    whitelisted_api_keys: list[str]


class RateConfigQuestion(Question):
    """The limits to put in force at every process."""

    max_requests: int = Field(default=100, ge=1, le=1_000_000)
    window_size_seconds: int = Field(default=60, ge=1, le=86_400)
    block_duration_minutes: int = Field(default=15, ge=1, le=LONGEST_MINUTES)
    is_enabled: bool = True
    whitelisted_ips: list[Address] = Field(default=[], alias="whitelistedIPs", max_length=1000)
    whitelisted_api_keys: list[KeyName] = Field(default=[], max_length=1000)
