"""The SAP posting queue: states, legal moves and the retry rule, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class PostingState(StrEnum):
    """Where a document stands on its way to SAP.

    COLLECTED: a receipt waits for the end of the day, when one invoice is made of many.
    LISTED: it is in the list of such an invoice, and goes to SAP with it.
    """

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    FAILED = "Failed"
    REQUIRES_REVIEW = "RequiresReview"
    CANCELLED = "Cancelled"
    COLLECTED = "Collected"
    LISTED = "Listed"


MOVES = frozenset(
    {
        (PostingState.PENDING, PostingState.PROCESSING),
        (PostingState.PENDING, PostingState.CANCELLED),
        (PostingState.PENDING, PostingState.COMPLETED),
        (PostingState.PROCESSING, PostingState.COMPLETED),
        (PostingState.PROCESSING, PostingState.PENDING),
        (PostingState.PROCESSING, PostingState.FAILED),
        (PostingState.PROCESSING, PostingState.REQUIRES_REVIEW),
        (PostingState.PROCESSING, PostingState.CANCELLED),
        (PostingState.FAILED, PostingState.PROCESSING),
        (PostingState.FAILED, PostingState.PENDING),
        (PostingState.FAILED, PostingState.CANCELLED),
        (PostingState.FAILED, PostingState.COMPLETED),
        (PostingState.REQUIRES_REVIEW, PostingState.PENDING),
        (PostingState.REQUIRES_REVIEW, PostingState.COMPLETED),
        (PostingState.REQUIRES_REVIEW, PostingState.CANCELLED),
        (PostingState.COLLECTED, PostingState.LISTED),
        (PostingState.COLLECTED, PostingState.PENDING),
        (PostingState.COLLECTED, PostingState.CANCELLED),
        (PostingState.LISTED, PostingState.COMPLETED),
        (PostingState.LISTED, PostingState.CANCELLED),
    }
)
"""Failed and RequiresReview go back to Pending by hand, with the attempts forgotten.

Processing is Cancelled where a document was given up and SAP proves that it holds nothing of it.
Collected goes back to Pending where a shop no longer consolidates.
What somebody entered in SAP by hand is Completed from wherever it waits.
"""

TAKEN_OUT = "taken_out"
"""Why a row is Cancelled that a person took out of the queue; others were given up or taken back.

Only such a one may be said to be in SAP after all, where somebody entered it by hand.
"""

FINAL = frozenset({PostingState.COMPLETED, PostingState.CANCELLED})
CONSOLIDATED = frozenset({PostingState.COLLECTED, PostingState.LISTED})
"""Receipts no worker takes: they wait for the invoice of many, or for what becomes of it."""

UNTOUCHED = frozenset({PostingState.PENDING, PostingState.FAILED, PostingState.REQUIRES_REVIEW})
"""States in which no worker holds a row, so that it may be taken back."""

CLAIMABLE = frozenset({PostingState.PENDING, PostingState.FAILED})


class FailureKind(StrEnum):
    """What an attempt came to.

    TRANSIENT: SAP was not reached, nothing was done. WAITING: SAP waits for something outside the
    document (a rate, an open period, an approval). UNKNOWN: it may have been posted.
    RETRYABLE: refused, another attempt may pass. PERMANENT: refused for good.
    """

    TRANSIENT = "transient"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    RETRYABLE = "retryable"
    PERMANENT = "permanent"


SPENDS_ATTEMPT = frozenset({FailureKind.RETRYABLE, FailureKind.PERMANENT})


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often and how soon an attempt is repeated."""

    attempts: int = 3
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=5)

    def pause(self, failures: int) -> timedelta:
        """Return the pause after the n-th failure in a row: first x 2**(n - 1), capped."""
        doublings: int = min(max(failures - 1, 0), 30)
        return min(self.first * (1 << doublings), self.longest)


RETRY = RetryRule()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a queue row becomes after a failed attempt; the worker only obeys.

    Attributes:
        attempts: spent so far; at the rule's number it goes to review.
        failures: in a row, of any kind; sets the pause.
        next_at: when it may be claimed again; None where a person has to act.
        must_look_up: whether SAP has to be asked by key before anything else.
    """

    state: PostingState
    attempts: int
    failures: int
    next_at: datetime | None
    must_look_up: bool


def after_failure(
    kind: FailureKind,
    now: datetime,
    *,
    attempts: int,
    failures: int,
    rule: RetryRule = RETRY,
) -> Verdict:
    """Decide what follows a failed attempt (production lessons L03, L46, L48).

    An outage or a document SAP may hold already spends no attempt: it stays Pending, with growing
    pauses. A refusal spends one; the last one, or a permanent refusal, goes to a person.

    Args:
        kind: what the attempt came to.
        now: the moment it failed.
        attempts: attempts spent before it.
        failures: failures in a row before it.
        rule: how often and how soon.
    """
    failures += 1
    due = now + rule.pause(failures)
    unknown = kind is FailureKind.UNKNOWN
    if kind not in SPENDS_ATTEMPT:
        return Verdict(PostingState.PENDING, attempts, failures, due, must_look_up=unknown)
    attempts += 1
    if kind is FailureKind.PERMANENT or attempts >= rule.attempts:
        return Verdict(PostingState.REQUIRES_REVIEW, attempts, failures, None, must_look_up=False)
    return Verdict(PostingState.FAILED, attempts, failures, due, must_look_up=False)
