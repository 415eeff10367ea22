"""One message arriving, part by part and in order."""

from __future__ import annotations

from enum import StrEnum

from fiscal.link.frame import Frame


class Arrival(StrEnum):
    """What a part is to the message so far."""

    NEXT = "next"
    REPEATED = "repeated"
    TOO_EARLY = "too_early"
    CONFLICT = "conflict"


class Receiving:
    """Collects the parts of one sequence number; a repeated part must be the same bytes."""

    def __init__(self, first: Frame) -> None:
        self.seq = first.seq
        self.naks = 0
        self.count = first.parts
        self._parts: list[bytes] = []

    @property
    def is_complete(self) -> bool:
        """Whether every part is here."""
        return len(self._parts) == self.count

    @property
    def expected(self) -> int:
        """The part that is waited for."""
        return len(self._parts)

    @property
    def data(self) -> bytes:
        """The message as far as it is here."""
        return b"".join(self._parts)

    def take(self, frame: Frame) -> Arrival:
        """Judge a part, and keep it when it is the next one."""
        if frame.parts != self.count:
            return Arrival.CONFLICT
        if frame.part < len(self._parts):
            same = self._parts[frame.part] == frame.payload
            return Arrival.REPEATED if same else Arrival.CONFLICT
        if frame.part > len(self._parts):
            return Arrival.TOO_EARLY
        self._parts.append(frame.payload)
        self.naks = 0
        return Arrival.NEXT

    def undo(self) -> None:
        """Take the last part back, so that it must be sent again."""
        self._parts.pop()
