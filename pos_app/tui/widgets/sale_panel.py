"""What stands beside the basket: total or change, the customer, and the last receipt's lamps."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from pos_app.domain.currency import Rate
from pos_app.domain.lamp import Lamps
from pos_app.domain.money import Money
from pos_app.domain.sale import Sale
from pos_app.services.sale import Posted
from pos_app.tui.plain import amount, count_of, percent, price
from pos_app.tui.widgets.lamps import LampRow
from pos_app.tui.widgets.text import Part, Text
from pos_app.tui.widgets.totals import Totals


class SalePanel(Container):
    """Beside the basket on a wide terminal, above it on a narrow one."""

    DEFAULT_CSS = """
    SalePanel {
        background: $surface;
        Totals { background: $surface; }
        #facts { height: 2; }
        #last { height: 2; margin: 1 0 0 0; color: $text-muted; }
        LampRow { height: 5; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="panel")
        self.totals = Totals()
        self.facts = Text(in_place=True, id="facts")
        self.last = Text(in_place=True, id="last")
        self.lamps = LampRow(in_place=True, id="lamps")

    def compose(self) -> ComposeResult:
        """The large amount, then the facts."""
        yield self.totals
        with Vertical(id="about"):
            yield self.facts
            yield self.last
            yield self.lamps

    def show_sale(self, sale: Sale | None, posted: Posted | None, currency: str) -> None:
        """Show the sale in progress, or before its first line what came of the one before."""
        if sale is not None and not sale.is_empty:
            self.totals.show("TOTAL", sale.total, below=in_other_currency(sale))
        elif posted is not None:
            self._show_change(posted)
        else:
            self.totals.show("TOTAL", Money.zero(sale.currency if sale else currency))
        self.facts.say(*_facts(sale))

    def show_last(
        self,
        posted: Posted | None,
        lamps: Lamps | None,
        *,
        is_wide: bool,
        own_books: bool = False,
    ) -> None:
        """Show the last receipt and its lamps."""
        if posted is None:
            self.last.say(("No receipt yet", "$text-muted"))
        else:
            self.last.say(
                (posted.receipt, "bold $foreground"), f"  {amount(posted.total)} {posted.currency}",
                f"\n{_outcome(posted)}",
            )  # fmt: skip
        self.lamps.show(lamps, is_column=is_wide, own_books=own_books)

    def _show_change(self, posted: Posted) -> None:
        if posted.total.is_negative:
            self.totals.show("CREDIT NOTE", -posted.total, below=posted.receipt)
            return
        below = f"{posted.receipt} · {amount(posted.total)} {posted.currency} paid"
        if not posted.change:
            self.totals.show("PAID", posted.total, below=posted.receipt, is_good=True)
            return
        first, *others = posted.change
        if others:
            below = "and " + ", ".join(money.label for money in others)
        self.totals.show("CHANGE", first, below=below, is_good=True)


def _outcome(posted: Posted) -> str:
    if posted.total.is_negative:
        return "credit note"
    change = ", ".join(f"{amount(row)} {row.currency}" for row in posted.change)
    return f"change {change or 'none'}"


def in_other_currency(sale: Sale) -> str:
    """Return the total in the other currency of the sale's rate, rounded up; empty without one."""
    rate = sale.rate
    if rate is None:
        return ""
    from pos_app.domain.tender import amount_due_in

    other = rate.quote if sale.currency == rate.base else rate.base
    return f"= {amount(amount_due_in(sale.total, other, rate))} {other}{_at(rate)}"


def _at(rate: Rate) -> str:
    return f"  at {price(rate.rate)}"


def _facts(sale: Sale | None) -> list[Part]:
    if sale is None:
        return [("Walk-in customer", "$foreground")]
    partner = sale.partner
    name = partner.name if partner else "Walk-in customer"
    parts: list[Part] = [(name, "bold $foreground")]
    if partner is not None:
        parts.append(f"  {partner.code}")
    pieces = sum(int(line.quantity) for line in sale.lines if not line.item.decimals)
    parts.append(f"\n{count_of(len(sale.lines), 'line')} · {count_of(pieces, 'piece')}")
    if sale.discount_percent:
        parts.append((f" · -{percent(sale.discount_percent)}", "$text-warning"))
    return [*parts, f" · VAT {amount(sale.vat)}"]
