"""One message on its way, part by part: the next is sent when this one is acknowledged."""

from __future__ import annotations

from fiscal.link.frame import Frame, FrameType, encode
from fiscal.link.timing import Timers


class Sending:
    """Stop and wait; used for requests by the host and for replies by the device."""

    def __init__(
        self, type_: FrameType, parts: list[bytes], *, session: int, seq: int, timers: Timers
    ) -> None:
        self._type = type_
        self._parts = parts
        self._session = session
        self._seq = seq
        self._timers = timers
        self._waits = timers.greeting if type_ is FrameType.HELLO else timers.resend
        self._part = 0
        self._resends = 0
        self._naks = 0
        self.is_given_up = False
        self.due: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether every part was acknowledged."""
        return self._part >= len(self._parts)

    def send(self, now: float) -> bytes:
        """The bytes of the current part; its acknowledgement is awaited from now on."""
        if self.is_done:
            return b""
        part, parts = self._part, len(self._parts)
        payload = self._parts[part]
        data = encode(Frame(self._type, self._session, self._seq, part, parts, payload))
        wait = self._waits[min(self._resends, len(self._waits) - 1)]
        self.due = now + len(data) * self._timers.byte + wait
        return data

    def acknowledged(self, part: int, now: float) -> bytes:
        """An acknowledgement came; one of another part, which may be late, changes nothing."""
        if self.is_done or part != self._part:
            return b""
        self._part += 1
        self._resends = self._naks = 0
        self.due = None
        return self.send(now)

    def refused(self, part: int, now: float) -> bytes:
        """The other end wants the current part again."""
        if self.is_done or part != self._part:
            return b""
        self._naks += 1
        if self._naks > self._timers.naks:
            return self._give_up()
        return self.send(now)

    def repeat(self, now: float) -> bytes:
        """The other end asks what became of it: the current part, or the last one again."""
        self.is_given_up = False
        self._resends = self._naks = 0
        self._part = min(self._part, len(self._parts) - 1)
        return self.send(now)

    def hold(self, until: float) -> None:
        """The other end is at work on it: wait that long at least before repeating it."""
        if self.due is not None:
            self.due = max(self.due, until)

    def tick(self, now: float) -> bytes:
        """Repeat the part when its acknowledgement is overdue; after the last time give up."""
        if self.due is None or now < self.due:
            return b""
        if self._resends >= len(self._waits):
            return self._give_up()
        self._resends += 1
        return self.send(now)

    def _give_up(self) -> bytes:
        self.is_given_up = True
        self.due = None
        return b""
