"""Painted lines: columns with exact widths, ready for the Line API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pos_app.tui.plain import fit

R = TypeVar("R")

GAP = 2
EDGE = 1
"""Empty cells at both ends of a line."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of a list.

    Attributes:
        title: heading; empty for none.
        width: cells; 0 takes what is left (one column of a list should).
        text: what it shows of a row.
        style: name of the style of a row's cell, empty for the row's own.
        align: ``left`` or ``right``.
        least: the list must be at least this wide for the column to be shown.
    """

    title: str
    width: int
    text: Callable[[R], object]
    align: str = "left"
    style: Callable[[R], str] | None = None
    least: int = 0


def widths(columns: Sequence[Column[R]], total: int) -> tuple[int, ...]:
    """Share a width out: fixed columns first, flexible ones what is left; 0 hides a column."""
    shown = [column for column in columns if total >= column.least]
    total -= 2 * EDGE
    fixed = sum(column.width for column in shown) + GAP * max(len(shown) - 1, 0)
    flexible = sum(1 for column in shown if column.width == 0)
    rest = max(total - fixed, 0)
    share = rest // flexible if flexible else 0
    return tuple(
        0 if column not in shown else (column.width or max(share, 1)) for column in columns
    )


def cells(
    columns: Sequence[Column[R]],
    row: R,
    *,
    total: int,
    base: Style,
    styles: Callable[[str], Style],
) -> Strip:
    """Paint one row, ``total`` cells wide."""
    segments = [Segment(" " * EDGE, base)]
    for column, width in zip(columns, widths(columns, total), strict=True):
        if width == 0:
            continue
        if len(segments) > 1:
            segments.append(Segment(" " * GAP, base))
        name = column.style(row) if column.style else ""
        style = base + styles(name) if name else base
        segments.append(Segment(fit(column.text(row), width, align=column.align), style))
    return Strip(segments).adjust_cell_length(total, base)


def heading(columns: Sequence[Column[R]], *, total: int, base: Style) -> Strip:
    """Paint the titles of the columns, ``total`` cells wide."""
    parts: list[str] = []
    for column, width in zip(columns, widths(columns, total), strict=True):
        if width:
            parts.append(fit(column.title, width, align=column.align))
    text = " " * EDGE + (" " * GAP).join(parts)
    return Strip([Segment(text, base)]).adjust_cell_length(total, base)


def line(text: str, width: int, style: Style) -> Strip:
    """Paint one text, cut or padded to the width."""
    return Strip([Segment(fit(text, width), style)], max(width, 0))
