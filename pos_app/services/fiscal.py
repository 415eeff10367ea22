"""File what was sold on the fiscal device: each receipt once, doubts settled by reading alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import RowMapping

from fiscal.errors import (
    DayNotOpen,
    FiscalError,
    OutcomeUnknown,
    Refusal,
    Rejected,
    Unavailable,
)
from fiscal.messages import Filed, Hello, ReceiptRequest
from pos_app.domain.currency import normalise
from pos_app.domain.fiscal import (
    Baseline,
    Decision,
    DeviceNow,
    FiscalRequest,
    FiscalState,
    Lookup,
    LookupOutcome,
    decide,
)
from pos_app.domain.money import Money
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

    def open_day(self) -> object:
        """Open the fiscal day; an open one is left as it is."""
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
    while done < limit:
        with shop.store.read() as connection:
            row = journal.next_due(connection, shop.rules.fiscal.device, shop.clock.now())
        if row is None:
            break
        step = _step(shop, device, row)
        problem = step.problem
        if not step.goes_on:
            break
        done += 1
    return _worked(shop, done, problem)


def _worked(shop: Shop, done: int, problem: str) -> Worked:
    with shop.store.read() as connection:
        waiting, _since = journal.unsettled(connection)
        first = journal.first_unsettled(connection, shop.rules.fiscal.device)
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
    return fiscal_record.adopt(shop, row, filed)


def _refused(shop: Shop, device: Device, row: RowMapping, error: Rejected) -> Step:
    """A duplicate is looked up and compared, never sent again (production lesson L06)."""
    if error.is_duplicate:
        _move(shop, row, FiscalState.UNKNOWN, {"reason": str(error)})
        return _look(shop, device, _again(shop, row))
    if error.refusal is Refusal.DAY_CLOSED:
        return _renew_day(shop, device, row, error)
    if error.is_about_device:
        return _postpone(shop, row, FiscalState.INTENT, str(error))
    _move(shop, row, FiscalState.REFUSED, {"reason": str(error)})
    fiscal_record.tell(shop, row["sale_id"])
    return Step(goes_on=True, problem=str(error))


def _open_day(shop: Shop, device: Device, row: RowMapping) -> Step:
    """Open the fiscal day before its first receipt; the driver reads the status around it."""
    try:
        device.open_day()
    except FiscalError as error:
        return _postpone(shop, row, FiscalState.INTENT, str(error))
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
        hello = None if filed else device.hello()
    except FiscalError as error:
        return _postpone(shop, row, FiscalState.UNKNOWN, str(error))
    decision = decide(
        _lookup(filed),
        _asked(shop, row),
        baseline=_baseline(row),
        device_now=_now(hello),
        unexplained=_unexplained(shop, row, hello),
    )
    match decision:
        case Decision.ADOPT if filed is not None:
            return fiscal_record.adopt(shop, row, filed)
        case Decision.RESEND if row["resends"] < RESENDS_MAX:
            values = {"resends": row["resends"] + 1, "reason": "", "look_at": None}
            _move(shop, row, FiscalState.INTENT, values)
            return Step(goes_on=True)
        case Decision.WAIT:
            return _postpone(shop, row, FiscalState.UNKNOWN, "The device is still busy with it.")
        case _:
            return fiscal_record.dispute(shop, row, _why(decision, filed))


def _why(decision: Decision, filed: Filed | None) -> str:
    if filed is not None:
        return (
            f"The device knows {filed.number} as {filed.kind} of {filed.currency} {filed.total} "
            f"on device {filed.device_id}, which is not this sale: a supervisor must compare them."
        )
    if decision is Decision.STOP:
        return "The device has filed receipts this till does not know of: a supervisor must look."
    return "The device keeps losing this receipt: a supervisor must look at the device."


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


def _lookup(filed: Filed | None) -> Lookup:
    if filed is None:
        return Lookup(LookupOutcome.MISSING)
    currency = normalise(filed.currency)
    total = None if filed.total is None else Money.of(abs(filed.total), currency)
    return Lookup(
        LookupOutcome.FOUND,
        device_id=filed.device_id,
        number=filed.number,
        receipt_type=filed.kind or "",
        total=total,
        global_number=filed.receipt_global_no or 0,
    )


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
            connection, shop.rules.fiscal.device, before, hello.last_receipt_global_no
        )
    return max(hello.last_receipt_global_no - before - len(own), 0)


def oldest_waiting(shop: Shop) -> tuple[int, datetime | None]:
    """How many receipts wait for the device and since when the oldest does."""
    with shop.store.read() as connection:
        return journal.unsettled(connection)
