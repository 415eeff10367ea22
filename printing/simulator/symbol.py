"""QR codes and barcodes as dots, the way a printer draws them from their data."""

from __future__ import annotations

import segno
from reportlab.graphics.barcode.code39 import Standard39
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.eanbc import Ean8BarcodeWidget, Ean13BarcodeWidget
from reportlab.graphics.shapes import Rect

from printing.simulator.graphics import packed
from printing.simulator.ink import Bitmap, QrCode, Stripes

EAN13, EAN8, CODE39, CODE128 = frozenset({2, 67}), frozenset({3, 68}), frozenset({4, 69}), 73


def qr(mark: QrCode) -> Bitmap:
    """The code without a margin, which the paper around it gives; nothing where data overflow."""
    try:
        code = segno.make_qr(mark.data, error=mark.level, boost_error=False)
    except segno.DataOverflowError:
        return packed(["0"])
    rows = [
        "".join(("1" if module else "0") * mark.dots for module in row)
        for row in code.matrix_iter(border=0)
    ]
    return packed([row for row in rows for _ in range(mark.dots)])


def stripes(mark: Stripes) -> Bitmap:
    """The bars alone; a code that this printer does not know is a solid block."""
    row = "".join(module * mark.bar for module in _modules(mark))
    return packed([row] * mark.height)


def _modules(mark: Stripes) -> str:
    if not (mark.text.isascii() and mark.text.isprintable()):
        return "1" * (11 * len(mark.text) or 1)
    if mark.kind == CODE128:
        return _bars(Code128(mark.text, barWidth=1, quiet=0))
    if mark.kind in CODE39:
        return _bars(Standard39(mark.text.strip("*"), barWidth=1, quiet=0, checksum=0, ratio=2))
    if mark.kind in EAN13 and mark.text[:12].isdecimal():
        return _drawn(Ean13BarcodeWidget(mark.text, barWidth=1, quiet=0, humanReadable=0))
    if mark.kind in EAN8 and mark.text[:7].isdecimal():
        return _drawn(Ean8BarcodeWidget(mark.text, barWidth=1, quiet=0, humanReadable=0))
    return "1" * (11 * len(mark.text) or 1)


def _bars(code: Code128 | Standard39) -> str:
    """Modules from the library's own letters: capitals are bars, small ones gaps, A is one wide."""
    code.validate()
    code.encode()
    code.decompose()
    widths = {"a": 1, "b": 2, "c": 3, "d": 4, "s": 1, "l": 2, "i": 1}
    return "".join(
        ("1" if letter.isupper() else "0") * widths.get(letter.lower(), 1)
        for letter in code.decomposed
    )


def _drawn(widget: Ean13BarcodeWidget | Ean8BarcodeWidget) -> str:
    modules = ["0"] * round(widget.width)
    for shape in widget.draw().contents:
        if isinstance(shape, Rect) and shape.fillColor is not None:
            left = round(shape.x)
            modules[left : left + round(shape.width)] = "1" * round(shape.width)
    return "".join(modules)
