"""Drawing on one page: text, lines, pictures and codes, in points from the lower left corner."""

from __future__ import annotations

from typing import Any

import segno
from reportlab.graphics import renderPDF
from reportlab.graphics.shapes import Drawing
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from printing import qr
from printing.pdf.font import Face

BLACK, INK, SHADE = (0.0, 0.0, 0.0), (0.7, 0.7, 0.7), (0.93, 0.93, 0.93)


class Pen:
    """A canvas that knows only what pages need; text is drawn as it is, never as markup."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas: Any = canvas

    def text(self, x: float, y: float, text: str, *, face: Face, size: float) -> None:
        """Write on a line whose baseline begins at this point."""
        self._canvas.setFont(face.name, size)
        self._canvas.drawString(x, y, text)

    def rule(self, x: float, y: float, width: float, *, thick: float = 0.6) -> None:
        """Draw a line to the right."""
        self._canvas.setStrokeColorRGB(*INK)
        self._canvas.setLineWidth(thick)
        self._canvas.line(x, y, x + width, y)

    def shade(self, x: float, y: float, width: float, height: float) -> None:
        """Lay a light ground."""
        self._canvas.setFillColorRGB(*SHADE)
        self._canvas.rect(x, y, width, height, stroke=0, fill=1)
        self._canvas.setFillColorRGB(*BLACK)

    def picture(
        self, image: ImageReader, x: float, y: float, *, width: float, height: float
    ) -> None:
        """Draw a picture into this box."""
        self._canvas.drawImage(image, x, y, width, height, mask="auto")

    def code(self, data: str, x: float, y: float, side: float) -> None:
        """Draw a QR code with its quiet zone into a square; its dark modules are one shape."""
        symbol = segno.make_qr(qr.payload(data), error="m", mode="byte", boost_error=False)
        rows = [bytes(row) for row in symbol.matrix_iter(border=qr.QUIET)]
        module = side / len(rows)
        path = self._canvas.beginPath()
        for at, row in enumerate(rows):
            for begin, count in _runs(row):
                bottom = y + side - (at + 1) * module
                path.rect(x + begin * module, bottom, count * module, module)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def drawing(self, drawing: Drawing, x: float, y: float) -> None:
        """Draw stripes the library made."""
        renderPDF.draw(drawing, self._canvas, x, y)


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many follow."""
    runs: list[tuple[int, int]] = []
    at = 0
    while (begin := row.find(1, at)) >= 0:
        at = row.find(0, begin)
        at = len(row) if at < 0 else at
        runs.append((begin, at - begin))
    return runs
