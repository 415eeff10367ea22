"""What the authority has received, rebuilt from its events; nothing else changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from fiscal.simulator.authority.case import Link
from fiscal.simulator.authority.verdict import Verdict
from fiscal.simulator.counters import Counters
from fiscal.simulator.receipt import Original, Receipt, from_dict
from fiscal.simulator.state import CLOSE_FAILED, CLOSE_INITIATED, CLOSED, OPENED

Key = tuple[str, int, int]
"""Device, fiscal day and global number: how a note names its original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A receipt with the authority's own mark: id, time, signature, and what it thinks of it."""

    receipt: Receipt
    receipt_id: int
    server_date: str
    signature: str
    verdict: Verdict


@dataclass(slots=True, kw_only=True)
class DayFile:
    """A fiscal day as the authority has it.

    Attributes:
        error: why it could not be closed.
        closing: what the device sent to close it, and when that was.
        server: the authority's own mark of the closing.
    """

    number: int
    opened: str
    status: str = OPENED
    reconciliation: str = ""
    error: str = ""
    closing: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, str] = field(default_factory=dict)


class DeviceFile:
    """One registered device: its key, its days, and its receipts by id, in order of arrival."""

    def __init__(self, device_id: str) -> None:
        self.device_id = device_id
        self.tin = ""
        self.public_pem = ""
        self.valid_till = ""
        self.days: list[DayFile] = []
        self.received: dict[int, Received] = {}
        self.last: Receipt | None = None
        self._numbers: dict[int, int] = {}
        self._hashes: dict[tuple[int, str], int] = {}
        self._grey: set[int] = set()

    @property
    def day(self) -> DayFile | None:
        """The current or last fiscal day."""
        return self.days[-1] if self.days else None

    def of_day(self, number: int) -> list[Received]:
        """The receipts of a day, in order of arrival."""
        return [row for row in self.received.values() if row.receipt.fiscal_day == number]

    def same(self, receipt: Receipt) -> Received | None:
        """The receipt as it was received before: the same number and the same hash."""
        found = self._hashes.get((receipt.receipt_global_no, receipt.hash))
        return None if found is None else self.received[found]

    def link_of(self, receipt: Receipt) -> Link:
        """Where a receipt, received or new, stands in the chain.

        The numbers may start anew with the first receipt of a day.
        """
        number = receipt.receipt_global_no
        holder = self._at(number)
        is_taken = holder is not None and holder.hash != receipt.hash
        if number == 1 and (not is_taken or self._is_first(receipt)):
            return Link(previous=self._before_day(receipt.fiscal_day))
        previous = self._at(number - 1)
        if is_taken:
            return Link(previous=previous or self.last, is_number_wrong=True)
        return Link(previous=previous, is_gap=previous is None)

    def waiting(self) -> list[Received]:
        """Receipts whose predecessor is missing, in ascending order."""
        grey = [self.received[receipt_id] for receipt_id in self._grey]
        return sorted(grey, key=lambda row: row.receipt.receipt_global_no)

    def keep(self, row: Received) -> None:
        """Take a receipt in; the one with the latest date is the last, whatever its number."""
        receipt, receipt_id = row.receipt, row.receipt_id
        number = receipt.receipt_global_no
        if number == 1 and self._is_first(receipt):
            self._numbers.clear()
        self._numbers.setdefault(number, receipt_id)
        self._hashes[(number, receipt.hash)] = receipt_id
        if self.last is None or self.last.date < receipt.date:
            self.last = receipt
        self.received[receipt_id] = row
        self.judge(receipt_id, row.verdict)

    def judge(self, receipt_id: int, verdict: Verdict) -> None:
        """Change what is thought of a receipt."""
        self.received[receipt_id] = replace(self.received[receipt_id], verdict=verdict)
        (self._grey.add if verdict.is_grey else self._grey.discard)(receipt_id)

    def _at(self, number: int) -> Receipt | None:
        receipt_id = self._numbers.get(number)
        return None if receipt_id is None else self.received[receipt_id].receipt

    def _is_first(self, receipt: Receipt) -> bool:
        """Whether no other receipt of its day has come."""
        others = self.of_day(receipt.fiscal_day)
        return all(row.receipt.hash == receipt.hash for row in others)

    def _before_day(self, number: int) -> Receipt | None:
        """The last receipt of the days before."""
        earlier = (row.receipt for row in self.received.values())
        dated = (receipt for receipt in earlier if receipt.fiscal_day < number)
        return max(dated, key=lambda receipt: receipt.date, default=None)


class Register:
    """All devices, and what goes across them: invoice numbers, originals and their balances."""

    def __init__(self) -> None:
        self.devices: dict[str, DeviceFile] = {}
        self.is_reachable = True
        self.receipts = 0
        self.operations = 0
        self._numbers: dict[tuple[str, str], int] = {}
        self._originals: dict[Key, Received] = {}
        self._notes: dict[Key, Decimal] = {}

    def apply(self, event: Mapping[str, Any]) -> None:
        """Change the register by one event."""
        getattr(self, f"_{event['event']}")(event)
        self.operations += 1

    def is_number_new(self, device: DeviceFile, receipt: Receipt) -> bool:
        """Whether no other receipt of the taxpayer carries this invoice number."""
        holder = self._numbers.get((device.tin, invoice_number(device.device_id, receipt)))
        kept = device.same(receipt)
        return holder is None or (kept is not None and kept.receipt_id == holder)

    def original(self, reference: Original | None, tin: str) -> Receipt | None:
        """The receipt a note names, when it is one of the same taxpayer."""
        if reference is None:
            return None
        found = self._originals.get(_key(reference))
        device = self.devices.get(reference.device_id)
        return found.receipt if found and device and device.tin == tin else None

    def noted(self, reference: Original) -> Decimal:
        """The sum of all notes about a receipt; credits are negative."""
        return self._notes.get(_key(reference), Decimal(0))

    def _reached(self, event: Mapping[str, Any]) -> None:
        self.is_reachable = event["up"]

    def _certified(self, event: Mapping[str, Any]) -> None:
        device = self.devices.setdefault(event["device"], DeviceFile(event["device"]))
        device.tin, device.public_pem = event["tin"], event["key"]
        device.valid_till = event["till"]

    def _opened(self, event: Mapping[str, Any]) -> None:
        day = DayFile(number=event["day"], opened=event["at"])
        self.devices[event["device"]].days.append(day)

    def _received(self, event: Mapping[str, Any]) -> None:
        device = self.devices[event["device"]]
        receipt = from_dict(event["receipt"])
        verdict = Verdict(tuple(event["codes"]), event["is_grey"])
        row = Received(
            receipt=receipt,
            receipt_id=event["id"],
            server_date=event["at"],
            signature=event["signature"],
            verdict=verdict,
        )
        device.keep(row)
        self.receipts += 1
        self._numbers.setdefault(
            (device.tin, invoice_number(device.device_id, receipt)), row.receipt_id
        )
        key = (device.device_id, receipt.fiscal_day, receipt.receipt_global_no)
        self._originals.setdefault(key, row)
        if receipt.original is not None:
            about = _key(receipt.original)
            self._notes[about] = self._notes.get(about, Decimal(0)) + receipt.total

    def _judged(self, event: Mapping[str, Any]) -> None:
        verdict = Verdict(tuple(event["codes"]), event["is_grey"])
        self.devices[event["device"]].judge(event["id"], verdict)

    def _closing(self, event: Mapping[str, Any]) -> None:
        day = self._day(event)
        day.status, day.error, day.closing = CLOSE_INITIATED, "", dict(event)

    def _closed(self, event: Mapping[str, Any]) -> None:
        day = self._day(event)
        day.status, day.error = CLOSED, ""
        day.reconciliation = event["reconciliation"]
        day.server = {name: event[name] for name in ("at", "text", "hash", "signature")}

    def _close_failed(self, event: Mapping[str, Any]) -> None:
        day = self._day(event)
        day.status, day.error = CLOSE_FAILED, event["error"]

    def _day(self, event: Mapping[str, Any]) -> DayFile:
        return self.devices[event["device"]].days[-1]


def counters_of(rows: Iterable[Received]) -> Counters:
    """The fiscal counters of receipts, computed anew."""
    return Counters(row.receipt for row in rows)


def invoice_number(device_id: str, receipt: Receipt) -> str:
    """The number as a box files it: with its own id before it."""
    return f"{device_id}-{receipt.number}"


def _key(reference: Original) -> Key:
    return (reference.device_id, reference.fiscal_day, reference.receipt_global_no)
