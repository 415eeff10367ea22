"""The five lamps of a receipt: a word, a symbol and a colour for each."""

from __future__ import annotations

from pos_app.domain.lamp import Lamp, Lamps
from pos_app.tui.widgets.text import Part, Text

NAMES = {
    "paid": "PAID", "fiscalised": "FISCALISED", "printed": "PRINTED", "synced": "SYNCED",
    "in_sap": "IN SAP",
}  # fmt: skip

SYMBOLS = {
    Lamp.DONE: "●", Lamp.PENDING: "○", Lamp.UNKNOWN: "?", Lamp.REFUSED: "✗", Lamp.DISPUTED: "✗",
    Lamp.FAILED: "✗", Lamp.QUARANTINED: "✗", Lamp.REVIEW: "!",
}  # fmt: skip

STYLES = {
    Lamp.DONE: "bold $text-success", Lamp.PENDING: "$text-muted", Lamp.UNKNOWN: "$text-warning",
    Lamp.REFUSED: "bold $text-error", Lamp.DISPUTED: "bold $text-error",
    Lamp.FAILED: "bold $text-error", Lamp.QUARANTINED: "bold $text-error",
    Lamp.REVIEW: "bold $text-warning",
}  # fmt: skip

CELL_STYLES = {
    Lamp.DONE: "good", Lamp.PENDING: "muted", Lamp.UNKNOWN: "warning", Lamp.REFUSED: "bad",
    Lamp.DISPUTED: "bad", Lamp.FAILED: "bad", Lamp.QUARANTINED: "bad", Lamp.REVIEW: "warning",
}  # fmt: skip
"""The same as names of styles of a list."""


OWN_BOOKS = "IN BOOKS"
"""What the last lamp is called in a shop without SAP."""


def each(lamps: Lamps, *, own_books: bool = False) -> tuple[tuple[str, Lamp], ...]:
    """Return the lamps in the order they turn on, with their words."""
    words = NAMES | ({"in_sap": OWN_BOOKS} if own_books else {})
    return tuple((word, getattr(lamps, name)) for name, word in words.items())


def parts(
    lamps: Lamps, *, between: str = "  ", after: str = " ", own_books: bool = False
) -> list[Part]:
    """Return the lamps as text; whatever is neither on nor waiting is named.

    Args:
        lamps: what to show.
        between: what stands between two lamps.
        after: what stands between a symbol and its word.
        own_books: whether the shop is one without SAP.
    """
    result: list[Part] = []
    for word, lamp in each(lamps, own_books=own_books):
        if result:
            result.append(between)
        said = word if lamp in {Lamp.DONE, Lamp.PENDING} else f"{word} {lamp.value}"
        result.append((f"{SYMBOLS[lamp]}{after}{said}", STYLES[lamp]))
    return result


class LampRow(Text):
    """The lamps of one receipt."""

    def show(self, lamps: Lamps | None, *, is_column: bool, own_books: bool = False) -> None:
        """Show the lamps one below the other or on one line, or nothing."""
        if lamps is None:
            self.say()
        elif is_column:
            self.say(*parts(lamps, between="\n", own_books=own_books))
        else:
            self.say(*parts(lamps, between=" ", after="", own_books=own_books))
