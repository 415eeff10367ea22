"""The queue to SAP on the screens of a till: told by the server, acted on there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from pos_app.domain.permission import Actor, Permission, require, require_till
from pos_app.domain.posting import FINAL, PostingState
from pos_app.errors import InvalidInput, NotAllowed, OutcomeUnknown, RuleBroken, Unavailable
from pos_app.services import intake_flag
from pos_app.services.posting import by_hand, incident, line, review, view
from pos_app.services.posting.review import Choice
from pos_app.services.shop import Shop
from pos_app.store import user as users
from sync.errors import OutcomeUnknown as Lost
from sync.errors import Rejected, SyncError
from sync.sap.client import ServiceLayer

MOST_ROWS = 500
LARGEST = 2**31 - 1
"""Of the numbers SAP gives."""


class Deed(StrEnum):
    """What a manager may do from a till."""

    RETRY = "retry"
    CANCEL = "cancel"
    REQUEUE = "requeue"
    POSTED = "posted"


class QueueServer(Protocol):
    """Where a till asks for the queue: `sync.http.HttpRemote`."""

    def queue(self, *, user: str, choice: str) -> Mapping[str, Any]:
        """What `tell` says; raises a SyncError where there is no answer."""
        ...

    def queue_deed(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """What `act` says; raises as `queue`."""
        ...


class NoServer(Unavailable):
    """The queue is at the server, and it does not answer."""

    code = "queue_unreachable"

    def __init__(self, why: str) -> None:
        super().__init__(f"The queue to SAP is at the server, which does not answer: {why}")


class DeedUnknown(OutcomeUnknown):
    """The server was asked to do something and its answer was lost."""

    code = "queue_deed_unknown"

    def __init__(self) -> None:
        super().__init__("The server's answer was lost: renew the list and look what was done.")


class DeedRefused(RuleBroken):
    """The server refused."""

    code = "queue_deed_refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class UserUnknown(NotAllowed):
    """The server does not know who asks at the till."""

    code = "user_unknown"

    def __init__(self, username: str) -> None:
        super().__init__(f"The server knows no active user {username[:50]!r}: ask an Admin.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document in the queue."""

    queue_id: int
    reference: str
    kind: str
    state: str
    total: str
    partner: str
    source: str
    incident: str
    reason: str
    attempts: int
    failures: int
    doc_num: int | None
    queued_at: datetime
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One incident, or something odd about documents that were taken, which has no name."""

    name: str
    sentence: str
    advice: str
    rows: int
    in_review: int
    since: datetime
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The queue at a glance.

    Attributes:
        has_sap: whether the server posts anything at all.
        is_up: whether SAP answers; None while nobody has asked.
        since: from when on it has been so.
        problem: why it does not answer.
        counts: rows by state.
        waited: how long the oldest row that is not final has waited.
        total: rows of the choice; not more than `MOST_ROWS` of them are in `entries`.
    """

    has_sap: bool
    is_up: bool | None
    since: datetime | None
    problem: str
    counts: Mapping[str, int]
    waited: timedelta
    total: int
    troubles: tuple[Trouble, ...]
    entries: tuple[Entry, ...]


def tell(shop: Shop, till: Actor, *, username: str, choice: str = "") -> dict[str, Any]:
    """On the server: the queue for a till's screen, as JSON.

    Args:
        shop: the server.
        till: whose key asks.
        username: who stands at the till.
        choice: ``review`` for what needs a person, the name of an incident, or empty for all that
            is not in SAP.

    Raises:
        TillKeyNeeded, UserUnknown, PermissionMissing: this one may not look.
        RecordNotFound: there is no such incident any more.
    """
    require_till(till, till.till)
    require(_person(shop, username), Permission.SYNC_VIEW)
    states = [state for state in PostingState if state not in FINAL]
    if choice == "review":
        states = [PostingState.REQUIRES_REVIEW]
    wanted = "" if choice == "review" else choice
    total, rows = view.page(shop, states=states, incident=wanted, limit=MOST_ROWS)
    counted, seen, now = view.stats(shop), line.seen(shop), shop.clock.now()
    return {
        "has_sap": shop.rules.has_sap,
        "is_up": seen.is_up,
        "since": _text(seen.since),
        "problem": seen.problem,
        "counts": {state.value: count for state, count in counted.counts.items()},
        "waited": int((now - counted.oldest).total_seconds()) if counted.oldest else 0,
        "total": total,
        "troubles": [
            *(_trouble(one) for one in incident.found(shop)),
            *(_noticed(one) for one in intake_flag.noticed(shop)),
        ],
        "entries": [_entry(row) for row in rows],
    }


def act(
    shop: Shop, till: Actor, asked: Mapping[str, Any], *, sap: ServiceLayer | None = None
) -> dict[str, Any]:
    """On the server: do what somebody at a till decides; their permission is checked here.

    Args:
        shop: the server.
        till: whose key asks.
        asked: the deed, and what it is done to.
        sap: the way to SAP for people who wait.

    Raises:
        TillKeyNeeded, UserUnknown, PermissionMissing: this one may not.
        RecordNotFound, MoveNotAllowed, MayBeInSap, ReasonNeeded: it cannot be done.
        NoSapHere, NotTheDocument, RemoteUnavailable: SAP does not show it.
        InvalidInput: it is nothing that can be asked for.
    """
    require_till(till, till.till)
    actor = _person(shop, str(asked.get("user", "")))
    reason, document = str(asked.get("reason", "")), str(asked.get("document", ""))
    match asked.get("deed"):
        case Deed.RETRY:
            review.retry(shop, actor, document)
            return {"references": [document]}
        case Deed.CANCEL:
            review.cancel(shop, actor, document, reason=reason)
            return {"references": [document]}
        case Deed.REQUEUE:
            choice = Choice(incident=str(asked.get("incident", "")))
            is_dry = asked.get("dry") is True
            done = review.requeue(shop, actor, choice, reason=reason, is_dry=is_dry)
            return {"references": list(done.references)}
        case Deed.POSTED:
            number = number_of(str(asked.get("number", "")))
            settled = by_hand.settle(shop, sap, actor, document, number=number)
            return {"references": [settled.reference], "told": settled.sentence}
        case other:
            raise InvalidInput(f"There is no deed {str(other)[:60]!r} for the queue.")


def fetch(actor: Actor, server: QueueServer | None, *, choice: str = "") -> Panel:
    """On a till: ask the server for the queue.

    Raises:
        PermissionMissing: the actor may not look.
        NoServer: there is none, or it does not answer.
        DeedRefused: it will not say.
    """
    require(actor, Permission.SYNC_VIEW)
    if server is None:
        raise NoServer("this till has none; run `pos queue` where the books are.")
    try:
        return _panel(server.queue(user=actor.username, choice=choice))
    except Rejected as error:
        raise DeedRefused(error.text) from error
    except (SyncError, KeyError, TypeError, ValueError) as error:
        raise NoServer(str(error)) from error


def number_of(text: str) -> int:
    """The number of a document of SAP as somebody typed it.

    Raises:
        InvalidInput: it is none.
    """
    words = text.strip()
    if not (words.isascii() and words.isdecimal() and 0 < int(words) <= LARGEST):
        raise InvalidInput("Type the number that SAP shows on its document, such as 5001.")
    return int(words)


def do(
    actor: Actor,
    server: QueueServer | None,
    deed: Deed,
    *,
    document: str = "",
    incident: str = "",
    reason: str = "",
    number: int = 0,
    is_dry: bool = False,
) -> tuple[str, ...]:
    """On a till: have the server do it; returns the references of what it was done to.

    Raises:
        PermissionMissing: the actor may not.
        NoServer: there is none, or it does not answer; nothing was done.
        DeedUnknown: it may have been done.
        DeedRefused: the server says why not.
    """
    is_grave = deed in {Deed.CANCEL, Deed.POSTED}
    require(actor, Permission.POSTING_CANCEL if is_grave else Permission.POSTING_RETRY)
    if server is None:
        raise NoServer("this till has none; run `pos queue` where the books are.")
    asked = {
        "user": actor.username,
        "deed": deed.value,
        "document": document,
        "incident": incident,
        "reason": reason,
        "number": str(number),
        "dry": is_dry,
    }
    try:
        return tuple(str(one) for one in server.queue_deed(asked)["references"])
    except Rejected as error:
        raise DeedRefused(error.text) from error
    except (Lost, KeyError, TypeError) as error:
        raise DeedUnknown from error
    except SyncError as error:
        raise NoServer(str(error)) from error


def _person(shop: Shop, username: str) -> Actor:
    with shop.store.read() as connection:
        found = users.by_username(connection, username)
    if found is None or not found.user.is_active:
        raise UserUnknown(username)
    return found.user.actor()


def _entry(row: view.Queued) -> dict[str, Any]:
    return {
        "queue_id": row.queue_id,
        "reference": row.reference,
        "kind": row.kind,
        "state": row.state.value,
        "total": row.total.label,
        "partner": row.partner,
        "source": row.source,
        "incident": row.incident,
        "reason": row.reason,
        "attempts": row.attempts,
        "failures": row.failures,
        "doc_num": row.doc_num,
        "queued_at": _text(row.created_at),
        "next_at": _text(row.next_at),
    }


def _trouble(one: incident.Incident) -> dict[str, Any]:
    return {
        "name": one.name,
        "sentence": one.sentence,
        "advice": one.advice,
        "rows": one.rows,
        "in_review": one.in_review,
        "since": _text(one.since),
        "example": one.example,
    }


def _noticed(one: intake_flag.Noticed) -> dict[str, Any]:
    """What was odd about a document of a till that was taken: nothing of it stands still."""
    return {
        "name": "",
        "sentence": one.sentence,
        "advice": one.advice,
        "rows": one.documents,
        "in_review": 0,
        "since": _text(one.since),
        "example": one.example,
    }


def _panel(told: Mapping[str, Any]) -> Panel:
    facts = dict(told)
    return Panel(
        has_sap=facts["has_sap"],
        is_up=facts["is_up"],
        since=_moment(facts["since"]),
        problem=facts["problem"],
        counts=facts["counts"],
        waited=timedelta(seconds=facts["waited"]),
        total=facts["total"],
        troubles=tuple(
            Trouble(**{**one, "since": datetime.fromisoformat(one["since"])})
            for one in facts["troubles"]
        ),
        entries=tuple(
            Entry(
                **{
                    **one,
                    "queued_at": datetime.fromisoformat(one["queued_at"]),
                    "next_at": _moment(one["next_at"]),
                }
            )
            for one in facts["entries"]
        ),
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
