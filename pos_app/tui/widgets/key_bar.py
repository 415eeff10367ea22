"""The keys that are valid now, on one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from pos_app.domain.plain import plain
from pos_app.tui.widgets.painted import Painted

Key = tuple[str, str, int]
"""A key as it is printed on it, what it does, and its weight."""


def fitting(keys: Sequence[Key], width: int) -> list[Key]:
    """Return the keys that fit into a width; the lightest of them give way, the last ones first."""
    kept = list(keys)
    while kept and sum(cell_len(key) + cell_len(label) + 3 for key, label, _ in kept) > width + 1:
        kept.remove(min(reversed(kept), key=lambda key: key[2]))
    return kept


class KeyBar(Painted):
    """As many keys as fit, in their order, the heaviest kept."""

    FAMILY = "keys"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--label"}
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        background: $surface;
        color: $text-muted;
        & > .keys--key { color: $primary; text-style: bold; }
        & > .keys--label { color: $foreground; }
    }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.keys: tuple[Key, ...] = ()

    def show(self, keys: Sequence[Key]) -> None:
        """Show keys with their labels and weights."""
        if self.keys != tuple(keys):
            self.keys = tuple(keys)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the bar."""
        del y
        base, width = self.base, self.size.width
        key_style, label_style = self.style("key"), self.style("label")
        segments = [Segment(" ", base)]
        for key, label, _ in fitting(self.keys, width):
            segments += [Segment(key, key_style), Segment(f" {plain(label)}", label_style)]
            segments.append(Segment("  ", base))
        return Strip(segments).adjust_cell_length(width, base)
