"""The rules of the spool as data: states, moves, what to do after a restart, when to say COPY.

The rows are kept by the shop. A row is written before the first byte (state QUEUED, then STARTED)
and the paper is settled by proof, never by sending again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from printing.outcome import Outcome, OutcomeKind


class JobState(StrEnum):
    """Where a print job is."""

    QUEUED = "queued"
    STARTED = "started"
    CONFIRMED = "confirmed"
    PROBABLY = "probably"
    UNCONFIRMED = "unconfirmed"
    REPLACED = "replaced"
    FAILED = "failed"


class Event(StrEnum):
    """What happens to a print job."""

    START = "start"
    """The first byte is about to be sent."""
    CONFIRM = "confirm"
    """The printer proved that it printed, now or late."""
    PROBABLE = "probable"
    """The printer is well and processed everything; it cannot prove more."""
    LOSE_TRACK = "lose_track"
    """Bytes were sent, nothing is proven; also a STARTED job found after a restart."""
    POSTPONE = "postpone"
    """Nothing was sent; later it may work."""
    FAIL = "fail"
    """Nothing was sent, and nothing will change that but a person."""
    RETRY = "retry"
    """A person asks for a failed job again."""
    SEEN = "seen"
    """The cashier holds the paper."""
    MISSING = "missing"
    """The cashier has no paper; a COPY takes its place."""


MOVES: Mapping[JobState, Mapping[Event, JobState]] = {
    JobState.QUEUED: {
        Event.START: JobState.STARTED,
        Event.FAIL: JobState.FAILED,
    },
    JobState.STARTED: {
        Event.CONFIRM: JobState.CONFIRMED,
        Event.PROBABLE: JobState.PROBABLY,
        Event.LOSE_TRACK: JobState.UNCONFIRMED,
        Event.POSTPONE: JobState.QUEUED,
        Event.FAIL: JobState.FAILED,
    },
    JobState.UNCONFIRMED: {
        Event.CONFIRM: JobState.CONFIRMED,
        Event.PROBABLE: JobState.PROBABLY,
        Event.SEEN: JobState.CONFIRMED,
        Event.MISSING: JobState.REPLACED,
    },
    JobState.FAILED: {Event.RETRY: JobState.QUEUED},
    JobState.PROBABLY: {Event.CONFIRM: JobState.CONFIRMED, Event.MISSING: JobState.REPLACED},
    JobState.CONFIRMED: {},
    JobState.REPLACED: {},
}

ON_PAPER = frozenset({JobState.CONFIRMED, JobState.PROBABLY})
WAITING = frozenset({JobState.QUEUED, JobState.STARTED})
ASKS = frozenset({JobState.UNCONFIRMED})
MAY_HAVE_INK = ON_PAPER | WAITING | {JobState.UNCONFIRMED, JobState.REPLACED}
"""States in which paper exists, may exist or will; the next paper of the document is a COPY."""

RETRY_SECONDS = (1, 2, 5, 10, 20, 30)


class IllegalMove(ValueError):
    """An event that cannot happen to a job in this state."""

    def __init__(self, state: JobState, event: Event) -> None:
        self.state, self.event = state, event
        allowed = ", ".join(MOVES[state]) or "nothing"
        super().__init__(f"A print job that is {state} takes {allowed}, not {event}.")


@dataclass(frozen=True, slots=True)
class Change:
    """What to write into the row of a job; `try_at` only for one that is queued again."""

    state: JobState
    reason: str = ""
    try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What the cashier is asked about a job, and the event of each answer."""

    text: str
    answers: Mapping[str, Event]


def after(state: JobState, event: Event) -> JobState:
    """The state that follows; raises IllegalMove."""
    moves = MOVES[state]
    if event not in moves:
        raise IllegalMove(state, event)
    return moves[event]


def settle(outcome: Outcome, *, attempts: int, now: datetime) -> Change:
    """What becomes of a STARTED job after one attempt.

    Args:
        outcome: of `printing.printer.Printer.print`.
        attempts: attempts made, this one included; sets how long to wait for the next.
        now: the present instant.
    """
    event = event_of(outcome)
    reason = str(outcome.reason) if outcome.reason else ""
    again = now + timedelta(seconds=retry_seconds(attempts)) if event is Event.POSTPONE else None
    return Change(after(JobState.STARTED, event), reason, again)


def event_of(outcome: Outcome) -> Event:
    """The event that an attempt at printing is."""
    match outcome.kind:
        case OutcomeKind.CONFIRMED:
            return Event.CONFIRM
        case OutcomeKind.PROBABLY:
            return Event.PROBABLE
        case OutcomeKind.UNCONFIRMED:
            return Event.LOSE_TRACK
        case OutcomeKind.REFUSED:
            may_pass = outcome.reason is not None and outcome.reason.may_pass
            return Event.POSTPONE if may_pass else Event.FAIL


def late(outcome: Outcome | None) -> Event | None:
    """The event for an UNCONFIRMED job after `Printer.settle`; None while nothing is learnt."""
    if outcome is None or outcome.kind in {OutcomeKind.UNCONFIRMED, OutcomeKind.REFUSED}:
        return None
    return event_of(outcome)


def retry_seconds(attempts: int) -> int:
    """How long to wait before a job that was not sent is tried again."""
    return RETRY_SECONDS[min(max(attempts, 1), len(RETRY_SECONDS)) - 1]


def on_restart(state: JobState) -> Event | None:
    """The event for a job found after a restart: a STARTED one is nobody's word any more."""
    return Event.LOSE_TRACK if state is JobState.STARTED else None


def question(state: JobState, title: str) -> Question | None:
    """What to ask the cashier about a job, or None when there is nothing to ask."""
    if state not in ASKS:
        return None
    return Question(
        f"Did the paper of {title} come out of the printer, complete?",
        {"Yes, it is here": Event.SEEN, "No, print a copy": Event.MISSING},
    )


def copy_number(earlier: Iterable[JobState]) -> int:
    """The copy number of the next paper of a document; 0 is the unmarked original.

    Anything but a proven unprinted original is a COPY, and so is what comes behind an original that
    still waits: two unmarked papers of one receipt are two originals (VAT Act s20; lesson L12).
    """
    return sum(state in MAY_HAVE_INK for state in earlier)


def lamp(states: Iterable[JobState]) -> str:
    """The PRINTED lamp of a document from all its jobs: ``done``, ``pending`` or ``failed``."""
    found = set(states)
    if found & ON_PAPER:
        return "done"
    return "pending" if found & WAITING or not found else "failed"
