"""Count a drawer: so many pieces of each note and coin, per currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from pos_app.domain.money import Money
from pos_app.domain.shift import DENOMINATIONS, Count, counted
from pos_app.tui.plain import amount, price
from pos_app.tui.widgets.painted import Painted
from pos_app.tui.widgets.strips import line

DIGITS_MOST = 6
FACE, PIECES, WORTH = 8, 8, 14
COLUMN = FACE + PIECES + WORTH + 3


class CountGrid(Painted, can_focus=True):
    """One column per currency; digits count, arrows and Enter move."""

    FAMILY = "count"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "count--head", "count--cursor", "count--muted", "count--strong", "count--total",
    }  # fmt: skip
    DEFAULT_CSS = """
    CountGrid {
        height: auto;
        color: $foreground;
        & > .count--head { color: $text-muted; text-style: bold; }
        & > .count--cursor { color: $ink; background: $text-warning; text-style: bold; }
        & > .count--muted { color: $text-muted; }
        & > .count--strong { text-style: bold; }
        & > .count--total { color: $text-warning; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down,enter", "move(1)", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right,tab", "turn(1)", show=False),
        Binding("backspace", "rub_out", show=False),
        Binding("delete", "empty", show=False),
        Binding("home", "first", show=False),
    ]

    class Changed(Message):
        """Another number stands in the grid."""

    def __init__(self, currencies: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.currencies = tuple(code for code in currencies if code in DENOMINATIONS)
        self._typed: dict[tuple[str, Decimal], str] = {}
        self._column, self._row = 0, 0

    def clear(self) -> None:
        """Count from nothing."""
        self._typed.clear()
        self._column, self._row = 0, 0
        self.refresh()

    def counts(self) -> tuple[Count, ...]:
        """What was counted; denominations left empty are not in it."""
        return tuple(
            Count(currency, face, int(digits))
            for (currency, face), digits in self._typed.items()
            if digits and int(digits)
        )

    def totals(self) -> dict[str, Money]:
        """What was counted per currency, zero included."""
        found = counted(self.counts())
        return {code: found.get(code, Money.zero(code)) for code in self.currencies}

    @property
    def _cell(self) -> tuple[str, Decimal]:
        currency = self.currencies[self._column]
        return currency, DENOMINATIONS[currency][self._row]

    def on_key(self, event: events.Key) -> None:
        """Type a digit into the marked cell."""
        if event.character is None or event.character not in "0123456789":
            return
        event.stop()
        digits = (self._typed.get(self._cell, "") + event.character).lstrip("0")
        if len(digits) > DIGITS_MOST:
            self.app.bell()
            return
        self._put(digits or "0")

    def _put(self, digits: str) -> None:
        self._typed[self._cell] = digits
        self.post_message(self.Changed())
        self.refresh()

    def action_rub_out(self) -> None:
        """Take the last digit back."""
        self._put(self._typed.get(self._cell, "")[:-1])

    def action_empty(self) -> None:
        """Empty the marked cell."""
        self._put("")

    def action_first(self) -> None:
        """Go to the first cell."""
        self._column, self._row = 0, 0
        self.refresh()

    def action_move(self, step: int) -> None:
        """Go to the denomination above or below; after the last to the next currency."""
        size = len(DENOMINATIONS[self.currencies[self._column]])
        row = self._row + step
        if row >= size and self._column + 1 < len(self.currencies):
            self._column, self._row = self._column + 1, 0
        else:
            self._row = max(min(row, size - 1), 0)
        self.refresh()

    def action_turn(self, step: int) -> None:
        """Go to the currency beside."""
        self._column = (self._column + step) % len(self.currencies)
        self._row = min(self._row, len(DENOMINATIONS[self.currencies[self._column]]) - 1)
        self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Heading, denominations, a total."""
        del container, viewport, width
        return max(len(DENOMINATIONS[code]) for code in self.currencies) + 2

    def render_line(self, y: int) -> Strip:
        """Paint one row of all currencies side by side."""
        segments: list[Segment] = []
        last = self.get_content_height(None, None, 0) - 1
        for column, currency in enumerate(self.currencies):
            if y == 0:
                segments += self._heading(currency)
            elif y == last:
                segments += self._total(currency)
            else:
                segments += self._pieces(column, currency, y - 1)
        return Strip(segments).adjust_cell_length(self.size.width, self.base)

    def _heading(self, currency: str) -> list[Segment]:
        text = f"{currency:>{FACE}}{'pieces':>{PIECES}}{'worth':>{WORTH}}   "
        return [Segment(text, self.style("head"))]

    def _total(self, currency: str) -> list[Segment]:
        total = amount(self.totals()[currency])
        text = f"{'counted':>{FACE + PIECES}}{total:>{WORTH}}   "
        return [Segment(text, self.style("total"))]

    def _pieces(self, column: int, currency: str, row: int) -> list[Segment]:
        faces = DENOMINATIONS[currency]
        if row >= len(faces):
            return list(line("", COLUMN, self.base))
        face = faces[row]
        digits = self._typed.get((currency, face), "")
        is_marked = self.has_focus and (column, row) == (self._column, self._row)
        style = self.style("cursor" if is_marked else "strong" if digits else "muted")
        worth = Money.of(face, currency) * int(digits or 0)
        return [
            Segment(f"{price(face):>{FACE}}  ", self.style("muted")),
            Segment(f"{digits or '·':>{PIECES - 2}}", style),
            Segment(
                f"{amount(worth) if digits else '':>{WORTH}}   ",
                self.style("strong" if digits else "muted"),
            ),
        ]
