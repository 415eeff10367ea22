"""Ask for a discount: on one line, or with the same key again on the whole sale."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from textual import events
from textual.app import ComposeResult

from pos_app.domain.sale import SaleLine
from pos_app.tui.commands import spoken
from pos_app.tui.widgets.dialog import Ask
from pos_app.tui.widgets.text import Text


class DiscountDialog(Ask):
    """Answers with the percentage and whether it is for the whole sale."""

    def __init__(
        self, line: SaleLine, keys: tuple[str, ...], read: Callable[[str], Decimal]
    ) -> None:
        super().__init__("Discount", "Percent", read=lambda text: (read(text), self.is_whole_sale))
        self._line, self._keys = line, keys
        self.is_whole_sale = False
        self._target = Text()

    def question(self) -> ComposeResult:
        """On what, then how much."""
        yield self._target
        self._show()
        yield from super().question()

    def _show(self) -> None:
        key = (spoken(self._keys[0]), "bold $primary")
        if self.is_whole_sale:
            self._target.say("On ", ("the whole sale", "bold $text-warning"),
                             "   ", key, " only this line\n")  # fmt: skip
        else:
            self._target.say("On ", (self._line.item.name, "bold"),
                             "   ", key, " the whole sale\n")  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        """Change between line and sale."""
        if event.key in self._keys:
            event.stop()
            event.prevent_default()
            self.is_whole_sale = not self.is_whole_sale
            self._show()
