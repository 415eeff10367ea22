"""Bands: strips across a page that are drawn whole, and how they fall onto pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from printing.pdf.pen import Pen

Draw = Callable[[Pen, float], None]
"""Draws a band whose upper edge is at this height above the foot of the page."""

ALMOST = 0.01
"""Points that sums of floats may be off."""


@dataclass(frozen=True, slots=True)
class Band:
    """A strip of a page.

    Attributes:
        height: points.
        draw: what stands in it.
        keeps: stays on one page with the band after it.
        is_gap: nothing stands in it, so no page begins with it.
        header: drawn again above it where it begins a page.
    """

    height: float
    draw: Draw
    keeps: bool = False
    is_gap: bool = False
    header: Band | None = None


def gap(height: float) -> Band:
    """Room between two parts."""
    return Band(height, lambda _pen, _top: None, is_gap=True)


def kept(bands: Sequence[Band]) -> list[Band]:
    """The same bands, none of them parted from the next."""
    return [replace(band, keeps=at < len(bands) - 1) for at, band in enumerate(bands)]


def with_next(bands: Sequence[Band]) -> list[Band]:
    """The same bands, the last of them kept with whatever follows."""
    return [*bands[:-1], *(replace(band, keeps=True) for band in bands[-1:])]


def stacked(bands: Sequence[Band]) -> Band:
    """Several bands as one that no page break parts."""

    def draw(pen: Pen, top: float) -> None:
        for band in bands:
            band.draw(pen, top)
            top -= band.height

    return Band(sum(band.height for band in bands), draw)


def paged(bands: Iterable[Band], height: float) -> list[list[Band]]:
    """Bands in order on pages of this height; there is always one page.

    What is to stay together moves to the next page whole, unless no page could hold it.
    """
    pages: list[list[Band]] = [[]]
    left = height
    for chain in _chains(bands):
        whole = sum(band.height for band in chain)
        wants_page = whole > left + ALMOST and whole <= height - _header_height(chain[0])
        for at, band in enumerate(chain):
            breaks = (wants_page and at == 0) or band.height > left + ALMOST
            if breaks and pages[-1]:
                pages.append([band.header] if band.header else [])
                left = height - _header_height(band)
            if band.is_gap and not pages[-1]:
                continue
            pages[-1].append(band)
            left -= band.height
    return pages


def _header_height(band: Band) -> float:
    return band.header.height if band.header else 0.0


def _chains(bands: Iterable[Band]) -> Iterator[list[Band]]:
    chain: list[Band] = []
    for band in bands:
        chain.append(band)
        if not band.keeps:
            yield chain
            chain = []
    if chain:
        yield chain
