"""The worker of the posting queue: look up by key, then post, step by step, each step once.

Before every attempt SAP is asked for the key; only its proven "no" allows a POST, and after a lost
answer that "no" is believed only once the quiet time is over (production lessons L01 to L03).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, RowMapping

from pos_app import errors
from pos_app.domain.currency import RateMissing
from pos_app.domain.incident import EARLIER, MOVED, cause_of
from pos_app.domain.posting import FailureKind, PostingState, after_failure
from pos_app.domain.preflight import Problem
from pos_app.errors import PosError
from pos_app.services.ledger import book
from pos_app.services.posting import count
from pos_app.services.posting.ahead import Ahead
from pos_app.services.posting.attempt import NotYetVisible
from pos_app.services.posting.kinds import tell
from pos_app.services.posting.step import (
    CannotPlan,
    EarlierAway,
    GivenUp,
    Mismatch,
    StockMoved,
)
from pos_app.services.posting.told import Told
from pos_app.services.posting.walk import walk
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import posting_claim
from sync.errors import OutcomeUnknown, SyncError
from sync.sap.client import ServiceLayer
from sync.sap.errors import Kind, SapRejected

PAUSES = (2, 5, 10, 25, 60)
"""Seconds between attempts while SAP is away."""

LOOKS = (*PAUSES, 120, 300)
"""Seconds between look-ups after an answer was lost (production lesson L78: they grow)."""

WAITS = {
    Kind.WAITING_FOR_RATE: "rate",
    Kind.WAITING_FOR_PERIOD: "period",
    Kind.WAITING_FOR_APPROVAL: "approval",
    Kind.WAITING_FOR_STOCK: "stock",
    Kind.WAITING_FOR_COUNT: count.GOODS,
}
TRANSIENT = frozenset({Kind.TRANSIENT, Kind.SESSION, Kind.CREDENTIALS, Kind.STALE})


Hold = Callable[[RowMapping], Problem | None]
"""What a row has to wait for before it is tried at all."""


def work(
    shop: Shop,
    sap: ServiceLayer | None,
    *,
    owner: str,
    limit: int = 100,
    hold: Hold = lambda _row: None,
    ahead: Ahead | None = None,
) -> Worked:
    """Post what is due, one row at a time; a poisoned row never stops the others (lesson L47).

    Args:
        shop: the server.
        sap: None for a shop without it, whose documents go into the built-in books.
        owner: name of this worker.
        limit: rows at most.
        hold: the pre-flight; what it holds back spends no attempt.
        ahead: what this worker looks up together; one for all its passes.
    """
    done, problem = 0, ""
    ahead = ahead or Ahead()
    while done < limit:
        unasked = ahead.look(shop, sap) if sap is not None else None
        with shop.store.write() as connection:
            row = posting_claim.claim(
                connection,
                owner=owner,
                now=shop.clock.now(),
                lease=timedelta(seconds=shop.rules.sap.lease_seconds),
                # Many old rows in trouble would take every turn of those behind them (lesson L47).
                is_fresh_first=bool(problem),
            )
        if row is None:
            break
        if unasked is not None:
            problem = _stopped(shop, row, unasked)
            break
        problem = _attempt(shop, sap, row, hold, ahead=ahead)
        if problem and _is_away(problem):
            break
        done += not problem
    with shop.store.read() as connection:
        waiting, _oldest = posting_claim.waiting(connection)
        next_at = posting_claim.next_due(connection)
    return Worked(done=done, waiting=waiting, next_at=next_at, problem=problem)


def _is_away(problem: str) -> bool:
    return problem.startswith(AWAY)


AWAY = "SAP cannot be reached: "


def _attempt(
    shop: Shop, sap: ServiceLayer | None, row: RowMapping, hold: Hold, *, ahead: Ahead
) -> str:
    """Take a row as far as it goes; returns what stopped it, empty when it is completed."""
    try:
        held = hold(row)
        if held is not None:
            return _held(shop, row, held)
        if sap is None:
            book.book(shop, row)
        else:
            walk(shop, sap, row, ahead=ahead)
    except GivenUp as over:
        _drop(shop, row, str(over))
        return ""
    except (
        Mismatch,
        StockMoved,
        NotYetVisible,
        EarlierAway,
        CannotPlan,
        PosError,
        SyncError,
    ) as error:
        return _stopped(shop, row, error)
    except Exception as error:
        log = structlog.get_logger(lane="posting", reference=row["reference"])
        log.exception("posting failed")
        why = f"Our own program failed on this document ({error!r}); its log says where."
        return _later(shop, row, FailureKind.PERMANENT, why, code="fault")
    _complete(shop, row)
    return ""


def _held(shop: Shop, row: RowMapping, problem: Problem) -> str:
    """Wait for what the pre-flight found; another look follows in a minute."""
    soon = shop.clock.now() + timedelta(minutes=1)
    words = problem.sentence
    return _later(
        shop,
        row,
        FailureKind.WAITING,
        words,
        waits_for="preflight",
        code=problem.code,
        latest=soon,
    )


def _stopped(shop: Shop, row: RowMapping, error: Exception) -> str:
    """Write down what a neighbour or a rule said; an outage of SAP is told apart by its words."""
    match error:
        case Mismatch() | CannotPlan():
            return _later(shop, row, FailureKind.PERMANENT, str(error), code="mismatch")
        case PosError():
            return _broken(shop, row, error)
        case SapRejected():
            return _refused(shop, row, error)
        case EarlierAway() | StockMoved():
            return _waits(shop, row, error)
        case NotYetVisible() | OutcomeUnknown():
            until = error.until if isinstance(error, NotYetVisible) else None
            return _later(shop, row, FailureKind.UNKNOWN, str(error), latest=until)
        case _:
            return AWAY + _later(shop, row, FailureKind.TRANSIENT, str(error))


def _broken(shop: Shop, row: RowMapping, error: PosError) -> str:
    """A rule of ours says no; the built-in books wait for a rate as SAP does."""
    if isinstance(error, RateMissing):
        return _later(shop, row, FailureKind.WAITING, error.sentence, waits_for="rate")
    return _later(shop, row, _kind_of(error), error.sentence, code=error.code)


def _kind_of(error: PosError) -> FailureKind:
    """A rule's "no" is final; a database that was busy or failed says nothing of the document."""
    is_passing = isinstance(error, errors.Unavailable | errors.OutcomeUnknown)
    return FailureKind.UNKNOWN if is_passing else FailureKind.PERMANENT


def _complete(shop: Shop, row: RowMapping) -> None:
    with shop.store.write() as connection:
        complete(shop, connection, row)


def _drop(shop: Shop, row: RowMapping, reason: str) -> None:
    """End a row of which SAP holds nothing and need hold nothing any more."""
    ended = {
        "state": PostingState.CANCELLED.value,
        "ended_at": shop.clock.now(),
        "reason": reason,
        "reason_code": "",
        "waits_for": "",
        "cause": "",
    }
    with shop.store.write() as connection:
        if posting_claim.settle(connection, row, ended):
            tell(shop, connection, row, Told(lamp=""))


def complete(shop: Shop, connection: Connection, row: RowMapping) -> bool:
    """End a row of which SAP holds everything, and say so on its document.

    Returns:
        False where another has the row by now.
    """
    ended = {
        "state": PostingState.COMPLETED.value,
        "ended_at": shop.clock.now(),
        "reason": "",
        "reason_code": "",
        "waits_for": "",
        "cause": "",
    }
    first, *_others = posting_claim.steps_of(connection, row["queue_id"])
    if not posting_claim.settle(connection, row, ended):
        return False
    told = Told(lamp="done", doc_entry=first["doc_entry"], doc_num=first["doc_num"])
    tell(shop, connection, row, told)
    return True


def _waits(shop: Shop, row: RowMapping, error: EarlierAway | StockMoved) -> str:
    # Ever later, or many that wait for one in review would take every turn (lesson L47); what SAP
    # moved under goes on soon, since an open counting keeps others of its goods waiting.
    is_earlier = isinstance(error, EarlierAway)
    pause = PAUSES[min(row["failures"], len(PAUSES) - 1)] if is_earlier else PAUSES[0]
    soon = shop.clock.now() + timedelta(seconds=pause)
    cause = EARLIER if is_earlier else MOVED
    return _later(shop, row, FailureKind.WAITING, str(error), waits_for=cause, latest=soon)


def _refused(shop: Shop, row: RowMapping, error: SapRejected) -> str:
    if error.kind in TRANSIENT:
        return _later(shop, row, FailureKind.TRANSIENT, str(error))
    if error.kind in WAITS:
        return _later(shop, row, FailureKind.WAITING, str(error), waits_for=WAITS[error.kind])
    kind = FailureKind.PERMANENT if error.kind is Kind.PERMANENT else FailureKind.RETRYABLE
    return _later(shop, row, kind, str(error), code=error.code)


def _later(
    shop: Shop,
    row: RowMapping,
    kind: FailureKind,
    reason: str,
    *,
    waits_for: str = "",
    code: str = "",
    latest: datetime | None = None,
) -> str:
    """Write what follows a failed attempt; only refusals spend one (production lesson L48)."""
    now = shop.clock.now()
    verdict = after_failure(kind, now, attempts=row["attempts"], failures=row["failures"])
    next_at = verdict.next_at or now
    if kind in {FailureKind.UNKNOWN, FailureKind.TRANSIENT}:
        pauses = LOOKS if kind is FailureKind.UNKNOWN else PAUSES
        pause = pauses[min(row["failures"], len(pauses) - 1)]
        next_at = now + timedelta(seconds=pause)
    if latest is not None:
        next_at = min(next_at, max(latest, now + timedelta(seconds=1)))
    values = {
        "state": verdict.state.value,
        "attempts": verdict.attempts,
        "failures": verdict.failures,
        "try_at": next_at,
        "reason": reason,
        "reason_code": code,
        "waits_for": waits_for,
        "cause": cause_of(kind, waits_for=waits_for, code=code, reason=reason),
        "failed_since": row["failed_since"] or now,
    }
    lamp = _lamp(kind, verdict.state)
    with shop.store.write() as connection:
        if posting_claim.settle(connection, row, values):
            tell(shop, connection, row, Told(lamp=lamp, reason=reason))
    return reason


def _lamp(kind: FailureKind, state: PostingState) -> str:
    if state is PostingState.REQUIRES_REVIEW:
        return "review"
    return "unknown" if kind is FailureKind.UNKNOWN else "pending"
