"""Barcodes of pages; the stripes alone, their text is set like any other."""

from __future__ import annotations

from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.graphics.shapes import Drawing

from printing.barcode import check
from printing.document import Barcode, Symbology

BAR, HEIGHT = 1.1, 34.0
"""Points of the narrowest stripe and of the height."""


def stripes(block: Barcode, width: float) -> Drawing:
    """The stripes of a barcode, at most this wide.

    Raises:
        UnprintableData: the symbol cannot carry this text.
    """
    check(block)
    name = "EAN13" if block.symbology is Symbology.EAN13 else "Code128"
    drawing = _drawing(name, block.data, BAR)
    if drawing.width > width:
        drawing = _drawing(name, block.data, BAR * width / drawing.width)
    return drawing


def _drawing(name: str, data: str, bar: float) -> Drawing:
    return createBarcodeDrawing(
        name, value=data, barWidth=bar, barHeight=HEIGHT, humanReadable=False, quiet=False
    )
