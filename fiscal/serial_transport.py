"""The serial way to a device: our own link over pyserial, on a port nobody else holds."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fiscal import envelope, wire
from fiscal.breaker import Breaker
from fiscal.clock import Clock
from fiscal.envelope import Envelope, EnvelopeInvalid
from fiscal.errors import (
    LinkBusy,
    NotThere,
    OutcomeUnknown,
    RequestInvalid,
    Unavailable,
    WrongDevice,
)
from fiscal.link.host import HostLink, Phase
from fiscal.link.message import MessageTooLong
from fiscal.link.timing import Timers
from fiscal.messages import Hello
from fiscal.operations import WRITES, Op
from fiscal.port import ask, check_status, watched
from fiscal.serial_port import (
    PORT_ERRORS,
    Line,
    Port,
    SerialPort,
    bauds_of,
    candidates,
    is_pattern,
)

BITS_PER_BYTE = 10
SILENCE_SECONDS = 1.0
_SEQ_MAX = 0xFFFF

OpenPort = Callable[[str, Line, int], Port]


class _Lost(Exception):
    """The port failed or the other end did; nothing is said about what was done."""


def _random_session() -> int:
    return secrets.randbelow(0xFFFFFFFF) + 1


class SerialTransport:
    """One device behind a serial port, by path, COM name, pattern or pyserial URL.

    The port is opened with the first request, exclusively, and kept until `close`. Its name is
    resolved at every opening, so a device is found again that was plugged in elsewhere: under the
    same symbolic link, or as another port of the same pattern. Every write is preceded by a new
    greeting: a device that is away, was restarted or swapped is noticed before anything has left.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        line: Line | None = None,
        device_id: str = "",
        timers: Timers | None = None,
        host_id: str = "pos",
        monotonic: Callable[[], float] = time.monotonic,
        new_session: Callable[[], int] = _random_session,
        open_port: OpenPort = SerialPort,
    ) -> None:
        """Open nothing yet.

        Args:
            url: where the device is; see `fiscal.transport.open_transport`.
            clock: lets time pass between attempts.
            line: how the line is set.
            device_id: of the only device that is spoken to; empty for the one that greets first.
            timers: the times of the link, for the slowest line.
            host_id: how the till names itself.
            monotonic: seconds that only grow.
            new_session: a number above zero, another one each time.
            open_port: opens one address at one speed.
        """
        self._url = url
        self._clock = clock
        self._line = line or Line()
        self._device_id = device_id
        self._timers = timers or Timers()
        self._host_id = host_id
        self._monotonic = monotonic
        self._new_session = new_session
        self._open_port = open_port
        self._breaker = Breaker(monotonic)
        self._silence = Breaker(monotonic, failures=1, rest_seconds=SILENCE_SECONDS)
        self._bauds = list(bauds_of(url, self._line))
        self._port: Port | None = None
        self._link: HostLink | None = None
        self._met = ""
        self._asked = 0

    def request(self, op: Op, body: Mapping[str, Any] | None = None, *, timeout: float) -> Envelope:
        """Ask the device; see `Transport.request`. Raises LinkBusy when the port is taken."""
        return ask(
            lambda left: self._once(op, body, left),
            op,
            clock=self._clock,
            monotonic=self._monotonic,
            timeout=timeout,
            breaker=self._breaker,
        )

    def hello(self, *, timeout: float) -> Hello | None:
        """Greet the device anew; from now on it is this one that must answer."""
        self._met = ""
        ends = self._monotonic() + timeout
        greeting = watched(lambda: self._greet(ends), self._breaker)
        self._met = greeting.device_id
        return greeting

    def close(self) -> None:
        """Give the port back."""
        port, self._port, self._link = self._port, None, None
        if port is not None:
            port.close()

    def _once(self, op: Op, body: Mapping[str, Any] | None, timeout: float) -> Envelope:
        ends = self._monotonic() + timeout
        if op in WRITES or self._link is None or self._asked >= _SEQ_MAX:
            self._greet(ends)
        assert self._link is not None  # noqa: S101 - greeted just now
        link = self._link
        self._asked += 1
        try:
            self._run(link, self._first_bytes(link, op, body), ends)
            check_status(link.message.get("http"))
            return envelope.read(link.message.get("envelope"))
        except _Lost as lost:
            self._link = None
            if link.is_refused:
                raise RequestInvalid(str(lost)) from lost
            raise OutcomeUnknown(str(lost)) from lost
        except EnvelopeInvalid as error:
            self._link = None
            raise OutcomeUnknown(f"its reply cannot be understood: {error}") from error

    def _first_bytes(self, link: HostLink, op: Op, body: Mapping[str, Any] | None) -> bytes:
        try:
            return link.ask({"op": op.value, "body": body or {}}, self._monotonic())
        except MessageTooLong as error:
            raise RequestInvalid(str(error)) from error

    def _greet(self, ends: float) -> Hello:
        """Open a session, unless nobody answered a moment ago; raises Unavailable.

        Whoever asks several things of a silent device then waits for it once.
        """
        self._silence.check()
        try:
            greeting = self._greet_anew(ends)
        except (LinkBusy, NotThere, WrongDevice):
            raise
        except Unavailable as error:
            self._silence.failed(error)
            raise
        self._silence.answered()
        return greeting

    def _greet_anew(self, ends: float) -> Hello:
        """Greet on the port at hand, or on one opened anew when that is dead."""
        if self._port is not None:
            try:
                return self._greet_here(ends)
            except Unavailable:
                if self._port is not None:
                    raise
        return self._find(ends)

    def _find(self, ends: float) -> Hello:
        """Open the ports the address may mean until the device greets from one of them."""
        problems: list[Unavailable] = []
        for address in candidates(self._url):
            try:
                self._port = self._open_port(address, self._line, self._bauds[0])
                return self._greet_here(ends)
            except Unavailable as error:
                problems.append(error)
        raise next((p for p in problems if isinstance(p, LinkBusy | WrongDevice)), problems[-1])

    def _greet_here(self, ends: float) -> Hello:
        """Greet at each speed, the one that was right last time first.

        A port of a pattern that stays silent is given back: the device may be at another one.
        """
        silence: Unavailable | None = None
        for baud in tuple(self._bauds):
            try:
                greeting = self._greet_at(baud, ends)
            except WrongDevice:
                self.close()
                raise
            except Unavailable as error:
                silence = error
                if self._port is None:
                    break
                continue
            self._bauds.sort(key=lambda known, right=baud: known != right)  # type: ignore[misc]
            return greeting
        if is_pattern(self._url):
            self.close()
        raise silence or NotThere(self._url)

    def _greet_at(self, baud: int, ends: float) -> Hello:
        self._link = None
        timers = replace(self._timers, byte=BITS_PER_BYTE / baud)
        link = HostLink(self._new_session(), timers)
        try:
            self._set(baud)
            self._run(link, link.greet(self._host_id, self._monotonic()), ends)
        except _Lost as lost:
            raise Unavailable(str(lost)) from lost
        greeting = wire.hello(link.message)
        wanted = self._device_id or self._met
        if wanted and greeting.device_id != wanted:
            raise WrongDevice("device ID", wanted=wanted, found=greeting.device_id)
        self._link, self._asked = link, 0
        return greeting

    def _set(self, baud: int) -> None:
        try:
            if self._port is not None:
                self._port.set_baud(baud)
        except PORT_ERRORS as error:
            self.close()
            raise _Lost(f"the port {self._url} was lost") from error

    def _run(self, link: HostLink, data: bytes, ends: float) -> None:
        """Pump bytes until the exchange is over; raises _Lost for every way it can fail."""
        port = self._port
        if port is None:
            raise _Lost(f"the port {self._url} was lost")
        try:
            self._write(port, data)
            while not link.is_over:
                if self._monotonic() >= ends:
                    raise _Lost("it did not answer in time")
                heard = port.read()
                if heard:
                    self._write(port, link.feed(heard, self._monotonic()))
                self._write(port, link.tick(self._monotonic()))
        except PORT_ERRORS as error:
            self.close()
            raise _Lost(f"the port {self._url} was lost") from error
        if link.phase is not Phase.DONE:
            raise _Lost(link.problem)

    @staticmethod
    def _write(port: Port, data: bytes) -> None:
        if data:
            port.write(data)
