"""The host's end of the link: greet, send one request, wait for its reply."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from fiscal.link.code import LinkCode
from fiscal.link.frame import ENQ, SYN, Frame, FrameType, encode
from fiscal.link.message import DEFLATE, MessageInvalid, check_lines, seal, split, unseal
from fiscal.link.reader import Damaged, FrameReader, Heard, Signal
from fiscal.link.receiving import Arrival, Receiving
from fiscal.link.sending import Sending
from fiscal.link.timing import Timers

HOST = "host"
"""The member of a greeting that only hosts send."""


class Phase(Enum):
    """Where the one outstanding exchange is."""

    IDLE = auto()
    GREETING = auto()
    SENDING = auto()
    WAITING = auto()
    DONE = auto()
    FAILED = auto()


class HostLink:
    """One session. After FAILED the owner opens another; what was asked may have been done.

    Attributes:
        message: the verified greeting or reply, once DONE.
        problem: why it FAILED.
        is_refused: whether it FAILED because the device takes no message of that size, and said so
            before it executed anything.
    """

    def __init__(self, session: int, timers: Timers) -> None:
        self.session = session
        self.phase = Phase.IDLE
        self.message: dict[str, Any] = {}
        self.problem = ""
        self.is_refused = False
        self._timers = timers
        self._reader = FrameReader(timers.gap)
        self._seq = 0
        self._sending: Sending | None = None
        self._receiving: Receiving | None = None
        self._heard_at = 0.0
        self._enquiries = 0
        self._naks = 0
        self._deflates = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is outstanding."""
        return self.phase in {Phase.IDLE, Phase.DONE, Phase.FAILED}

    def greet(self, host_id: str, now: float) -> bytes:
        """Open the session; returns the bytes to write."""
        return self._begin(FrameType.HELLO, {HOST: host_id, DEFLATE: True}, now)

    def ask(self, message: Mapping[str, Any], now: float) -> bytes:
        """Send a request under the next sequence number; raises MessageTooLong, nothing sent."""
        check_lines(message)
        return self._begin(FrameType.REQUEST, message, now)

    def feed(self, data: bytes, now: float) -> bytes:
        """Take bytes that were read; returns the bytes to write."""
        if self._sending and self.phase is Phase.GREETING and data and not data.strip(bytes([SYN])):
            # Among other bytes it is the noise of a wrong speed, and no device asking its box.
            self._sending.hold(now + self._timers.silence)
        return b"".join(self._hear(heard, now) for heard in self._reader.feed(data, now))

    def tick(self, now: float) -> bytes:
        """Let time pass; returns the bytes to write."""
        if self.phase in {Phase.GREETING, Phase.SENDING} and self._sending:
            data = self._sending.tick(now)
            if self._sending.is_given_up:
                self._fail("it does not acknowledge")
            return data
        if self.phase is Phase.WAITING:
            return self._enquire(now)
        return b""

    def _begin(self, type_: FrameType, message: Mapping[str, Any], now: float) -> bytes:
        deflates = type_ is FrameType.REQUEST and self._deflates
        parts = split(seal(message, is_deflated=deflates))
        if type_ is FrameType.REQUEST:
            self._seq += 1
        self.phase = Phase.GREETING if type_ is FrameType.HELLO else Phase.SENDING
        self._receiving = None
        self._naks = 0
        self._sending = Sending(
            type_, parts, session=self.session, seq=self._seq, timers=self._timers
        )
        return self._sending.send(now)

    def _hear(self, heard: Heard, now: float) -> bytes:
        if self.is_over:
            return b""
        if isinstance(heard, Signal):
            self._alive(heard, now)
            return b""
        self._heard_at = now
        if isinstance(heard, Damaged):
            return self._want_again(heard.reason)
        if heard.session != self.session:
            return self._from_elsewhere(heard)
        self._enquiries = 0
        return self._take(heard, now)

    def _alive(self, signal: Signal, now: float) -> None:
        """The device is busy; an enquiry of our own, come back on a line with echo, is no sign."""
        if signal.byte == SYN:
            self._heard_at = now
            self._enquiries = 0

    def _take(self, frame: Frame, now: float) -> bytes:
        if frame.seq != self._seq:
            return b""
        if frame.type is FrameType.ERROR:
            self.is_refused = frame.payload == LinkCode.TOO_LONG.value.encode()
            self._fail(f"it reports {_code(frame)}")
        elif frame.type is FrameType.HELLO and self.phase is Phase.GREETING:
            self._greeted(frame)
        elif frame.type is FrameType.REPLY and self.phase in {Phase.SENDING, Phase.WAITING}:
            return self._take_reply(frame, now)
        elif self.phase is Phase.SENDING and self._sending:
            return self._sent(frame, self._sending, now)
        return b""

    def _greeted(self, frame: Frame) -> None:
        """Take the greeting of the device; our own, echoed by the line, is not one."""
        self._read(frame.payload)
        if HOST in self.message:
            self.message = {}
            self.phase = Phase.GREETING
        self._deflates = self.message.get(DEFLATE) is True

    def _sent(self, frame: Frame, sending: Sending, now: float) -> bytes:
        if frame.type is FrameType.ACK:
            data = sending.acknowledged(frame.part, now)
            if sending.is_done:
                self._wait(now)
            return data
        if frame.type is FrameType.NAK:
            data = sending.refused(frame.part, now)
            if sending.is_given_up:
                self._fail("it cannot read what it is sent")
            return data
        return b""

    def _take_reply(self, frame: Frame, now: float) -> bytes:
        self._wait(now)
        if self._receiving is None:
            self._receiving = Receiving(frame)
        arrival = self._receiving.take(frame)
        if arrival is Arrival.CONFLICT:
            self._fail("its reply contradicts itself")
            return b""
        if arrival is Arrival.TOO_EARLY:
            return self._want_again("O")
        if arrival is Arrival.NEXT:
            self._naks = 0
        if self._receiving.is_complete:
            self._read(self._receiving.data)
        return encode(Frame(FrameType.ACK, self.session, self._seq, frame.part, frame.parts))

    def _wait(self, now: float) -> None:
        if self.phase is not Phase.WAITING:
            self.phase = Phase.WAITING
            self._heard_at = now
            self._enquiries = 0

    def _enquire(self, now: float) -> bytes:
        wait = self._timers.enquiry if self._enquiries else self._timers.silence
        if now - self._heard_at < wait:
            return b""
        if self._enquiries >= self._timers.enquiries:
            self._fail("it went silent before it answered")
            return b""
        self._enquiries += 1
        self._heard_at = now
        return bytes([ENQ])

    def _want_again(self, reason: str) -> bytes:
        """Ask for the part of the reply that is missing; requests are repeated by time alone.

        After a few times it keeps still, and the silence brings the enquiries and then the end.
        """
        if self.phase is not Phase.WAITING:
            return b""
        self._naks += 1
        if self._naks > self._timers.naks:
            return b""
        expected = self._receiving.expected if self._receiving else 0
        parts = max(expected + 1, 1)
        nak = Frame(FrameType.NAK, self.session, self._seq, expected, parts, reason.encode())
        return encode(nak)

    def _from_elsewhere(self, frame: Frame) -> bytes:
        """A frame of another session is never believed; session 0 says there is none."""
        if frame.session == 0 and frame.type is FrameType.ERROR and self.phase is Phase.WAITING:
            self._fail("it was restarted before it answered")
        return b""

    def _read(self, data: bytes) -> None:
        try:
            self.message = unseal(data)
        except MessageInvalid as invalid:
            self._fail(str(invalid))
            return
        self.phase = Phase.DONE

    def _fail(self, problem: str) -> None:
        self.phase = Phase.FAILED
        self.problem = problem


def _code(frame: Frame) -> str:
    return frame.payload.decode("ascii", "replace")
