"""Tables of pages: columns as wide as they need, the header again on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from printing.document import Align, Line, Table
from printing.errors import TooWide
from printing.lines import wrap
from printing.pdf.band import Band
from printing.pdf.font import Face, Fonts
from printing.pdf.pen import Pen

SIZES = (8.5, 7.5, 6.5, 5.5)
"""Points, the first that leaves the growing column its room."""
NOTE = 0.86
"""Size of a note, of the size of its row."""
LEADING = 1.36
PADDING, RISE = 5.0, 2.6
GROWING_MIN = 110.0


class Showing(Protocol):
    """What a table needs of who sets it."""

    fonts: Fonts

    def printable(self, text: str, face: Face) -> str:
        """A text as this face can show it, on one line."""
        ...


@dataclass(frozen=True, slots=True)
class _Grid:
    """The columns of one table at one size."""

    size: float
    lefts: tuple[float, ...]
    widths: tuple[float, ...]
    aligns: tuple[Align, ...]
    growing: int
    x: float
    width: float


def bands_of(table: Table, showing: Showing, x: float, width: float) -> list[Band]:
    """One band per row; every row brings the header along where it begins a page.

    Raises:
        TooWide: the table needs more than the width even in small print.
    """
    titles = Line(tuple(field.title for field in table.fields), bold=True)
    header, *lines = [_shown(line, showing) for line in (titles, *table.lines)]
    grid = _grid(table, [header, *lines], showing.fonts, x=x, width=width)
    top = _row(header, grid, showing, is_header=True)
    nexts = [*(line.follows for line in lines[1:]), False]
    rows = [
        _row(line, grid, showing, header=top, goes_on=goes_on)
        for line, goes_on in zip(lines, nexts, strict=True)
    ]
    return [top, *rows]


def _shown(line: Line, showing: Showing) -> Line:
    face = showing.fonts.face(bold=line.bold)
    cells = tuple(showing.printable(text, face) for text in line.cells)
    notes = (showing.printable(note, showing.fonts.regular) for note in line.notes)
    return Line(cells, tuple(note for note in notes if note), line.bold, line.follows)


def _grid(table: Table, lines: Sequence[Line], fonts: Fonts, *, x: float, width: float) -> _Grid:
    growing = next((at for at, field in enumerate(table.fields) if field.grows), None)
    for size in SIZES:
        widths = _widths(lines, fonts, size)
        taken = sum(w for at, w in enumerate(widths) if at != growing)
        least = 0.0 if growing is None else min(GROWING_MIN, widths[growing])
        if taken + least <= width:
            break
    else:
        raise TooWide("A table", needs=round(taken + least), has=round(width), unit="points")
    spare = width - taken
    if growing is not None:
        widths[growing] = spare
    elif len(widths) > 1:
        widths[1:] = [w + spare / (len(widths) - 1) for w in widths[1:]]
    lefts = tuple(x + sum(widths[:at]) for at in range(len(widths)))
    aligns = tuple(field.align for field in table.fields)
    lead = 0 if growing is None else growing
    return _Grid(size, lefts, tuple(widths), aligns, lead, x, width)


def _widths(lines: Sequence[Line], fonts: Fonts, size: float) -> list[float]:
    columns = zip(*(line.cells for line in lines), strict=True)
    faces = [fonts.face(bold=line.bold) for line in lines]
    return [
        max(face.width(text, size) for face, text in zip(faces, column, strict=True)) + 2 * PADDING
        for column in columns
    ]


def _row(
    line: Line,
    grid: _Grid,
    showing: Showing,
    *,
    is_header: bool = False,
    header: Band | None = None,
    goes_on: bool = False,
) -> Band:
    face, small = showing.fonts.face(bold=line.bold), showing.fonts.regular
    size, note_size = grid.size, grid.size * NOTE
    room = grid.widths[grid.growing] - 2 * PADDING
    texts = [
        wrap(text, grid.widths[at] - 2 * PADDING + 0.01, lambda piece: face.width(piece, size))
        if text
        else []
        for at, text in enumerate(line.cells)
    ]
    notes = [
        piece
        for note in line.notes
        for piece in wrap(note, room, lambda piece: small.width(piece, note_size))
    ]
    leading = size * LEADING
    own = max(len(pieces) for pieces in texts) * leading
    height = max(own, leading) + len(notes) * note_size * LEADING + 2 * RISE

    def draw(pen: Pen, top: float) -> None:
        if is_header:
            pen.shade(grid.x, top - height, grid.width, height)
        if not goes_on:
            pen.rule(grid.x, top - height, grid.width, thick=0.6 if is_header else 0.3)
        for at, pieces in enumerate(texts):
            for number, piece in enumerate(pieces):
                spare = grid.widths[at] - 2 * PADDING - face.width(piece, size)
                shift = {Align.LEFT: 0.0, Align.CENTRE: spare / 2, Align.RIGHT: spare}
                left = grid.lefts[at] + PADDING + shift[grid.aligns[at]]
                base = top - RISE - size - number * leading
                pen.text(left, base, piece, face=face, size=size)
        base = top - RISE - own - note_size
        for piece in notes:
            left = grid.lefts[grid.growing] + PADDING
            pen.text(left, base, piece, face=small, size=note_size)
            base -= note_size * LEADING

    return Band(height, draw, keeps=is_header or goes_on, header=header)
