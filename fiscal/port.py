"""How a request reaches a device: one port, and the rule that only reads are ever repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from fiscal.clock import Clock
from fiscal.envelope import Envelope
from fiscal.errors import LinkBusy, OutcomeUnknown, Unavailable
from fiscal.operations import WRITES, Op

READ_PAUSES = (0.2, 0.5, 1.0)
"""Seconds before each repetition of a read (seen to suffice on live boxes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHello:
    """What a device says of itself when a link is opened; only our own links can ask it."""

    device_id: str
    serial: str
    boot_id: str
    last_receipt_global_no: int
    last_invoice_number: str
    is_day_open: bool
    fiscal_day: int
    clock: datetime | None


class Transport(Protocol):
    """A way to one device. Not safe to share between threads."""

    def request(self, op: Op, body: Mapping[str, Any] | None = None, *, timeout: float) -> Envelope:
        """Ask once, or a read a few times, and return the answer.

        Args:
            op: the operation.
            body: the object of a POST, or the parameters of a GET.
            timeout: seconds the whole request may take.

        Raises:
            Unavailable: not connected, not sent, or a read without an answer.
            OutcomeUnknown: a write left and no verified answer came.
        """
        ...

    def hello(self, *, timeout: float) -> LinkHello | None:
        """Greet the device anew; None when this way has no greeting. Raises Unavailable."""
        ...

    def close(self) -> None:
        """Give the port back; the next request opens it again."""
        ...


def ask(
    once: Callable[[float], Envelope],
    op: Op,
    *,
    clock: Clock,
    monotonic: Callable[[], float],
    timeout: float,
) -> Envelope:
    """Send a write once and a read until it is answered, within the time allowed.

    Args:
        once: one attempt, given the seconds left for it.
        op: decides whether repeating is allowed (production lesson L05).
        clock: lets time pass between attempts.
        monotonic: seconds that only grow.
        timeout: seconds for all attempts together.

    Raises:
        Unavailable: not sent, or a read that was never answered.
        OutcomeUnknown: a write that was sent and not answered.
    """
    if op in WRITES:
        return once(timeout)
    ends = monotonic() + timeout
    for pause in (*READ_PAUSES, None):
        try:
            return once(max(ends - monotonic(), 0.001))
        except LinkBusy:
            raise
        except (Unavailable, OutcomeUnknown) as error:
            if pause is None or monotonic() + pause >= ends:
                raise Unavailable(error.reason) from error
        clock.sleep(pause)
    raise AssertionError("the last attempt returns or raises")
