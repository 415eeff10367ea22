"""Fonts of pages: embedded in the file, so that a name looks the same on every screen and paper.

Open Sans comes with the program: Latin with all its accents, Greek and Cyrillic. A shop that
writes other scripts names files of its own in its configuration.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from printing.clean import REPLACEMENT, clean
from printing.errors import FileUnusable
from printing.spelling import nearest


@dataclass(frozen=True, slots=True)
class Face:
    """One font file that is ready to draw with."""

    name: str
    font: TTFont = field(repr=False, compare=False)

    def has(self, character: str) -> bool:
        """Whether the font can draw this character."""
        return ord(character) in self.font.face.charToGlyph

    def printable(self, text: str) -> str:
        """Text made of characters this font has; a box never takes the place of a letter."""
        if text.isascii() and text.isprintable():
            return text
        return "".join(_shown(character, self) for character in clean(text))

    def is_whole(self, text: str) -> bool:
        """Whether every character of a text is shown as itself or in a plain spelling."""
        return self.printable(text).count(REPLACEMENT) == text.count(REPLACEMENT)

    def width(self, text: str, size: float) -> float:
        """Points a printable text takes."""
        return float(pdfmetrics.stringWidth(text, self.name, size))


@dataclass(frozen=True, slots=True)
class Fonts:
    """The two faces of a page."""

    regular: Face
    bold: Face

    def face(self, *, bold: bool) -> Face:
        """One of them."""
        return self.bold if bold else self.regular


def fonts(regular: Path | None = None, bold: Path | None = None) -> Fonts:
    """The faces of these files, or those that come with the program.

    Args:
        regular: a TrueType file of the shop's own.
        bold: its bold cut; the regular one again where only that is given.

    Raises:
        FileUnusable: a file is missing or no TrueType font.
    """
    if regular is None:
        own = _own_folder()
        return Fonts(_face(own / "OpenSans-Regular.ttf"), _face(own / "OpenSans-Bold.ttf"))
    return Fonts(_face(regular), _face(bold or regular))


@lru_cache(maxsize=8)
def _face(path: Path) -> Face:
    name = f"pos-{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    try:
        font = TTFont(name, str(path))
    except (TTFError, OSError) as error:
        raise FileUnusable("font", str(path), "is no TrueType font that can be read") from error
    pdfmetrics.registerFont(font)
    return Face(name, font)


@lru_cache(maxsize=8192)
def _shown(character: str, face: Face) -> str:
    return nearest(character, face.has)


def _own_folder() -> Path:
    """Where the fonts of the program lie; their package is found without running it."""
    found = importlib.util.find_spec("ttf_opensans")
    places = found.submodule_search_locations if found else None
    if not places:
        raise FileUnusable("font", "Open Sans", "is not installed with the program")
    return Path(places[0]) / "ttf"
