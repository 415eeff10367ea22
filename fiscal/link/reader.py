"""Finding frames in a stream of bytes that may be cut, doubled, flipped, late or noise."""

from __future__ import annotations

from dataclasses import dataclass

from fiscal.link.frame import (
    BODY_MAX,
    DLE,
    ENQ,
    ESCAPE_OFFSET,
    ETX,
    FIRST_PLAIN,
    STX,
    SYN,
    XOFF,
    XON,
    Frame,
    FrameDamaged,
    decode,
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A lone byte outside of frames: SYN, alive and busy, or ENQ, repeat the last reply."""

    byte: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """Something that began like a frame and is none; `reason` is one letter."""

    reason: str


Heard = Frame | Signal | Damaged


class FrameReader:
    """Splits a stream into frames and signals; whatever is neither is skipped to the next STX."""

    def __init__(self, gap_seconds: float) -> None:
        self._gap = gap_seconds
        self._body: bytearray | None = None
        self._is_escaped = False
        self._last_at = 0.0

    def feed(self, data: bytes, now: float) -> list[Heard]:
        """Take the next bytes, read at `now`; a pause inside a frame drops what there was."""
        heard: list[Heard] = []
        if self._body is not None and data and now - self._last_at > self._gap:
            heard.append(self._drop("G"))
        self._last_at = now
        for byte in data:
            found = self._outside(byte) if self._body is None else self._inside(byte)
            heard.extend(found)
        return heard

    def _outside(self, byte: int) -> list[Heard]:
        if byte == STX:
            self._body = bytearray()
            self._is_escaped = False
        return [Signal(byte)] if byte in {SYN, ENQ} else []

    def _inside(self, byte: int) -> list[Heard]:
        assert self._body is not None  # noqa: S101 - the caller looked
        if byte in {XON, XOFF}:
            return []
        if byte == ETX:
            return [self._finish()]
        if self._is_escaped:
            self._is_escaped = False
            if not ESCAPE_OFFSET <= byte < ESCAPE_OFFSET + FIRST_PLAIN:
                return [self._drop("B"), *self._outside(byte)]
            self._body.append(byte - ESCAPE_OFFSET)
        elif byte == DLE:
            self._is_escaped = True
        elif byte < FIRST_PLAIN:
            return [self._drop("B"), *self._outside(byte)]
        else:
            self._body.append(byte)
        return [self._drop("L")] if len(self._body) > BODY_MAX else []

    def _finish(self) -> Heard:
        body, is_cut = bytes(self._body or b""), self._is_escaped
        self._body = None
        if is_cut:
            return Damaged("B")
        try:
            return decode(body)
        except FrameDamaged as damaged:
            return Damaged(damaged.reason)

    def _drop(self, reason: str) -> Damaged:
        self._body = None
        return Damaged(reason)
