"""A document as the bytes of a PDF file: A4 pages with numbers, the same bytes every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFInfo, PDFString
from reportlab.pdfgen.canvas import Canvas

from printing.clean import clean
from printing.document import PAGE_WIDTH, Document
from printing.errors import FileUnusable
from printing.pdf.band import Band, paged
from printing.pdf.font import Fonts, fonts
from printing.pdf.pen import Pen
from printing.pdf.setter import Setter
from printing.words import Words, words_in

MARGIN, FOOT = 45.0, 58.0
SMALL = 7.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationery:
    """What the shop's own pages look like.

    Attributes:
        logo: a PNG or JPEG file; None for none.
        font, font_bold: TrueType files in place of those that come with the program.
    """

    logo: Path | None = None
    font: Path | None = None
    font_bold: Path | None = None


PLAIN = Stationery()


def encode(
    document: Document,
    stationery: Stationery = PLAIN,
    *,
    words: Words | None = None,
    created: datetime | None = None,
) -> bytes:
    """Return the document as a PDF file; the same document always gives the same bytes.

    Args:
        document: any; one laid out for a roll stands in a column as narrow as it is.
        stationery: logo and fonts of the shop.
        words: texts to use; those of the document's language by default.
        created: an instant to note in the file; none stands there without it.

    Raises:
        TooWide: an amount or a table does not fit an A4 page.
        UnprintableData: a code cannot carry its text.
        FileUnusable: the logo or a font cannot be read.
    """
    texts = words or words_in(document.language)
    faces = fonts(stationery.font, stationery.font_bold)
    setter = Setter(faces, _logo(stationery.logo))
    across, down = A4
    width = (across - 2 * MARGIN) * min(1.0, document.width / PAGE_WIDTH)
    bands = setter.bands(document.blocks, MARGIN, width)
    pages = paged(bands, down - MARGIN - FOOT)
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1)
    _describe(canvas, document, created)
    foot = _Foot(document, texts, faces, len(pages), lost=setter.lost)
    for number, page in enumerate(pages, 1):
        _draw(Pen(canvas), page, down - MARGIN)
        foot.draw(Pen(canvas), number, across)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Foot:
    """The line under every page: what this is, and which page of how many."""

    document: Document
    words: Words
    fonts: Fonts
    pages: int
    lost: bool

    def draw(self, pen: Pen, number: int, across: float) -> None:
        face = self.fonts.regular
        base = FOOT - 22
        pen.rule(MARGIN, base + 11, across - 2 * MARGIN, thick=0.4)
        told = f"{self.document.title} {self.document.reference}".strip()
        pen.text(MARGIN, base, face.printable(told), face=face, size=SMALL)
        page = f"{self.words.page} {number} {self.words.page_of} {self.pages}"
        page = face.printable(page)
        left = across - MARGIN - face.width(page, SMALL)
        pen.text(left, base, page, face=face, size=SMALL)
        if self.lost:
            note = face.printable(self.words.unshown)
            pen.text(MARGIN, base - 10, note, face=face, size=SMALL)


def _draw(pen: Pen, bands: list[Band], top: float) -> None:
    for band in bands:
        band.draw(pen, top)
        top -= band.height


def _logo(path: Path | None) -> ImageReader | None:
    if path is None:
        return None
    try:
        image = ImageReader(str(path))
        image.getRGBData()
    except Exception as error:
        raise FileUnusable("logo", str(path), "is no picture that can be read") from error
    return image


class _Info(PDFInfo):  # type: ignore[misc]
    """What the file says of itself: no date but the one it is given, no host, no user."""

    def __init__(self, title: str, created: datetime | None) -> None:
        super().__init__()
        self.title, self.created = title, created

    def format(self, document: Any) -> Any:
        entries = {"Title": PDFString(self.title), "Creator": PDFString("pos")}
        if self.created is not None:
            moment = self.created.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
            entries["CreationDate"] = PDFString(moment)
        return PDFDictionary(entries).format(document)


def _describe(canvas: Any, document: Document, created: datetime | None) -> None:
    title = clean(f"{document.title} {document.reference}".strip())
    file = canvas._doc  # noqa: SLF001 - the library has no other way to leave the date out
    file.info = _Info(title, created)
