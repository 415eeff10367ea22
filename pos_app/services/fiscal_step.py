"""Opening and closing the fiscal day: wanted first, told to the device once, settled by reading.

The device has one call for both, which undoes itself when it is repeated. So what is expected is on
disk before the call; after an unclear end the day is read: changed means done, unchanged means it
may be told again (production lesson L15).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from fiscal.errors import DayNotOpen, FiscalError, OutcomeUnknown, Rejected, Unavailable
from fiscal.messages import DayStatus, Hello, ZReport
from pos_app.domain.fiscal import FiscalState
from pos_app.domain.fiscal_day import FiscalDayBusy, FiscalStepPending, StepKind, StepState
from pos_app.services import fiscal_account, fiscal_figure
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_day as days
from pos_app.store import fiscal_device as devices

TILL = "till"
"""Who asks for what the till does by itself."""

RETRY_SECONDS = (1, 2, 5, 10, 20, 30)
CLOSE_FAILED = "fiscaldayclosefailed"

IN_FLIGHT = (FiscalState.SENT, FiscalState.UNKNOWN)
"""Nobody may close a day in which one of these may still turn up (production lesson L14)."""

BLOCKING = (FiscalState.INTENT, *IN_FLIGHT, FiscalState.DISPUTED)
"""Nor should anybody while these are not settled; only the legal end of the day comes first."""


class Device(Protocol):
    """What steps need of `fiscal.driver.Driver`."""

    def hello(self) -> Hello:
        """Who the device is and where it stands."""
        ...

    def day_status(self) -> DayStatus:
        """The fiscal day."""
        ...

    def open_day(self) -> DayStatus:
        """Open the fiscal day; an open one is left as it is. Returns how the day stands now."""
        ...

    def close_day(self) -> ZReport:
        """Close the fiscal day and return its totals."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStep:
    """The opening or closing of a day, as it stands.

    Attributes:
        fiscal_day: the day the device was on before it was told; None before that.
        problem: why it is not done; empty when nothing went wrong.
    """

    id: str
    kind: StepKind
    state: StepState
    asked_by: str
    reason: str
    asked_at: datetime
    fiscal_day: int | None
    ended_at: datetime | None
    problem: str

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end."""
        return self.state in {StepState.DONE, StepState.REFUSED}


def ask(
    shop: Shop, kind: StepKind, *, username: str, reason: str, is_forced: bool = False
) -> DayStep:
    """Keep the wish to open or close the day; the holder of the device does it.

    Args:
        shop: the till.
        kind: what is wanted.
        username: who wants it.
        reason: why.
        is_forced: the day is over, so only what may be on the device already stands in the way.

    Raises:
        FiscalStepPending: something is wanted already.
        FiscalDayBusy: receipts of the day are not settled.
    """
    with shop.store.write() as connection:
        known = days.pending_step(connection)
        if known is not None:
            raise FiscalStepPending(known["kind"], known["asked_by"])
        if kind is StepKind.CLOSE:
            _check_settled(connection, IN_FLIGHT if is_forced else BLOCKING)
        row: dict[str, Any] = {
            "id": shop.ids.new(),
            "kind": kind.value,
            "state": StepState.ASKED.value,
            "asked_by": username,
            "reason": reason,
            "asked_at": shop.clock.now(),
            "looks": 0,
            "problem": "",
        }
        days.add_step(connection, row)
        if username != TILL:
            _audit(shop, connection, f"fiscal.ask_{kind.value}", username, {"reason": reason})
        return of_row(days.step(connection, row["id"]))


def cancel(shop: Shop, username: str, reason: str) -> None:
    """Take back a wish the device has not been told yet; what it was told is only read up."""
    with shop.store.write() as connection:
        row = days.pending_step(connection)
        if row is None or row["state"] != StepState.ASKED:
            return
        _move(shop, connection, row, StepState.REFUSED, {"problem": f"Taken back: {reason}"})
        _audit(shop, connection, f"fiscal.cancel_{row['kind']}", username, {"reason": reason})


def settle(shop: Shop, device: Device) -> str:
    """Read what became of a step that was sent and not answered.

    Returns:
        Why it is still not known; empty when nothing is in doubt.
    """
    row = _pending(shop, StepState.SENT)
    if row is None:
        return ""
    if not days.is_due(row, shop.clock.now()):
        return str(row["problem"])
    try:
        status = device.day_status()
    except FiscalError as error:
        return _again(shop, row, StepState.SENT, str(error))
    return _read_up(shop, row, status)


def run(shop: Shop, device: Device) -> str:
    """Do what is wanted of the day, when nothing stands in the way.

    Returns:
        Why it is not done; empty when nothing is wanted, or it is done.
    """
    row = _pending(shop, StepState.ASKED)
    if row is None:
        return ""
    if not days.is_due(row, shop.clock.now()):
        return str(row["problem"])
    if row["kind"] == StepKind.CLOSE:
        waiting = _standing_in_the_way(shop)
        if waiting:
            return _again(shop, row, StepState.ASKED, FiscalDayBusy(waiting).sentence)
    return _tell(shop, device, row)


def open_now(shop: Shop, device: Device) -> str:
    """Open the day before its first receipt. Returns why it is not open; empty when it is."""
    return _now(shop, device, StepKind.OPEN, reason="the first receipt of the day")


def renew_now(shop: Shop, device: Device) -> str:
    """Close a day at its legal end. Returns why it is not closed; empty when it is."""
    return _now(shop, device, StepKind.CLOSE, reason="the day has come to its legal end")


def of_row(row: RowMapping | None) -> DayStep:
    """A stored step."""
    if row is None:
        raise LookupError("a step that was stored is gone")
    return DayStep(
        id=row["id"],
        kind=StepKind(row["kind"]),
        state=StepState(row["state"]),
        asked_by=row["asked_by"],
        reason=row["reason"],
        asked_at=row["asked_at"],
        fiscal_day=row["fiscal_day"],
        ended_at=row["ended_at"],
        problem=row["problem"],
    )


def _now(shop: Shop, device: Device, kind: StepKind, *, reason: str) -> str:
    """Do what a receipt needs at once, unless somebody wants something else of the day."""
    row = _pending(shop, StepState.ASKED)
    if row is None:
        ask(shop, kind, username=TILL, reason=reason, is_forced=True)
        row = _pending(shop, StepState.ASKED)
    if row is None or row["kind"] != kind:
        return "The fiscal day is being opened or closed: the receipt waits for that."
    if not days.is_due(row, shop.clock.now()):
        return str(row["problem"])
    return _tell(shop, device, row)


def _tell(shop: Shop, device: Device, row: RowMapping) -> str:
    """Store what is expected, and only then tell the device."""
    try:
        hello = device.hello()
    except FiscalError as error:
        return _again(shop, row, StepState.ASKED, str(error))
    if hello.is_day_open is (row["kind"] == StepKind.OPEN):
        word = "open" if hello.is_day_open else "closed"
        _end(shop, row, f"The fiscal day was {word} already when the device was asked.")
        return ""
    sent = {
        "device_id": hello.device_id,
        "fiscal_day": hello.fiscal_day,
        "sent_at": shop.clock.now(),
        "look_at": None,
        "problem": "",
    }
    with shop.store.write() as connection:
        _move(shop, connection, row, StepState.SENT, sent)
    told = _pending(shop, StepState.SENT)
    return "" if told is None else _outcome(shop, device, told, hello)


def _outcome(shop: Shop, device: Device, row: RowMapping, hello: Hello) -> str:
    """Tell the device once, and keep which of the three outcomes it was."""
    try:
        return _send(shop, device, row, hello)
    except DayNotOpen:
        return _end(shop, row, "Somebody else has closed the fiscal day.")
    except Rejected as error:
        return _end(shop, row, str(error))
    except Unavailable as error:
        return _again(shop, row, StepState.ASKED, str(error))
    except OutcomeUnknown as error:
        return _again(shop, row, StepState.SENT, str(error))


def _send(shop: Shop, device: Device, row: RowMapping, hello: Hello) -> str:
    if row["kind"] == StepKind.CLOSE:
        report = device.close_day()
        if not report.is_recovered and "clos" not in report.message.casefold():
            raise OutcomeUnknown(f"it answered with {report.message!r} to the closing of the day")
        return _closed(shop, row, report, last=hello.last_receipt_global_no)
    status = device.open_day()
    if not status.is_open:
        why = f"The device was told to open the fiscal day and says {status.status}: look at it."
        return _end(shop, row, why)
    return _opened(shop, row, status)


def _read_up(shop: Shop, row: RowMapping, status: DayStatus) -> str:
    """What the day's own status says of a step in doubt."""
    before, word = row["fiscal_day"] or 0, status.status.casefold()
    if row["kind"] == StepKind.OPEN:
        if status.is_open or status.last_fiscal_day_no > before:
            return _opened(shop, row, status)
        return _unchanged(shop, row)
    if status.is_closing:
        return _again(shop, row, StepState.SENT, "The device is still closing the fiscal day.")
    if word == CLOSE_FAILED:
        why = "The tax authority did not accept the closing: call it, selling may go on."
        return _end(shop, row, why)
    if status.is_open and status.last_fiscal_day_no == before:
        return _unchanged(shop, row)
    return _closed(shop, row, None, last=status.last_receipt_global_no)


def _unchanged(shop: Shop, row: RowMapping) -> str:
    """Read, and nothing had happened: it may be told again."""
    _again(shop, row, StepState.ASKED, "The device was told and did nothing; it is told again.")
    return ""


def _opened(shop: Shop, row: RowMapping, status: DayStatus) -> str:
    """The day is open: from now on its hours count."""
    now = shop.clock.now()
    day = {
        "device_id": row["device_id"],
        "fiscal_day": status.last_fiscal_day_no,
        "opened_at": row["sent_at"],
        "opened_by": row["asked_by"],
        "is_opening_foreign": False,
        "is_closing_foreign": False,
        "needs_look": False,
        "base_global_no": status.last_receipt_global_no,
    }
    with shop.store.write() as connection:
        if _move(shop, connection, row, StepState.DONE, {"ended_at": now, "problem": ""}):
            days.begin(connection, day)
            _stand(connection, row, status.last_fiscal_day_no, is_open=True)
            details = {"by": row["asked_by"], "day": status.last_fiscal_day_no}
            _audit(shop, connection, "fiscal.open_day", TILL, details)
    return ""


def _closed(shop: Shop, row: RowMapping, report: ZReport | None, *, last: int) -> str:
    """The day is closed: keep the device's totals, and compare them with our own."""
    now, day = shop.clock.now(), int(row["fiscal_day"])
    z = None if report is None or report.is_recovered else fiscal_figure.kept(report)
    values = {
        "closed_at": now,
        "closed_by": row["asked_by"],
        "last_global_no": last,
        "z": z,
    }
    with shop.store.write() as connection:
        if _move(shop, connection, row, StepState.DONE, {"ended_at": now, "problem": ""}):
            if not days.change(connection, row["device_id"], day, values):
                days.begin(connection, _unseen(row) | values)
            _stand(connection, row, day, is_open=False)
            details = {"by": row["asked_by"], "day": day, "has_totals": z is not None}
            details["differences"] = _reconciled(connection, row["device_id"], day)
            _audit(shop, connection, "fiscal.close_day", TILL, details)
    return ""


def _reconciled(connection: Connection, device_id: str, day: int) -> list[str]:
    """Compare the accounts of a day that is closed, and note whether somebody has to look."""
    row = days.of_device(connection, device_id, day)
    if row is None:
        return []
    if row["base_global_no"] is not None:
        journal.date(connection, device_id, day, base=row["base_global_no"])
    account = fiscal_account.of(connection, row)
    days.change(connection, device_id, day, {"needs_look": not account.is_clean})
    return [found.sentence for found in account.differences]


def _unseen(row: RowMapping) -> dict[str, Any]:
    """A day that is closed and whose opening nobody here has seen."""
    return {
        "device_id": row["device_id"],
        "fiscal_day": row["fiscal_day"],
        "opened_by": "",
        "is_opening_foreign": False,
        "is_closing_foreign": False,
        "needs_look": False,
    }


def _stand(connection: Connection, row: RowMapping, day: int, *, is_open: bool) -> None:
    devices.change(connection, row["device_id"], {"fiscal_day": day, "is_day_open": is_open})


def _end(shop: Shop, row: RowMapping, why: str) -> str:
    """Give a step up; what the till wants by itself is wanted again later instead."""
    if row["asked_by"] == TILL and row["state"] == StepState.SENT:
        return _again(shop, row, StepState.ASKED, why)
    with shop.store.write() as connection:
        values = {"ended_at": shop.clock.now(), "problem": why}
        if _move(shop, connection, row, StepState.REFUSED, values) and row["asked_by"] != TILL:
            action = f"fiscal.{row['kind']}_day_refused"
            _audit(shop, connection, action, row["asked_by"], {"reason": why})
    return why


def _again(shop: Shop, row: RowMapping, state: StepState, why: str) -> str:
    """Leave a step for later, and say why; the wait grows."""
    pause = RETRY_SECONDS[min(row["looks"], len(RETRY_SECONDS) - 1)]
    values = {
        "looks": row["looks"] + 1,
        "look_at": shop.clock.now() + timedelta(seconds=pause),
        "problem": why,
    }
    with shop.store.write() as connection:
        _move(shop, connection, row, state, values)
    return why


def _move(
    shop: Shop, connection: Connection, row: RowMapping, state: StepState, values: dict[str, Any]
) -> bool:
    if state in {StepState.DONE, StepState.REFUSED}:
        values = {"ended_at": shop.clock.now(), **values}
    return days.move_step(connection, row["id"], was=row["state"], state=state.value, values=values)


def _pending(shop: Shop, state: StepState) -> RowMapping | None:
    with shop.store.read() as connection:
        row = days.pending_step(connection)
    return row if row is not None and row["state"] == state else None


def _check_settled(connection: Connection, states: tuple[FiscalState, ...]) -> None:
    waiting = journal.blocking(connection, states)
    if waiting:
        raise FiscalDayBusy(waiting)


def _standing_in_the_way(shop: Shop) -> list[str]:
    with shop.store.read() as connection:
        return journal.blocking(connection, BLOCKING)


def _audit(
    shop: Shop, connection: Connection, action: str, username: str, details: dict[str, Any]
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=username,
        action=action,
        subject=shop.rules.till,
        details=details,
    )
