"""Find an item by name, code or the last digits of its barcode."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from pos_app.services import item
from pos_app.services.item import Found
from pos_app.tui import catalogue
from pos_app.tui.commands import bindings
from pos_app.tui.finder import Finder
from pos_app.tui.plain import price, quantity
from pos_app.tui.widgets.strips import Column


def _price(row: Found) -> str:
    return "no price" if row.quote is None else price(row.quote.unit_price)


def _stock(row: Found) -> str:
    return "unknown" if row.on_hand is None else quantity(row.on_hand)


def _stock_style(row: Found) -> str:
    if row.on_hand is None:
        return "muted"
    return "warning" if row.on_hand <= 0 else ""


class SearchScreen(Finder[Found]):
    """Items that fit what was typed, with price and stock."""

    PLACE = "search"
    HEADING = "Search"
    SCANS = True
    HINT = "Part of a name, a code, or the last digits of a barcode"
    CSS_PATH = "search.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.SEARCH)]
    COLUMNS: ClassVar[Sequence[Column[Found]]] = (
        Column("Item", 0, lambda row: row.item.name, style=lambda _: "strong"),
        Column("Code", 12, lambda row: row.item.code, style=lambda _: "muted"),
        Column("Unit", 6, lambda row: row.item.uom, style=lambda _: "muted", least=70),
        Column("Here", 9, _stock, align="right", style=_stock_style),
        Column("Price", 10, _price, align="right",
               style=lambda row: "strong" if row.quote else "bad"),
    )  # fmt: skip

    def find(self, text: str) -> list[Found]:
        """Look items up at the prices of the sale in progress."""
        till = self.till
        sale = till.desk.sale
        return item.search(
            till.shop,
            text,
            partner=sale.partner if sale else None,
            currency=sale.currency if sale else till.shop.rules.currency,
        )

    def chosen(self, row: Found) -> None:
        """Sell it if it has a price; say why not otherwise."""
        if row.quote is None:
            self.app.bell()
            self.tell(row.why_no_price, kind="error")
        else:
            self.dismiss(row)

    def action_price_check(self) -> None:
        """Look at the marked item."""
        row = self.list.row
        if row is not None:
            self.flows.open("price check", partial(self._price_check, row.item.code))

    async def _price_check(self, code: str) -> None:
        from pos_app.tui.screens.price_check import PriceCheckScreen

        if await self.app.push_screen_wait(PriceCheckScreen(code)) is not None:
            row = self.list.row
            if row is not None:
                self.chosen(row)

    def scanned(self, code: str, at: float) -> None:
        """Search for what was scanned."""
        if self._rows:
            super().scanned(code, at)
        else:
            self.line.value = code
