"""How many requests a client may make: windows that slide in segments, and what stands outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address

from pos_app.errors import InvalidInput, RuleBroken

EVERYTHING, LOGIN, SYNC = "", "login", "sync"
"""What a window counts: all requests of a client, its tries to sign in, a till's own way in."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BATCHES = 10
"""A process takes a tenth of a limit at once, so that one write serves that many requests."""

STALE = timedelta(seconds=1)
"""So old may be what a process knows of blocks and settings."""

KEPT = timedelta(days=7)
"""How long a client is remembered that asks no more (contract §1.6)."""


class ClientUnknown(InvalidInput):
    """A client nobody can be."""

    code = "client_unknown"

    def __init__(self, client: str) -> None:
        super().__init__(
            f"{client[:80]!r} is no client: write user:<name>, apikey:<name> or ip:<address>.",
            clientId=client[:80],
        )


class OwnBlock(RuleBroken):
    """Somebody would shut themselves out."""

    code = "own_block"

    def __init__(self, client: str) -> None:
        super().__init__(
            f"Client {client[:80]} is you: ask another administrator to block it.",
            clientId=client[:80],
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """So many requests in a window that slides in segments."""

    requests: int
    seconds: int
    segments: int = 1
    width: timedelta = field(init=False, repr=False, compare=False)
    """How long one segment lasts."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", timedelta(seconds=self.seconds) / self.segments)

    def segment(self, now: datetime) -> datetime:
        """When the segment of a moment begins."""
        return _EPOCH + (now - _EPOCH) // self.width * self.width

    def begins(self, now: datetime) -> datetime:
        """When the oldest segment begins that counts at a moment."""
        return self.segment(now) - self.width * (self.segments - 1)

    def holds(self, segment: datetime, now: datetime) -> bool:
        """Whether a segment counts in the window of a moment; one that lies ahead does not."""
        return self.begins(now) <= segment <= self.segment(now)

    def batch(self, free: int) -> int:
        """How many requests a process takes at once: fewer the less is left."""
        return min(max(self.requests // BATCHES, 1), max(free // 4, 1))


@dataclass(frozen=True, slots=True)
class Rules:
    """The documented limits: everything, and signing in by itself (contract §1.6).

    ``sync`` is the till's own way in: a 429 must never hold back a sale that was paid.
    """

    everything: Rule = Rule(100, 60, 4)
    login: Rule = Rule(10, 60)
    sync: Rule = Rule(6000, 60, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateConfig:
    """What an administrator set; it counts for every process.

    Attributes:
        block_minutes: how long a client is blocked by hand, unless somebody says how long.
        is_enabled: whether anything but signing in is limited.
        free_addresses, free_keys: who is not counted, by address and by name of the API key.
    """

    requests: int
    seconds: int
    block_minutes: int = 15
    is_enabled: bool = True
    free_addresses: frozenset[str] = frozenset()
    free_keys: frozenset[str] = frozenset()

    def rule(self, usual: Rule) -> Rule:
        """The window for everything."""
        return _window(self.requests, self.seconds, usual.segments)


@lru_cache(maxsize=16)
def _window(requests: int, seconds: int, segments: int) -> Rule:
    return Rule(requests, seconds, segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the window says of one client now.

    Attributes:
        used: requests in the window, this one included when it was let in.
        reset_at: when the first of them is forgotten.
        retry_seconds: above zero when the request is refused.
        blocked_until: the end of a block by hand; None when there is none.
    """

    client: str
    rule: Rule
    used: int
    reset_at: datetime
    retry_seconds: int = 0
    blocked_until: datetime | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether the request may go on."""
        return self.retry_seconds == 0

    @property
    def remaining(self) -> int:
        """How many more requests the window takes."""
        return max(self.rule.requests - self.used, 0)


def verdict(
    client: str,
    rule: Rule,
    counts: Mapping[datetime, int],
    *,
    now: datetime,
    is_refused: bool,
) -> Verdict:
    """What the counts of a window say."""
    oldest = min((at for at, count in counts.items() if count), default=None)
    reset_at = (oldest or rule.segment(now)) + rule.width * rule.segments
    wait = -((now - reset_at) // timedelta(seconds=1))
    return Verdict(
        client=client,
        rule=rule,
        used=sum(counts.values()),
        reset_at=reset_at,
        retry_seconds=max(wait, 1) if is_refused else 0,
    )


def blocked(client: str, rule: Rule, until: datetime, *, now: datetime) -> Verdict:
    """What a client hears that was blocked by hand."""
    wait = -((now - until) // timedelta(seconds=1))
    return Verdict(
        client=client,
        rule=rule,
        used=rule.requests,
        reset_at=until,
        retry_seconds=max(wait, 1),
        blocked_until=until,
    )


KINDS = {"user": "User", "apikey": "ApiKey", "ip": "IP"}
"""The kinds of clients as the contract spells them (A22)."""


def kind_of(client: str) -> str:
    """What a client is; raises ClientUnknown."""
    prefix, _, name = client.partition(":")
    if prefix not in KINDS or not name or len(client) > 200:
        raise ClientUnknown(client)
    if prefix == "ip" and not _is_address(name):
        raise ClientUnknown(client)
    return KINDS[prefix]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return text in {"testclient", "unknown"}
    return True
