"""One line of short facts, of which the least important give way when there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from pos_app.domain.plain import plain
from pos_app.tui.widgets.painted import Painted

BETWEEN = " │ "


@dataclass(frozen=True, slots=True)
class Fact:
    """One short text.

    Attributes:
        kind: ``plain``, ``strong``, ``good``, ``warning`` or ``bad``.
        weight: when there is no room the lightest goes first.
    """

    text: str
    kind: str = "plain"
    weight: int = 5


def fitting(facts: Sequence[Fact], width: int) -> list[Fact]:
    """Return the facts that fit into a width, in their order, the heaviest kept."""
    kept = [fact for fact in facts if fact.text]
    while kept and _length(kept) > width:
        lightest = min(kept, key=lambda fact: fact.weight)
        kept.remove(lightest)
    return kept


def _length(facts: Sequence[Fact]) -> int:
    return sum(cell_len(fact.text) for fact in facts) + len(BETWEEN) * (len(facts) - 1) + 2


class FactBar(Painted):
    """Facts on one line; the ones after ``right`` stand at its right end."""

    FAMILY = "facts"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "facts--plain", "facts--strong", "facts--good", "facts--warning", "facts--bad",
        "facts--between",
    }  # fmt: skip
    DEFAULT_CSS = """
    FactBar {
        height: 1;
        background: $surface;
        color: $text-muted;
        & > .facts--plain { color: $text-muted; }
        & > .facts--strong { color: $foreground; text-style: bold; }
        & > .facts--good { color: $text-success; }
        & > .facts--warning { color: $text-warning; text-style: bold; }
        & > .facts--bad { color: $text-error; text-style: bold; }
        & > .facts--between { color: $scrollbar; }
    }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.left: tuple[Fact, ...] = ()
        self.right: tuple[Fact, ...] = ()

    def show(self, left: Sequence[Fact], right: Sequence[Fact] = ()) -> None:
        """Show facts; nothing is painted when they are the same."""
        shown = (
            tuple(Fact(plain(fact.text), fact.kind, fact.weight) for fact in left),
            tuple(Fact(plain(fact.text), fact.kind, fact.weight) for fact in right),
        )
        if shown != (self.left, self.right):
            self.left, self.right = shown
            self.refresh()

    @property
    def spoken(self) -> str:
        """Everything it would say if it had room."""
        return BETWEEN.join(fact.text for fact in (*self.left, *self.right) if fact.text)

    def render_line(self, y: int) -> Strip:
        """Paint the line."""
        del y
        width = self.size.width
        kept = fitting((*self.left, *self.right), width)
        left = self._segments([fact for fact in kept if fact in self.left])
        right = self._segments([fact for fact in kept if fact not in self.left])
        used = sum(segment.cell_length for segment in (*left, *right))
        space = Segment(" " * max(width - used - 2, 0), self.base)
        edge = Segment(" ", self.base)
        return Strip([edge, *left, space, *right, edge]).adjust_cell_length(width, self.base)

    def _segments(self, facts: Sequence[Fact]) -> list[Segment]:
        segments: list[Segment] = []
        for fact in facts:
            if segments:
                segments.append(Segment(BETWEEN, self.style("between")))
            segments.append(Segment(fact.text, self.style(fact.kind)))
        return segments
