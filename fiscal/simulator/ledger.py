"""The ledger of a box: what it has truly committed, apart from anything it answered."""

from __future__ import annotations

from typing import Any

from fiscal import decimal_json
from fiscal.chain import Counter
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import Day, State


def ledger_of(state: State, settings: DeviceSettings, public_pem: str) -> dict[str, Any]:
    """Receipts in order of filing, days with their counters, and how often each number was sent.

    Amounts are decimal strings; those of credit notes are negative.
    """
    return {
        "device": {
            "device_id": settings.device_id,
            "serial": settings.serial,
            "tin": settings.tin,
            "qr_url": settings.qr_url,
            "public_key": public_pem,
            "license": dict(state.license),
        },
        "last_receipt_global_no": state.last_global_no,
        "receipts": [receipt.to_dict() for receipt in state.receipts.values()],
        "days": [_day(day) for day in state.days],
        "asked": dict(state.asked),
    }


def _day(day: Day) -> dict[str, Any]:
    return {
        "number": day.number,
        "status": day.status,
        "opened": day.opened,
        "closed": day.closed,
        "reconciliation": day.reconciliation,
        "receipts": len(day.receipts),
        "counters": [counter_row(row) for row in day.counters.rows()],
        **{name: day.closing.get(name, "") for name in ("text", "hash", "signature")},
    }


def counter_row(row: Counter) -> dict[str, Any]:
    """One counter as JSON data: by tax, or by means of payment."""
    return {
        "type": row.type.name.lower(),
        "currency": row.currency,
        "tax_id": row.tax_id if row.money is None else None,
        "percent": decimal_json.safe(row.percent),
        "money": row.money.name if row.money is not None else None,
        "value": decimal_json.safe(row.value),
    }
