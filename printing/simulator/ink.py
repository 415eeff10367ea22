"""What lies on paper, dot by dot where it matters: lines of characters, codes and pictures."""

from __future__ import annotations

from dataclasses import dataclass

FONT_A, FONT_B = (12, 24), (9, 17)
"""Dots of a character cell, width and height (Epson TM series)."""

LINE_DOTS = 30
"""Feed of one line as the printer is switched on."""


@dataclass(slots=True)
class Style:
    """What the next character looks like; `width` and `height` are multiples."""

    align: int = 0
    width: int = 1
    height: int = 1
    page: int = 0
    bold: bool = False
    underline: int = 0
    is_inverse: bool = False
    font: tuple[int, int] = FONT_A
    spacing: int = LINE_DOTS

    @property
    def cell(self) -> tuple[int, int]:
        """Dots of one character as it is printed."""
        return self.font[0] * self.width, self.font[1] * self.height


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look, side by side."""

    text: str
    cell: tuple[int, int]
    is_bold: bool
    underline: int
    is_inverse: bool


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture: rows of dots, eight to a byte, the leftmost in the highest bit; 1 is black."""

    width: int
    height: int
    rows: bytes


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code the printer draws itself."""

    data: bytes
    dots: int
    level: str


@dataclass(frozen=True, slots=True)
class Stripes:
    """A barcode the printer draws itself; `text` stands below unless `has_text` is false."""

    kind: int
    text: str
    bar: int
    height: int
    has_text: bool


@dataclass(frozen=True, slots=True)
class Inked:
    """One line of the paper.

    Attributes:
        marks: what is on it, from left to right.
        align: 0 left, 1 centre, 2 right.
        dots: paper it takes.
    """

    marks: tuple[Run | Bitmap | QrCode | Stripes, ...]
    align: int
    dots: int
