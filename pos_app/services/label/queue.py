"""Which labels are due, and what people do with them: print, confirm, cancel, ask for more.

What is due is found by comparing the books with what the shelf shows, so nothing that changes a
price needs to tell it, promotions begin and end by themselves, and no crash can lose a label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.label import (
    LIVE,
    MAY_BE_ASKED,
    MAY_BE_CANCELLED,
    MAY_BE_CONFIRMED,
    MOST_COPIES,
    Facts,
    LabelCause,
    LabelImpossible,
    LabelMoved,
    LabelState,
    cause_of,
)
from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import InvalidInput, RecordNotFound, RuleBroken
from pos_app.services.label import facts
from pos_app.services.shop import Shop
from pos_app.store import audit, setting
from pos_app.store import label as labels

ON_SHELF = (LabelState.PRINTED, LabelState.UNSURE, LabelState.SENT)
"""States in which a label with the former price may hang, or be about to."""


TURN = "label:refresh"


class LabelPrinterMissing(RuleBroken):
    """There is nothing to print labels on."""

    code = "label_printer_missing"

    def __init__(self) -> None:
        super().__init__("There is no label printer: name one under [label] in the settings.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label that somebody still has to do something with.

    Attributes:
        was: what the shelf shows; None for goods that are new.
        problem: why it could not be printed, or is not sure to have been.
    """

    id: str
    item: str
    cause: LabelCause
    state: LabelState
    was: Facts | None
    now: Facts
    copies: int
    weight: Decimal | None
    due_at: datetime
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the labels that were asked for together have come."""

    total: int
    printed: int
    waiting: int
    unsure: int


def refresh(shop: Shop) -> int:
    """Compare the books with the shelves; returns how many labels have become due or changed.

    The first look of all takes the shelves for right: they were labelled before.
    """
    with shop.store.read() as connection:
        shown = labels.shown(connection)
        current = {item.code: told.to_json() for item, told in facts.every(shop, connection)}
        live = _by_item(labels.in_states(connection, LIVE))
    if shown and not _steps(shown, current, live) and not shown.keys() - current.keys():
        return 0
    with shop.store.write() as connection:
        # Of two who look at once the second sees what the first made due.
        setting.next_number(connection, TURN)
        shown, live = labels.shown(connection), _by_item(labels.in_states(connection, LIVE))
        if not shown:
            labels.show(connection, current, shop.clock.now())
            return 0
        steps = _steps(shown, current, live)
        gone = [code for code in shown if code not in current]
        labels.forget(connection, gone)
        ended = [row["id"] for code in gone for row in live.get(code, [])]
        _end(shop, connection, ended, LabelState.CANCELLED, "The item is not for sale any more.")
        return sum(_take(shop, connection, step) for step in steps) + len(ended)


@dataclass(frozen=True, slots=True)
class _Step:
    """An item whose labels have to follow what the books say now."""

    item: str
    was: dict[str, Any] | None
    now: dict[str, Any]
    live: tuple[dict[str, Any], ...]


def _by_item(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Labels of the shelf; what somebody asked for by hand follows no price."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["cause"] != LabelCause.HAND:
            found.setdefault(row["item"], []).append(row)
    return found


def _steps(
    shown: Mapping[str, dict[str, Any]],
    current: Mapping[str, dict[str, Any]],
    live: Mapping[str, Sequence[dict[str, Any]]],
) -> list[_Step]:
    steps = []
    for code, now in current.items():
        own = tuple(live.get(code, ()))
        wanted = [row for row in own if row["now"] == now]
        is_settled = bool(wanted) if shown.get(code) != now else not own
        if not is_settled or len(own) > 1:
            steps.append(_Step(code, shown.get(code), now, own))
    return steps


def _take(shop: Shop, connection: Connection, step: _Step) -> int:
    """Bring the labels of one item in line with the books."""
    waits = [row for row in step.live if row["state"] in (LabelState.DUE, LabelState.ASKED)]
    hangs = [row for row in step.live if row["state"] in ON_SHELF and row["now"] != step.now]
    ids = [row["id"] for row in hangs]
    count = _end(shop, connection, ids, LabelState.REPLACED, "Another price came first.")
    is_printed = any(row["state"] in ON_SHELF and row["now"] == step.now for row in step.live)
    if (step.was == step.now and not hangs) or is_printed:
        ids = [row["id"] for row in waits]
        return count + _end(shop, connection, ids, LabelState.CANCELLED, "The price went back.")
    was = Facts.from_json(step.was) if step.was else None
    cause = cause_of(was, Facts.from_json(step.now))
    if waits:
        more = [row["id"] for row in waits[1:]]
        count += _end(shop, connection, more, LabelState.REPLACED, "It is due once.")
        ids = [row["id"] for row in waits[:1] if row["now"] != step.now]
        values = {"now": step.now, "was": step.was, "cause": cause.value}
        states = (LabelState.DUE, LabelState.ASKED)
        return count + labels.change(connection, ids, was=states, values=values)
    labels.add(connection, [_row(shop, step.item, cause=cause, was=step.was, now=step.now)])
    return count + 1


def _row(
    shop: Shop,
    item: str,
    *,
    cause: LabelCause,
    was: dict[str, Any] | None,
    now: dict[str, Any],
) -> dict[str, Any]:
    return {
        "id": shop.ids.new(),
        "item": item,
        "cause": cause.value,
        "state": LabelState.DUE.value,
        "was": was,
        "now": now,
        "copies": 1,
        "due_at": shop.clock.now(),
    }


def _end(
    shop: Shop, connection: Connection, ids: Sequence[str], state: LabelState, reason: str
) -> int:
    values = {"state": state.value, "reason": reason, "ended_at": shop.clock.now()}
    return labels.change(connection, ids, was=LIVE, values=values)


def due(shop: Shop, actor: Actor) -> tuple[Label, ...]:
    """Every label somebody has to do something with, oldest first."""
    require(actor, Permission.LABEL_PRINT)
    with shop.store.read() as connection:
        rows = labels.in_states(connection, LIVE)
    return tuple(_label(row) for row in rows)


def ask(shop: Shop, actor: Actor, ids: Sequence[str], *, copies: int = 1) -> str:
    """Ask for labels to be printed, again if they were.

    Returns:
        The batch, by which `progress` tells how far they are.

    Raises:
        LabelPrinterMissing, LabelMoved, RecordNotFound.
        InvalidInput: no such number of copies.
    """
    require(actor, Permission.LABEL_PRINT)
    _check(shop, copies)
    batch = shop.ids.new()
    values = {
        "state": LabelState.ASKED.value,
        "batch": batch,
        "copies": copies,
        "username": actor.username,
        "asked_at": shop.clock.now(),
        "try_at": None,
        "reason": "",
    }
    with shop.store.write() as connection:
        _move(connection, ids, was=MAY_BE_ASKED, values=values, wanted="printed")
        details = {"batch": batch, "labels": len(ids), "copies": copies}
        _audit(shop, connection, actor, "label.print", subject=batch, details=details)
    return batch


def by_hand(
    shop: Shop, actor: Actor, code: str, *, copies: int = 1, weight: Decimal | None = None
) -> str:
    """Ask for a label of any item: for a shelf, or for a pack that was weighed.

    Returns:
        The batch.

    Raises:
        LabelPrinterMissing, ItemUnknown.
        LabelImpossible: it has no price, or no barcode can carry the weight.
        InvalidInput: no such number of copies, or a weight that is none.
    """
    require(actor, Permission.LABEL_PRINT)
    _check(shop, copies)
    batch, now = shop.ids.new(), shop.clock.now()
    with shop.store.write() as connection:
        item, told = facts.of_item(shop, connection, code)
        if weight is not None and (weight <= 0 or not item.is_weighed):
            raise LabelImpossible(code, "only goods that are weighed have a weight above zero")
        row = _row(shop, code, cause=LabelCause.HAND, was=None, now=told.to_json()) | {
            "state": LabelState.ASKED.value,
            "copies": copies,
            "weight": weight,
            "batch": batch,
            "username": actor.username,
            "asked_at": now,
        }
        facts.label_of(shop, connection, row)  # what cannot be made is refused here
        labels.add(connection, [row])
        details = {"item": code, "copies": copies, "weight": str(weight or "")}
        _audit(shop, connection, actor, "label.print", subject=batch, details=details)
    return batch


def confirm(shop: Shop, actor: Actor, ids: Sequence[str]) -> int:
    """They are on the shelf; returns how many.

    Raises:
        LabelMoved: one was never printed, or its price has changed again.
        RecordNotFound: there is none of this identity.
    """
    require(actor, Permission.LABEL_PRINT)
    now = shop.clock.now()
    with shop.store.write() as connection:
        rows = labels.by_ids(connection, ids)
        values = {"state": LabelState.CONFIRMED.value, "reason": "", "ended_at": now}
        _move(connection, ids, was=MAY_BE_CONFIRMED, values=values, wanted="confirmed")
        labels.show(connection, {row["item"]: row["now"] for row in rows}, now)
        details = {"items": [row["item"] for row in rows]}
        _audit(shop, connection, actor, "label.confirm", subject=str(len(rows)), details=details)
    return len(rows)


def cancel(shop: Shop, actor: Actor, ids: Sequence[str], *, reason: str) -> int:
    """No such label is needed: the shelf counts as right; returns how many.

    Raises:
        InvalidInput: the reason is missing.
        LabelMoved, RecordNotFound: as for `confirm`.
    """
    require(actor, Permission.LABEL_PRINT)
    if not reason.strip():
        raise InvalidInput("Say why no label is needed: enter a reason.")
    now = shop.clock.now()
    with shop.store.write() as connection:
        rows = labels.by_ids(connection, ids)
        values = {"state": LabelState.CANCELLED.value, "reason": reason.strip(), "ended_at": now}
        _move(connection, ids, was=MAY_BE_CANCELLED, values=values, wanted="cancelled")
        shelf = {row["item"]: row["now"] for row in rows if row["cause"] != LabelCause.HAND}
        labels.show(connection, shelf, now)
        details = {"items": [row["item"] for row in rows], "reason": reason.strip()}
        _audit(shop, connection, actor, "label.cancel", subject=str(len(rows)), details=details)
    return len(rows)


def progress(shop: Shop, batch: str) -> Progress:
    """How far the labels that were asked for together have come."""
    with shop.store.read() as connection:
        counts = labels.batch_counts(connection, batch)
    waiting = counts.get(LabelState.ASKED, 0) + counts.get(LabelState.SENT, 0)
    unsure, total = counts.get(LabelState.UNSURE, 0), sum(counts.values())
    return Progress(total=total, waiting=waiting, unsure=unsure, printed=total - waiting - unsure)


def _check(shop: Shop, copies: int) -> None:
    if shop.rules.label is None:
        raise LabelPrinterMissing
    if not 1 <= copies <= MOST_COPIES:
        raise InvalidInput(f"A label is printed 1 to {MOST_COPIES} times: enter such a number.")


def _move(
    connection: Connection,
    ids: Sequence[str],
    *,
    was: frozenset[LabelState],
    values: Mapping[str, Any],
    wanted: str,
) -> None:
    """Change all of these labels, or none."""
    if labels.change(connection, ids, was=sorted(was), values=values) == len(set(ids)):
        return
    known = {row["id"]: row for row in labels.by_ids(connection, ids)}
    for label_id in ids:
        if label_id not in known:
            raise RecordNotFound("label", label_id)
    # Those that have changed say what was wanted; the transaction gives it all back.
    stuck = next(row for row in known.values() if row["state"] != values["state"])
    raise LabelMoved(stuck["item"], stuck["state"], wanted)


def _audit(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    action: str,
    *,
    subject: str,
    details: dict[str, Any],
) -> None:
    now = shop.clock.now()
    audit.append(
        connection, at=now, actor=actor.username, action=action, subject=subject, details=details
    )


def _label(row: Mapping[str, Any]) -> Label:
    return Label(
        id=row["id"],
        item=row["item"],
        cause=LabelCause(row["cause"]),
        state=LabelState(row["state"]),
        was=Facts.from_json(row["was"]) if row["was"] else None,
        now=Facts.from_json(row["now"]),
        copies=row["copies"],
        weight=row["weight"],
        due_at=row["due_at"],
        problem=row["reason"],
    )
