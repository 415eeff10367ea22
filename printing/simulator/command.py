"""Splits a stream of ESC/POS bytes into commands, as a printer does when it empties its buffer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

TEXT = "text"
UNKNOWN = "unknown"
ESC, FS, GS = 0x1B, 0x1C, 0x1D
FIRST_PRINTABLE = 0x20


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name such as ``ESC @``, what it carries, and its length with all."""

    name: str
    parameters: bytes
    size: int


Length = Callable[[bytes], int | None]
"""Given the bytes after the two of the command, how many belong to it; None: more must come."""


def _fixed(count: int) -> Length:
    return lambda _rest: count


def _counted(at: int, width: int, extra: int = 0) -> Length:
    """A little-endian length of `width` bytes at a position, counting what follows it."""

    def length(rest: bytes) -> int | None:
        if len(rest) < at + width:
            return None
        return at + width + int.from_bytes(rest[at : at + width], "little") + extra

    return length


def _to_nul(rest: bytes) -> int | None:
    end = rest.find(0)
    return None if end < 0 else end + 1


def _cut(rest: bytes) -> int | None:
    if not rest:
        return None
    return 2 if rest[0] in b"ABah" else 1


def _barcode(rest: bytes) -> int | None:
    if not rest:
        return None
    if rest[0] <= 6:
        end = rest.find(0, 1)
        return None if end < 0 else end + 1
    return None if len(rest) < 2 else 2 + rest[1]


def _raster(rest: bytes) -> int | None:
    """``GS v 0 m xL xH yL yH``, then a byte for every eight dots of each row."""
    if len(rest) < 6:
        return None
    width = int.from_bytes(rest[2:4], "little")
    height = int.from_bytes(rest[4:6], "little")
    return 6 + width * height


def _column_image(rest: bytes) -> int | None:
    if len(rest) < 3:
        return None
    per_column = 3 if rest[0] in (32, 33) else 1
    return 3 + per_column * int.from_bytes(rest[1:3], "little")


def _kept_images(rest: bytes) -> int | None:
    """``FS q n``, then for each of n pictures its size in bytes across and down, and its dots."""
    if not rest:
        return None
    position = 1
    for _ in range(rest[0]):
        if len(rest) < position + 4:
            return None
        width = int.from_bytes(rest[position : position + 2], "little")
        height = int.from_bytes(rest[position + 2 : position + 4], "little")
        position += 4 + width * 8 * height
    return position


_ONE_BYTE = {
    0x00: "NUL",
    0x09: "HT",
    0x0A: "LF",
    0x0C: "FF",
    0x0D: "CR",
    0x18: "CAN",
}
_LENGTHS: Mapping[tuple[int, str], Length] = {
    **{(ESC, name): _fixed(0) for name in "@2imLSuv<\x0c"},
    **{(ESC, name): _fixed(1) for name in "!-3 EGJKMRTVadtr{=e"},
    **{(ESC, name): _fixed(2) for name in "$\\c"},
    (ESC, "p"): _fixed(3),
    (ESC, "W"): _fixed(8),
    (ESC, "D"): _to_nul,
    (ESC, "*"): _column_image,
    **{(FS, name): _fixed(0) for name in ".&"},
    **{(FS, name): _fixed(1) for name in "!-CW"},
    **{(FS, name): _fixed(2) for name in "pS"},
    (FS, "("): _counted(1, 2),
    (FS, "q"): _kept_images,
    **{(GS, name): _fixed(1) for name in "!BEHITabfhrw/"},
    **{(GS, name): _fixed(2) for name in "LPW$\\"},
    (GS, "V"): _cut,
    (GS, "k"): _barcode,
    (GS, "v"): _raster,
    (GS, "("): _counted(1, 2),
    (GS, "8"): _counted(1, 4),
    (GS, ":"): _fixed(0),
}
_PREFIXES = {ESC: "ESC", FS: "FS", GS: "GS"}


def next_command(buffer: bytes, limit: int) -> Command | None:
    """The first command in the buffer, or None while its end has not come.

    Args:
        buffer: what the printer holds, real-time commands already taken out.
        limit: the longest run of text to take in one piece.
    """
    if not buffer:
        return None
    first = buffer[0]
    if first >= FIRST_PRINTABLE:
        return _text(buffer, limit)
    if first not in _PREFIXES:
        return Command(_ONE_BYTE.get(first, UNKNOWN), buffer[:1], 1)
    return _prefixed(buffer) if len(buffer) > 1 else None


def _prefixed(buffer: bytes) -> Command | None:
    letter, rest = chr(buffer[1]), buffer[2:]
    length = _LENGTHS.get((buffer[0], letter))
    if length is None:
        return Command(UNKNOWN, buffer[:2], 2)
    needed = length(rest)
    if needed is None or len(rest) < needed:
        return None
    return Command(f"{_PREFIXES[buffer[0]]} {letter}", rest[:needed], 2 + needed)


def _text(buffer: bytes, limit: int) -> Command:
    end = 1
    stop = min(len(buffer), max(limit, 1))
    while end < stop and buffer[end] >= FIRST_PRINTABLE:
        end += 1
    return Command(TEXT, buffer[:end], end)
