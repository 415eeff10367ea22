"""What the simulated providers have truly committed, and what their customers do about it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.clock import SandboxClock

LEDGER_FILE = "payments.json"
USUAL = 2.0
"""Seconds a customer takes."""

HABITS = {
    "263771111111": (5.0, "paid"),
    "263772222222": (30.0, "paid"),
    "263773333333": (30.0, "cancelled"),
    "263775555555": (0.0, ""),
}
"""Test numbers: PayNow's own ("Test Mode"), and one who never does anything."""

POOR = "263774444444"
"""A customer without money, refused at once (PayNow's test number)."""


class Taken(ValueError):
    """The key stands for another payment."""


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One payment at a provider; amounts are decimal text.

    Attributes:
        status: created, paid, failed, cancelled or refunded.
        paid: what the customer really paid.
        quirks: faults that belong to it, by name.
        plan: what its customer will do, as (moment, status), soonest first.
    """

    provider: str
    key: str
    reference: str
    amount: str
    currency: str
    phone: str
    external_id: str
    callback_url: str
    created_at: str
    status: str = "created"
    paid: str = "0.00"
    refunds: list[dict[str, str]] = field(default_factory=list)
    quirks: list[str] = field(default_factory=list)
    plan: list[list[str]] = field(default_factory=list)

    @property
    def refunded(self) -> Decimal:
        """What was given back."""
        return sum((Decimal(row["amount"]) for row in self.refunds), Decimal(0))


class Books:
    """Transactions by provider and key; the same key again is the same transaction."""

    def __init__(self, directory: Path | None, clock: SandboxClock) -> None:
        """Open them; without a directory they are kept in memory."""
        self._path = directory / LEDGER_FILE if directory else None
        self.clock = clock
        self.lock = threading.RLock()
        self._rows: dict[str, Transaction] = {}
        if self._path is not None and self._path.is_file():
            for row in json.loads(self._path.read_text(encoding="utf-8")):
                made = Transaction(**row)
                self._rows[_name(made.provider, made.key)] = made

    def add(self, made: Transaction, *, seconds: float | None = None) -> Transaction:
        """Commit a payment and plan what its customer does.

        Args:
            made: the payment.
            seconds: how long the customer takes; None as they usually do.

        Raises:
            Taken: the key stands for another payment.
        """
        with self.lock:
            known = self._rows.get(_name(made.provider, made.key))
            if known is not None:
                raise Taken(made.key)
            usual, ends = HABITS.get(made.phone, (USUAL, "paid"))
            if ends:
                wait = usual if seconds is None else seconds
                at = self.clock.now() + timedelta(seconds=wait)
                made.plan = [[at.isoformat(), ends]]
            self._rows[_name(made.provider, made.key)] = made
            self.save()
            return made

    def find(self, provider: str, key: str) -> Transaction | None:
        """One payment."""
        return self._rows.get(_name(provider, key))

    def by_external(self, provider: str, external_id: str) -> Transaction | None:
        """One payment by the provider's own number."""
        rows = list(self._rows.values())
        found = (row for row in rows if row.provider == provider and row.external_id == external_id)
        return next(found, None)

    def act(self, changed: Callable[[Transaction], None]) -> int:
        """Let customers do what is due; `changed` hears of each; how many did something."""
        done = 0
        with self.lock:
            for row in list(self._rows.values()):
                while row.plan and datetime.fromisoformat(row.plan[0][0]) <= self.clock.now():
                    self.become(row, row.plan.pop(0)[1])
                    done += 1
                    changed(row)
        return done

    def become(self, row: Transaction, status: str) -> None:
        """Change a payment for good."""
        row.status = status
        if status == "paid":
            amount = Decimal(row.amount)
            row.paid = f"{amount - Decimal('0.01') if 'wrong_amount' in row.quirks else amount:.2f}"
        self.save()

    def give_back(self, row: Transaction, key: str, amount: Decimal) -> dict[str, str]:
        """Commit a refund; the same key again is the same one."""
        with self.lock:
            known = next((one for one in row.refunds if one["key"] == key), None)
            if known is not None:
                return known
            made = {"key": key, "amount": f"{amount:.2f}", "external_id": f"RF{row.external_id}"}
            made["external_id"] += f".{len(row.refunds) + 1}"
            row.refunds.append(made)
            if row.refunded >= Decimal(row.paid):
                row.status = "refunded"
            self.save()
            return made

    def refund_of(self, key: str) -> tuple[Transaction, dict[str, str]] | None:
        """A refund by its key, with its payment."""
        for row in list(self._rows.values()):
            for one in row.refunds:
                if one["key"] == key:
                    return row, one
        return None

    def next_number(self) -> int:
        """For numbers of the provider's own."""
        return len(self._rows) + 1

    def ledger(self) -> dict[str, Any]:
        """Everything committed."""
        return {"transactions": [asdict(row) for row in list(self._rows.values())]}

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self._rows.clear()
            self.save()

    def save(self) -> None:
        """Put everything on disk."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump([asdict(row) for row in self._rows.values()], file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def _name(provider: str, key: str) -> str:
    return f"{provider} {key}"
