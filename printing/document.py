"""Documents as data: frozen blocks that every encoder understands, and nothing about devices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Align(StrEnum):
    """Where a text stands in its line."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Size(StrEnum):
    """How large a text is; wide ones take two columns per character."""

    NORMAL = "normal"
    TALL = "tall"
    WIDE = "wide"
    DOUBLE = "double"

    @property
    def is_wide(self) -> bool:
        """Whether a character takes two columns."""
        return self in {Size.WIDE, Size.DOUBLE}

    @property
    def is_tall(self) -> bool:
        """Whether a line takes two lines of paper."""
        return self in {Size.TALL, Size.DOUBLE}


class Symbology(StrEnum):
    """Barcodes the encoders can draw."""

    CODE128 = "code128"
    EAN13 = "ean13"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; wraps between words."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    size: Size = Size.NORMAL
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """Something on the left, an amount on the right; the left wraps, the right is never broken."""

    left: str
    right: str
    bold: bool = False
    size: Size = Size.NORMAL
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a row: its text, its width in columns, its alignment."""

    text: str
    width: int
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table, cells side by side with one column between; no cell wraps."""

    cells: tuple[Cell, ...]
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    character: str = "-"


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code of this text, centred."""

    data: str


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode with its text below, centred."""

    data: str
    symbology: Symbology = Symbology.CODE128


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture kept in the printer's own memory under a number, 1 to 255."""

    number: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of one paper."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table; the one that grows takes what room is left, and wraps."""

    title: str
    align: Align = Align.RIGHT
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a text per field, and smaller ones below it.

    `follows`: it belongs to the line above, so no page parts them.
    """

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()
    bold: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header, which a page repeats; stacked where the paper is too narrow for it."""

    fields: tuple[Field, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Blocks that stay on one page, with the last line of the table before them."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Two parts side by side on a page, one under the other on a roll."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks with a name that a shop may leave out; the content of the law stands in none."""

    name: str
    blocks: tuple[Block, ...]


Plain = Text | Columns | Row | Rule | Feed | Qr | Barcode | Logo | Cut
"""What a roll of paper knows; the rest is made of it, see `printing.grid`."""

Block = Plain | Table | Together | Beside | Part

PAGE_WIDTH = 80
"""Columns a page has where it is shown as text."""


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks in order, laid out for a width in columns of the printer's normal font.

    `reference` is the number by which people call it; pages carry it in their foot.
    """

    blocks: tuple[Block, ...]
    title: str
    language: str
    width: int
    reference: str = ""
