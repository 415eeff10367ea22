"""From our words to the contract's and back: rate limits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pos_app.api.shopinventory.schemas.rate_limit import (
    RateCheck,
    RateClient,
    RateClientStatus,
    RateConfigDto,
    RateConfigQuestion,
    RateStats,
    RateStatus,
)
from pos_app.domain.money import half_up
from pos_app.domain.rate_limit import RateConfig, Verdict
from pos_app.services.rate_limit.board import Client, Stats


def client(found: Client) -> RateClient:
    """A client as ``ApiRateLimitDto``."""
    return RateClient(**_client(found))


def whole(found: Client) -> RateClientStatus:
    """A client in both shapes of the contract."""
    return RateClientStatus(**_client(found) | _status(found.verdict, found.blocked_until))


def status(verdict: Verdict, until: datetime | None) -> RateStatus:
    """Where a client stands."""
    return RateStatus(client_id=verdict.client, **_status(verdict, until))


def check(verdict: Verdict, until: datetime | None) -> RateCheck:
    """Whether a client would be let in."""
    return RateCheck(
        is_allowed=verdict.is_allowed and until is None,
        current_requests=verdict.used,
        max_requests=verdict.rule.requests,
        window_size_seconds=verdict.rule.seconds,
        window_reset_at=verdict.reset_at,
        is_blocked=until is not None,
        blocked_until=until,
    )


def stats(found: Stats) -> RateStats:
    """Counts over all clients."""
    return RateStats(
        total_clients=found.clients,
        active_clients=found.active,
        blocked_clients=found.blocked,
        total_requests_today=found.requests,
        total_blocks_today=found.refused,
        average_requests_per_client=_ratio(found.requests, found.clients_today),
    )


def config(found: RateConfig) -> RateConfigDto:
    """The limits in force."""
    return RateConfigDto(
        max_requests=found.requests,
        window_size_seconds=found.seconds,
        block_duration_minutes=found.block_minutes,
        is_enabled=found.is_enabled,
        whitelistedIPs=sorted(found.free_addresses),
        whitelisted_api_keys=sorted(found.free_keys),
    )


def wanted(question: RateConfigQuestion) -> RateConfig:
    """What a body puts in force."""
    return RateConfig(
        requests=question.max_requests,
        seconds=question.window_size_seconds,
        block_minutes=question.block_duration_minutes,
        is_enabled=question.is_enabled,
        free_addresses=frozenset(question.whitelisted_ips),
        free_keys=frozenset(question.whitelisted_api_keys),
    )


def _client(found: Client) -> dict[str, Any]:
    verdict = found.verdict
    return {
        "id": found.number,
        "client_id": verdict.client,
        "client_type": found.kind,
        "endpoint": None,
        "request_count": verdict.used,
        "window_start": found.began_at,
        "window_duration_seconds": verdict.rule.seconds,
        "max_requests": verdict.rule.requests,
        "is_blocked": found.blocked_until is not None,
        "block_expires_at": found.blocked_until,
        "block_reason": found.block_reason or None,
        "total_blocked_count": found.refused,
        "last_request_at": found.last_request_at,
        "usage_percent": _ratio(100 * verdict.used, verdict.rule.requests),
    }


def _status(verdict: Verdict, until: datetime | None) -> dict[str, Any]:
    return {
        "requests_in_window": verdict.used,
        "max_requests": verdict.rule.requests,
        "window_size_seconds": verdict.rule.seconds,
        "window_reset_at": verdict.reset_at,
        "is_blocked": until is not None,
        "blocked_until": until,
        "remaining_requests": verdict.remaining,
    }


def _ratio(one: int, other: int) -> Decimal:
    return half_up(Decimal(one) / Decimal(max(other, 1)), 2)
