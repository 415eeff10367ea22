"""Everything that is known to go wrong on a serial line, as damage for a virtual one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

from fiscal.link.frame import (
    DLE,
    ENQ,
    ESCAPE_OFFSET,
    FIRST_PLAIN,
    STX,
    SYN,
    Frame,
    FrameType,
    encode,
)
from fiscal.link.message import seal
from fiscal.link.reader import FrameReader
from fiscal.simulator.virtual_port import Tamper

Pieces = Iterable[bytes | float]
Damage = Callable[[bytes, random.Random], Pieces]
"""What becomes of one writing of either end."""


def frames_of(data: bytes) -> list[Frame]:
    return [heard for heard in FrameReader(1.0).feed(data, 0.0) if isinstance(heard, Frame)]


def has(data: bytes, *types: FrameType) -> bool:
    return any(frame.type in types for frame in frames_of(data))


def drop_byte(data: bytes, rng: random.Random) -> Pieces:
    at = rng.randrange(len(data))
    return (data[:at] + data[at + 1 :],)


def double_bytes(data: bytes, rng: random.Random) -> Pieces:
    at = rng.randrange(len(data))
    return (data[: at + 3] + data[at:],)


def flip_bit(data: bytes, rng: random.Random) -> Pieces:
    at = rng.randrange(len(data))
    return (data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :],)


def noise(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(1, 12))


def noise_before(data: bytes, rng: random.Random) -> Pieces:
    return (noise(rng) + data,)


def noise_inside(data: bytes, rng: random.Random) -> Pieces:
    at = rng.randrange(len(data))
    return (data[:at] + noise(rng) + data[at:],)


def noise_after(data: bytes, rng: random.Random) -> Pieces:
    return (data + noise(rng),)


def one_by_one(data: bytes, rng: random.Random) -> Pieces:
    return [data[at : at + 1] for at in range(len(data))]


def twice_in_one_read(data: bytes, rng: random.Random) -> Pieces:
    return (data + data,)


def half_then_silence(data: bytes, rng: random.Random) -> Pieces:
    return (data[: len(data) // 2],)


def pause_inside(data: bytes, rng: random.Random) -> Pieces:
    at = rng.randrange(len(data))
    return (data[:at], 0.3, data[at:])


def split_escapes(data: bytes, rng: random.Random) -> Pieces:
    pieces, start = [], 0
    for at, byte in enumerate(data):
        if byte == DLE:
            pieces.append(data[start : at + 1])
            start = at + 1
    return [*pieces, data[start:]]


def endless(data: bytes, rng: random.Random) -> Pieces:
    return (bytes([STX]) + b"x" * 5000 + data,)


def wrong_version(data: bytes, rng: random.Random) -> Pieces:
    """The version is escaped behind the STX: 10 41 becomes 10 42, and the check fits no more."""
    return (data.replace(bytes([STX, DLE, ESCAPE_OFFSET + 1]), bytes([STX, DLE, 0x42])),)


def oversized(data: bytes, rng: random.Random) -> Pieces:
    big = bytes([STX]) + bytes(rng.randrange(FIRST_PLAIN, 256) for _ in range(1200)) + b"\x03"
    return (big + data,)


def out_of_order(data: bytes, rng: random.Random) -> Pieces:
    """The last part of a message comes before the one that is due."""
    early = [
        encode(replace(frame, part=frame.parts - 1, payload=b"early"))
        for frame in frames_of(data)
        if frame.parts > 1 and frame.part < frame.parts - 1
    ]
    return (b"".join(early) + data,)


def gone(data: bytes, rng: random.Random) -> Pieces:
    return ()


def late(data: bytes, rng: random.Random) -> Pieces:
    return (0.7, data)


def nak_storm(data: bytes, rng: random.Random) -> Pieces:
    naks = [
        encode(Frame(FrameType.NAK, frame.session, frame.seq, frame.part, frame.parts, b"C"))
        for frame in frames_of(data)
    ]
    return (b"".join(naks * 5),)


def only_busy(data: bytes, rng: random.Random) -> Pieces:
    return (bytes([SYN]),)


def of_older_seq(data: bytes, rng: random.Random) -> Pieces:
    stale = [
        encode(replace(frame, seq=frame.seq - 1, payload=_other(), part=0, parts=1))
        for frame in frames_of(data)
        if frame.seq
    ]
    return (b"".join(stale) + data,)


def of_another_session(data: bytes, rng: random.Random) -> Pieces:
    stray = [
        encode(replace(frame, session=frame.session ^ 0x55, payload=_other(), part=0, parts=1))
        for frame in frames_of(data)
    ]
    return (b"".join(stray) + data,)


def of_other_content(data: bytes, rng: random.Random) -> Pieces:
    """The same sequence number once more, with another request in it."""
    other = [
        encode(replace(frame, payload=_other()))
        for frame in frames_of(data)
        if frame.type is FrameType.REQUEST
    ]
    return (data + b"".join(other),)


def with_enquiry(data: bytes, rng: random.Random) -> Pieces:
    return (bytes([ENQ]) + data + bytes([ENQ]),)


def _other() -> bytes:
    return seal({"op": "ZReport", "body": {}, "http": 200, "envelope": {"Code": "1"}})


class Times:
    """Damages the writings it is meant for: the first few of them, or every one."""

    def __init__(
        self,
        damage: Damage,
        rng: random.Random,
        *,
        most: int | None = None,
        types: tuple[FrameType, ...] = (),
    ) -> None:
        self._damage = damage
        self._rng = rng
        self._left = most
        self._types = types

    def __call__(self, data: bytes) -> Pieces:
        meant = not self._types or has(data, *self._types)
        if not meant or self._left == 0:
            return (data,)
        if self._left is not None:
            self._left -= 1
        return self._damage(data, self._rng)


class SynEvery:
    """Lets a sign of life through only so often."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._next = 0.0

    def __call__(self, data: bytes) -> Pieces:
        if data != bytes([SYN]):
            self._next = self._monotonic() + self._seconds
            return (data,)
        if self._monotonic() < self._next:
            return ()
        self._next = self._monotonic() + self._seconds
        return (data,)


def tamper(
    damage: Damage, seed: int, *, most: int | None = None, types: tuple[FrameType, ...] = ()
) -> Tamper:
    return Times(damage, random.Random(seed), most=most, types=types)


MISHAPS: tuple[Damage, ...] = (
    drop_byte,
    double_bytes,
    flip_bit,
    noise_before,
    noise_inside,
    one_by_one,
    split_escapes,
    twice_in_one_read,
    half_then_silence,
    gone,
    late,
    of_older_seq,
    with_enquiry,
)


def unreliable(rng: random.Random, rate: float) -> Callable[[bytes], Pieces]:
    """A line on which a share of all writings comes to grief, each in its own way."""

    def line(data: bytes) -> Pieces:
        return rng.choice(MISHAPS)(data, rng) if rng.random() < rate else (data,)

    return line
