"""What the server is given besides the shop: secrets already resolved, limits, the demo's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pos_app.api.limits import Rules


class MovableClock(Protocol):
    """The clock of a demo, which may be set."""

    def set(self, now: datetime) -> None:
        """Make this the current instant."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Settings of one API server.

    Attributes:
        jwt_secret: what access tokens are signed with, at least 32 bytes.
        limits: the rate limits.
        demo_clock: the clock ``POST /_sandbox/clock`` moves; None outside the demo, where there is
            no such route.
        post_soon: wakes the SAP worker after a document was queued; None where none runs here.
        fetch_prices: brings the prices from SAP now; None where there is no SAP.
        posting_seconds: how long an invoice waits for SAP before its answer goes out without.
    """

    jwt_secret: str = field(repr=False)
    limits: Rules = field(default_factory=Rules)
    demo_clock: MovableClock | None = None
    post_soon: Callable[[], None] | None = None
    fetch_prices: Callable[[], object] | None = None
    posting_seconds: float = 2.0
