"""The fiscal journal's states, and what a look-up on the device means for a receipt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import Money, half_up, multiply
from pos_app.errors import OutcomeUnknown, RuleBroken


class FiscalState(StrEnum):
    """Where a receipt stands between the till and the fiscal device.

    Printing is kept apart, in the spool: a printed receipt is FISCALISED, too.
    """

    DRAFT = "draft"
    INTENT = "intent"
    SENT = "sent"
    FISCALISED = "fiscalised"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DISPUTED = "disputed"


MOVES = frozenset(
    {
        (FiscalState.DRAFT, FiscalState.INTENT),
        (FiscalState.INTENT, FiscalState.SENT),
        (FiscalState.INTENT, FiscalState.UNKNOWN),
        (FiscalState.INTENT, FiscalState.FISCALISED),
        (FiscalState.INTENT, FiscalState.DISPUTED),
        (FiscalState.SENT, FiscalState.FISCALISED),
        (FiscalState.SENT, FiscalState.REFUSED),
        (FiscalState.SENT, FiscalState.UNKNOWN),
        (FiscalState.SENT, FiscalState.DISPUTED),
        (FiscalState.SENT, FiscalState.INTENT),
        (FiscalState.UNKNOWN, FiscalState.FISCALISED),
        (FiscalState.UNKNOWN, FiscalState.INTENT),
        (FiscalState.UNKNOWN, FiscalState.DISPUTED),
        (FiscalState.REFUSED, FiscalState.INTENT),
        (FiscalState.DISPUTED, FiscalState.FISCALISED),
        (FiscalState.DISPUTED, FiscalState.INTENT),
        (FiscalState.DISPUTED, FiscalState.UNKNOWN),
    }
)
"""INTENT is on disk before the first byte; back to INTENT means: proven not filed, send again."""

UNSETTLED = frozenset({FiscalState.INTENT, FiscalState.SENT, FiscalState.UNKNOWN})
"""States that are settled by reading before anything new is sent."""


class Decision(StrEnum):
    """What to do with an unsettled receipt after asking the device."""

    ADOPT = "adopt"
    DISPUTE = "dispute"
    RESEND = "resend"
    STOP = "stop"
    WAIT = "wait"


class FiscalOutcomeUnknown(OutcomeUnknown):
    """The device may have filed the receipt; it is being asked."""

    code = "fiscal_outcome_unknown"

    def __init__(self, receipt: str) -> None:
        super().__init__(
            f"The fiscal device may or may not have filed receipt {receipt}: "
            "do not sell it again, the till keeps asking the device.",
            receipt=receipt,
        )


class FiscalRefused(RuleBroken):
    """The device refused the receipt, and it is proven not filed."""

    code = "fiscal_refused"

    def __init__(self, receipt: str, reason: str) -> None:
        super().__init__(
            f"The fiscal device refused receipt {receipt} ({reason}): "
            "have the back office correct it and send it again.",
            receipt=receipt,
            reason=reason,
        )


class SaleNotFileable(RuleBroken):
    """The device would refuse this sale or change its figures; found before payment."""

    code = "sale_not_fileable"

    def __init__(self, receipt: str, reason: str) -> None:
        super().__init__(
            f"Receipt {receipt} cannot be filed on the fiscal device, {reason[:120]}: "
            "change the sale or have the item corrected.",
            receipt=receipt,
            reason=reason,
        )


class FiscalBacklogFull(RuleBroken):
    """More receipts wait for the device, or for longer, than the shop may sell ahead of it."""

    code = "fiscal_backlog_full"

    def __init__(self, waiting: int, oldest: timedelta) -> None:
        minutes = int(oldest.total_seconds()) // 60
        age = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
        super().__init__(
            f"No more can be sold while {waiting} receipts wait for the fiscal device, the oldest "
            f"for {age}: check its power and cable, selling goes on once it has filed them.",
            waiting=waiting,
            oldest_seconds=int(oldest.total_seconds()),
        )


class FiscalDeviceAway(RuleBroken):
    """The device cannot be had, and this shop defers no receipt."""

    code = "fiscal_device_away"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Nothing can be sold without the fiscal device ({reason[:160].rstrip('.')}): "
            "check its power and cable.",
            reason=reason[:160],
        )


class FiscalStopped(RuleBroken):
    """Nothing is sent to the device until somebody has looked at it."""

    code = "fiscal_stopped"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Nothing is sent to the fiscal device, so nothing can be sold. {reason}",
            reason=reason,
        )


class NotSettledSo(RuleBroken):
    """A receipt in trouble cannot be settled in the way that is wanted."""

    code = "not_settled_so"

    def __init__(self, receipt: str, why: str, advice: str) -> None:
        super().__init__(
            f"Receipt {receipt} cannot be settled so, {why}: {advice}.", receipt=receipt, why=why
        )


class Readiness(StrEnum):
    """Whether the till may sell (production lesson L38).

    READY: nothing waits for long. DEGRADED: the device is away, the law still lets receipts wait.
    BLOCKED: too many wait, or for too long; nothing is sold until it has caught up.
    """

    READY = "ready"
    DEGRADED = "degraded"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits for the device now.

    Attributes:
        waiting: receipts sold and not settled.
        age: how long the oldest of them has waited; zero when none does.
        is_tried: whether the device has failed to take the oldest at least once.
    """

    waiting: int
    age: timedelta
    is_tried: bool = False

    def readiness(self, *, most: int, hours: int) -> Readiness:
        """How the till stands.

        Args:
            most: as many as may wait; zero lets one wait at a time, which no sale can do without.
            hours: as long as the oldest may wait.
        """
        if not self.waiting:
            return Readiness.READY
        if self.waiting >= max(most, 1) or self.age > timedelta(hours=hours):
            return Readiness.BLOCKED
        is_away = self.is_tried or self.age > NOTICED
        return Readiness.DEGRADED if is_away else Readiness.READY


NOTICED = timedelta(seconds=30)
"""A receipt that waits longer means that the device is away, whoever talks to it."""


class LookupOutcome(StrEnum):
    """What the device said when it was asked for a receipt by its number."""

    FOUND = "found"
    MISSING = "missing"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The device's answer; everything but the outcome only when FOUND.

    Attributes:
        number: the number as the till sent it, without the device's prefix.
        total: magnitude, VAT included.
    """

    outcome: LookupOutcome
    device_id: str = ""
    number: str = ""
    receipt_type: str = ""
    total: Money | None = None
    global_number: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class FiscalRequest:
    """What was asked of the device, in the words of the answer.

    Attributes:
        mark: tells the sale from another of the same number; see `mark_of`.
    """

    device_id: str
    number: str
    receipt_type: str
    total: Money
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Where the device stood before the request was first sent; stored with SENT."""

    device_id: str
    last_global_number: int
    boot_id: str = ""


@dataclass(frozen=True, slots=True)
class DeviceNow:
    """Where the device stands now.

    Attributes:
        is_idle: it did not restart while it was asked, no request can still be in progress, and
            its backlog does not hold the number.
    """

    device_id: str
    last_global_number: int
    is_idle: bool


def decide(
    lookup: Lookup,
    request: FiscalRequest,
    *,
    baseline: Baseline,
    device_now: DeviceNow | None,
    unexplained: int,
) -> Decision:
    """Decide what an unsettled receipt needs; only reading ever settles it (lessons L05, L06).

    Args:
        lookup: the device's answer for the receipt's number.
        request: what was asked of it.
        baseline: where the device stood before.
        device_now: where it stands now; None when that could not be read.
        unexplained: receipts filed since the baseline that no row of the journal accounts for.
    """
    if lookup.outcome is LookupOutcome.UNANSWERED:
        return Decision.WAIT
    if lookup.outcome is LookupOutcome.FOUND:
        return Decision.ADOPT if _matches(lookup, request) else Decision.DISPUTE
    if device_now is None or not device_now.is_idle:
        return Decision.WAIT
    if device_now.device_id != baseline.device_id:
        return Decision.STOP
    moved = device_now.last_global_number - baseline.last_global_number
    if moved < 0 or (moved > 0 and unexplained > 0):
        return Decision.STOP
    return Decision.RESEND


def mark_of(sale_id: str) -> str:
    """What a comment on the device names a sale by, beyond its number.

    A till restored from a backup could give a number twice, and two sales may come to one total.
    """
    return "sale " + sale_id.replace("-", "")[-12:].lower()


def mark_in(comment: str) -> str:
    """The mark in a comment; empty when there is none, and then only the number tells."""
    found = _MARK.search(comment)
    return found.group() if found else ""


_MARK = re.compile(r"\bsale [0-9a-f]{12}\b")


def _matches(lookup: Lookup, request: FiscalRequest) -> bool:
    return (
        lookup.device_id == request.device_id
        and lookup.number == request.number
        and lookup.receipt_type.casefold() == request.receipt_type.casefold()
        and lookup.total is not None
        and lookup.total == request.total
        and (not lookup.mark or not request.mark or lookup.mark == request.mark)
    )


def device_price(gross: Money, quantity: Decimal) -> Decimal | None:
    """Return the shortest price with which the device's round(quantity x price, 2) is the line.

    The device ignores line amounts and multiplies itself. None when no price of at most 6 decimals
    does it; ``device_lines`` then splits the line.
    """
    size = abs(gross).amount
    for places in range(2, 7):
        price = half_up(size / quantity, places)
        if half_up(multiply(price, quantity), 2) == size:
            return price
    return None


def device_lines(gross: Money, quantity: Decimal) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return (quantity, price) pairs whose device totals sum to the line's amount, in magnitude.

    One pair nearly always; two for quantities so large that six decimals of price do not suffice:
    one unit of the quantity then carries the difference.
    """
    price = device_price(gross, quantity)
    if price is not None:
        return ((quantity, price),)
    size = abs(gross).amount
    most = quantity - 1
    base = half_up(size / quantity, 6) - Decimal("0.000001")
    base = max(base, Decimal(0))
    return ((most, base), (Decimal(1), size - half_up(multiply(base, most), 2)))
