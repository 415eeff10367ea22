"""The device's end of the link: answer greetings, take requests, hand back replies, once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fiscal.link.code import LinkCode
from fiscal.link.frame import ENQ, PARTS_MAX, SYN, Frame, FrameType, encode
from fiscal.link.message import (
    DEFLATE,
    MessageInvalid,
    MessageTooLong,
    check_lines,
    seal,
    split,
    unseal,
)
from fiscal.link.reader import Damaged, FrameReader, Heard
from fiscal.link.receiving import Arrival, Receiving
from fiscal.link.sending import Sending
from fiscal.link.timing import Timers


@dataclass(frozen=True, slots=True)
class Asked:
    """One verified request, to be executed exactly once and then answered."""

    session: int
    seq: int
    message: Mapping[str, Any]


class DeviceLink:
    """One port. The owner executes `asked`, then calls `answer` with the same request.

    Args:
        greeting: what the device says of itself; the link adds what it knows (docs/fiscal-link.md).
        timers: the times of the link.
        parts_max: as long a message as the device has room for.
    """

    def __init__(
        self,
        greeting: Callable[[], Mapping[str, Any]],
        timers: Timers,
        *,
        parts_max: int = PARTS_MAX,
    ) -> None:
        self._greeting = greeting
        self._timers = timers
        self._parts_max = parts_max
        self._reader = FrameReader(timers.gap)
        self._session = 0
        self._hello = b""
        self._receiving: Receiving | None = None
        self._reply: Sending | None = None
        self._busy_at: float | None = None
        self._executing: Asked | None = None
        self._completed = (0, 0)
        self._is_mute = False
        self._deflates = False
        self.asked: Asked | None = None
        """Set when a request is complete; the owner takes it away to execute it."""
        self.may_accept: Callable[[Mapping[str, Any]], bool] = lambda _message: True
        """Asked before a complete request is acknowledged; a no has its last part sent again."""

    @property
    def session(self) -> int:
        """The session in force; 0 before the first greeting."""
        return self._session

    @property
    def is_working(self) -> bool:
        """Whether a request is being executed."""
        return self._busy_at is not None

    def feed(self, data: bytes, now: float) -> bytes:
        """Take bytes that were read; returns the bytes to write."""
        return b"".join(self._hear(heard, now) for heard in self._reader.feed(data, now))

    def tick(self, now: float) -> bytes:
        """Let time pass: say that it is busy, or repeat a reply that was not acknowledged."""
        if self._busy_at is not None and now >= self._busy_at:
            self._busy_at = now + self._timers.busy
            return bytes([SYN])
        return self._reply.tick(now) if self._reply else b""

    def answer(self, asked: Asked, message: Mapping[str, Any], now: float) -> bytes:
        """Send the reply; one for a session that is over is dropped and stays unsaid."""
        self._completed = (asked.session, asked.seq)
        if self._executing == asked:
            self._executing = None
        if asked.session != self._session or self._receiving is None:
            return b""
        if asked.seq != self._receiving.seq:
            return b""
        self._busy_at = None
        try:
            parts = split(seal(message, is_deflated=self._deflates))
        except MessageTooLong:
            asked_by = Frame(FrameType.REQUEST, asked.session, asked.seq)
            return self._refuse(asked_by, LinkCode.REPLY_TOO_LONG)
        self._reply = Sending(
            FrameType.REPLY, parts, session=asked.session, seq=asked.seq, timers=self._timers
        )
        return self._reply.send(now)

    def mute(self) -> None:
        """Say nothing more in this session, as when the line broke."""
        self._is_mute = True
        self._busy_at = None
        self._reply = self._executing = None

    def _hear(self, heard: Heard, now: float) -> bytes:
        if isinstance(heard, Frame):
            return self._hear_frame(heard, now)
        if self._is_mute:
            return b""
        if isinstance(heard, Damaged):
            return self._want_again(heard.reason)
        return self._repeat(now) if heard.byte == ENQ else b""

    def _hear_frame(self, frame: Frame, now: float) -> bytes:
        if frame.type is FrameType.HELLO:
            return self._greet(frame)
        if frame.session != self._session:
            return self._refuse(frame, LinkCode.STALE_SESSION)
        if self._is_mute:
            return b""
        if frame.type is FrameType.REQUEST:
            return self._take(frame, now)
        if self._reply and frame.seq == self._receiving_seq:
            return self._replied(frame, self._reply, now)
        return b""

    @property
    def _receiving_seq(self) -> int:
        return self._receiving.seq if self._receiving else 0

    def _replied(self, frame: Frame, reply: Sending, now: float) -> bytes:
        if frame.type is FrameType.ACK:
            return reply.acknowledged(frame.part, now)
        if frame.type is FrameType.NAK:
            return reply.refused(frame.part, now)
        return b""

    def _greet(self, frame: Frame) -> bytes:
        """Start a session; a repeated greeting gets the same answer and ends nothing."""
        try:
            said = unseal(frame.payload)
        except MessageInvalid:
            return self._refuse(frame, LinkCode.BAD_MESSAGE)
        if frame.session != self._session:
            self._session = frame.session
            self._receiving = self._reply = None
            self._busy_at = None
            self._is_mute = False
            self._deflates = said.get(DEFLATE) is True
            if self.asked is not None:
                self.asked = self._executing = None
            self._hello = seal({**self._greeting(), **self._standing()})
        return encode(Frame(FrameType.HELLO, frame.session, frame.seq, 0, 1, self._hello))

    def _standing(self) -> dict[str, Any]:
        """What the link adds to a greeting: the last request it answered, and whether it is idle.

        A device that is not idle still executes a request of the session before.
        """
        session, seq = self._completed
        is_idle = self._executing is None
        return {
            "lastSession": session,
            "lastSeqCompleted": seq,
            "isIdle": is_idle,
            DEFLATE: True,
        }

    def _take(self, frame: Frame, now: float) -> bytes:
        code = self._refusal(frame)
        if code is not None:
            return self._refuse(frame, code)
        receiving = self._receiving
        if receiving is None or frame.seq > receiving.seq:
            receiving = self._receiving = Receiving(frame)
            self._reply = None
        was_complete = receiving.is_complete
        arrival = receiving.take(frame)
        if arrival is Arrival.CONFLICT:
            return self._refuse(frame, LinkCode.SEQ_CONFLICT)
        if arrival is Arrival.TOO_EARLY:
            return self._want_again("O")
        if receiving.is_complete and not was_complete:
            return self._complete(frame, receiving, now)
        return self._acknowledge(frame) + self._repeat_reply(receiving, now)

    def _refusal(self, frame: Frame) -> LinkCode | None:
        """Why a part is not even looked at."""
        if frame.parts > self._parts_max:
            return LinkCode.TOO_LONG
        if frame.seq < max(self._receiving_seq, 1):
            return LinkCode.STALE_SEQ
        is_new = frame.seq > self._receiving_seq
        return LinkCode.BUSY if is_new and self.is_working else None

    def _complete(self, frame: Frame, receiving: Receiving, now: float) -> bytes:
        try:
            message = unseal(receiving.data)
            check_lines(message)
        except MessageTooLong:
            return self._acknowledge(frame) + self._refuse(frame, LinkCode.TOO_LONG)
        except MessageInvalid:
            return self._acknowledge(frame) + self._refuse(frame, LinkCode.BAD_MESSAGE)
        if not self.may_accept(message):
            receiving.undo()
            return self._want_again("C")
        self.asked = self._executing = Asked(self._session, frame.seq, message)
        self._busy_at = now + self._timers.busy
        return self._acknowledge(frame)

    def _repeat_reply(self, receiving: Receiving, now: float) -> bytes:
        """A part of a request that is answered already came again: so did not the answer."""
        if not (receiving.is_complete and self._reply):
            return b""
        return self._reply.repeat(now)

    def _repeat(self, now: float) -> bytes:
        """The host hears nothing: say what there is."""
        if self.is_working:
            return bytes([SYN])
        if self._reply:
            return self._reply.repeat(now)
        if self._receiving and not self._receiving.is_complete:
            return self._want_again("M")
        nothing = Frame(FrameType.ERROR, self._session, self._receiving_seq)
        return self._refuse(nothing, LinkCode.NOTHING)

    def _want_again(self, reason: str) -> bytes:
        """Ask for the part that is missing, a few times; damage between requests is noise."""
        receiving = self._receiving
        if receiving is None or receiving.is_complete:
            return b""
        part, parts = receiving.expected, receiving.count
        receiving.naks += 1
        if receiving.naks > self._timers.naks:
            frame = Frame(FrameType.ERROR, self._session, receiving.seq)
            return self._refuse(frame, LinkCode.UNREADABLE)
        nak = Frame(FrameType.NAK, self._session, receiving.seq, part, parts, reason.encode())
        return encode(nak)

    def _acknowledge(self, frame: Frame) -> bytes:
        return encode(Frame(FrameType.ACK, frame.session, frame.seq, frame.part, frame.parts))

    def _refuse(self, frame: Frame, code: LinkCode) -> bytes:
        payload = code.value.encode()
        return encode(Frame(FrameType.ERROR, frame.session, frame.seq, 0, 1, payload))
