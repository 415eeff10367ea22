"""The paper between two cuts: text as it would be read, and what else happened on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Style:
    """What the next character looks like; `width` and `height` are multiples."""

    align: int = 0
    width: int = 1
    height: int = 1
    page: int = 0
    bold: bool = False


@dataclass(slots=True)
class Strip:
    """Paper that hangs out of the printer until it is cut.

    `overruns` counts lines that the sender let run over the edge, which the printer broke itself.
    """

    columns: int
    raw: bytearray = field(default_factory=bytearray)
    lines: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    qr: list[str] = field(default_factory=list)
    barcodes: list[str] = field(default_factory=list)
    pulses: int = 0
    overruns: int = 0
    _line: str = ""
    _used: int = 0
    _height: int = 1

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
        """Put characters into the line; returns lines of paper used by running over the edge."""
        used = 0
        for character in text:
            if self._used + style.width > self.columns:
                used += self.feed(style)
                self.overruns += 1
            self._line += character
            self._used += style.width
            self._height = max(self._height, style.height)
        return used

    def feed(self, style: Style, lines: int = 1) -> int:
        """End the line and feed; returns lines of paper used."""
        used = 0
        for _ in range(lines):
            room = max(self.columns - len(self._line), 0)
            pad = {1: room // 2, 2: room}.get(style.align, 0) if self._line.strip() else 0
            self.lines.append(" " * pad + self._line)
            used += self._height
            self._line, self._used, self._height = "", 0, 1
        return used

    def picture(self, label: str, style: Style, lines: int) -> int:
        """Put a code or picture on lines of its own; returns lines of paper used."""
        before = self.feed(style) if self._line else 0
        self._line = label
        self._height = lines
        return before + self.feed(style)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPaper:
    """One piece of paper: a receipt, or what was left of one."""

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
