"""Faults a simulator commits on demand: data in, one decision per call out."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any


class FaultInvalid(ValueError):
    """A fault description that cannot be obeyed; the sentence names the field."""


KINDS: Mapping[str, type | tuple[type, ...]] = {
    "on": str,
    "do": str,
    "times": int,
    "after": int,
    "probability": (int, float),
    "seconds": (int, float),
    "bytes": int,
    "code": (int, str, type(None)),
    "message": str,
}
"""What each field of a fault may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misbehaviour and when to show it.

    Attributes:
        on: prefix of the call it waits for; empty matches every call.
        do: what to do; each simulator names its own.
        times: how often to do it before it is spent.
        after: matching calls that pass unharmed first.
        probability: chance per matching call, 0 to 1.
        seconds: duration for faults that wait or hide.
        bytes: position in a stream for faults that cut one.
        code: error code for faults that answer with one.
        message: error text for faults that answer with one.
    """

    on: str = ""
    do: str
    times: int = 1
    after: int = 0
    probability: float = 1.0
    seconds: float = 0
    bytes: int = 0
    code: int | str | None = None
    message: str = ""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Fault:
        """Build a fault from a JSON object; raises FaultInvalid for unknown or missing fields."""
        unknown = set(data) - {field.name for field in fields(cls)}
        if unknown:
            raise FaultInvalid(f"A fault has no field {', '.join(sorted(unknown))}; remove it.")
        if not isinstance(data.get("do"), str):
            raise FaultInvalid("A fault needs the text field do, naming what to do.")
        for name, value in data.items():
            if isinstance(value, bool) or not isinstance(value, KINDS[name]):
                raise FaultInvalid(f"The field {name} of a fault is not {value!r}; mend it.")
        return cls(**dict(data))


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    done: int = 0


class Faults:
    """The armed faults of one simulator; safe to ask from several threads."""

    def __init__(self, rng: random.Random, *, known: frozenset[str] | None = None) -> None:
        """With `known`, faults that do anything else are refused when they are armed."""
        self._rng = rng
        self._known = known
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def replace(self, faults: Iterable[Fault]) -> None:
        """Forget every fault and arm these; an empty list leaves the simulator healthy.

        Raises:
            FaultInvalid: one of them is not known here; the list stays as it was.
        """
        armed = [_Armed(fault) for fault in faults]
        for entry in armed:
            if self._known is not None and entry.fault.do not in self._known:
                known = ", ".join(sorted(self._known))
                raise FaultInvalid(
                    f"There is no fault {entry.fault.do!r} here; use one of {known}."
                )
        with self._lock:
            self._armed = armed

    def take(
        self,
        call: str,
        *,
        only: frozenset[str] | None = None,
        aliases: tuple[str, ...] = (),
        where: Callable[[Fault], bool] = lambda _fault: True,
    ) -> Fault | None:
        """Spend and return the first fault due at this call, or None.

        Args:
            call: what is being done, such as ``POST Invoices``.
            only: consider just these `do` values: faults of one stage of a call.
            aliases: other names of the same call.
            where: consider just faults for which this is true.
        """
        names = (call, *aliases)
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                if (only is not None and fault.do not in only) or not where(fault):
                    continue
                if any(name.startswith(fault.on) for name in names) and self._is_due(armed):
                    armed.done += 1
                    return fault
        return None

    def standing(self) -> list[Fault]:
        """The faults not spent yet, in order."""
        with self._lock:
            return [armed.fault for armed in self._armed if armed.done < armed.fault.times]

    def _is_due(self, armed: _Armed) -> bool:
        if armed.done >= armed.fault.times:
            return False
        armed.seen += 1
        if armed.seen <= armed.fault.after:
            return False
        return armed.fault.probability >= 1 or self._rng.random() < armed.fault.probability
