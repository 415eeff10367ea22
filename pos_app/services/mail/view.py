"""The spool as people look at it, and what they may do about a letter that stands still."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.mail import (
    MAY_BE_CANCELLED,
    MAY_BE_SENT_AGAIN,
    OPEN,
    MailMoved,
    MailState,
)
from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import mail as spool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledMail:
    """A letter in the spool.

    Attributes:
        left: recipients who do not have it, as far as anybody knows.
    """

    id: str
    kind: str
    document_id: str
    recipients: tuple[str, ...]
    left: tuple[str, ...]
    subject: str
    state: MailState
    reason: str
    failures: int
    username: str
    queued_at: datetime
    try_at: datetime | None
    ended_at: datetime | None

    @property
    def is_sent(self) -> bool | None:
        """Whether everybody has it; None while nobody knows."""
        if self.state is MailState.SENT:
            return True
        ended = {MailState.FAILED, MailState.CANCELLED, MailState.EXPIRED}
        return False if self.state in ended else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The spool at a glance: how many letters wait, how many ask for a person, and why."""

    waiting: int = 0
    in_doubt: int = 0
    oldest: datetime | None = None
    problem: str = ""


def standing(shop: Shop) -> Standing:
    """How the spool is."""
    with shop.store.read() as connection:
        counts = spool.counts(connection)
        problem = spool.trouble(connection)
    asking = (MailState.UNKNOWN.value, MailState.FAILED.value)
    waiting = {state: row for state, row in counts.items() if state not in asking}
    return Standing(
        waiting=sum(count for count, _ in waiting.values()),
        in_doubt=sum(counts[state][0] for state in asking if state in counts),
        oldest=min((oldest for _, oldest in counts.values()), default=None),
        problem=problem,
    )


def page(
    shop: Shop, actor: Actor, *, states: Collection[MailState] = (), limit: int = 100
) -> list[SpooledMail]:
    """Letters, newest first; without states those that are not at their end.

    Raises:
        PermissionMissing: the actor may not see it.
    """
    require(actor, Permission.SETTINGS_VIEW)
    wanted = sorted(state.value for state in states or OPEN)
    with shop.store.read() as connection:
        return [_mail(row) for row in spool.page(connection, states=wanted, limit=limit)]


def of_document(connection: Connection, document_id: str) -> list[SpooledMail]:
    """Letters about one thing, oldest first."""
    return [_mail(row) for row in spool.of_document(connection, document_id)]


def by_ids(shop: Shop, mail_ids: Collection[str]) -> dict[str, SpooledMail]:
    """These letters, by their ids."""
    if not mail_ids:
        return {}
    with shop.store.read() as connection:
        return {row["id"]: _mail(row) for row in spool.by_ids(connection, mail_ids)}


def retry(shop: Shop, actor: Actor, mail_id: str) -> None:
    """Send a letter again, the same one with the same Message-ID.

    Of one that may have arrived, somebody says so knowing that it may come twice; mailboxes that
    compare the Message-ID show it once.

    Raises:
        RecordNotFound: there is none of this id.
        MailMoved: it is on its way, sent, or given up.
    """
    require(actor, Permission.SETTINGS_EDIT)
    values = {"state": MailState.PENDING.value, "try_at": shop.clock.now(), "ended_at": None}
    _change(shop, actor, mail_id, MAY_BE_SENT_AGAIN, values, wanted="sent again")


def cancel(shop: Shop, actor: Actor, mail_id: str, *, reason: str) -> None:
    """Give a letter up.

    Raises:
        InvalidInput: the reason is missing.
        RecordNotFound: there is none of this id.
        MailMoved: it is on its way, sent, or given up already.
    """
    require(actor, Permission.SETTINGS_EDIT)
    if not reason.strip():
        raise InvalidInput("Say why the mail is not to be sent: enter a reason.")
    values = {
        "state": MailState.CANCELLED.value,
        "reason": reason.strip(),
        "message": b"",
        "ended_at": shop.clock.now(),
    }
    _change(shop, actor, mail_id, MAY_BE_CANCELLED, values, wanted="cancelled")


def _change(
    shop: Shop,
    actor: Actor,
    mail_id: str,
    was: Collection[MailState],
    values: dict[str, object],
    *,
    wanted: str,
) -> None:
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = spool.by_id(connection, mail_id)
        if row is None:
            raise RecordNotFound("mail", mail_id)
        if not spool.change(connection, mail_id, was=was, values=values):
            raise MailMoved(mail_id, row["state"], wanted)
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action=f"mail.{values['state']}".lower(),
            subject=mail_id,
            details={"was": row["state"], "reason": str(values.get("reason", ""))},
        )


def _mail(row: RowMapping) -> SpooledMail:
    state = MailState(row["state"])
    return SpooledMail(
        id=row["id"],
        kind=row["kind"],
        document_id=row["document_id"],
        recipients=tuple(row["recipients"]),
        left=tuple(row["left_over"]),
        subject=row["subject"],
        state=state,
        reason=row["reason"],
        failures=row["failures"],
        username=row["username"],
        queued_at=row["queued_at"],
        try_at=row["try_at"] if state is MailState.PENDING else None,
        ended_at=row["ended_at"],
    )
