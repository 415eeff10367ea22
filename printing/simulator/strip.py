"""The paper between two cuts: text as it would be read, and what else happened on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from printing.simulator.ink import FONT_A, Bitmap, Inked, QrCode, Run, Stripes, Style


@dataclass(slots=True)
class Strip:
    """Paper that hangs out of the printer until it is cut; `dots` is its printable width.

    `overruns` counts lines that the sender let run over the edge, which the printer broke itself.
    """

    dots: int
    raw: bytearray = field(default_factory=bytearray)
    lines: list[str] = field(default_factory=list)
    inked: list[Inked] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    qr: list[str] = field(default_factory=list)
    barcodes: list[str] = field(default_factory=list)
    pulses: int = 0
    overruns: int = 0
    _line: str = ""
    _marks: list[Run | Bitmap | QrCode | Stripes] = field(default_factory=list)
    _used: int = 0
    _tallest: int = 0

    @property
    def has_ink(self) -> bool:
        """Whether anything can be seen on it."""
        return bool(self._line.strip()) or any(line.strip() for line in self.lines)

    @property
    def text(self) -> str:
        """What a person would read, ending in one line break."""
        lines = [*self.lines, self._line] if self._line else list(self.lines)
        return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"

    def write(self, text: str, style: Style) -> int:
        """Put characters into the line; returns dots of paper used by running over the edge."""
        width, height = style.cell
        used, rest = 0, text
        while rest:
            room = (self.dots - self._used) // width
            if room <= 0 and self._used:
                used += self.feed(style)
                self.overruns += 1
                continue
            piece, rest = rest[: max(room, 1)], rest[max(room, 1) :]
            self._marks.append(
                Run(piece, style.cell, style.bold, style.underline, style.is_inverse)
            )
            self._line += piece
            self._used += len(piece) * width
            self._tallest = max(self._tallest, height)
        return used

    def feed(self, style: Style, lines: int = 1) -> int:
        """End the line and feed; returns dots of paper used."""
        return sum(self._end_line(style, style.spacing) for _ in range(lines))

    def advance(self, style: Style, dots: int) -> int:
        """End the line and feed so many dots; less than a line is a gap nobody reads as one."""
        if not self._marks and dots < style.spacing:
            self.inked.append(Inked((), style.align, dots))
            return dots
        used = self._end_line(style, dots)
        self.lines += [""] * (max(dots // FONT_A[1], 1) - 1)
        return used

    def picture(self, label: str, mark: Bitmap | QrCode | Stripes, style: Style, dots: int) -> int:
        """Put a code or picture on lines of its own; returns dots of paper used."""
        before = self.feed(style) if self._line else 0
        self._line = label
        self._marks.append(mark)
        return before + self._end_line(style, dots)

    def _end_line(self, style: Style, dots: int) -> int:
        room = max(self.dots // style.font[0] - len(self._line), 0)
        pad = {1: room // 2, 2: room}.get(style.align, 0) if self._line.strip() else 0
        self.lines.append(" " * pad + self._line)
        line = Inked(tuple(self._marks), style.align, max(dots, self._tallest))
        self.inked.append(line)
        self._line, self._used, self._tallest = "", 0, 0
        self._marks = []
        return line.dots


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPaper:
    """One piece of paper: a receipt, or what was left of one; `dots` is its printable width."""

    number: int
    at: datetime
    text: str
    raw: bytes
    is_cut: bool
    ended_by: str
    jobs: tuple[str, ...]
    qr: tuple[str, ...]
    barcodes: tuple[str, ...]
    pulses: int
    overruns: int
    inked: tuple[Inked, ...] = ()
    dots: int = 0

    def row(self) -> dict[str, Any]:
        """The ledger's row, as JSON data."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "text": self.text,
            "cut": self.is_cut,
            "ended_by": self.ended_by,
            "jobs": list(self.jobs),
            "qr": list(self.qr),
            "barcodes": list(self.barcodes),
            "drawer_pulses": self.pulses,
            "overruns": self.overruns,
            "bytes": len(self.raw),
        }
