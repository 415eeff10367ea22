"""What people do about documents on their way to SAP: try again, take out, put many back at once.

Trying again is harmless: SAP is asked for the key first, whatever happened before. Taking out is
not: the document stays in our books and SAP never hears of it from here. So that needs a reason,
and nothing that SAP may hold already is taken out. What somebody entered in SAP by hand is not
taken out but said to be there (`by_hand`): else its goods would leave the stock twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.posting import MOVES, TAKEN_OUT, PostingState
from pos_app.errors import Conflict, InvalidInput, RecordNotFound
from pos_app.services.posting import attempt
from pos_app.services.posting.kinds import tell
from pos_app.services.posting.told import Told
from pos_app.services.posting.view import TROUBLED, cause_of
from pos_app.services.shop import Shop
from pos_app.store import audit, posting_claim, queue

MOST_AT_ONCE = 10_000
REASON_MOST = 200


class MoveNotAllowed(Conflict):
    """A row is in a state in which this cannot be done to it."""

    code = "posting_move_refused"

    def __init__(self, reference: str, state: str, deed: str) -> None:
        super().__init__(
            f"{reference} is {state} and cannot be {deed}: look at the queue again.",
            reference=reference,
            state=state,
        )


class MayBeInSap(Conflict):
    """What may have reached SAP is not taken out of the queue."""

    code = "posting_in_doubt"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"{reference} was sent and SAP may hold it: wait until SAP has been asked for it.",
            reference=reference,
        )


class TakenOut(Conflict):
    """What was taken out of the queue does not go to SAP from here any more."""

    code = "posting_taken_out"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"{reference} was taken out of the queue for good: enter it in SAP by hand and say "
            "that SAP holds it, or undo it here as a document of its kind is undone.",
            reference=reference,
        )


class ReasonNeeded(InvalidInput):
    """Nothing is taken out without a word why."""

    code = "reason_needed"

    def __init__(self) -> None:
        super().__init__(f"Say why, in at most {REASON_MOST} characters.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which rows are put back; everything that is left out says nothing.

    Attributes:
        incident: the name of an incident.
        kinds: of document.
        states: Failed and RequiresReview, or one of them.
    """

    incident: str = ""
    kinds: Sequence[str] = ()
    states: Sequence[PostingState] = TROUBLED


@dataclass(frozen=True, slots=True)
class Requeued:
    """What was put back, or would be.

    Attributes:
        references: of the documents, in the order in which they go.
        is_dry: nothing was changed.
    """

    references: tuple[str, ...]
    is_dry: bool


def retry(shop: Shop, actor: Actor, key: str) -> PostingState:
    """Try a document again now, with its attempts forgotten.

    A row that waits for its next attempt is only brought forward.

    Args:
        shop: the server.
        actor: who asks.
        key: its number in the queue, or its reference.

    Raises:
        PermissionMissing: the actor may not.
        RecordNotFound: there is no such document in the queue.
        TakenOut: it was taken out of the queue.
        MoveNotAllowed: it is being posted, in SAP, or given up.
    """
    require(actor, Permission.POSTING_RETRY)
    with shop.store.write() as connection:
        row = find(connection, key)
        if is_taken_out(row):
            raise TakenOut(row["reference"])
        if row["state"] not in (PostingState.PENDING, *TROUBLED):
            raise MoveNotAllowed(row["reference"], row["state"], "tried again")
        put_back(shop, connection, row)
        note(
            shop,
            connection,
            actor,
            action="posting.retry",
            subject=row["reference"],
            details={"was": row["state"]},
        )
    return PostingState.PENDING


def cancel(
    shop: Shop,
    actor: Actor,
    key: str,
    *,
    reason: str,
    states: Sequence[PostingState] = (PostingState.PENDING, PostingState.COLLECTED, *TROUBLED),
) -> None:
    """Take a document out of the queue for good: SAP does not hear of it from here.

    Args:
        shop: the server.
        actor: who decides.
        key: its number in the queue, or its reference.
        reason: why.
        states: in which it may be.

    Raises:
        PermissionMissing: the actor may not.
        ReasonNeeded: no reason, or one that is too long.
        RecordNotFound: there is no such document in the queue.
        MoveNotAllowed: it is in none of the states.
        MayBeInSap: it was sent, and nobody knows yet what became of it.
    """
    require(actor, Permission.POSTING_CANCEL)
    words = reason.strip()
    if not words or len(words) > REASON_MOST:
        raise ReasonNeeded
    with shop.store.write() as connection:
        row = find(connection, key)
        move = (PostingState(row["state"]), PostingState.CANCELLED)
        if row["state"] not in states or move not in MOVES:
            raise MoveNotAllowed(row["reference"], row["state"], "cancelled")
        steps = posting_claim.steps_of(connection, row["queue_id"])
        if any(step["state"] in {attempt.SENT, attempt.LOST} for step in steps):
            raise MayBeInSap(row["reference"])
        told = f"Cancelled by {actor.username}: {words}"
        ended = {
            "state": PostingState.CANCELLED.value,
            "ended_at": shop.clock.now(),
            "reason": told,
            "reason_code": TAKEN_OUT,
            "waits_for": "",
            "cause": "",
        }
        moved(connection, row, ended)
        done = [step for step in steps if step["state"] == attempt.DONE]
        note(
            shop,
            connection,
            actor,
            action="posting.cancel",
            subject=row["reference"],
            details={
                "was": row["state"],
                "reason": words,
                "in_sap": [one["doc_entry"] for one in done],
            },
        )
        tell(shop, connection, row, _told(done, told))


def _told(done: Sequence[RowMapping], reason: str) -> Told:
    """What SAP holds of a row stays known, whatever of it is not to follow."""
    first = done[0] if done and done[0]["step"] == 1 else None
    if first is None:
        return Told(lamp="review", reason=reason)
    return Told(
        lamp="review", doc_entry=first["doc_entry"], doc_num=first["doc_num"], reason=reason
    )


def requeue(
    shop: Shop, actor: Actor, choice: Choice, *, reason: str = "", is_dry: bool = False
) -> Requeued:
    """Try many documents again, each at its old place in the order.

    Args:
        shop: the server.
        actor: who asks.
        choice: which ones.
        reason: why; kept in the audit.
        is_dry: only say which ones it would be.

    Raises:
        PermissionMissing: the actor may not.
        RecordNotFound: no incident goes by that name.
    """
    require(actor, Permission.POSTING_RETRY)
    states = [state.value for state in choice.states]
    with shop.store.read() if is_dry else shop.store.write() as connection:
        cause = cause_of(connection, choice.incident) if choice.incident else None
        _total, rows = queue.page(
            connection, states=states, kinds=choice.kinds, cause=cause, limit=MOST_AT_ONCE
        )
        if not is_dry and rows:
            for row in rows:
                put_back(shop, connection, row)
            details = {"rows": len(rows), "cause": cause or "", "reason": reason.strip()}
            subject = choice.incident or ", ".join(states)
            note(
                shop,
                connection,
                actor,
                action="posting.requeue",
                subject=subject,
                details=details,
            )
    return Requeued(tuple(row["reference"] for row in rows), is_dry)


def find(connection: Connection, key: str) -> RowMapping:
    """A row by its number in the queue, or by its reference.

    Raises:
        RecordNotFound: nothing in the queue goes by that name.
    """
    found = None
    if key.isascii() and key.isdecimal() and len(key) <= 18:
        found = queue.by_id(connection, int(key))
    found = found or queue.by_reference(connection, key)
    if found is None:
        raise RecordNotFound("document in the queue", key)
    return found


def is_taken_out(row: RowMapping) -> bool:
    """Whether a person took it out of the queue, and nothing has taken its document back since."""
    return bool(row["state"] == PostingState.CANCELLED and row["reason_code"] == TAKEN_OUT)


def put_back(shop: Shop, connection: Connection, row: RowMapping) -> None:
    """Let a row be tried again now, its attempts forgotten; raises MoveNotAllowed."""
    values = {
        "state": PostingState.PENDING.value,
        "attempts": 0,
        "failures": 0,
        "failed_since": None,
        "waits_for": "",
        "cause": "",
        "try_at": shop.clock.now(),
        "ended_at": None,
    }
    moved(connection, row, values)
    if row["state"] in {PostingState.REQUIRES_REVIEW, PostingState.CANCELLED}:
        tell(shop, connection, row, Told(lamp="pending", reason=row["reason"]))


def moved(connection: Connection, row: RowMapping, values: dict[str, Any]) -> None:
    """Write a row that nobody has claimed meanwhile (lesson L26); raises MoveNotAllowed."""
    if not posting_claim.settle(connection, row, values):
        raise MoveNotAllowed(row["reference"], PostingState.PROCESSING, "changed")


def note(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    *,
    action: str,
    subject: str,
    details: dict[str, Any],
) -> None:
    """Keep in the audit who decided what."""
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=subject,
        details=details,
    )
