"""What a box has committed, rebuilt from its events; nothing else changes it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from fiscal.simulator.counters import Counters
from fiscal.simulator.receipt import Receipt, from_dict

OPENED = "FiscalDayOpened"
CLOSED = "FiscalDayClosed"
CLOSE_INITIATED = "FiscalDayCloseInitiated"
CLOSE_FAILED = "FiscalDayCloseFailed"


@dataclass(slots=True, kw_only=True)
class Day:
    """One fiscal day.

    Attributes:
        opened: local time of opening; its date is in the day text.
        closing: the signed totals, once sent to be closed.
        error: why the authority did not close it.
    """

    number: int
    opened: str
    status: str = OPENED
    receipts: list[Receipt] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)
    closed: str = ""
    reconciliation: str = ""
    error: str = ""
    closing: Mapping[str, str] = field(default_factory=dict)

    @property
    def last_hash(self) -> str:
        """The hash the next receipt of the day includes; empty before the first."""
        return self.receipts[-1].hash if self.receipts else ""

    @property
    def is_open(self) -> bool:
        """Whether the authority takes receipts; it still does after a failed closing."""
        return self.status in {OPENED, CLOSE_FAILED}

    @property
    def opened_at(self) -> datetime:
        """The local time of opening."""
        return datetime.fromisoformat(self.opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something the authority must be told, in its turn.

    Attributes:
        at: when it was written, local.
        receipt: what it delivers; None for the opening or the closing of the day.
    """

    day: Day
    at: str
    receipt: Receipt | None = None
    is_closing: bool = False


class State:
    """Receipts, days, licence, certificate, and how often each number was sent.

    Attributes:
        outbox: what the authority has not confirmed, oldest first; nothing overtakes.
        delivered: what the authority said of each receipt.
        device_id: whose journal it is; empty before the first start.
        starts_anew: whether the next receipt that begins a day gets the global number 1.
        ahead_seconds: how far the clock of the box is ahead of the true time.
    """

    def __init__(self) -> None:
        self.device_id = ""
        self.receipts: dict[str, Receipt] = {}
        self.days: list[Day] = []
        self.asked: dict[str, int] = {}
        self.license: dict[str, str] = {}
        self.certificate_till = ""
        self.ahead_seconds = 0.0
        self.starts_anew = False
        self.last: Receipt | None = None
        self.outbox: deque[Message] = deque()
        self.delivered: dict[str, dict[str, Any]] = {}
        self._balances: dict[str, Decimal] = {}
        self._notes: dict[str, Receipt] = {}
        self._by_global_no: dict[tuple[int, int], Receipt] = {}

    @property
    def day(self) -> Day | None:
        """The current or last fiscal day."""
        return self.days[-1] if self.days else None

    @property
    def last_global_no(self) -> int:
        """The global number of the last receipt, 0 before the first."""
        return self.last.receipt_global_no if self.last else 0

    @property
    def next_global_no(self) -> int:
        """The one after the last; they may start anew with the first receipt of a day."""
        if self.starts_anew and self.day is not None and not self.day.receipts:
            return 1
        return self.last_global_no + 1

    def balance(self, number: str) -> Decimal:
        """What is left of a filed receipt after credits and debits; zero when unknown."""
        return self._balances.get(number, Decimal(0))

    def credit_note_of(self, number: str) -> Receipt | None:
        """The last credit note about a receipt."""
        return self._notes.get(number)

    def filed_as(self, global_no: int, fiscal_day: int) -> Receipt | None:
        """The receipt with these numbers."""
        return self._by_global_no.get((global_no, fiscal_day))

    def apply(self, event: Mapping[str, Any]) -> None:
        """Change the state by one event."""
        getattr(self, f"_{event['event']}")(event)

    def _made(self, event: Mapping[str, Any]) -> None:
        self.device_id = event["device"]

    def _licensed(self, event: Mapping[str, Any]) -> None:
        self.license = {"start": event["start"], "end": event["end"]}

    def _certified(self, event: Mapping[str, Any]) -> None:
        self.certificate_till = event["till"]

    def _skewed(self, event: Mapping[str, Any]) -> None:
        self.ahead_seconds = event["seconds"]

    def _renumbered(self, _event: Mapping[str, Any]) -> None:
        self.starts_anew = True

    def _opened(self, event: Mapping[str, Any]) -> None:
        day = Day(number=event["day"], opened=event["at"])
        self.days.append(day)
        self.outbox.append(Message(day=day, at=day.opened))

    def _asked(self, event: Mapping[str, Any]) -> None:
        number = event["number"]
        self.asked[number] = self.asked.get(number, 0) + 1

    def _filed(self, event: Mapping[str, Any]) -> None:
        receipt, day = from_dict(event["receipt"]), self.days[-1]
        self.receipts[receipt.number] = receipt
        self._by_global_no[(receipt.receipt_global_no, receipt.fiscal_day)] = receipt
        self.last = receipt
        if receipt.receipt_global_no == 1:
            self.starts_anew = False
        day.receipts.append(receipt)
        day.counters.add(receipt)
        self.outbox.append(Message(day=day, at=receipt.filed_at, receipt=receipt))
        self._balances[receipt.number] = receipt.total
        if receipt.original and receipt.original.number in self._balances:
            self._balances[receipt.original.number] += receipt.total
            if receipt.is_credit:
                self._notes[receipt.original.number] = receipt

    def _delivered(self, event: Mapping[str, Any]) -> None:
        message = self.outbox.popleft()
        if message.receipt is not None:
            answer = {name: value for name, value in event.items() if name != "event"}
            self.delivered[message.receipt.number] = answer

    def _redelivering(self, _event: Mapping[str, Any]) -> None:
        """Everything of the current day is to be told once more, before what waits."""
        day = self.days[-1]
        sent = [row for row in day.receipts if row.number in self.delivered]
        again = [Message(day=day, at=row.filed_at, receipt=row) for row in sent]
        self.outbox.extendleft(reversed(again))

    def _closing(self, event: Mapping[str, Any]) -> None:
        day = self.days[-1]
        day.status, day.error = CLOSE_INITIATED, ""
        day.closing = {name: event[name] for name in ("text", "hash", "signature")}
        self.outbox.append(Message(day=day, at=event["at"], is_closing=True))

    def _close_failed(self, event: Mapping[str, Any]) -> None:
        self.days[-1].status = CLOSE_FAILED
        self.days[-1].error = event.get("error", "")

    def _closed(self, event: Mapping[str, Any]) -> None:
        day = self.days[-1]
        day.status, day.error = CLOSED, ""
        day.closed = event["at"]
        day.reconciliation = event["reconciliation"]
        if day.reconciliation == "Manual":
            day.closing = {}
