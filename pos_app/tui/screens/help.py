"""The keys that are valid now, never more than one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from pos_app.tui import catalogue
from pos_app.tui.commands import Command, bindings
from pos_app.tui.place import WIDE, Place
from pos_app.tui.plain import fit
from pos_app.tui.widgets.text import Part, Text

ENTRY = (
    ("code", "Sell an item", "Sell an item; a scan does the same."),
    ("3*code", "Sell three of it", "Sell three; 3* first and then a scan does the same."),
    ("*5", "Make the line five", "Make the marked line five."),
    ("/name", "Search by name", "Search by name."),
    ("2-", "Take line 2 out", "Take line 2 out; - alone takes the last one out."),
    ("!", "Last item again", "Sell the last item once more; 3*! three times."),
    ("@4", "Fourth quick item", "Sell the fourth quick item."),
)

FRAME = 11
"""Lines of the screen that are neither a key nor a word of the entry line."""

KEY = 11
HALF = 38


class HelpScreen(Place):
    """Keys of one place, as they are mapped on this till and for who is signed in."""

    PLACE = "help"
    HEADING = "Help"
    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.HELP)]

    def __init__(self, place: str, keys: Sequence[tuple[str, Command]]) -> None:
        super().__init__()
        self._place = place
        self._rows = [(key, command.label, command.help) for key, command in keys]
        self._entry = list(ENTRY) if place == "Sale" else []
        self.keys_text = Text()
        self.entry_text = Text()

    def body(self) -> ComposeResult:
        """Key, then what it does."""
        with VerticalScroll(id="keys"):
            yield Text((f"{self._place}: keys that work now", "bold"), id="title")
            yield self.keys_text
            if self._entry:
                yield Text(("What the entry line understands", "bold"), id="grammar")
                yield self.entry_text

    def on_resize(self, event: events.Resize) -> None:
        """Say more where there is room for more."""
        is_wide = event.size.width >= WIDE
        room = event.size.height - FRAME - len(self._rows)
        self.keys_text.say(*(_full(self._rows) if is_wide else _short(self._rows)))
        is_roomy = is_wide and room >= len(self._entry)
        self.entry_text.say(*(_full(self._entry) if is_roomy else _short(self._entry)))

    def action_back(self) -> None:
        """Back to where it was asked."""
        self.dismiss(None)


def _full(rows: Sequence[tuple[str, str, str]]) -> list[Part]:
    parts: list[Part] = []
    for key, _, what in rows:
        parts += [(f"{key:>{KEY + 4}}", "bold $primary"), f"  {what}\n"]
    return parts


def _short(rows: Sequence[tuple[str, str, str]]) -> list[Part]:
    """Two columns of labels, read downwards."""
    parts: list[Part] = []
    half = -(-len(rows) // 2)
    for at in range(half):
        parts.append("\n" if at else "")
        for key, label, _ in rows[at::half]:
            parts += [(f"{key:>{KEY}}", "bold $primary"), fit(f"  {label}", HALF - KEY)]
    return parts
