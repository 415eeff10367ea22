"""Reservations: soft holds on stock that expire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.move import check_move
from pos_app.errors import Conflict, InvalidInput, RuleBroken

SHORTEST_MINUTES, LONGEST_MINUTES, DEFAULT_MINUTES = 1, 1440, 60
MOST_RENEWALS = 10


class ReservationState(StrEnum):
    """Where a reservation stands."""

    PENDING = "Pending"
    CONFIRMED = "Confirmed"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"
    FAILED = "Failed"


MOVES = frozenset(
    (ReservationState.PENDING, end)
    for end in ReservationState
    if end is not ReservationState.PENDING
)
"""Pending may become anything else once; every other state is final."""


class DurationInvalid(InvalidInput):
    """A reservation may last from one minute to one day."""

    code = "duration_invalid"

    def __init__(self, minutes: int) -> None:
        super().__init__(
            f"A reservation cannot last {minutes} minutes: "
            f"choose {SHORTEST_MINUTES} to {LONGEST_MINUTES}.",
            minutes=minutes,
        )


class ReservationExpired(Conflict):
    """The hold has run out and the goods may be gone."""

    code = "reservation_expired"

    def __init__(self, reservation: str) -> None:
        super().__init__(
            f"Reservation {reservation} has expired: reserve the goods again.",
            reservation=reservation,
        )


class RenewalsExhausted(RuleBroken):
    """A reservation cannot be kept alive for ever."""

    code = "renewals_exhausted"

    def __init__(self, reservation: str) -> None:
        super().__init__(
            f"Reservation {reservation} was renewed {MOST_RENEWALS} times already: "
            "confirm it or let it go.",
            reservation=reservation,
        )


@dataclass(frozen=True, slots=True)
class ReservationLine:
    """What one line holds; ``batch`` is empty where the item has none."""

    item: str
    warehouse: str
    quantity: Decimal
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """One hold on stock for a basket, a quotation or a queued document.

    Attributes:
        reference: the caller's key, unique for ever.
        renewals: how often it was prolonged.
    """

    id: str
    reference: str
    state: ReservationState
    created_at: datetime
    expires_at: datetime
    lines: tuple[ReservationLine, ...]
    renewals: int = 0
    reason: str = ""

    def is_counting(self, now: datetime) -> bool:
        """Whether it takes stock away from others: pending and not yet run out."""
        return self.state is ReservationState.PENDING and now < self.expires_at


def duration(minutes: int = DEFAULT_MINUTES) -> timedelta:
    """Return how long a hold lasts.

    Raises:
        DurationInvalid: outside 1 to 1440 minutes.
    """
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise DurationInvalid(minutes)
    return timedelta(minutes=minutes)


def renew(
    reservation: Reservation, now: datetime, *, minutes: int = DEFAULT_MINUTES
) -> Reservation:
    """Prolong a hold: now + minutes, at most created + 24 h x (renewals so far + 2).

    Raises:
        DurationInvalid: outside 1 to 1440 minutes.
        MoveRefused: it is not pending any more.
        ReservationExpired: it ran out before.
        RenewalsExhausted: ten renewals were spent.
    """
    wanted = now + duration(minutes)
    _still_pending(reservation, now)
    if reservation.renewals >= MOST_RENEWALS:
        raise RenewalsExhausted(reservation.id)
    latest = reservation.created_at + timedelta(hours=24) * (reservation.renewals + 2)
    return replace(reservation, expires_at=min(wanted, latest), renewals=reservation.renewals + 1)


def confirm(reservation: Reservation, now: datetime) -> Reservation:
    """Turn a hold into what it was made for.

    Raises:
        MoveRefused: it is not pending any more.
        ReservationExpired: it ran out before.
    """
    _still_pending(reservation, now)
    return replace(reservation, state=ReservationState.CONFIRMED)


def cancel(reservation: Reservation, *, reason: str = "") -> Reservation:
    """Let a hold go; cancelling it twice is no error.

    Raises:
        MoveRefused: it was confirmed, has expired or failed.
    """
    if reservation.state is ReservationState.CANCELLED:
        return reservation
    return _moved(reservation, ReservationState.CANCELLED, reason=reason)


def expire(reservation: Reservation, now: datetime) -> Reservation:
    """Mark an overdue hold as expired; any other is returned as it is."""
    if reservation.state is ReservationState.PENDING and now >= reservation.expires_at:
        return replace(reservation, state=ReservationState.EXPIRED)
    return reservation


def fail(reservation: Reservation, *, reason: str) -> Reservation:
    """Give a hold up because what it was for was refused for good.

    Raises:
        MoveRefused: it is not pending any more.
    """
    return _moved(reservation, ReservationState.FAILED, reason=reason)


def _moved(reservation: Reservation, state: ReservationState, *, reason: str) -> Reservation:
    new = check_move(MOVES, reservation.state, new=state, kind="reservation")
    return replace(reservation, state=new, reason=reason)


def _still_pending(reservation: Reservation, now: datetime) -> None:
    if reservation.state is ReservationState.EXPIRED:
        raise ReservationExpired(reservation.id)
    check_move(MOVES, reservation.state, new=ReservationState.CONFIRMED, kind="reservation")
    if not reservation.is_counting(now):
        raise ReservationExpired(reservation.id)
