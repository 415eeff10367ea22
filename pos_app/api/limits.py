"""Rate limits: one sliding window that both refuses and reports, per user, key or address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos_app.api import errors
from pos_app.api.auth import Standing
from pos_app.api.wire import Json
from pos_app.clock import Clock

LOGIN_PATHS = ("/api/auth/login", "/api/auth/refresh", "/api/password/")
UNCOUNTED = ("/_sandbox/", "/metrics", "/health/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORGET_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Rule:
    """So many requests in a window that slides in segments."""

    requests: int
    seconds: int
    segments: int = 1

    @property
    def width(self) -> timedelta:
        """How long one segment lasts."""
        return timedelta(seconds=self.seconds) / self.segments


@dataclass(frozen=True, slots=True)
class Rules:
    """The documented limits: everything, and signing in by itself (contract §1.6).

    ``sync`` is the till's own way in: a 429 must never hold back a sale that was paid.
    """

    everything: Rule = Rule(100, 60, 4)
    login: Rule = Rule(10, 60)
    sync: Rule = Rule(6000, 60, 4)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the window says of one client now.

    Attributes:
        used: requests in the window, this one included when it was let in.
        reset_at: when the first of them is forgotten.
        retry_seconds: above zero when the request is refused.
    """

    client: str
    rule: Rule
    used: int
    reset_at: datetime
    retry_seconds: int

    @property
    def is_allowed(self) -> bool:
        """Whether the request may go on."""
        return self.retry_seconds == 0

    @property
    def remaining(self) -> int:
        """How many more requests the window takes."""
        return max(self.rule.requests - self.used, 0)


@dataclass(slots=True)
class _Window:
    """Counts by segment number; those that left the window are dropped when it is looked at."""

    counts: dict[int, int] = field(default_factory=dict)

    def trim(self, now: int, segments: int) -> None:
        for segment in [at for at in self.counts if not now - segments < at <= now]:
            del self.counts[segment]

    @property
    def used(self) -> int:
        return sum(self.counts.values())


class Limiter:
    """Counts requests; safe for threads, and bounded by the clients of the last window."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._windows: dict[tuple[str, Rule], _Window] = {}
        self._lock = Lock()
        self._hits = 0

    def hit(self, client: str, rule: Rule) -> Verdict:
        """Count a request if the window has room for it."""
        with self._lock:
            window, now = self._window(client, rule)
            if window.used >= rule.requests:
                return self._verdict(client, rule, window, now=now, is_refused=True)
            segment = self._segment(rule, now)
            window.counts[segment] = window.counts.get(segment, 0) + 1
            return self._verdict(client, rule, window, now=now, is_refused=False)

    def look(self, client: str, rule: Rule) -> Verdict:
        """Say what a request would meet, without counting one."""
        with self._lock:
            window, now = self._window(client, rule)
            refused = window.used >= rule.requests
            return self._verdict(client, rule, window, now=now, is_refused=refused)

    def clients(self) -> list[Verdict]:
        """Every client with requests in its window."""
        with self._lock:
            known = list(self._windows)
        verdicts = [self.look(client, rule) for client, rule in known]
        return [verdict for verdict in verdicts if verdict.used]

    def forget(self, client: str) -> None:
        """Give a client a fresh window."""
        with self._lock:
            for key in [key for key in self._windows if key[0] == client]:
                del self._windows[key]

    def _window(self, client: str, rule: Rule) -> tuple[_Window, datetime]:
        now = self.clock.now()
        self._hits += 1
        if self._hits % _FORGET_EVERY == 0:
            self._sweep(now)
        window = self._windows.setdefault((client, rule), _Window())
        window.trim(self._segment(rule, now), rule.segments)
        return window, now

    def _sweep(self, now: datetime) -> None:
        for (client, rule), window in list(self._windows.items()):
            window.trim(self._segment(rule, now), rule.segments)
            if not window.counts:
                del self._windows[client, rule]

    def _segment(self, rule: Rule, now: datetime) -> int:
        return (now - _EPOCH) // rule.width

    def _verdict(
        self, client: str, rule: Rule, window: _Window, *, now: datetime, is_refused: bool
    ) -> Verdict:
        oldest = min(window.counts, default=self._segment(rule, now))
        reset_at = _EPOCH + (oldest + rule.segments) * rule.width
        wait = -((now - reset_at) // timedelta(seconds=1))
        return Verdict(client, rule, window.used, reset_at, max(wait, 1) if is_refused else 0)


class RateLimit:
    """Lets a request in, or refuses it and says when to come again."""

    def __init__(self, app: ASGIApp, *, limiter: Limiter, rules: Rules) -> None:
        self._app = app
        self._limiter = limiter
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(UNCOUNTED):
            await self._app(scope, receive, send)
            return
        verdict = self._limiter.hit(*self._bucket(scope))
        headers = report(verdict, self._limiter.clock.now())

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = MutableHeaders(scope=message)
                for name, value in headers.items():
                    known.setdefault(name, value)
            await send(message)

        if verdict.is_allowed:
            await self._app(scope, receive, dressed)
        else:
            await refused(verdict)(scope, receive, dressed)

    def _bucket(self, scope: Scope) -> tuple[str, Rule]:
        standing: Standing = scope["state"]["standing"]
        path = scope["path"].lower()
        if path.startswith(LOGIN_PATHS):
            return f"login {standing.address_id}", self._rules.login
        rule = self._rules.sync if path.startswith("/sync/") else self._rules.everything
        return standing.client_id, rule


def report(verdict: Verdict, now: datetime) -> Mapping[str, str]:
    """The headers that tell a client where it stands."""
    seconds = max(-((now - verdict.reset_at) // timedelta(seconds=1)), 0)
    return {
        "X-RateLimit-Limit": str(verdict.rule.requests),
        "X-RateLimit-Remaining": str(verdict.remaining),
        "X-RateLimit-Reset": str(seconds),
    }


def refused(verdict: Verdict) -> Json:
    """The 429, with the time to wait in body and header."""
    wait = verdict.retry_seconds
    return errors.refusal(
        429,
        f"Too many requests: try again in {wait} seconds.",
        code="rate_limited",
        details=f"limit: {verdict.rule.requests} in {verdict.rule.seconds} seconds",
        headers={"Retry-After": str(wait)},
        retryAfter=wait,
    )
