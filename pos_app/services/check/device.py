"""The fiscal journal against the device itself: every difference named, nothing but reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import RowMapping

from fiscal.errors import FiscalError, OutcomeUnknown
from fiscal.messages import DayStatus, Filed, ReceiptRequest
from pos_app.domain.fiscal import FiscalState
from pos_app.services.check.violation import Violation
from pos_app.services.fiscal_proxy_read import refusal
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_proxy as proxy


class Device(Protocol):
    """What comparing needs of `fiscal.driver.Driver`; all of it reads."""

    def day_status(self) -> DayStatus:
        """The fiscal day."""
        ...

    def look_up(self, number: str) -> Filed | None:
        """The receipt of a number, None when it is proven not to be there."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """One row of a journal of ours."""

    row: RowMapping
    request: ReceiptRequest

    @property
    def number(self) -> str:
        """The InvoiceNumber."""
        return str(self.row["number"])

    @property
    def is_filed(self) -> bool:
        """Whether we hold a fiscal record of it."""
        return bool(self.row["state"] == FiscalState.FISCALISED)

    @property
    def is_not_filed(self) -> bool:
        """Whether we say it is proven not to be on the device."""
        return bool(self.row["state"] == FiscalState.REFUSED)


def compare(
    shop: Shop, device: Device, *, most: int = 0, seen: Callable[[int, int], None] | None = None
) -> list[Violation]:
    """Look up what we have sent, and compare it with what the device says it filed.

    Args:
        shop: the till, or a server that files for programs.
        device: its fiscal device.
        most: so many receipts, evenly spread and the newest among them; 0 is all.
        seen: told how many of how many were looked up.

    Raises:
        DeviceUnavailable, FiscalNotReady: the device stopped answering; nothing is concluded.
    """
    kept = _spread(_kept(shop), most)
    found: list[Violation] = []
    try:
        for at, entry in enumerate(kept, start=1):
            found += _one(device, entry)
            if seen is not None:
                seen(at, len(kept))
        found += _count(device, kept)
    except FiscalError as error:
        raise refusal(error) from error
    return found


def _kept(shop: Shop) -> list[Kept]:
    with shop.store.read() as connection:
        rows = [*journal.walk(connection), *proxy.walk(connection)]
    settled = {FiscalState.FISCALISED, FiscalState.REFUSED}
    return [
        Kept(row, ReceiptRequest.from_json(row["request"]))
        for row in rows
        if row["state"] in settled and isinstance(row["request"], str)
    ]


def _spread(rows: Sequence[Kept], most: int) -> list[Kept]:
    """All of them, or so many at equal distances that end with the newest."""
    if not most or len(rows) <= most:
        return list(rows)
    step = len(rows) / most
    return [rows[len(rows) - 1 - int(at * step)] for at in range(most)][::-1]


def _one(device: Device, kept: Kept) -> Iterator[Violation]:
    try:
        filed = device.look_up(kept.number)
    except OutcomeUnknown as error:
        words = f"The device's record of {kept.number} cannot be read: {error.reason}."
        yield Violation("device_record_unreadable", kept.number, words)
        return
    if filed is None:
        if kept.is_filed:
            words = f"{kept.number} is fiscalised here and the device says it has no such receipt."
            yield Violation("device_lacks_receipt", kept.number, words)
        return
    if kept.is_not_filed:
        words = f"{kept.number} is refused here and the device has a receipt of that number."
        yield Violation("device_has_refused", kept.number, words)
        return
    for name, ours, theirs in _pairs(kept, filed):
        if ours != theirs:
            both = f"{ours or '-'} here and {theirs or '-'} on the device"
            words = f"{kept.number} has {name} {both}."
            yield Violation("device_differs", kept.number, words)


def _pairs(kept: Kept, filed: Filed) -> Iterator[tuple[str, str, str]]:
    row, request = kept.row, kept.request
    texts: Mapping[str, tuple[Any, Any]] = {
        "device": (row["device_id"], filed.device_id),
        "number": (kept.number, filed.number),
        "kind": (request.kind, filed.kind),
        "currency": (request.currency, filed.currency),
        "global number": (row["receipt_global_no"], filed.receipt_global_no),
        "counter": (row["receipt_counter"], filed.receipt_counter),
        "QR data": (row["qr"], filed.qr),
        "verification code": (row["verification_code"], filed.verification_code),
        "date": (row["filed_at"], filed.filed_at),
    }
    for name, (ours, theirs) in texts.items():
        yield name, _text(ours), _text(theirs)
    yield "total", _amount(request.total), _amount(filed.total)
    if filed.taxes:
        tax = sum((entry.tax for entry in filed.taxes), Decimal(0))
        yield "tax", _amount(request.tax), _amount(tax)


def _count(device: Device, kept: Sequence[Kept]) -> Iterator[Violation]:
    """The device has counted at least as far as our own receipts say."""
    status = device.day_status()
    numbers = [
        entry.row["receipt_global_no"]
        for entry in kept
        if entry.row["device_id"] == status.device_id and entry.row["receipt_global_no"]
    ]
    if numbers and max(numbers) > status.last_receipt_global_no:
        words = (
            f"Device {status.device_id} says its last receipt is number "
            f"{status.last_receipt_global_no} and we hold number {max(numbers)}."
        )
        yield Violation("device_set_back", status.device_id, words)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _amount(value: Decimal | None) -> str:
    return "" if value is None else f"{abs(value):.2f}"
