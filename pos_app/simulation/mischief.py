"""What goes wrong, how often, and how often it has."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    """The kinds of faults the world knows."""

    CRASH = "crash"
    DEVICE_REPLY = "device_reply_lost"
    SERVER_REPLY = "server_reply_lost"
    SAP_REPLY = "sap_reply_lost"
    DUPLICATE = "duplicate_delivery"
    PARTITION = "partition"
    AUTHORITY_AWAY = "authority_away"
    DEVICE_BUSY = "device_busy"
    PAPER_OUT = "paper_out"
    CLOCK_JUMP = "clock_jump"
    DATABASE_BUSY = "database_busy"
    WORKER_KILLED = "worker_killed"


WEIGHTS: Mapping[Fault, float] = {
    Fault.CRASH: 0.5,
    Fault.DEVICE_REPLY: 2,
    Fault.SERVER_REPLY: 2,
    Fault.SAP_REPLY: 2,
    Fault.DUPLICATE: 1,
    Fault.PARTITION: 2,
    Fault.AUTHORITY_AWAY: 1,
    Fault.DEVICE_BUSY: 1,
    Fault.PAPER_OUT: 2,
    Fault.CLOCK_JUMP: 2,
    Fault.DATABASE_BUSY: 0.1,
    Fault.WORKER_KILLED: 1,
}
"""How much likelier than the rate a fault is at each of its chances."""


class Mischief:
    """Decides at every chance whether a fault strikes; counts those that did."""

    def __init__(self, rng: random.Random, rate: float) -> None:
        """Nothing goes wrong before `begin`."""
        self.rng = rng
        self._rate = rate
        self._is_over = True
        self._counts: Counter[Fault] = Counter()

    @property
    def is_over(self) -> bool:
        """Whether nothing goes wrong now."""
        return self._is_over

    def strikes(self, fault: Fault) -> bool:
        """Whether it happens now, and then it is counted."""
        is_due = self.is_due(fault)
        if is_due:
            self.count(fault)
        return is_due

    def is_due(self, fault: Fault) -> bool:
        """Whether it is to happen; whoever makes it happen counts it."""
        if self._is_over or self._rate <= 0:
            return False
        return self.rng.random() < self._rate * WEIGHTS[fault]

    def count(self, fault: Fault) -> None:
        """It happened."""
        self._counts[fault] += 1

    def begin(self) -> None:
        """From now on things go wrong."""
        self._is_over = False

    def stop(self) -> None:
        """From now on everything goes well."""
        self._is_over = True

    @property
    def counts(self) -> dict[str, int]:
        """How often each kind has struck."""
        return {fault.value: self._counts[fault] for fault in Fault}
