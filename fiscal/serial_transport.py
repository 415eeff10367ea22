"""The serial way to a device: our own link over pyserial, on a port nobody else holds."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import serial

from fiscal import envelope
from fiscal.clock import Clock
from fiscal.direct import link_hello
from fiscal.envelope import Envelope, EnvelopeInvalid
from fiscal.errors import LinkBusy, OutcomeUnknown, RequestInvalid, Unavailable
from fiscal.link.host import HostLink, Phase
from fiscal.link.message import MessageTooLong
from fiscal.link.timing import Timers
from fiscal.operations import WRITES, Op
from fiscal.port import LinkHello, ask

try:
    from termios import error as terminal_error
except ImportError:  # pragma: no cover - Windows has no termios
    terminal_error = OSError  # type: ignore[assignment, misc]

PORT_ERRORS = (serial.SerialException, OSError, terminal_error, TypeError)
"""What pyserial lets out when a port goes away: also TypeError, for a port closed meanwhile."""

BAUD = 115200
_READ_SECONDS = 0.02
_WRITE_SECONDS = 5.0
_SEQ_MAX = 0xFFFF


class _Lost(Exception):
    """The port failed or the other end did; nothing is said about what was done."""


def _random_session() -> int:
    return secrets.randbelow(0xFFFFFFFF) + 1


class SerialTransport:
    """One device behind a serial port, by path, COM name or pyserial URL.

    The port is opened with the first request, exclusively, and kept until `close`. A path is
    resolved at every opening, so a device that comes back under the same symbolic link is found.
    Every write is preceded by a new greeting: a device that is away or was restarted is noticed
    before anything that counts has left.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        timers: Timers | None = None,
        host_id: str = "pos",
        monotonic: Callable[[], float] = time.monotonic,
        new_session: Callable[[], int] = _random_session,
    ) -> None:
        self._url = url
        self._clock = clock
        self._timers = timers or Timers()
        self._host_id = host_id
        self._monotonic = monotonic
        self._new_session = new_session
        self._port: Any = None
        self._link: HostLink | None = None
        self._asked = 0

    def request(self, op: Op, body: Mapping[str, Any] | None = None, *, timeout: float) -> Envelope:
        """Ask the device; see `Transport.request`. Raises LinkBusy when the port is taken."""
        return ask(
            lambda left: self._once(op, body, left),
            op,
            clock=self._clock,
            monotonic=self._monotonic,
            timeout=timeout,
        )

    def hello(self, *, timeout: float) -> LinkHello | None:
        """Greet the device anew."""
        greeting = self._greet(self._monotonic() + timeout)
        try:
            return link_hello(greeting)
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable("its greeting cannot be read") from error

    def close(self) -> None:
        """Give the port back."""
        port, self._port, self._link = self._port, None, None
        if port is not None:
            with contextlib.suppress(*PORT_ERRORS):
                port.close()

    def _once(self, op: Op, body: Mapping[str, Any] | None, timeout: float) -> Envelope:
        ends = self._monotonic() + timeout
        if op in WRITES or self._link is None or self._asked >= _SEQ_MAX:
            self._greet(ends)
        assert self._link is not None  # noqa: S101 - greeted just now
        self._asked += 1
        try:
            self._run(self._link, self._first_bytes(self._link, op, body), ends)
            return envelope.read(self._link.message.get("envelope"))
        except _Lost as lost:
            self._link = None
            raise OutcomeUnknown(str(lost)) from lost
        except EnvelopeInvalid as error:
            self._link = None
            raise OutcomeUnknown(f"its reply cannot be understood: {error}") from error

    def _first_bytes(self, link: HostLink, op: Op, body: Mapping[str, Any] | None) -> bytes:
        try:
            return link.ask({"op": op.value, "body": body or {}}, self._monotonic())
        except MessageTooLong as error:
            raise RequestInvalid(str(error)) from error

    def _greet(self, ends: float) -> dict[str, Any]:
        """Open a session, on a port opened anew when the one at hand is dead."""
        was_open = self._port is not None
        try:
            return self._greet_once(ends)
        except Unavailable:
            if not was_open or self._port is not None:
                raise
        return self._greet_once(ends)

    def _greet_once(self, ends: float) -> dict[str, Any]:
        self._open()
        link = HostLink(self._new_session(), self._timers)
        self._link = None
        try:
            self._run(link, link.greet(self._host_id, self._monotonic()), ends)
        except _Lost as lost:
            raise Unavailable(str(lost)) from lost
        self._link, self._asked = link, 0
        return link.message

    def _run(self, link: HostLink, data: bytes, ends: float) -> None:
        """Pump bytes until the exchange is over; raises _Lost for every way it can fail."""
        try:
            self._write(data)
            while not link.is_over:
                if self._monotonic() >= ends:
                    raise _Lost("it did not answer in time")
                heard = self._port.read(self._port.in_waiting or 1)
                if heard:
                    self._write(link.feed(heard, self._monotonic()))
                self._write(link.tick(self._monotonic()))
        except PORT_ERRORS as error:
            self.close()
            raise _Lost(f"the port {self._url} was lost") from error
        if link.phase is not Phase.DONE:
            raise _Lost(link.problem)

    def _write(self, data: bytes) -> None:
        if data:
            self._port.write(data)

    def _open(self) -> None:
        if self._port is not None:
            return
        if _is_leftover(self._url):
            raise Unavailable(f"the port {self._url} is gone")
        try:
            port = serial.serial_for_url(
                self._url,
                baudrate=BAUD,
                timeout=_READ_SECONDS,
                write_timeout=_WRITE_SECONDS,
                exclusive=True,
            )
            port.reset_input_buffer()
        except PORT_ERRORS as error:
            if _is_taken(error):
                raise LinkBusy(self._url) from error
            raise Unavailable(f"the port {self._url} cannot be opened") from error
        self._port = port


def _is_leftover(path: str) -> bool:
    """Whether a symbolic link names a pseudo-terminal that was made after the link itself.

    The one it was made for has died without removing it, and its number went to a stranger.
    """
    try:
        target = os.readlink(path)  # noqa: PTH115 - an address need not be a path
        return target.startswith("/dev/pts/") and (
            os.stat(target).st_ctime_ns > os.lstat(path).st_mtime_ns  # noqa: PTH116 - as above
        )
    except (OSError, ValueError):
        return False


def _is_taken(error: BaseException) -> bool:
    """Whether a port could not be opened because somebody else holds it."""
    taken = {errno.EAGAIN, errno.EBUSY, errno.EACCES}
    chain: BaseException | None = error
    while chain is not None:
        if getattr(chain, "errno", None) in taken - {errno.EACCES}:
            return True
        chain = chain.__context__
    return "lock" in str(error).lower()
