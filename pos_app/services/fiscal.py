"""File what was sold on the fiscal device: each receipt once, doubts settled by reading alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from fiscal.errors import (
    DayNotOpen,
    FiscalError,
    OutcomeUnknown,
    Refusal,
    Rejected,
    Unavailable,
)
from fiscal.messages import DayStatus, Filed, Hello, ReceiptRequest
from pos_app.domain.currency import UnmappedCurrency, normalise
from pos_app.domain.fiscal import (
    Backlog,
    Baseline,
    Decision,
    DeviceNow,
    FiscalBacklogFull,
    FiscalRequest,
    FiscalState,
    Lookup,
    LookupOutcome,
    Readiness,
    decide,
)
from pos_app.domain.money import AmountInvalid, Money
from pos_app.services import fiscal_record
from pos_app.services.fiscal_record import Step
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import fiscal as journal

RETRY_SECONDS = (1, 2, 5, 10, 20, 30)
RESENDS_MAX = 3


class Device(Protocol):
    """What the lane needs of `fiscal.driver.Driver`."""

    def hello(self) -> Hello:
        """Who the device is and where it stands."""
        ...

    def submit(self, request: ReceiptRequest) -> Filed:
        """File a receipt; sent once."""
        ...

    def open_day(self) -> DayStatus:
        """Open the fiscal day; an open one is left as it is. Returns how the day stands now."""
        ...

    def close_day(self) -> object:
        """Close the fiscal day."""
        ...

    def look_up(self, number: str) -> Filed | None:
        """The receipt of a number, None when it is proven not to be there."""
        ...


def work(shop: Shop, device: Device, *, limit: int = 50) -> Worked:
    """File what waits, in the order it was sold, until the device cannot go on.

    A row that is not settled stops the rows behind it (production lesson L33); one that needs a
    person is named and no longer stops them.
    """
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
    return _worked(shop, done, problem)


def _worked(shop: Shop, done: int, problem: str) -> Worked:
    with shop.store.read() as connection:
        waiting, _since = journal.unsettled(connection)
        first = journal.first_unsettled(connection)
    return Worked(
        done=done,
        waiting=waiting,
        next_at=first["look_at"] if first else None,
        problem=problem or (first["reason"] if first else ""),
    )


def _step(shop: Shop, device: Device, row: RowMapping) -> Step:
    if row["state"] == FiscalState.INTENT:
        return _send(shop, device, row)
    return _look(shop, device, row)


def _send(shop: Shop, device: Device, row: RowMapping) -> Step:
    """Store where the device stands, say SENT, and only then send the first byte."""
    try:
        hello = device.hello()
    except FiscalError as error:
        return _postpone(shop, row, FiscalState.INTENT, str(error))
    if not hello.is_day_open:
        return _open_day(shop, device, row)
    baseline = {
        "device_id": hello.device_id,
        "last_global_number": hello.last_receipt_global_no,
        "fiscal_day": hello.fiscal_day,
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
    return _judge(shop, row, filed)


def _judge(shop: Shop, row: RowMapping, filed: Filed) -> Step:
    """Adopt what is this very sale, to the cent; anything else is for a supervisor (lesson L11)."""
    decision = decide(
        _lookup(filed),
        _asked(shop, row),
        baseline=_baseline(row),
        device_now=None,
        unexplained=0,
    )
    if decision is Decision.ADOPT:
        return fiscal_record.adopt(shop, row, filed)
    why = (
        f"The device knows {filed.number} as {filed.kind or 'a receipt'} of "
        f"{filed.currency} {filed.total} on device {filed.device_id}, "
        "which is not this sale: a supervisor must compare them."
    )
    return fiscal_record.dispute(shop, row, why, filed=filed)


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


def _open_day(shop: Shop, device: Device, row: RowMapping) -> Step:
    """Open the fiscal day before its first receipt; the driver reads the status around it."""
    try:
        status = device.open_day()
    except FiscalError as error:
        return _postpone(shop, row, FiscalState.INTENT, str(error))
    if not status.is_open:
        why = f"The device was told to open the fiscal day and says {status.status}: look at it."
        return _postpone(shop, row, FiscalState.INTENT, why)
    fiscal_record.note_day(shop, "fiscal.open_day")
    return Step(goes_on=True)


def _renew_day(shop: Shop, device: Device, row: RowMapping, error: Rejected) -> Step:
    """A day past its legal length takes no receipt: close it, and the next step opens a new one.

    Nothing is unknown at this moment, since an unsettled row stops those behind it (lesson L14).
    """
    try:
        device.close_day()
    except DayNotOpen:
        pass
    except FiscalError as problem:
        return _postpone(shop, row, FiscalState.INTENT, f"{error} {problem}")
    fiscal_record.note_day(shop, "fiscal.close_day")
    _move(shop, row, FiscalState.INTENT, {"reason": ""})
    return Step(goes_on=True)


def _look(shop: Shop, device: Device, row: RowMapping) -> Step:
    """Ask the device what became of a receipt, and do what the answer allows."""
    try:
        filed = device.look_up(row["number"])
        hello = device.hello() if filed is None else None
    except FiscalError as error:
        return _postpone(shop, row, FiscalState.UNKNOWN, str(error))
    if filed is not None:
        return _judge(shop, row, filed)
    decision = decide(
        Lookup(LookupOutcome.MISSING),
        _asked(shop, row),
        baseline=_baseline(row),
        device_now=_now(hello),
        unexplained=_unexplained(shop, row, hello),
    )
    if decision is not Decision.RESEND:
        return fiscal_record.dispute(shop, row, _why_not(row, hello))
    if row["resends"] >= RESENDS_MAX:
        why = "The device keeps losing this receipt: a supervisor must look at the device."
        return fiscal_record.dispute(shop, row, why)
    values = {"resends": row["resends"] + 1, "reason": "", "look_at": None}
    _move(shop, row, FiscalState.INTENT, values)
    return Step(goes_on=True)


def _why_not(row: RowMapping, hello: Hello | None) -> str:
    """Why a receipt that is not on the device is not sent to it again either."""
    sent_to = _baseline(row).device_id
    if hello is not None and hello.device_id != sent_to:
        return (
            f"It was sent to device {sent_to} and device {hello.device_id} answers now: "
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


def _lookup(filed: Filed) -> Lookup:
    return Lookup(
        LookupOutcome.FOUND,
        device_id=filed.device_id,
        number=filed.number,
        receipt_type=filed.kind or "",
        total=_total(filed),
        global_number=filed.receipt_global_no or 0,
    )


def _total(filed: Filed) -> Money | None:
    """None for a total or a currency no sale of ours can have."""
    if filed.total is None:
        return None
    try:
        return Money.of(abs(filed.total), normalise(filed.currency))
    except (UnmappedCurrency, AmountInvalid):
        return None


def _asked(shop: Shop, row: RowMapping) -> FiscalRequest:
    request = ReceiptRequest.from_json(row["request"])
    return FiscalRequest(
        device_id=_baseline(row).device_id,
        number=row["number"],
        receipt_type=request.kind,
        total=fiscal_record.total(shop, row),
    )


def _baseline(row: RowMapping) -> Baseline:
    stored = row["baseline"] or {"device_id": "", "last_global_number": 0}
    return Baseline(stored["device_id"], stored["last_global_number"])


def _now(hello: Hello | None) -> DeviceNow | None:
    if hello is None:
        return None
    return DeviceNow(hello.device_id, hello.last_receipt_global_no, is_idle=True)


def _unexplained(shop: Shop, row: RowMapping, hello: Hello | None) -> int:
    """Receipts the device filed since the baseline that no row of our journal accounts for."""
    if hello is None:
        return 0
    before = _baseline(row).last_global_number
    with shop.store.read() as connection:
        own = journal.filed_between(
            connection, hello.device_id, before, hello.last_receipt_global_no
        )
    return max(hello.last_receipt_global_no - before - len(own), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far selling runs ahead of the fiscal device, for the screens.

    Attributes:
        readiness: READY, DEGRADED or BLOCKED.
        waiting: receipts sold and not settled.
        oldest_seconds: age of the oldest of them; None when none waits.
        most: as many as may wait.
        hours: as long as the oldest may wait.
        reason: what the oldest waits for; empty when nothing went wrong.
    """

    readiness: Readiness
    waiting: int
    oldest_seconds: int | None
    most: int
    hours: int
    reason: str = ""


def standing(shop: Shop) -> Standing:
    """Whether the till may sell, and how much is left until it may not (lesson L38)."""
    rules = shop.rules.fiscal
    with shop.store.read() as connection:
        waiting, since = journal.unsettled(connection)
        first = journal.first_unsettled(connection) if waiting else None
    is_tried = first is not None and first["looks"] > 0
    backlog = _backlog(shop, waiting, since, is_tried=is_tried)
    readiness = backlog.readiness(most=rules.deferred_count, hours=rules.deferred_hours)
    return Standing(
        readiness=readiness if rules.is_required else Readiness.READY,
        waiting=waiting,
        oldest_seconds=int(backlog.age.total_seconds()) if waiting else None,
        most=rules.deferred_count,
        hours=rules.deferred_hours,
        reason=first["reason"] if first else "",
    )


def check_backlog(shop: Shop, connection: Connection) -> None:
    """Refuse to sell further ahead of the device than the shop allows, before payment.

    Raises:
        FiscalBacklogFull: too many receipts wait, or the oldest for too long.
    """
    rules = shop.rules.fiscal
    if not rules.is_required:
        return
    waiting, since = journal.unsettled(connection)
    if not waiting:
        return
    backlog = _backlog(shop, waiting, since)
    readiness = backlog.readiness(most=rules.deferred_count, hours=rules.deferred_hours)
    if readiness is Readiness.BLOCKED:
        raise FiscalBacklogFull(waiting, backlog.age)


def _backlog(
    shop: Shop, waiting: int, since: datetime | None, *, is_tried: bool = False
) -> Backlog:
    age = shop.clock.now() - since if since else timedelta(0)
    return Backlog(waiting=waiting, age=max(age, timedelta(0)), is_tried=is_tried)
