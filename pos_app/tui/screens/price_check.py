"""Prices and stock of one item, without selling it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll

from pos_app.domain.item import BarcodeAmbiguous, ItemUnknown
from pos_app.domain.money import Money
from pos_app.errors import InvalidInput
from pos_app.services import item
from pos_app.services.item import PriceCheck
from pos_app.tui import catalogue
from pos_app.tui.commands import bindings
from pos_app.tui.place import Place
from pos_app.tui.plain import fit, price, quantity
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.text import Part, Text
from pos_app.tui.widgets.totals import Totals

INVITATION = "Scan an item to see its prices and its stock."


class PriceCheckScreen(Place):
    """Scan an item to look at it; scan it again, or press the key, to sell it.

    Dismissed with the code to sell, or None.
    """

    PLACE = "price_check"
    HEADING = "Price check"
    SCANS = True
    CSS_PATH = "price_check.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.PRICE_CHECK)]

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.line = EntryLine("Scan or type a code")
        self.totals = Totals()
        self.shown = Text((INVITATION, "$text-muted"))
        self._first = text
        self._code = ""
        self.check: PriceCheck | None = None

    @property
    def has_item(self) -> bool:
        """Whether an item is shown."""
        return self.check is not None

    def body(self) -> ComposeResult:
        """The item."""
        yield self.totals
        with VerticalScroll(id="item", can_focus=False):
            yield self.shown

    def entry(self) -> ComposeResult:
        """The entry behind its prompt."""
        with Horizontal(id="entry"):
            yield Text(("Price of >", "bold $primary"), id="prompt")
            yield self.line

    def on_mount(self) -> None:
        """Look at what was already typed."""
        if self._first:
            self._look(self._first)

    def scanned(self, code: str, at: float) -> None:
        """Look at a scan; the same one again sells."""
        del at
        if self.check is not None and code == self._code:
            self.dismiss(code)
        else:
            self._look(code)

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        code = message.text.strip()
        if code:
            self._look(code)
        elif self.check is not None:
            self.tell("F9 sells it; scan another item to look at that one.")

    def _look(self, code: str) -> None:
        self.flows.look_up("check", partial(self._check, code))

    async def _check(self, code: str) -> None:
        till = self.till
        partner = till.desk.sale.partner if till.desk.sale else None
        try:
            self.check = await till.lanes.ask(
                partial(item.check_price, till.shop, code, partner=partner)
            )
        except BarcodeAmbiguous as error:
            raise InvalidInput(error.sentence) from error
        except ItemUnknown:
            self._nothing()
            raise
        self._code = code
        self.notice.clear()
        self._show(self.check)
        self.show_keys()

    def _nothing(self) -> None:
        self.check = None
        self.totals.clear()
        self.shown.say((INVITATION, "$text-muted"))
        self.show_keys()

    def _show(self, check: PriceCheck) -> None:
        found = check.found.item
        self._show_price(check)
        parts: list[Part] = [
            (f"{found.name}\n", "bold"),
            (f"{found.code} · per {found.uom} · {' '.join(found.barcodes)}\n\n", "$text-muted"),
        ]
        for row in check.prices:
            quote = row.quote
            parts += [
                (f"{price(quote.unit_price):>14} {quote.currency}", "bold $text-warning"),
                f"   {quote.explanation}\n",
            ]
        for currency, why in check.why_none.items():
            parts += [(f"{'-':>14} {currency}", "bold $text-error"), f"   {why}\n"]
        self.shown.say(*parts, *self._places(check))

    def _show_price(self, check: PriceCheck) -> None:
        if not check.prices:
            self.totals.clear()
            return
        first, *others = [row.quote for row in check.prices]
        below = "  or  ".join(f"{price(quote.unit_price)} {quote.currency}" for quote in others)
        money = Money.rounded(first.unit_price, first.currency)
        self.totals.show(f"PRICE PER {check.found.item.uom.upper()}", money, below=below)

    def _places(self, check: PriceCheck) -> list[Part]:
        if not check.places:
            return [("\nStock unknown", "$text-warning")]
        head = f"\n{'Warehouse':<16}{'On hand':>12}{'Reserved':>12}\n"
        parts: list[Part] = [(head, "$text-muted")]
        here = self.till.shop.rules.warehouse
        for place in check.places:
            row = (
                f"{fit(place.warehouse, 16)}{quantity(place.on_hand):>12}"
                f"{quantity(place.reserved):>12}"
            )
            is_here = place.warehouse == here
            parts.append((f"{row}{'   here' if is_here else ''}\n", "bold" if is_here else ""))
        return parts

    def action_sell(self) -> None:
        """Sell the item that is shown."""
        self.dismiss(self._code)

    def action_back(self) -> None:
        """Empty the entry first, then go back."""
        if self.line.value:
            self.line.value = ""
        else:
            self.dismiss(None)
