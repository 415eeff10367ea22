"""A reader of print jobs that knows the commands we send and nothing else: what it meets, it names.

Written apart from encoder and simulator, from the command reference: it walks through every byte of
a job, so that nothing can hide behind something else, and tells what would be on the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ESC, FS, GS = 0x1B, 0x1C, 0x1D
REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""What a printer obeys wherever it stands, even inside a picture."""


class Stray(AssertionError):
    """A byte that belongs to no command we send."""


@dataclass
class Read:
    """What a job does.

    Attributes:
        lines: of letters, as they would stand on the paper, each with its width in columns.
        commands: names of all commands, in order.
        pulses: of the drawer.
    """

    lines: list[tuple[str, int]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    pulses: int = 0

    @property
    def text(self) -> str:
        return "\n".join(line for line, _ in self.lines)


FIXED: Mapping[tuple[int, int], int] = {
    (ESC, ord("@")): 0, (ESC, ord("R")): 1, (ESC, ord("t")): 1, (ESC, ord("M")): 1,
    (ESC, ord("E")): 1, (ESC, ord("a")): 1, (ESC, ord("d")): 1, (ESC, ord("J")): 1,
    (ESC, ord("p")): 3,
    (FS, ord(".")): 0, (FS, ord("p")): 2,
    (GS, ord("a")): 1, (GS, ord("!")): 1, (GS, ord("H")): 1, (GS, ord("h")): 1,
    (GS, ord("w")): 1,
}  # fmt: skip


class Reader:
    """Reads one job under the code pages of a printer."""

    def __init__(self, job: bytes, pages: Mapping[int, str]) -> None:
        for command in REAL_TIME:
            if command in job:
                raise Stray(f"{command.hex()} stands at {job.index(command)}")
        self._job, self._pages = job, pages
        self._at = 0
        self._page, self._wide = 0, False
        self._line, self._width = "", 0
        self.read = Read()

    def all(self) -> Read:
        """Read to the end."""
        while self._at < len(self._job):
            self._one()
        if self._line:
            raise Stray("the last line has no end")
        return self.read

    def _take(self, count: int) -> bytes:
        piece = self._job[self._at : self._at + count]
        if len(piece) < count:
            raise Stray("the job ends inside a command")
        self._at += count
        return piece

    def _one(self) -> None:
        (byte,) = self._take(1)
        if byte == 0x0A:
            self.read.lines.append((self._line, self._width))
            self._line, self._width = "", 0
        elif byte in (ESC, FS, GS):
            self._command(byte)
        elif 0x20 <= byte < 0x7F or byte >= 0x80:
            self._letter(byte)
        else:
            raise Stray(f"{byte:02x} at {self._at - 1}")

    def _letter(self, byte: int) -> None:
        try:
            letter = bytes([byte]).decode(self._pages[self._page])
        except (KeyError, UnicodeDecodeError) as error:
            raise Stray(f"{byte:02x} is nothing in page {self._page}") from error
        self._line += letter
        self._width += 2 if self._wide else 1

    def _command(self, first: int) -> None:
        (second,) = self._take(1)
        name = f"{first:02x}{second:02x}"
        self.read.commands.append(name)
        if (first, second) in FIXED:
            self._fixed(first, second, self._take(FIXED[first, second]))
        elif (first, second) == (GS, ord("(")):
            self._extended()
        elif (first, second) == (GS, ord("v")):
            self._picture()
        elif (first, second) == (GS, ord("k")):
            self._barcode()
        elif (first, second) == (GS, ord("V")):
            if self._take(2) not in (b"A\x00", b"B\x00"):
                raise Stray("a cut of another kind")
        else:
            raise Stray(f"command {name} at {self._at - 2}")

    def _fixed(self, first: int, second: int, told: bytes) -> None:
        if (first, second) == (ESC, ord("t")):
            self._page = told[0]
            if self._page not in self._pages:
                raise Stray(f"code page {told[0]}, which the printer does not have")
        elif (first, second) == (ESC, ord("p")):
            self.read.pulses += 1
        elif (first, second) == (ESC, ord("@")):
            self._page, self._wide = 0, False
        elif (first, second) == (GS, ord("!")):
            if told[0] not in (0x00, 0x01, 0x10, 0x11):
                raise Stray(f"size {told[0]:02x}")
            self._wide = bool(told[0] & 0x10)
        elif (first, second) == (ESC, ord("R")) and told != b"\x00":
            raise Stray("another alphabet than the American")

    def _extended(self) -> None:
        kind = self._take(1)
        length = int.from_bytes(self._take(2), "little")
        told = self._take(length)
        if kind == b"k" and told[:1] == b"1" and told[1:2] in b"ACEPQ":
            return
        if kind == b"L" and told[:2] == b"0E" and length == 6:
            return
        raise Stray(f"GS ( {kind!r} {told[:4].hex()}")

    def _picture(self) -> None:
        mode = self._take(2)
        width, height = (int.from_bytes(self._take(2), "little") for _ in range(2))
        if mode != b"0\x00" or not width or not height:
            raise Stray("a picture of another kind")
        self._take(width * height)

    def _barcode(self) -> None:
        kind, length = self._take(2)
        told = self._take(length)
        if kind not in (ord("C"), ord("I")) or any(not 0x20 <= byte < 0x7F for byte in told):
            raise Stray("a barcode of another kind")


def read_job(job: bytes, pages: Mapping[int, str]) -> Read:
    """What a job does; raises Stray for anything we never send."""
    return Reader(job, pages).all()
