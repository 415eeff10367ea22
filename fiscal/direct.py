"""A simulated box in the same process, without threads, for simulations and tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from fiscal import envelope, wire
from fiscal.clock import Clock
from fiscal.envelope import Envelope, EnvelopeInvalid
from fiscal.errors import OutcomeUnknown, Unavailable
from fiscal.messages import Hello
from fiscal.operations import WRITES, Op


class Answering(Protocol):
    """A device in this process: `simulator.device.Device`, or a box with faults around one.

    Either method may raise Unavailable or OutcomeUnknown, as a transport would.
    """

    def answer(self, op: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Do one operation and return the envelope."""
        ...

    def greeting(self) -> dict[str, Any]:
        """What the device says of itself."""
        ...


class DirectTransport:
    """Calls a device as a function; with a clock, an answer that takes too long is lost."""

    def __init__(self, device: Answering, clock: Clock | None = None) -> None:
        self._device = device
        self._clock = clock

    def request(self, op: Op, body: Mapping[str, Any] | None = None, *, timeout: float) -> Envelope:
        """The answer of the device; raises what the device raises, or what lateness means."""
        began = self._clock.now() if self._clock else None
        answer = self._device.answer(op, body)
        if self._is_late(began, timeout):
            raise (OutcomeUnknown if op in WRITES else Unavailable)("it did not answer in time")
        try:
            return envelope.read(answer)
        except EnvelopeInvalid as error:
            raise OutcomeUnknown("its reply cannot be understood") from error

    def hello(self, *, timeout: float) -> Hello | None:
        """The greeting of the device."""
        began = self._clock.now() if self._clock else None
        greeting = self._device.greeting()
        if self._is_late(began, timeout):
            raise Unavailable("it did not answer in time")
        return wire.hello(greeting)

    def close(self) -> None:
        """Nothing to give back."""

    def _is_late(self, began: datetime | None, timeout: float) -> bool:
        if began is None or self._clock is None:
            return False
        return (self._clock.now() - began).total_seconds() > timeout
