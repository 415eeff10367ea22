"""Tables and other parts of pages as the plain blocks a roll of paper knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from printing.clean import columns
from printing.document import (
    Align,
    Beside,
    Block,
    Cell,
    Columns,
    Field,
    Line,
    Part,
    Plain,
    Row,
    Table,
    Text,
    Together,
)
from printing.lines import Printable, wrap

MARGIN = 2
"""Columns by which what belongs to a row is indented."""
GROWING_MIN = 12
"""Columns below which a field that wraps is not worth reading."""


def plain(blocks: Iterable[Block], width: int, printable: Printable) -> list[Plain]:
    """The same content as blocks in one column of this width; nothing of it is left out.

    Args:
        blocks: of a document.
        width: columns of the normal font.
        printable: makes a text showable; what it makes of a text is what is measured.
    """
    made: list[Plain] = []
    for block in blocks:
        match block:
            case Table():
                made += _table(block, width, printable)
            case Together() | Part():
                made += plain(block.blocks, width, printable)
            case Beside():
                made += plain((*block.left, *block.right), width, printable)
            case _:
                made.append(block)
    return made


def _table(table: Table, width: int, printable: Printable) -> list[Plain]:
    """Columns as wide as what stands in them; what is left goes to the growing one or the gaps."""
    header = Line(tuple(field.title for field in table.fields), bold=True)
    lines = [_shown(line, printable) for line in (header, *table.lines)]
    cells = zip(*(line.cells for line in lines), strict=True)
    widths = [max(columns(text) for text in column) for column in cells]
    growing = next((at for at, field in enumerate(table.fields) if field.grows), None)
    gaps = len(widths) - 1
    if growing is None:
        spare = width - sum(widths) - gaps
        if spare < 0:
            return _stacked(table.fields, lines, width)
        share, rest = divmod(spare, max(gaps, 1))
        widths[1:] = [w + share + (at < rest) for at, w in enumerate(widths[1:])]
    else:
        room = width - gaps - sum(w for at, w in enumerate(widths) if at != growing)
        if room < min(GROWING_MIN, widths[growing]):
            return _stacked(table.fields, lines, width)
        widths[growing] = room
    return [block for line in lines for block in _rows(table.fields, line, widths)]


def _shown(line: Line, printable: Printable) -> Line:
    return Line(
        tuple(" ".join(printable(text).split()) for text in line.cells), line.notes, line.bold
    )


def _rows(fields: Sequence[Field], line: Line, widths: Sequence[int]) -> list[Plain]:
    """One row; the text that grows goes on below, and amounts stand beside its last line."""
    pieces = [
        wrap(text, width) if field.grows else [text]
        for field, text, width in zip(fields, line.cells, widths, strict=True)
    ]
    last = max(len(piece) for piece in pieces) - 1
    made: list[Plain] = []
    for at in range(last + 1):
        cells = (
            Cell(_piece(piece, at, last, is_first=is_first), width, field.align)
            for is_first, piece, field, width in zip(
                _until_growing(fields), pieces, fields, widths, strict=True
            )
        )
        made.append(Row(tuple(cells), bold=line.bold))
    return [*made, *(Text(note, indent=MARGIN) for note in line.notes if note.strip())]


def _until_growing(fields: Sequence[Field]) -> list[bool]:
    """Which fields stand left of the growing one: they belong beside its first line."""
    growing = next((at for at, field in enumerate(fields) if field.grows), 0)
    return [at < growing for at in range(len(fields))]


def _piece(piece: Sequence[str], at: int, last: int, *, is_first: bool) -> str:
    if len(piece) > 1:
        return piece[at] if at < len(piece) else ""
    return piece[0] if at == (0 if is_first else last) else ""


def _stacked(fields: Sequence[Field], lines: Sequence[Line], width: int) -> list[Plain]:
    """Each row as its first text, and below it one line per further text with the field's name."""
    made: list[Plain] = []
    for line in lines[1:]:
        made += _stack(fields, line, width)
    return made


def _stack(fields: Sequence[Field], line: Line, width: int) -> list[Plain]:
    growing = next((at for at, field in enumerate(fields) if field.grows), None)
    lead = 0 if growing is None else growing
    first = line.cells[lead]
    title = f"{fields[0].title} {first}" if growing is None else first
    made: list[Plain] = [Text(title.strip(), bold=True)] if title.strip() else []
    made += [
        _named(field, text, width)
        for at, (field, text) in enumerate(zip(fields, line.cells, strict=True))
        if at != lead and (text or growing is None)
    ]
    return [*made, *(Text(note, indent=MARGIN) for note in line.notes if note.strip())]


def _named(field: Field, text: str, width: int) -> Plain:
    """A text with the name of its field; words that are too long for one line are broken."""
    is_words = field.align is Align.LEFT
    if is_words and columns(text) > width - MARGIN:
        return Text(f"{field.title}: {text}", indent=MARGIN)
    return Columns(field.title, text, indent=MARGIN)
