"""Paper as a picture to look at: a PNG of every dot the printer would burn."""

from __future__ import annotations

import importlib.util
import io
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from printing.simulator import symbol
from printing.simulator.ink import Bitmap, QrCode, Run, Stripes
from printing.simulator.strip import PrintedPaper

MARGIN = 24
TEETH = 6
WHITE, BLACK, KNIFE = 255, 0, 150
LETTER = 1.32
"""Size of a letter of the font against the width of its cell, so that most fit uncondensed."""


def png(paper: PrintedPaper) -> bytes:
    """Draw one paper, with a margin around and the line of its cut or tear below."""
    lines = [(line, [_mark(mark) for mark in line.marks]) for line in paper.inked]
    heights = [max(line.dots, *(part.height for part in drawn), 0) for line, drawn in lines]
    image = Image.new("L", (paper.dots + 2 * MARGIN, sum(heights) + 2 * MARGIN), WHITE)
    top = MARGIN
    for (line, drawn), height in zip(lines, heights, strict=True):
        _place(image, drawn, top=top, align=line.align)
        top += height
    _draw_end(image, is_cut=paper.is_cut)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _place(image: Image.Image, drawn: list[Image.Image], *, top: int, align: int) -> None:
    """Put what is on one line side by side, standing on a common base."""
    free = image.width - 2 * MARGIN - sum(part.width for part in drawn)
    left = MARGIN + {1: free // 2, 2: free}.get(align, 0)
    bottom = max((part.height for part in drawn), default=0)
    for part in drawn:
        image.paste(part, (left, top + bottom - part.height))
        left += part.width


def _mark(mark: Run | Bitmap | QrCode | Stripes) -> Image.Image:
    match mark:
        case Run():
            return _run(mark)
        case Bitmap():
            return _bitmap(mark)
        case QrCode():
            return _bitmap(symbol.qr(mark))
        case Stripes():
            return _stripes(mark)


def _run(run: Run) -> Image.Image:
    width, height = run.cell
    image = Image.new("L", (width * len(run.text), height), WHITE)
    for place, character in enumerate(run.text):
        if character != " ":
            image.paste(_letter(character, run.cell, run.is_bold), (place * width, 0))
    if run.underline:
        edge = height - run.underline
        ImageDraw.Draw(image).rectangle((0, edge, image.width, height), fill=BLACK)
    return image.point(lambda value: WHITE - value) if run.is_inverse else image


@lru_cache(maxsize=4096)
def _letter(character: str, cell: tuple[int, int], is_bold: bool) -> Image.Image:
    """One character in its cell: drawn in the middle, condensed where it is too wide."""
    base = min(cell[0], cell[1] // 2)
    font = _font(round(base * LETTER * 1.15), is_bold)
    ascent, descent = font.getmetrics()
    wide = max(round(font.getlength(character)), 1)
    glyph = Image.new("L", (wide, ascent + descent), WHITE)
    ImageDraw.Draw(glyph).text((0, 0), character, font=font, fill=BLACK)
    narrowest = round(base * 0.94)
    natural = min(wide, narrowest)
    glyph = glyph.resize((max(natural * cell[0] // base, 1), cell[1]), Image.Resampling.LANCZOS)
    image = Image.new("L", cell, WHITE)
    image.paste(glyph, ((cell[0] - glyph.width) // 2, 0))
    return image


@lru_cache(maxsize=64)
def _font(size: int, is_bold: bool) -> ImageFont.FreeTypeFont:
    name = "OpenSans-Bold.ttf" if is_bold else "OpenSans-SemiBold.ttf"
    found = importlib.util.find_spec("ttf_opensans")
    places = found.submodule_search_locations if found else None
    if not places:
        raise FileNotFoundError("Open Sans is not installed with the program.")
    return ImageFont.truetype(str(Path(places[0]) / "ttf" / name), size)


def _bitmap(mark: Bitmap) -> Image.Image:
    size = (mark.width, mark.height)
    return Image.frombytes("1", size, bytes(255 - byte for byte in mark.rows)).convert("L")


def _stripes(mark: Stripes) -> Image.Image:
    bars = _bitmap(symbol.stripes(mark))
    if not mark.has_text:
        return bars
    text = _run(Run(mark.text, (12, 24), is_bold=False, underline=0, is_inverse=False))
    image = Image.new("L", (max(bars.width, text.width), bars.height + text.height), WHITE)
    image.paste(bars, ((image.width - bars.width) // 2, 0))
    image.paste(text, ((image.width - text.width) // 2, bars.height))
    return image


def _draw_end(image: Image.Image, *, is_cut: bool) -> None:
    """A dashed line where the knife went through; teeth where somebody tore."""
    pen, width, bottom = ImageDraw.Draw(image), image.width, image.height - 1
    if is_cut:
        for left in range(0, width, 4 * TEETH):
            pen.line((left, bottom, left + 2 * TEETH, bottom), fill=KNIFE, width=2)
        return
    for left in range(0, width, 2 * TEETH):
        middle, right = left + TEETH, left + 2 * TEETH
        pen.line((left, bottom, middle, bottom - TEETH), fill=KNIFE)
        pen.line((middle, bottom - TEETH, right, bottom), fill=KNIFE)
