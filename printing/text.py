"""Documents as plain text: for e-mail, for the screen, for tests."""

from __future__ import annotations

from printing.clean import clean
from printing.document import (
    Align,
    Barcode,
    Columns,
    Cut,
    Document,
    Feed,
    Logo,
    Plain,
    Qr,
    Row,
    Rule,
    Text,
)
from printing.grid import plain
from printing.lines import aligned, lines_of


def encode(document: Document) -> str:
    """Return the document as lines of at most its width, ending in a line break.

    Codes become ``[QR: data]`` and ``[BARCODE: data]`` on lines of their own, which may be longer
    than the paper is wide; logo and cut leave no trace.

    Raises:
        TooWide: an amount or a row is wider than the document.
    """
    lines = [
        line
        for block in plain(document.blocks, document.width, clean)
        for line in _lines(block, document.width)
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lines(block: Plain, width: int) -> list[str]:
    match block:
        case Text():
            return [aligned(line, block.align, width) for line in lines_of(block, width, clean)]
        case Columns() | Row() | Rule():
            return lines_of(block, width, clean)
        case Feed():
            return [""] * block.lines
        case Qr():
            return [aligned(f"[QR: {clean(block.data)}]", Align.CENTRE, width)]
        case Barcode():
            return [aligned(f"[BARCODE: {clean(block.data)}]", Align.CENTRE, width)]
        case Logo() | Cut():
            return []
