"""File what was sold on the fiscal device: each receipt once, doubts settled by reading alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import RowMapping

from fiscal.errors import FiscalError, OutcomeUnknown, Refusal, Rejected, Unavailable
from fiscal.messages import BacklogRow, DayStatus, Filed, Hello, ReceiptRequest, ZReport
from pos_app.domain.fiscal import Decision, DeviceNow, FiscalState, Lookup, LookupOutcome, decide
from pos_app.domain.fiscal_day import StepState
from pos_app.services import fiscal_auto, fiscal_away, fiscal_device, fiscal_record, fiscal_step
from pos_app.services.fiscal_record import Step
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_day as days
from pos_app.store import fiscal_device as devices

RETRY_SECONDS = (1, 2, 5, 10, 20, 30)
RESENDS_MAX = 3


class Device(Protocol):
    """What the lane needs of `fiscal.driver.Driver`."""

    def hello(self) -> Hello:
        """Who the device is and where it stands."""
        ...

    def day_status(self) -> DayStatus:
        """The fiscal day."""
        ...

    def backlog(self, day: int) -> list[BacklogRow]:
        """Receipts of a fiscal day that the device has not delivered to the authority."""
        ...

    def submit(self, request: ReceiptRequest) -> Filed:
        """File a receipt; sent once."""
        ...

    def open_day(self) -> DayStatus:
        """Open the fiscal day; an open one is left as it is. Returns how the day stands now."""
        ...

    def close_day(self) -> ZReport:
        """Close the fiscal day and return its totals."""
        ...

    def look_up(self, number: str) -> Filed | None:
        """The receipt of a number, None when it is proven not to be there."""
        ...


def work(shop: Shop, device: Device, *, limit: int = 50, is_first: bool = False) -> Worked:
    """Settle what is in doubt, then file what waits, in the order it was sold.

    A row that is not settled stops the rows behind it (production lesson L33); one that needs a
    person is named and no longer stops them. For the one holder of the device.

    Args:
        shop: the till.
        device: its fiscal device.
        limit: so many steps at most in one go.
        is_first: the program has just started, so the device is met whatever was known of it.
    """
    doubt = fiscal_step.settle(shop, device)
    if doubt:
        return _worked(shop, 0, doubt)
    if is_first or fiscal_device.is_due(shop):
        try:
            problem = fiscal_device.meet(shop, device, is_first=is_first).stop
        except FiscalError as error:
            problem = str(error)
        if problem and not _has_due(shop):
            fiscal_step.run(shop, device)
            return _worked(shop, 0, problem)
    done, problem = _file(shop, device, limit)
    wanted = fiscal_auto.work(shop, device)
    return _worked(shop, done, problem or wanted)


def _file(shop: Shop, device: Device, limit: int) -> tuple[int, str]:
    done, problem = 0, ""
    for _ in range(limit):
        with shop.store.read() as connection:
            row = journal.next_due(connection, shop.clock.now())
        if row is None:
            break
        step = _step(shop, device, row)
        problem = step.problem
        done += step.is_settled
        if not step.goes_on:
            break
    return done, problem


def _has_due(shop: Shop) -> bool:
    with shop.store.read() as connection:
        return journal.next_due(connection, shop.clock.now()) is not None


def has_work(shop: Shop) -> bool:
    """Whether there is a reason to take the device now; it is left to others without one."""
    with shop.store.read() as connection:
        waits = journal.first_unsettled(connection) is not None
        wanted = days.pending_step(connection) is not None
    return waits or wanted or fiscal_device.is_due(shop)


def must_keep(shop: Shop) -> bool:
    """Whether the device must not be lent to others: a receipt or a day is not settled."""
    with shop.store.read() as connection:
        waits = journal.first_unsettled(connection) is not None
        step = days.pending_step(connection)
    return waits or (step is not None and step["state"] == StepState.SENT)


def _worked(shop: Shop, done: int, problem: str) -> Worked:
    with shop.store.read() as connection:
        waiting, _since = journal.unsettled(connection)
        first, wanted = journal.first_unsettled(connection), days.pending_step(connection)
    is_in_doubt = wanted is not None and wanted["state"] == StepState.SENT
    rows = (wanted,) if is_in_doubt else (first, wanted)
    dates = [row["look_at"] for row in rows if row is not None and row["look_at"]]
    return Worked(
        done=done,
        waiting=waiting,
        next_at=min(dates, default=None),
        problem=problem or (first["reason"] if first else ""),
    )


def _step(shop: Shop, device: Device, row: RowMapping) -> Step:
    if row["state"] == FiscalState.INTENT:
        return _send(shop, device, row)
    return _look(shop, device, row)


def _send(shop: Shop, device: Device, row: RowMapping) -> Step:
    """Store where the device stands, say SENT, and only then send the first byte."""
    try:
        met = fiscal_device.meet(shop, device)
    except FiscalError as error:
        return _postpone(shop, row, FiscalState.INTENT, str(error))
    if met.stop:
        return _postpone(shop, row, FiscalState.INTENT, met.stop)
    fresh = _again(shop, row)
    if fresh["state"] != FiscalState.INTENT:
        return Step(goes_on=True, is_settled=fresh["settled_at"] is not None)
    if not met.hello.is_day_open:
        return _day(shop, row, fiscal_step.open_now(shop, device))
    baseline = {
        "device_id": met.hello.device_id,
        "last_global_number": met.hello.last_receipt_global_no,
        "fiscal_day": met.hello.fiscal_day,
        "boot_id": met.hello.boot_id,
    }
    values = {"baseline": baseline, "sent_at": shop.clock.now(), "look_at": None, "reason": ""}
    if not _move(shop, row, FiscalState.SENT, values):
        return Step(goes_on=True)
    return _submit(shop, device, _again(shop, row))


def _submit(shop: Shop, device: Device, row: RowMapping) -> Step:
    try:
        filed = device.submit(ReceiptRequest.from_json(row["request"]))
    except Unavailable as error:
        return _postpone(shop, row, FiscalState.INTENT, str(error))
    except Rejected as error:
        return _refused(shop, device, row, error)
    except OutcomeUnknown as error:
        _move(shop, row, FiscalState.UNKNOWN, {"reason": str(error)})
        return _look(shop, device, _again(shop, row))
    return fiscal_record.judge(shop, row, filed)


def _refused(shop: Shop, device: Device, row: RowMapping, error: Rejected) -> Step:
    """A duplicate is looked up and compared, never sent again (production lesson L06)."""
    if error.is_duplicate:
        _move(shop, row, FiscalState.UNKNOWN, {"reason": str(error)})
        return _look(shop, device, _again(shop, row))
    if error.refusal is Refusal.DAY_CLOSED:
        return _renew_day(shop, device, row, error)
    if error.is_about_device:
        return _postpone(shop, row, FiscalState.INTENT, str(error))
    return fiscal_record.refuse(shop, row, str(error))


def _renew_day(shop: Shop, device: Device, row: RowMapping, error: Rejected) -> Step:
    """A day past its legal length takes no receipt: close it, and the next step opens a new one.

    Nothing is unknown at this moment, since an unsettled row stops those behind it (lesson L14).
    A shop that closes by hand waits for its manager.
    """
    _move(shop, row, FiscalState.INTENT, {"reason": str(error)})
    fresh = _again(shop, row)
    if not shop.rules.fiscal.closes_itself:
        return _postpone(shop, fresh, FiscalState.INTENT, str(error))
    return _day(shop, fresh, fiscal_step.renew_now(shop, device))


def _day(shop: Shop, row: RowMapping, problem: str) -> Step:
    """Go on when the day is as the receipt needs it, or wait with it."""
    if problem:
        return _postpone(shop, row, FiscalState.INTENT, problem)
    return Step(goes_on=True)


def _look(shop: Shop, device: Device, row: RowMapping) -> Step:
    """Ask the device what became of a receipt, and do what the answer allows."""
    try:
        filed = device.look_up(row["number"])
        now = _now(shop, device, row) if filed is None else None
    except FiscalError as error:
        fiscal_away.lose(shop, str(error))
        return _postpone(shop, row, FiscalState.UNKNOWN, str(error))
    if filed is not None:
        return fiscal_record.judge(shop, row, filed)
    decision = decide(
        Lookup(LookupOutcome.MISSING),
        fiscal_record.asked(shop, row, ""),
        baseline=fiscal_record.baseline(row),
        device_now=now,
        unexplained=_unexplained(shop, row, now),
    )
    if decision is Decision.WAIT:
        return _postpone(shop, row, FiscalState.UNKNOWN, NOT_YET)
    if decision is not Decision.RESEND:
        return fiscal_record.dispute(shop, row, _why_not(row, now))
    if row["resends"] >= RESENDS_MAX:
        why = "The device keeps losing this receipt: a supervisor must look at the device."
        return fiscal_record.dispute(shop, row, why)
    values = {"resends": row["resends"] + 1, "reason": "", "look_at": None}
    _move(shop, row, FiscalState.INTENT, values)
    return Step(goes_on=True)


NOT_YET = "The device does not have the receipt yet and may still be at work on it; it is asked on."


def _now(shop: Shop, device: Device, row: RowMapping) -> DeviceNow:
    """Where the device stands, and whether "not found" may be believed of it now.

    It has to be the same device at the same count in the same life before and after the question,
    and must not hold the number in its backlog. A device that does not tell its lives apart is
    given the time a request may take (production lesson L03).

    Raises:
        FiscalError: it could not be asked.
    """
    first = fiscal_device.meet(shop, device).hello
    backlog = {entry.number for entry in device.backlog(first.fiscal_day)}
    filed = device.look_up(row["number"])
    last = device.hello()
    is_same = (first.boot_id, first.last_receipt_global_no) == (
        last.boot_id,
        last.last_receipt_global_no,
    )
    is_quiet = bool(last.boot_id) or _age(shop, row) >= shop.rules.fiscal.quiet_seconds
    is_quiet = is_quiet and last.is_idle
    is_idle = is_same and is_quiet and filed is None and row["number"] not in backlog
    return DeviceNow(last.device_id, last.last_receipt_global_no, is_idle=is_idle)


def _age(shop: Shop, row: RowMapping) -> float:
    """Seconds since the request was sent."""
    if row["sent_at"] is None:
        return 0
    return float((shop.clock.now() - row["sent_at"]).total_seconds())


def _why_not(row: RowMapping, now: DeviceNow | None) -> str:
    """Why a receipt that is not on the device is not sent to it again either."""
    sent_to = fiscal_record.baseline(row).device_id
    if now is not None and now.device_id != sent_to:
        return (
            f"It was sent to device {sent_to} and device {now.device_id} answers now: "
            "a supervisor must look."
        )
    return "The device has filed receipts this till does not know of: a supervisor must look."


def _postpone(shop: Shop, row: RowMapping, state: FiscalState, reason: str) -> Step:
    """Keep the row for later; only the wait grows, nothing is given up."""
    pause = RETRY_SECONDS[min(row["looks"], len(RETRY_SECONDS) - 1)]
    look_at = shop.clock.now() + timedelta(seconds=pause)
    values = {"reason": reason, "look_at": look_at, "looks": row["looks"] + 1}
    _move(shop, row, state, values)
    return Step(goes_on=False, problem=reason)


def _move(shop: Shop, row: RowMapping, state: FiscalState, values: Mapping[str, Any]) -> bool:
    with shop.store.write() as connection:
        return journal.move(
            connection, row["sale_id"], was=row["state"], state=state.value, values=values
        )


def _again(shop: Shop, row: RowMapping) -> RowMapping:
    with shop.store.read() as connection:
        found = journal.by_sale(connection, row["sale_id"])
    return found if found is not None else row


def _unexplained(shop: Shop, row: RowMapping, now: DeviceNow | None) -> int:
    """Receipts the device filed since the baseline that nothing of ours accounts for."""
    if now is None:
        return 0
    before, until = fiscal_record.baseline(row).last_global_number, now.last_global_number
    with shop.store.read() as connection:
        own = len(journal.filed_between(connection, now.device_id, before, until))
        own += len(devices.found_between(connection, now.device_id, before, until))
    return max(until - before - own, 0)
