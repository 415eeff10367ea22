"""Rate limits at the door: refuse, and say to everybody where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api import errors
from pos_app.api.auth import Standing
from pos_app.api.wire import Json
from pos_app.clock import Clock
from pos_app.domain.rate_limit import EVERYTHING, LOGIN, SYNC, Verdict, blocked
from pos_app.errors import PosError
from pos_app.services.rate_limit.limiter import Limiter

log = structlog.get_logger(__name__)

LOGIN_PATHS = ("/api/auth/login", "/api/auth/refresh", "/api/password/")
UNCOUNTED = ("/_sandbox/", "/metrics", "/health/")
LOOKS = "/api/ratelimit/check"
"""Who asks whether there is room takes none of it (contract §1.6)."""


class RateLimit:
    """Lets a request in, or refuses it and says when to come again."""

    def __init__(self, app: ASGIApp, *, limiter: Limiter, clock: Clock) -> None:
        self._app = app
        self._limiter = limiter
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(UNCOUNTED):
            await self._app(scope, receive, send)
            return
        verdict = await self._judge(scope["state"]["standing"], scope["path"].lower())
        if verdict is None:
            await self._app(scope, receive, send)
            return
        told = _raw(report(verdict, self._clock.now()))

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *told]
            await send(message)

        if verdict.is_allowed:
            await self._app(scope, receive, dressed)
        else:
            await refused(verdict)(scope, receive, dressed)

    async def _judge(self, standing: Standing, path: str) -> Verdict | None:
        """What the limits say of a request; None for one they do not count."""
        limiter = self._limiter
        if limiter.is_stale():
            await self._refresh()
        client, counts = _counted(standing, path)
        if path == LOOKS:
            return None
        if counts != SYNC:
            until = limiter.block_of(standing.client_id, standing.address_id)
            if until is not None:
                return blocked(client, limiter.rule(counts), until, now=self._clock.now())
        if counts == EVERYTHING and self._is_free(standing):
            return None
        known = limiter.hit(client, counts)
        if known is not None:
            return known
        return await run_in_threadpool(self._claim, client, counts)

    async def _refresh(self) -> None:
        try:
            await run_in_threadpool(self._limiter.refresh)
        except PosError as error:
            log.warning("rate_limits_not_read", error=error.sentence)

    def _claim(self, client: str, counts: str) -> Verdict:
        """A portion for this process; while the database takes none, it counts for itself."""
        try:
            return self._limiter.claim(client, counts)
        except PosError as error:
            log.warning("rate_limit_not_shared", error=error.sentence)
            return self._limiter.count_alone(client, counts)

    def _is_free(self, standing: Standing) -> bool:
        config = self._limiter.config
        if not config.is_enabled or standing.address in config.free_addresses:
            return True
        prefix, _, name = standing.client_id.partition(":")
        return prefix == "apikey" and name in config.free_keys


def _counted(standing: Standing, path: str) -> tuple[str, str]:
    """Whose window a request is of, and which."""
    if path.startswith(LOGIN_PATHS):
        return standing.address_id, LOGIN
    return standing.client_id, SYNC if path.startswith("/sync/") else EVERYTHING


def report(verdict: Verdict, now: datetime) -> Mapping[str, str]:
    """The headers that tell a client where it stands."""
    seconds = max(-((now - verdict.reset_at) // timedelta(seconds=1)), 0)
    return {
        "X-RateLimit-Limit": str(verdict.rule.requests),
        "X-RateLimit-Remaining": str(verdict.remaining),
        "X-RateLimit-Reset": str(seconds),
    }


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def refused(verdict: Verdict) -> Json:
    """The 429, with the time to wait in body and header."""
    wait = verdict.retry_seconds
    is_blocked = verdict.blocked_until is not None
    sentence = f"Too many requests: try again in {wait} seconds."
    if is_blocked:
        sentence = "An administrator blocked this client: ask them, or wait until it ends."
    return errors.refusal(
        429,
        sentence,
        code="client_blocked" if is_blocked else "rate_limited",
        details=f"limit: {verdict.rule.requests} in {verdict.rule.seconds} seconds",
        headers={"Retry-After": str(wait)},
        retryAfter=wait,
    )
