"""Credit notes of the back office: posted at once, or kept until somebody may agree to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.credit_note import (
    DELETABLE,
    MOVES,
    CreditNoteState,
    NotDeletable,
)
from pos_app.domain.move import check_move
from pos_app.domain.note import NoteKind
from pos_app.domain.permission import Actor
from pos_app.errors import NotAllowed, RecordNotFound, ReferenceConflict, StaleRecord
from pos_app.services import document, limit, note
from pos_app.services.credit_note import asked as asking
from pos_app.services.credit_note import post, view
from pos_app.services.credit_note.asked import AskedCreditNote
from pos_app.services.credit_note.draft import Draft, draft
from pos_app.services.credit_note.view import CreditNote
from pos_app.services.shop import Shop
from pos_app.store import audit, setting
from pos_app.store import credit_note as credit_notes

State = CreditNoteState


def create(
    shop: Shop,
    actor: Actor,
    asked: AskedCreditNote,
    *,
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> CreditNote:
    """Make one: posted where the actor may pay back that much, else Pending.

    Args:
        shop: the server.
        actor: who makes it.
        asked: what is asked for.
        document_id: identity, when the request has one; again, it gives the first answer.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        ReferenceConflict: the identity belongs to one of another content.
        InvalidInput, RuleBroken, NotAllowed: it cannot be made like that; see `draft`.
    """
    note_id = document_id or shop.ids.new()
    with shop.store.write() as connection:
        known = credit_notes.by_id(connection, note_id)
        if known is None:
            _add(shop, connection, actor, asked, note_id=note_id, allowed=allowed)
        elif known["content_hash"] != document.content_hash(asked.text):
            raise ReferenceConflict(note_id)
    return view.get(shop, note_id)


def _add(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedCreditNote,
    *,
    note_id: str,
    allowed: Sequence[str],
) -> None:
    made = draft(shop, connection, asked, allowed=allowed, username=actor.username)
    row = _row(shop, connection, actor, asked, made=made, note_id=note_id)
    credit_notes.add(connection, row)
    _tell(shop, connection, actor, row, "create", total_minor=row["total"])
    try:
        _check_limit(shop, actor, note_id, made)
    except NotAllowed:
        # It waits for somebody who may agree to it.
        return
    _post(shop, connection, actor, row, made=made)


def approve(shop: Shop, actor: Actor, number: int, *, allowed: Sequence[str] = ()) -> CreditNote:
    """Agree to one that waits, and post it as things are now; again, it changes nothing.

    Raises:
        RecordNotFound: there is none.
        MoveRefused: it was cancelled.
        ApprovalNeeded, PermissionMissing: it is more than the actor may pay back.
        RuleBroken: it cannot be made any more, since something else was credited meanwhile.
    """
    with shop.store.write() as connection:
        row = _held(connection, number)
        if row["state"] not in {State.APPROVED.value, State.APPLIED.value}:
            check_move(MOVES, State(row["state"]), new=State.APPROVED, kind="credit note")
            asked = asking.read(row["asked"]["asked"])
            made = draft(shop, connection, asked, allowed=allowed, username=actor.username)
            _check_limit(shop, actor, row["id"], made)
            _post(shop, connection, actor, row, made=made)
    return view.get(shop, row["id"])


def to_state(
    shop: Shop, actor: Actor, number: int, *, new: State, allowed: Sequence[str] = ()
) -> CreditNote:
    """Bring one into another state by hand; going to Approved posts it.

    Raises:
        RecordNotFound: there is none.
        MoveRefused: not from where it is: a posted one stays posted.
    """
    if new is State.APPROVED:
        return approve(shop, actor, number, allowed=allowed)
    with shop.store.write() as connection:
        row = _held(connection, number)
        if new.value != row["state"]:
            _move(shop, connection, actor, row, new=new)
    return view.get(shop, row["id"])


def cancel(shop: Shop, actor: Actor, number: int, *, reason: str = "") -> CreditNote:
    """Give one up that waits.

    Raises:
        RecordNotFound: there is none.
        MoveRefused: it is posted.
    """
    with shop.store.write() as connection:
        row = _held(connection, number)
        _move(shop, connection, actor, row, new=State.CANCELLED, reason=reason)
    return view.get(shop, row["id"])


def duplicate(
    shop: Shop, actor: Actor, number: int, *, reason: str = "", allowed: Sequence[str] = ()
) -> CreditNote:
    """Make one that was cancelled once more, as things are now.

    Raises:
        RecordNotFound: there is none.
        MoveRefused: it was not cancelled.
        InvalidInput, RuleBroken, NotAllowed: as `create`.
    """
    with shop.store.write() as connection:
        row = _held(connection, number)
        check_move(
            {(State.CANCELLED, State.PENDING)},
            State(row["state"]),
            new=State.PENDING,
            kind="credit note",
        )
        asked = asking.read(row["asked"]["asked"])
        if reason:
            asked = replace(asked, reason=reason)
        note_id = shop.ids.new()
        _add(shop, connection, actor, asked, note_id=note_id, allowed=allowed)
    return view.get(shop, note_id)


def drop(shop: Shop, actor: Actor, number: int) -> None:
    """Delete one that was never posted; its row stays, so that its number explains itself.

    Raises:
        RecordNotFound: there is none.
        NotDeletable: it is posted, or waits.
    """
    with shop.store.write() as connection:
        row = _held(connection, number)
        if State(row["state"]) not in DELETABLE:
            raise NotDeletable(row["number"], row["state"])
        _change(shop, connection, row, {"state": credit_notes.DELETED})
        _tell(shop, connection, actor, row, "deleted")


def _check_limit(shop: Shop, actor: Actor, note_id: str, made: Draft) -> None:
    limit.check_refund(
        shop, actor, note_id, total=made.note.total, is_other_currency=False, is_entered=False
    )


def _post(
    shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any], *, made: Draft
) -> None:
    """Post it as the till does, and let it settle its invoice."""
    done = post.post(shop, connection, actor, row, made)
    now = shop.clock.now()
    values = done | {"asked": None, "approved_by": actor.username, "approved_at": now}
    _change(shop, connection, row, values)
    _tell(shop, connection, actor, row, "approved", was=row["state"])


def _move(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    *,
    new: State,
    reason: str = "",
) -> None:
    check_move(MOVES, State(row["state"]), new=new, kind="credit note")
    _change(shop, connection, row, {"state": new.value})
    details = {"reason": reason} if reason else {}
    _tell(shop, connection, actor, row, new.value.lower(), was=row["state"], **details)


def _change(
    shop: Shop, connection: Connection, row: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    told = {"changed_at": shop.clock.now()} | dict(values)
    if not credit_notes.change(connection, row["id"], was=row["state"], values=told):
        raise StaleRecord("credit note", row["number"])


def _held(connection: Connection, number: int) -> dict[str, Any]:
    known = view.find(connection, number)
    row = credit_notes.held(connection, known["id"]) if known is not None else None
    if row is None:
        raise RecordNotFound("credit note", number)
    return dict(row)


def _row(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedCreditNote,
    *,
    made: Draft,
    note_id: str,
) -> dict[str, Any]:
    now, today = shop.clock.now(), shop.today
    count = setting.next_number(connection, f"credit_note:{today.isoformat()}")
    original = made.original
    lines = note.line_rows(
        shop, note_id, made.note, kind=NoteKind.CREDIT, original=original, wanted=made.wanted
    )
    return {
        "id": note_id,
        "number": f"CN-{today:%Y%m%d}-{count:04d}",
        "state": State.PENDING.value,
        "type": asked.type.value,
        "source": "API",
        "original_id": original.id,
        "partner": original.partner,
        "partner_name": original.partner_name,
        "currency": original.currency,
        "total": made.note.total.minor,
        "vat": made.note.vat.minor,
        "applied": 0,
        "doc_date": today,
        "reason": made.reason,
        "comments": asked.comments,
        "is_restocked": asked.is_restocked and asked.type.is_of_goods,
        "warehouse": made.wanted[0].warehouse,
        "asked": {"asked": asked.data, "lines": [_kept(line) for line in lines]},
        "content_hash": document.content_hash(asked.text),
        "created_by": actor.username,
        "created_at": now,
        "changed_at": now,
    }


def _kept(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as it is shown while the note waits."""
    told = {name: line[name] for name in view.LINE_FIELDS}
    for name in view.DECIMALS:
        told[name] = None if told[name] is None else format(told[name], "f")
    return told


def _tell(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    action: str,
    **details: Any,
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=f"credit_note.{action}",
        subject=row["number"],
        details=details,
    )
