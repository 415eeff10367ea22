"""Blocks into bands of a given width: what stands where on a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from reportlab.lib.utils import ImageReader

from printing.document import (
    Align,
    Barcode,
    Beside,
    Block,
    Columns,
    Cut,
    Feed,
    Logo,
    Part,
    Plain,
    Qr,
    Row,
    Rule,
    Size,
    Table,
    Text,
    Together,
)
from printing.errors import TooWide
from printing.lines import wrap
from printing.pdf.band import Band, gap, kept, stacked, with_next
from printing.pdf.barcode import HEIGHT, stripes
from printing.pdf.font import Face, Fonts
from printing.pdf.pen import Pen
from printing.pdf.table import bands_of as table_bands

POINTS = {Size.NORMAL: 9.0, Size.TALL: 11.0, Size.WIDE: 12.0, Size.DOUBLE: 16.0}
LEADING = 1.36
INDENT = 4.0
"""Points of one column of indent."""
GUTTER = 24.0
QR_SIDE = 96.0
LOGO_WIDTH, LOGO_HEIGHT = 170.0, 60.0


@dataclass(slots=True)
class Setter:
    """Sets blocks with these fonts and this logo; remembers whether a text lost characters."""

    fonts: Fonts
    logo: ImageReader | None = None
    lost: bool = field(default=False)

    def bands(self, blocks: Iterable[Block], x: float, width: float) -> list[Band]:
        """The blocks one under the other, in a column that begins at x.

        Raises:
            TooWide: an amount or a table needs more than the width.
            UnprintableData: a code cannot carry its text.
        """
        made: list[Band] = []
        for block in blocks:
            if isinstance(block, Part):
                made += self.bands(block.blocks, x, width)
                continue
            if isinstance(block, Together):
                made = with_next(made)
            made += self._bands(block, x, width)
        return made

    def _bands(
        self, block: Table | Together | Beside | Plain, x: float, width: float
    ) -> list[Band]:
        match block:
            case Together():
                return kept(self.bands(block.blocks, x, width))
            case Table():
                return table_bands(block, self, x, width)
            case Text():
                return self._text(block, x, width)
            case Columns():
                return self._columns(block, x, width)
            case Beside() | Row():
                return [self._side_by_side(block, x, width)]
            case _:
                return self._figure(block, x, width)

    def _figure(
        self, block: Rule | Feed | Qr | Barcode | Logo | Cut, x: float, width: float
    ) -> list[Band]:
        match block:
            case Rule():
                return [Band(9, lambda pen, top: pen.rule(x, top - 4.5, width))]
            case Feed():
                return [gap(10.0 * block.lines)]
            case Qr():
                side = min(QR_SIDE, width)
                left = x + (width - side) / 2
                return [Band(side, lambda pen, top: pen.code(block.data, left, top - side, side))]
            case Barcode():
                return self._barcode(block, x, width)
            case Logo():
                return self._logo(x)
            case Cut():
                return []

    def printable(self, text: str, face: Face) -> str:
        """A text as this face can show it, on one line."""
        self.lost = self.lost or not face.is_whole(text)
        return " ".join(face.printable(text).split())

    def _text(self, block: Text, x: float, width: float) -> list[Band]:
        face, size = self.fonts.face(bold=block.bold), POINTS[block.size]
        left = x + block.indent * INDENT
        room = x + width - left
        text = self.printable(block.text, face)
        lines = wrap(text, room, lambda piece: face.width(piece, size))
        return [
            self._line(line, left, room, face=face, size=size, align=block.align) for line in lines
        ]

    def _line(
        self, text: str, x: float, width: float, *, face: Face, size: float, align: Align
    ) -> Band:
        spare = width - face.width(text, size)
        begins = x + {Align.LEFT: 0.0, Align.CENTRE: spare / 2, Align.RIGHT: spare}[align]
        height = size * LEADING
        return Band(
            height,
            lambda pen, top: pen.text(begins, top - size, text, face=face, size=size),
        )

    def _columns(self, block: Columns, x: float, width: float) -> list[Band]:
        face, size = self.fonts.face(bold=block.bold), POINTS[block.size]
        right = self.printable(block.right, face)
        taken = face.width(right, size)
        if taken > width:
            raise TooWide(
                f"The amount {right}", needs=round(taken), has=round(width), unit="points"
            )
        left = Text(block.left, bold=block.bold, size=block.size, indent=block.indent)
        room = width - taken - 8
        beside = self._text(left, x, room if room > width / 3 else width)
        amount = self._line(right, x, width, face=face, size=size, align=Align.RIGHT)
        if room <= width / 3:
            return kept([*beside, amount])
        return kept([*beside[:-1], _over(beside[-1], amount)])

    def _side_by_side(self, block: Beside | Row, x: float, width: float) -> Band:
        if isinstance(block, Beside):
            half = (width - GUTTER) / 2
            left = stacked(self.bands(block.left, x, half))
            right = stacked(self.bands(block.right, x + half + GUTTER, half))
            return _over(left, right)
        share = width / (sum(cell.width for cell in block.cells) + len(block.cells) - 1)
        parts: list[Band] = []
        for cell in block.cells:
            text = Text(cell.text, cell.align, bold=block.bold)
            parts.append(stacked(self._text(text, x, cell.width * share)))
            x += (cell.width + 1) * share
        return _over(*parts)

    def _barcode(self, block: Barcode, x: float, width: float) -> list[Band]:
        drawing = stripes(block, width)
        left = x + (width - drawing.width) / 2
        band = Band(HEIGHT + 2, lambda pen, top: pen.drawing(drawing, left, top - HEIGHT))
        return kept([band, *self._text(Text(block.data, Align.CENTRE), x, width)])

    def _logo(self, x: float) -> list[Band]:
        image = self.logo
        if image is None:
            return []
        across, down = image.getSize()
        scale = min(LOGO_WIDTH / across, LOGO_HEIGHT / down)
        width, height = across * scale, down * scale
        return [
            Band(
                height + 6,
                lambda pen, top: pen.picture(image, x, top - height, width=width, height=height),
            )
        ]


def _over(*parts: Band) -> Band:
    """Bands side by side as one."""

    def draw(pen: Pen, top: float) -> None:
        for part in parts:
            part.draw(pen, top)

    return Band(max(part.height for part in parts), draw)
