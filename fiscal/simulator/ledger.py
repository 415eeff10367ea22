"""The ledger of a box: what it has truly committed, apart from anything it answered."""

from __future__ import annotations

from typing import Any

from fiscal.simulator.counters import counter_row
from fiscal.simulator.figures import report
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import Day, State


def ledger_of(
    state: State, settings: DeviceSettings, public_pem: str, *, trouble: str
) -> dict[str, Any]:
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
            "certificate": {
                "subject": f"ZIMRA-{settings.serial}-{int(settings.device_id):010d}",
                "end": state.certificate_till,
            },
            "clock_ahead_seconds": state.ahead_seconds,
        },
        "last_receipt_global_no": state.last_global_no,
        "receipts": [_receipt(receipt, state) for receipt in state.receipts.values()],
        "days": [_day(day) for day in state.days],
        "asked": dict(state.asked),
        "backlog": {"messages": len(state.outbox), "trouble": trouble if state.outbox else ""},
    }


def _receipt(receipt: Receipt, state: State) -> dict[str, Any]:
    """With what the authority answered: its codes, and null for what it was not told yet."""
    answer = state.delivered.get(receipt.number)
    codes = list(answer["codes"]) if answer else []
    return receipt.to_dict() | {"problems": codes, "delivery": dict(answer) if answer else None}


def _day(day: Day) -> dict[str, Any]:
    return {
        "number": day.number,
        "status": day.status,
        "error": day.error,
        "opened": day.opened,
        "closed": day.closed,
        "reconciliation": day.reconciliation,
        "receipts": len(day.receipts),
        "counters": [counter_row(row) for row in day.counters.rows()],
        "report": report(day),
        **{name: day.closing.get(name, "") for name in ("text", "hash", "signature")},
    }
