"""One amount, large enough to read across the counter."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip

from pos_app.domain.money import Money
from pos_app.tui.plain import amount, fit
from pos_app.tui.widgets.painted import Painted
from pos_app.tui.widgets.strips import line

GLYPHS = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"), "1": (" ╺┓", "  ┃", "  ╹"), "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", " ━┫", "╺━┛"), "4": ("╻ ╻", "┗━┫", "  ╹"), "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"), "7": ("╺━┓", "  ┃", "  ╹"), "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"), ".": (" ", " ", "■"), ",": (" ", " ", ","),
    "-": ("   ", "╺━╸", "   "),
}  # fmt: skip

LIGHT = str.maketrans("┏┓┗┛┣┫━┃╺╸╻╹", "┌┐└┘├┤─│──││")
"""The same in characters that a console without a desktop has too."""

FEW_COLOURS = (None, "standard")

ROWS = 3


def large(text: str) -> tuple[str, str, str]:
    """Return a number as three lines of segments.

    Args:
        text: digits, points, commas and minus signs.
    """
    glyphs = [GLYPHS[char] for char in text]
    top, middle, bottom = (" ".join(glyph[row] for glyph in glyphs) for row in range(ROWS))
    return top, middle, bottom


class Totals(Painted):
    """A title, an amount in large digits, and a line below it."""

    FAMILY = "totals"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "totals--title", "totals--amount", "totals--good", "totals--below",
    }  # fmt: skip
    DEFAULT_CSS = """
    Totals {
        height: 5;
        background: $surface;
        color: $foreground;
        & > .totals--title { color: $text-muted; text-style: bold; }
        & > .totals--amount { color: $text-warning; text-style: bold; }
        & > .totals--good { color: $text-success; text-style: bold; }
        & > .totals--below { color: $foreground; }
    }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.title = ""
        self.text = ""
        self.below = ""
        self.is_good = False

    def show(self, title: str, money: Money, *, below: str = "", is_good: bool = False) -> None:
        """Show an amount; only what changed is painted.

        Args:
            title: what the amount is.
            money: it is shown with its currency in the title.
            below: one line, such as the same in the other currency.
            is_good: green instead of amber: change, or all paid.
        """
        shown = (f"{title} {money.currency}", amount(money), below, is_good)
        if shown == (self.title, self.text, self.below, self.is_good):
            return
        self.title, self.text, self.below, self.is_good = shown
        self.refresh()

    def clear(self) -> None:
        """Show nothing."""
        if self.title or self.text:
            self.title = self.text = self.below = ""
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the title, one of the three rows of digits, or the line below."""
        width = self.size.width
        if y == 0:
            return self._text(self.title, "title")
        if y == ROWS + 1:
            return self._text(self.below, "below")
        if y > ROWS + 1 or not self.text:
            return Strip.blank(width, self.base)
        rows: tuple[str, ...] = large(self.text)
        if len(rows[0]) > width:
            rows = ("", self.text, "")
        elif not self.app.is_headless and self.app.console.color_system in FEW_COLOURS:
            rows = tuple(row.translate(LIGHT) for row in rows)
        return self._text(rows[y - 1], "good" if self.is_good else "amount")

    def _text(self, text: str, name: str) -> Strip:
        width = self.size.width
        return line(fit(text, width, align="right"), width, self.style(name))

    @property
    def spoken(self) -> str:
        """The amount as plain text, for the title of the terminal."""
        return f"{self.title} {self.text}".strip()
