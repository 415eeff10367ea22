"""What a box tells when it is only asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fiscal.operations import Op
from fiscal.simulator import refusal
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.refusal import Refused
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import CLOSED, State

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


def backlog(body: Mapping[str, Any], state: State, settings: DeviceSettings, now: datetime) -> Any:
    """Receipts of one day that the authority has not got yet."""
    number, date = (str(body.get(key) or "") for key in ("fiscalDayNumber", "fiscalDate"))
    if not (number or date):
        raise Refused(refusal.BACKLOG_WITHOUT_DAY)
    limit = now - timedelta(seconds=settings.delivery_seconds)
    return [
        _waiting(receipt)
        for day in state.days
        for receipt in day.receipts
        if (number == str(day.number) if number else day.opened.startswith(date))
        and datetime.fromisoformat(receipt.filed_at) > limit
    ]


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
