"""Pictures as they come over the wire, and those a printer keeps in its own memory."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from functools import cache
from typing import Any

from printing.simulator.ink import Bitmap

SAMPLE_WIDTH, SAMPLE_HEIGHT = 192, 64


def raster(parameters: bytes) -> Bitmap:
    """The picture of ``GS v 0``; its mode doubles width or height."""
    across, down = 1 + (parameters[1] & 1), 1 + (parameters[1] >> 1 & 1)
    width = int.from_bytes(parameters[2:4], "little") * 8
    height = int.from_bytes(parameters[4:6], "little")
    return enlarged(Bitmap(width, height, parameters[6:]), across, down)


def column_image(parameters: bytes) -> Bitmap:
    """The stripe of ``ESC *``: columns of 8 or 24 dots."""
    tall = 3 if parameters[0] in (32, 33) else 1
    across = 1 if parameters[0] in (1, 33) else 2
    return enlarged(_of_columns(parameters[3:], tall), across, 1 if tall == 3 else 3)


def enlarged(picture: Bitmap, across: int, down: int) -> Bitmap:
    """The same picture with every dot so many dots wide and high."""
    if across == down == 1:
        return picture
    rows = []
    for bits in _rows(picture):
        rows += ["".join(bit * across for bit in bits)] * down
    return packed(rows)


def packed(rows: list[str]) -> Bitmap:
    """Rows of ones and zeros as a picture."""
    width = max((len(row) for row in rows), default=0)
    size = -(-width // 8)
    data = b"".join(int(row.ljust(size * 8, "0") or "0", 2).to_bytes(size, "big") for row in rows)
    return Bitmap(width, len(rows), data)


class Logos:
    """Pictures under a number (``FS q``) or a key of two letters (``GS ( L``)."""

    def __init__(self, delivered: Iterable[str]) -> None:
        self._kept: dict[str, Bitmap] = {name: _sample() for name in delivered}

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    def find(self, name: str) -> Bitmap | None:
        """The picture of a number or key, None where there is none."""
        return self._kept.get(name)

    def define_all(self, parameters: bytes) -> None:
        """``FS q``: the whole memory anew, pictures numbered from 1."""
        self._kept.clear()
        rest = parameters[1:]
        for number in range(1, parameters[0] + 1):
            (across, down), rest = picture_size(rest), rest[4:]
            length = across * 8 * down
            self._kept[str(number)] = _of_columns(rest[:length], down)
            rest = rest[length:]

    def define(self, parameters: bytes) -> None:
        """``GS ( L`` fn 67: one picture under a key."""
        picture = sized(parameters[4:8], parameters[9:])
        if picture is not None:
            self._kept[parameters[1:3].decode("latin-1")] = picture

    def delete(self, key: str) -> None:
        """``GS ( L`` fn 66."""
        self._kept.pop(key, None)

    def clear(self) -> None:
        """``GS ( L`` fn 65."""
        self._kept.clear()

    def as_data(self) -> dict[str, Any]:
        """For keeping, as JSON data."""
        return {
            name: [picture.width, picture.height, base64.b64encode(picture.rows).decode()]
            for name, picture in self._kept.items()
        }

    def restore(self, data: dict[str, Any]) -> None:
        """What `as_data` gave."""
        self._kept = {
            name: Bitmap(width, height, base64.b64decode(rows))
            for name, (width, height, rows) in data.items()
        }


def sized(header: bytes, rows: bytes) -> Bitmap | None:
    """A picture whose size in dots stands in four bytes; None where its rows do not fill it."""
    width, height = picture_size(header)
    is_whole = width and height and len(rows) == -(-width // 8) * height
    return Bitmap(width, height, rows) if is_whole else None


def picture_size(header: bytes) -> tuple[int, int]:
    """Two numbers of two bytes each: across and down."""
    return int.from_bytes(header[:2], "little"), int.from_bytes(header[2:4], "little")


def _of_columns(data: bytes, tall: int) -> Bitmap:
    """A picture sent column by column, each of `tall` bytes from the top."""
    columns = [
        "".join(f"{byte:08b}" for byte in data[start : start + tall])
        for start in range(0, len(data), tall or 1)
    ]
    return packed(["".join(bits) for bits in zip(*columns, strict=True)])


def _rows(picture: Bitmap) -> list[str]:
    size = -(-picture.width // 8)
    return [
        "".join(f"{byte:08b}" for byte in picture.rows[start : start + size])[: picture.width]
        for start in range(0, size * picture.height, size)
    ]


@cache
def _sample() -> Bitmap:
    """The picture of a new printer: a frame with a cross, so that nobody takes it for theirs."""
    rows = []
    for down in range(SAMPLE_HEIGHT):
        row = []
        for across in range(SAMPLE_WIDTH):
            is_edge = min(down, SAMPLE_HEIGHT - 1 - down, across, SAMPLE_WIDTH - 1 - across) < 2
            slope = across * SAMPLE_HEIGHT // SAMPLE_WIDTH
            is_cross = abs(slope - down) < 1 or abs(SAMPLE_HEIGHT - 1 - slope - down) < 1
            row.append("1" if is_edge or is_cross else "0")
        rows.append("".join(row))
    return packed(rows)
