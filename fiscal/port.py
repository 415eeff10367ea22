"""How a request reaches a device: one port, and the rule that only reads are ever repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from fiscal.breaker import Breaker
from fiscal.clock import Clock
from fiscal.envelope import Envelope
from fiscal.errors import LinkBusy, NotThere, OutcomeUnknown, Unavailable, WrongDevice
from fiscal.messages import Hello
from fiscal.operations import WRITES, Op

Answer = TypeVar("Answer")

READ_PAUSES = (0.2, 0.5, 1.0)
"""Seconds before each repetition of a read (seen to suffice on live boxes)."""

_NOT_TAKEN = frozenset({400, 401, 403, 404, 405, 411, 413, 414, 415, 422})
"""Statuses with which no box has taken a request: there is no such route, or no such box."""

NOT_REACHED = 0
"""What a bridge writes for the status when it could not reach its box at all."""


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

    def hello(self, *, timeout: float) -> Hello | None:
        """Greet the device anew; None when this way has no greeting. Raises Unavailable."""
        ...

    def close(self) -> None:
        """Give the port back; the next request opens it again."""
        ...


def check_status(status: object) -> None:
    """Judge the HTTP status of a reply, whichever way it came.

    Raises:
        Unavailable: no box has taken the request.
        OutcomeUnknown: it is not 200, and says nothing about what was done.
    """
    if status == NOT_REACHED:
        raise Unavailable("its bridge does not reach the box")
    if status in _NOT_TAKEN or (isinstance(status, int) and 300 <= status < 400):
        raise Unavailable(f"it answered HTTP {status}")
    if status != 200:
        raise OutcomeUnknown(f"it answered HTTP {status}")


def ask(
    once: Callable[[float], Envelope],
    op: Op,
    *,
    clock: Clock,
    monotonic: Callable[[], float],
    timeout: float,
    breaker: Breaker,
) -> Envelope:
    """Send a write once and a read until it is answered, within the time allowed.

    Args:
        once: one attempt, given the seconds left for it.
        op: decides whether repeating is allowed (production lesson L05).
        clock: lets time pass between attempts.
        monotonic: seconds that only grow.
        timeout: seconds for all attempts together.
        breaker: lets reads rest that were not answered several times.

    Raises:
        Unavailable: not sent, or a read that was never answered.
        OutcomeUnknown: a write that was sent and not answered.
    """
    if op in WRITES:
        envelope = once(timeout)
        breaker.answered()
        return envelope

    def read() -> Envelope:
        return _read(once, clock=clock, monotonic=monotonic, timeout=timeout)

    return watched(read, breaker)


def watched(read: Callable[[], Answer], breaker: Breaker) -> Answer:
    """Do one read unless the device rests, and note whether it was answered.

    A port that is not there, is taken, or leads to another device costs no time and is no silence.
    """
    breaker.check()
    try:
        answer = read()
    except (LinkBusy, NotThere, WrongDevice):
        breaker.answered()
        raise
    except Unavailable as error:
        breaker.failed(error)
        raise
    breaker.answered()
    return answer


def _read(
    once: Callable[[float], Envelope],
    *,
    clock: Clock,
    monotonic: Callable[[], float],
    timeout: float,
) -> Envelope:
    """Read until it is answered, within the time allowed; raises Unavailable."""
    ends = monotonic() + timeout
    for pause in (*READ_PAUSES, None):
        try:
            return once(max(ends - monotonic(), 0.001))
        except (LinkBusy, WrongDevice):
            raise
        except NotThere:
            if pause is None or monotonic() + pause >= ends:
                raise
        except (Unavailable, OutcomeUnknown) as error:
            if pause is None or monotonic() + pause >= ends:
                raise Unavailable(error.reason) from error
        clock.sleep(pause)
    raise AssertionError("the last attempt returns or raises")
