"""One frame: STX, the escaped body, ETX; the body ends in a CRC-32 over the rest."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

STX, ETX, ENQ, DLE, XON, XOFF, SYN = 0x02, 0x03, 0x05, 0x10, 0x11, 0x13, 0x16
VERSION = 1
PAYLOAD_MAX = 1024
PARTS_MAX = 255
ESCAPE_OFFSET = 0x40
FIRST_PLAIN = 0x20

_HEAD = struct.Struct(">BBIHBB")
_CRC = struct.Struct(">I")
BODY_MIN = _HEAD.size + _CRC.size
BODY_MAX = BODY_MIN + PAYLOAD_MAX


class FrameType(IntEnum):
    """What a frame is for; the value is its letter."""

    HELLO = ord("H")
    REQUEST = ord("D")
    ACK = ord("A")
    NAK = ord("N")
    REPLY = ord("R")
    ERROR = ord("E")


class FrameDamaged(ValueError):
    """Bytes between STX and ETX that are no frame; `reason` is one letter for a NAK."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Frame:
    """One verified frame. Acknowledgements are frames, too, and name what they acknowledge.

    Attributes:
        session: chosen by the host when it greets.
        seq: grows by one per request and stays the same when a part is repeated.
        part: from 0 to `parts` - 1.
    """

    type: FrameType
    session: int
    seq: int
    part: int = 0
    parts: int = 1
    payload: bytes = b""


def encode(frame: Frame) -> bytes:
    """The bytes of a frame on the wire; raises ValueError for a payload above the limit."""
    if len(frame.payload) > PAYLOAD_MAX:
        raise ValueError(f"A frame carries at most {PAYLOAD_MAX} bytes.")
    head = _HEAD.pack(VERSION, frame.type, frame.session, frame.seq, frame.part, frame.parts)
    body = head + frame.payload
    return bytes([STX]) + escape(body + _CRC.pack(zlib.crc32(body))) + bytes([ETX])


def escape(body: bytes) -> bytes:
    """Replace every byte below 20h by DLE and the byte plus 40h."""
    out = bytearray()
    for byte in body:
        out += bytes([DLE, byte + ESCAPE_OFFSET]) if byte < FIRST_PLAIN else bytes([byte])
    return bytes(out)


def decode(body: bytes) -> Frame:
    """Read an unescaped body.

    Raises:
        FrameDamaged: wrong length (L), check (C), version (V) or fields (F).
    """
    if not BODY_MIN <= len(body) <= BODY_MAX:
        raise FrameDamaged("L")
    (check,) = _CRC.unpack_from(body, len(body) - _CRC.size)
    if check != zlib.crc32(body[: -_CRC.size]):
        raise FrameDamaged("C")
    version, letter, session, seq, part, parts = _HEAD.unpack_from(body)
    if version != VERSION:
        raise FrameDamaged("V")
    if letter not in set(FrameType) or part >= parts:
        raise FrameDamaged("F")
    return Frame(FrameType(letter), session, seq, part, parts, body[_HEAD.size : -_CRC.size])
