"""Print the labels that were asked for, one by one: each is proven, asked about, or tried again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from pos_app.domain.label import LabelCause, LabelState
from pos_app.errors import PosError
from pos_app.services.label import facts
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import label as labels
from printing import escpos, zpl
from printing.errors import PrintingError
from printing.label import PriceLabel
from printing.layouts.label import price_label
from printing.outcome import Outcome, OutcomeKind

AGAIN = timedelta(seconds=5)
CUT_OFF = "The program stopped while it was printing: look whether it came out."


class LabelPort(Protocol):
    """What is needed of a label printer: `printing.label_printer` or `printing.printer`."""

    def print(self, job: bytes, job_id: str) -> Outcome:
        """Print one label and say how sure it is."""
        ...

    def settle(self, job_id: str) -> Outcome | None:
        """What became of an unsure one by now; None when this object does not know."""
        ...


def work(shop: Shop, printer: LabelPort, *, limit: int = 20) -> Worked:
    """Print what was asked for, oldest first; for the one holder of the label printer."""
    _recover(shop)
    done = _settle_late(shop, printer)
    while done < limit:
        row = _start(shop)
        if row is None:
            break
        state = _print(shop, printer, row)
        if state is LabelState.ASKED:
            break
        done += 1
    return _worked(shop, done)


def _recover(shop: Shop) -> None:
    """A label that was being sent when the program died is nobody's word any more."""
    with shop.store.read() as connection:
        cut_off = [row["id"] for row in labels.in_states(connection, (LabelState.SENT,))]
    if cut_off:
        with shop.store.write() as connection:
            values = {"state": LabelState.UNSURE.value, "reason": CUT_OFF}
            labels.change(connection, cut_off, was=(LabelState.SENT,), values=values)


def _settle_late(shop: Shop, printer: LabelPort) -> int:
    """A new roll, and the printer goes on where it stopped."""
    count = 0
    with shop.store.read() as connection:
        unsure = labels.in_states(connection, (LabelState.UNSURE,))
    for row in unsure:
        outcome = printer.settle(_job_id(row))
        if outcome is not None and outcome.kind in {OutcomeKind.CONFIRMED, OutcomeKind.PROBABLY}:
            count += _store(shop, row, LabelState.PRINTED, reason="", was=LabelState.UNSURE)
    return count


def _start(shop: Shop) -> dict[str, Any] | None:
    """Take the next label; its row says SENT before the first byte leaves."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        row = labels.next_due(connection, LabelState.ASKED, now)
    if row is None:
        return None
    with shop.store.write() as connection:
        changed = labels.change(
            connection,
            [row["id"]],
            was=(LabelState.ASKED,),
            values={"state": LabelState.SENT.value},
        )
        return labels.by_id(connection, row["id"]) if changed else None


def _print(shop: Shop, printer: LabelPort, row: Mapping[str, Any]) -> LabelState:
    try:
        with shop.store.read() as connection:
            label = facts.label_of(shop, connection, row)
        data = _encoded(shop, label, row["copies"])
    except (PrintingError, PosError) as error:
        # Nothing was sent, and a person has to see to it.
        _store(shop, row, LabelState.DUE, reason=str(error), was=LabelState.SENT)
        return LabelState.DUE
    outcome = printer.print(data, _job_id(row))
    state, reason = _state(outcome), str(outcome.reason or "")
    _store(shop, row, _ended(row, state), reason=reason, was=LabelState.SENT)
    return state


def _encoded(shop: Shop, label: PriceLabel, copies: int) -> bytes:
    rules = shop.rules.label
    words = shop.rules.paper.words
    if rules is None:
        return b""
    if rules.roll is None:
        return zpl.encode(label, rules.media, words, copies=copies)
    return escpos.encode(price_label(label, rules.roll.width, words), rules.roll) * copies


def _state(outcome: Outcome) -> LabelState:
    match outcome.kind:
        case OutcomeKind.CONFIRMED | OutcomeKind.PROBABLY:
            return LabelState.PRINTED
        case OutcomeKind.UNCONFIRMED:
            return LabelState.UNSURE
        case OutcomeKind.REFUSED:
            may_pass = outcome.reason is not None and outcome.reason.may_pass
            return LabelState.ASKED if may_pass else LabelState.DUE


def _ended(row: Mapping[str, Any], state: LabelState) -> LabelState:
    """What somebody asked for by hand goes into that hand, not onto a list for the shelf."""
    is_done = state is LabelState.PRINTED and row["cause"] == LabelCause.HAND
    return LabelState.CONFIRMED if is_done else state


def _store(
    shop: Shop, row: Mapping[str, Any], state: LabelState, *, reason: str, was: LabelState
) -> int:
    now = shop.clock.now()
    state = _ended(row, state)
    values = {
        "state": state.value,
        "reason": reason,
        "try_at": now + AGAIN if state is LabelState.ASKED else None,
        "printed_at": now if state in {LabelState.PRINTED, LabelState.CONFIRMED} else None,
        "ended_at": now if state is LabelState.CONFIRMED else None,
    }
    with shop.store.write() as connection:
        return labels.change(connection, [row["id"]], was=(was,), values=values)


def _job_id(row: Mapping[str, Any]) -> str:
    """Another one for each time the label was asked for."""
    return f"{row['id']}/{row['batch']}"


def _worked(shop: Shop, done: int) -> Worked:
    with shop.store.read() as connection:
        waiting = labels.in_states(connection, (LabelState.ASKED, LabelState.UNSURE))
        try_at = labels.first_try(connection, LabelState.ASKED)
    problem = next((row["reason"] for row in waiting if row["reason"]), "")
    asked = sum(row["state"] == LabelState.ASKED for row in waiting)
    return Worked(done=done, waiting=asked, next_at=try_at, problem=problem)
