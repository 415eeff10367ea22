"""The fiscal day for people: how it stands, open, close, its X figures, and every Z (lesson L13).

Nothing here talks to the device. What is asked for is kept, and the holder of the device does it,
in this process or in another; `step` tells how far it has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from pos_app.domain.fiscal_day import (
    DayState,
    FiscalDayAlready,
    StepKind,
    day_state,
    time_left,
)
from pos_app.domain.limit import ReasonMissing
from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import RecordNotFound
from pos_app.services import fiscal_account, fiscal_auto, fiscal_step
from pos_app.services.fiscal_account import FiscalDay
from pos_app.services.fiscal_step import DayStep
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_day as days
from pos_app.store import fiscal_device as devices


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStanding:
    """How the fiscal day stands, as far as this till has seen.

    Attributes:
        device_id: empty when no device was ever met.
        fiscal_day: the open day, or the last one.
        opened_at: None when nobody here has seen it opened.
        time_left: until its legal end; None when that is not known, or no day is open.
        closes_at: when the till closes it by itself; None: by hand.
        blocking: receipts that must be settled before it can be closed.
        step: what is being done to it, or was done last.
        unsigned: closed days with a difference or a foreign hand that nobody has signed.
        seen_at: when the device was last greeted.
    """

    state: DayState
    device_id: str
    fiscal_day: int | None
    opened_at: datetime | None
    time_left: timedelta | None
    closes_at: datetime | None
    blocking: tuple[str, ...]
    step: DayStep | None
    unsigned: tuple[int, ...]
    seen_at: datetime | None


def standing(shop: Shop) -> DayStanding:
    """How the day stands now, with the time left and what stands in the way of closing it."""
    with shop.store.read() as connection:
        return stand(shop, connection)


def stand(shop: Shop, connection: Connection) -> DayStanding:
    """As `standing`, within a transaction."""
    known = devices.current(connection)
    step = days.pending_step(connection) or days.last_step(connection)
    day = _day_of(connection, known)
    opened_at = day["opened_at"] if day else None
    is_open = known is not None and known["is_day_open"]
    rules, now = shop.rules.fiscal, shop.clock.now()
    return DayStanding(
        state=state(shop, connection, known) if known else DayState.UNKNOWN,
        device_id=known["device_id"] if known else "",
        fiscal_day=known["fiscal_day"] if known else None,
        opened_at=opened_at if is_open else None,
        time_left=time_left(opened_at, now=now, hours=rules.day_hours) if is_open else None,
        closes_at=fiscal_auto.closes_at(shop, connection),
        blocking=tuple(journal.blocking(connection, fiscal_step.BLOCKING)),
        step=fiscal_step.of_row(step) if step else None,
        unsigned=tuple(row["fiscal_day"] for row in days.unsigned(connection)),
        seen_at=known["seen_at"] if known else None,
    )


def state(shop: Shop, connection: Connection, known: RowMapping) -> DayState:
    """How the day of a device stands by the clock."""
    day = _day_of(connection, known)
    return day_state(
        is_open=known["is_day_open"],
        opened_at=day["opened_at"] if day else None,
        now=shop.clock.now(),
        hours=shop.rules.fiscal.day_hours,
        warn_hours=shop.rules.fiscal.warn_hours,
    )


def open_day(shop: Shop, actor: Actor, *, reason: str = "") -> DayStep:
    """Ask for the day to be opened.

    Raises:
        FiscalDayAlready: it is open.
        FiscalStepPending: something is wanted of the day already.
    """
    require(actor, Permission.FISCAL_DAY)
    if _is_open(shop) is True:
        raise FiscalDayAlready("open")
    return fiscal_step.ask(shop, StepKind.OPEN, username=actor.username, reason=reason.strip())


def close_day(shop: Shop, actor: Actor, *, reason: str = "") -> DayStep:
    """Ask for the day to be closed; no receipt may be open (production lesson L14).

    Raises:
        FiscalDayAlready: it is closed.
        FiscalDayBusy: receipts of the day are not settled; the error names them.
        FiscalStepPending: something is wanted of the day already.
    """
    require(actor, Permission.FISCAL_DAY)
    if _is_open(shop) is False:
        raise FiscalDayAlready("closed")
    is_over = standing(shop).state is DayState.OVER
    return fiscal_step.ask(
        shop,
        StepKind.CLOSE,
        username=actor.username,
        reason=reason.strip(),
        is_forced=is_over,
    )


def cancel(shop: Shop, actor: Actor, *, reason: str) -> None:
    """Take back what was asked of the day and the device has not been told yet.

    Raises:
        ReasonMissing: nobody said why.
    """
    require(actor, Permission.FISCAL_DAY)
    fiscal_step.cancel(shop, actor.username, _reason(reason))


def step(shop: Shop, step_id: str) -> DayStep:
    """How far an opening or closing has come.

    Raises:
        RecordNotFound: there is no such step.
    """
    with shop.store.read() as connection:
        row = days.step(connection, step_id)
    if row is None:
        raise RecordNotFound("step of the fiscal day", step_id)
    return fiscal_step.of_row(row)


def x(shop: Shop, actor: Actor) -> FiscalDay:
    """The open day's figures from our own journal; the device is not asked and nothing changes.

    Raises:
        RecordNotFound: no day is open.
    """
    require(actor, Permission.FISCAL_DAY, Permission.SHIFT_X)
    with shop.store.read() as connection:
        known = devices.current(connection)
        day = _day_of(connection, known)
        if known is None or day is None or not known["is_day_open"]:
            raise RecordNotFound("open fiscal day on", shop.rules.till)
        return fiscal_account.of(connection, day)


def z(shop: Shop, actor: Actor, day: int | None = None) -> FiscalDay:
    """A closed day with its Z report and its reconciliation; the last one by default.

    Raises:
        RecordNotFound: there is no such closed day here.
    """
    require(actor, Permission.FISCAL_DAY, Permission.REPORTS_VIEW)
    with shop.store.read() as connection:
        row = _closed_row(connection, day)
        if row is None:
            raise RecordNotFound("closed fiscal day", str(day or ""))
        return fiscal_account.of(connection, row)


def history(shop: Shop, actor: Actor, *, limit: int = 31) -> Sequence[FiscalDay]:
    """The last fiscal days, newest first, each with its reconciliation."""
    require(actor, Permission.FISCAL_DAY, Permission.REPORTS_VIEW)
    with shop.store.read() as connection:
        rows = days.newest(connection, limit=limit)
        return [fiscal_account.of(connection, row) for row in rows]


def sign(shop: Shop, actor: Actor, day: int, *, note: str) -> FiscalDay:
    """Put a manager's name and note to a closed day, with all its differences.

    Raises:
        RecordNotFound: there is no such closed day here.
        ReasonMissing: there is nothing in the note.
    """
    require(actor, Permission.FISCAL_DAY)
    words, now = _reason(note), shop.clock.now()
    with shop.store.write() as connection:
        row = _closed_row(connection, day)
        if row is None:
            raise RecordNotFound("closed fiscal day", str(day))
        account = fiscal_account.of(connection, row)
        values = {"signed_at": now, "signed_by": actor.username, "note": words}
        days.change(connection, row["device_id"], day, values)
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="fiscal.sign_day",
            subject=f"{row['device_id']}/{day}",
            details={
                "note": words,
                "differences": [found.sentence for found in account.differences],
                "found": list(account.found),
            },
        )
    return z(shop, actor, day)


def _day_of(connection: Connection, known: RowMapping | None) -> RowMapping | None:
    if known is None:
        return None
    return days.of_device(connection, known["device_id"], known["fiscal_day"])


def _closed_row(connection: Connection, day: int | None) -> RowMapping | None:
    if day is not None:
        row = days.by_number(connection, day)
        return row if row is not None and row["closed_at"] is not None else None
    rows = days.newest(connection, limit=10)
    return next((row for row in rows if row["closed_at"] is not None), None)


def _is_open(shop: Shop) -> bool | None:
    """Whether a day is open; None when no device was ever met."""
    with shop.store.read() as connection:
        known = devices.current(connection)
    return None if known is None else bool(known["is_day_open"])


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return text.strip()
