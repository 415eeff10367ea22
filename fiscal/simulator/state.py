"""What a box has committed, rebuilt from its events; nothing else changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fiscal.simulator.counters import Counters
from fiscal.simulator.receipt import Receipt, from_dict

OPENED = "FiscalDayOpened"
CLOSED = "FiscalDayClosed"
CLOSE_FAILED = "FiscalDayCloseFailed"


@dataclass(slots=True, kw_only=True)
class Day:
    """One fiscal day.

    Attributes:
        opened: local time of opening; its date is in the day text.
        closing: the signed totals, once closed.
    """

    number: int
    opened: str
    status: str = OPENED
    receipts: list[Receipt] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)
    closed: str = ""
    reconciliation: str = ""
    closing: Mapping[str, str] = field(default_factory=dict)

    @property
    def last_hash(self) -> str:
        """The hash the next receipt of the day includes; empty before the first."""
        return self.receipts[-1].hash if self.receipts else ""

    @property
    def is_open(self) -> bool:
        """Whether the authority takes receipts; it still does after a failed closing."""
        return self.status in {OPENED, CLOSE_FAILED}


class State:
    """Receipts, days, licence, and how often each number was sent."""

    def __init__(self) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.days: list[Day] = []
        self.asked: dict[str, int] = {}
        self.license: dict[str, str] = {}
        self.last: Receipt | None = None
        self._balances: dict[str, Decimal] = {}

    @property
    def day(self) -> Day | None:
        """The current or last fiscal day."""
        return self.days[-1] if self.days else None

    @property
    def last_global_no(self) -> int:
        """The global number of the last receipt, 0 before the first."""
        return self.last.receipt_global_no if self.last else 0

    def balance(self, number: str) -> Decimal:
        """What is left of a filed receipt after credits and debits; zero when unknown."""
        return self._balances.get(number, Decimal(0))

    def apply(self, event: Mapping[str, Any]) -> None:
        """Change the state by one event."""
        getattr(self, f"_{event['event']}")(event)

    def _licensed(self, event: Mapping[str, Any]) -> None:
        self.license = {"start": event["start"], "end": event["end"]}

    def _opened(self, event: Mapping[str, Any]) -> None:
        self.days.append(Day(number=event["day"], opened=event["at"]))

    def _asked(self, event: Mapping[str, Any]) -> None:
        number = event["number"]
        self.asked[number] = self.asked.get(number, 0) + 1

    def _filed(self, event: Mapping[str, Any]) -> None:
        receipt = from_dict(event["receipt"])
        self.receipts[receipt.number] = receipt
        self.last = receipt
        self.days[-1].receipts.append(receipt)
        self.days[-1].counters.add(receipt)
        self._balances[receipt.number] = receipt.total
        if receipt.original and receipt.original.number in self._balances:
            self._balances[receipt.original.number] += receipt.total

    def _close_failed(self, _event: Mapping[str, Any]) -> None:
        self.days[-1].status = CLOSE_FAILED

    def _closed(self, event: Mapping[str, Any]) -> None:
        day = self.days[-1]
        day.status = CLOSED
        day.closed = event["at"]
        day.reconciliation = event["reconciliation"]
        day.closing = {name: event[name] for name in ("text", "hash", "signature")}
