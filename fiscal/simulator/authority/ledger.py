"""The authority's books as JSON data."""

from __future__ import annotations

from typing import Any

from fiscal.simulator.authority.register import DayFile, DeviceFile, Received, Register


def ledger_of(register: Register, public_pem: str) -> dict[str, Any]:
    """Every device with its days, and its receipts in order of arrival."""
    return {
        "is_reachable": register.is_reachable,
        "public_key": public_pem,
        "devices": {name: _device(device) for name, device in register.devices.items()},
    }


def _device(device: DeviceFile) -> dict[str, Any]:
    return {
        "tin": device.tin,
        "certificate_till": device.valid_till,
        "days": [_day(day) for day in device.days],
        "receipts": [_receipt(row) for row in device.received.values()],
    }


def _day(day: DayFile) -> dict[str, Any]:
    return {
        "number": day.number,
        "opened": day.opened,
        "status": day.status,
        "error": day.error,
        "reconciliation": day.reconciliation,
        **{name: day.server.get(name, "") for name in ("text", "hash", "signature")},
    }


def _receipt(row: Received) -> dict[str, Any]:
    return {
        "receipt_id": row.receipt_id,
        "number": row.receipt.number,
        "receipt_global_no": row.receipt.receipt_global_no,
        "receipt_counter": row.receipt.receipt_counter,
        "fiscal_day": row.receipt.fiscal_day,
        "hash": row.receipt.hash,
        "server_date": row.server_date,
        "server_signature": row.signature,
        "codes": list(row.verdict.codes),
        "colour": str(row.verdict.colour or ""),
        "is_grey": row.verdict.is_grey,
    }
