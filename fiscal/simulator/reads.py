"""What a box tells when it is only asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fiscal.operations import Op
from fiscal.simulator import refusal
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.refusal import Refused
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import CLOSED, Day, State

Read = Callable[[Mapping[str, Any], State, DeviceSettings, datetime], Any]
"""Parameters of the request, state, settings and local time in; Data out."""


def card(_body: Mapping[str, Any], _state: State, settings: DeviceSettings, _now: datetime) -> Any:
    """The taxpayer, all as texts."""
    return {
        "TIN": settings.tin,
        "BPN": settings.bpn,
        "VAT": settings.vat_number,
        "COMPANYNAME": settings.company_name,
        "ADDRESS": settings.address,
        "REGISTRATIONNUMBER": settings.registration_number,
        "SERIALNUMBER": settings.serial,
    }


def day_status(
    _body: Mapping[str, Any], state: State, settings: DeviceSettings, now: datetime
) -> Any:
    """The fiscal day and the last global number."""
    return {
        "fiscalDayStatus": state.day.status if state.day else CLOSED,
        "lastReceiptGlobalNo": state.last_global_no,
        "lastFiscalDayNo": state.day.number if state.day else 0,
        "operationID": f"{settings.device_id}:{now:%Y%m%d%H%M%S}",
    }


def license_data(
    _body: Mapping[str, Any], state: State, _settings: DeviceSettings, now: datetime
) -> Any:
    """The licence and whether it still holds."""
    status = "Active" if is_licensed(state, now) else "Expired"
    return {"Status": status, "Start": state.license["start"], "End": state.license["end"]}


def backlog(
    body: Mapping[str, Any], state: State, _settings: DeviceSettings, _now: datetime
) -> Any:
    """Receipts of one day, by its number or its date, that the authority has not got yet."""
    number, on = (str(body.get(key) or "").strip() for key in ("fiscalDayNumber", "fiscalDate"))
    if not (number or on):
        raise Refused(refusal.BACKLOG_WITHOUT_DAY)
    days = {day.number for day in state.days if _is_of(day, number, on)}
    return [
        _waiting(message.receipt)
        for message in state.outbox
        if message.receipt is not None and message.day.number in days
    ]


def _is_of(day: Day, number: str, on: str) -> bool:
    if number:
        if not number.isdigit():
            raise Refused(refusal.NOT_A_NUMBER)
        return day.number == int(number)
    try:
        return day.opened_at.date() == datetime.fromisoformat(on).date()
    except ValueError:
        raise Refused(refusal.NOT_A_DATE) from None


def is_licensed(state: State, now: datetime) -> bool:
    """Whether the software licence covers this day."""
    return now.date().isoformat() <= state.license["end"]


READS: Mapping[str, Read] = {
    Op.CARD: card,
    Op.DAY_STATUS: day_status,
    Op.GET_LICENSE: license_data,
    Op.BACKLOG: backlog,
}


def _waiting(receipt: Receipt) -> dict[str, Any]:
    return {
        "InvoiceNumber": receipt.number,
        "InvoiceAmount": receipt.total,
        "Currency": receipt.currency,
        "Status": "Pending",
        "CreatedDate": receipt.date,
    }
