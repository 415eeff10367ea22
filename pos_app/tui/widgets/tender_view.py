"""What the tender screen shows: the ways to pay, what is due, likely notes, what was taken."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from pos_app.domain.money import Money
from pos_app.tui.money_entry import likely_notes
from pos_app.tui.plain import amount, fit
from pos_app.tui.tendering import Tendering
from pos_app.tui.widgets.text import Part, Text
from pos_app.tui.widgets.totals import Totals

MARKED = "bold $foreground on $block-cursor-background"
NUMBERED = 9


class TenderView(Container):
    """Paints one state of tendering."""

    def __init__(self) -> None:
        super().__init__(id="pay")
        self.totals = Totals()
        self.choices = Text(id="choices")
        self.taken = Text(id="taken")
        self.notes = Text(id="notes")

    def compose(self) -> ComposeResult:
        """Ways to pay on the left, sums on the right."""
        with Vertical(id="ways"):
            yield Text(("How does the customer pay?", "bold"))
            yield self.choices
        with Vertical(id="sums"):
            yield self.totals
            yield self.notes
            yield self.taken

    def show(self, state: Tendering, note_keys: Sequence[str]) -> None:
        """Paint a state.

        Args:
            state: what was taken and what is chosen.
            note_keys: the keys of the suggestions, as printed on them.
        """
        self._show_sum(state)
        self.choices.say(*_choices(state))
        self.taken.say(*_taken(state))
        self.notes.say(*_notes(state, note_keys))

    def _show_sum(self, state: Tendering) -> None:
        if state.is_enough:
            title = "CHANGE" if state.change else "PAID"
            shown = (state.change or (state.sale.total,))[0]
            below = "  and  ".join(money.label for money in state.change[1:])
        else:
            title = "STILL DUE"
            own = [money for money in state.due if money.currency == state.option.currency]
            shown = (own or list(state.due))[0]
            others = (money for money in state.due if money != shown)
            below = "  or  ".join(f"{amount(money)} {money.currency}" for money in others)
        self.totals.show(title, shown, below=below, is_good=state.is_enough)


def suggested(state: Tendering) -> tuple[Money, ...]:
    """Return likely notes for what is due as marked, none where it gives no change."""
    option = state.option
    if state.is_enough or not option.type.gives_change:
        return ()
    own = [money for money in state.due if money.currency == option.currency]
    return likely_notes(own[0]) if own else ()


def _choices(state: Tendering) -> list[Part]:
    parts: list[Part] = []
    for at, option in enumerate(state.options):
        number = f"{at + 1}" if at < NUMBERED else " "
        style = MARKED if at == state.marked else "$foreground"
        parts += [(f"\n {number} ", "bold $primary"), (f" {fit(option.name, 24)}", style)]
    return parts


def _taken(state: Tendering) -> list[Part]:
    total = state.sale.total
    parts: list[Part] = [(f"{'Total':<16}{amount(total):>14} {total.currency}\n", "$text-muted")]
    for row in state.taken:
        given = f"{fit(row.type.name, 16)}{amount(row.money):>14} {row.money.currency}\n"
        parts.append((given, "bold"))
        if row.reference:
            parts.append((f"  {row.reference}\n", "$text-muted"))
    if state.change_currency:
        parts.append((f"Change in {state.change_currency}\n", "$text-warning"))
    return parts + _asked(state)


def _asked(state: Tendering) -> list[Part]:
    """Wallets that were asked, and money that came and no sale has taken."""
    parts: list[Part] = [
        (f"{one.amount.label} came from {one.phone or one.provider}\n", "bold $text-success")
        for one in state.offered
    ]
    parts += [
        (f"{one.amount.label} asked of {one.phone or one.provider}, not known yet\n",
         "$text-warning")
        for one in state.asked
    ]  # fmt: skip
    return parts


def _notes(state: Tendering, keys: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    for key, money in zip(keys, suggested(state), strict=False):
        parts += ["   " if parts else "", (f"{key} ", "bold $primary"), amount(money)]
    return parts
