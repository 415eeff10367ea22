"""Blocks of text into lines of a given width; words and amounts stay whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from printing.clean import columns
from printing.document import Align, Cell, Columns, Row, Rule, Text
from printing.errors import TooWide

Printable = Callable[[str], str]
"""Turns text into what the output can show; its result is what gets measured."""

Measure = Callable[[str], float]
"""How wide a text is."""

TextBlock = Text | Columns | Row | Rule


def lines_of(block: TextBlock, width: int, printable: Printable) -> list[str]:
    """The lines of one block, none longer than the width, before alignment of a Text.

    Args:
        block: what to set.
        width: columns of the normal font.
        printable: makes a text showable, see `Printable`.

    Raises:
        TooWide: an amount or a cell is wider than the paper.
    """
    match block:
        case Text():
            return _text(block, width, printable)
        case Columns():
            return _columns(block, width, printable)
        case Row():
            return [_row(block, width, printable)]
        case Rule():
            return [(printable(block.character) or "-")[0] * width]


def wrap(text: str, width: float, measure: Measure = columns) -> list[str]:
    """Break between words; a word longer than a line is cut, there is no other way.

    Lines may be shorter than they could be, never longer, as `measure` tells: in columns, or on a
    page in points.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _pieces(word, width, measure):
            if line and measure(f"{line} {piece}") <= width:
                line = f"{line} {piece}"
            else:
                if line:
                    lines.append(line)
                line = piece
    return [*lines, line] if line or not lines else lines


def aligned(line: str, align: Align, width: int) -> str:
    """Pad a line on its left so that it stands where it should."""
    room = width - columns(line)
    if align is Align.LEFT or room <= 0:
        return line
    return " " * (room // 2 if align is Align.CENTRE else room) + line


def _pieces(word: str, width: float, measure: Measure) -> Iterator[str]:
    if measure(word) <= width:
        yield word
        return
    piece = ""
    for character in word:
        if piece and measure(piece + character) > width:
            yield piece
            piece = ""
        piece += character
    yield piece


def _text(block: Text, width: int, printable: Printable) -> list[str]:
    room = (width // 2 if block.size.is_wide else width) - block.indent
    return [" " * block.indent + line for line in wrap(printable(block.text), room)]


def _columns(block: Columns, width: int, printable: Printable) -> list[str]:
    room = width // 2 if block.size.is_wide else width
    right = " ".join(printable(block.right).split())
    taken = columns(right)
    if taken > room:
        raise TooWide(f"The amount {right}", needs=taken, has=room)
    margin = " " * block.indent
    lines = [margin + line for line in wrap(printable(block.left), room - block.indent)]
    last = lines.pop()
    if columns(last) + 1 + taken > room and last.strip():
        lines.append(last)
        last = ""
    return [*lines, (last + " " * (room - columns(last) - taken) + right).rstrip()]


def _row(block: Row, width: int, printable: Printable) -> str:
    needs = sum(cell.width for cell in block.cells) + len(block.cells) - 1
    if needs > width:
        raise TooWide("A row", needs=needs, has=width)
    return " ".join(_cell(cell, printable) for cell in block.cells).rstrip()


def _cell(cell: Cell, printable: Printable) -> str:
    text = " ".join(printable(cell.text).split())
    room = cell.width - columns(text)
    if room < 0:
        raise TooWide(f"The field {text}", needs=columns(text), has=cell.width)
    if cell.align is Align.LEFT:
        return text + " " * room
    left = room // 2 if cell.align is Align.CENTRE else room
    return " " * left + text + " " * (room - left)
