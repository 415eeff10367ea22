"""Choose the customer of the sale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from pos_app.domain.partner import credit_available
from pos_app.services import partner
from pos_app.services.partner_book import Listed
from pos_app.tui import catalogue
from pos_app.tui.commands import bindings
from pos_app.tui.finder import Finder
from pos_app.tui.plain import amount
from pos_app.tui.widgets.strips import Column


def _credit(row: Listed) -> str:
    left = credit_available(row.partner)
    return "" if left is None else f"{amount(left)} {left.currency}"


def _balance(row: Listed) -> str:
    owes = row.partner.balance
    return "unknown" if owes is None else f"{amount(owes)} {owes.currency}"


def _prices(row: Listed) -> str:
    return row.price_list.name if row.price_list else f"list {row.partner.price_list}, unknown"


class CustomerScreen(Finder[Listed]):
    """Customers that fit what was typed, with what they owe and may still owe."""

    PLACE = "customer"
    HEADING = "Customer"
    HINT = "Name, code, phone or TIN"
    CSS_PATH = "customer.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.CUSTOMER)]
    COLUMNS: ClassVar[Sequence[Column[Listed]]] = (
        Column("Customer", 0, lambda row: row.partner.name,
               style=lambda row: "strong" if row.partner.is_active else "muted"),
        Column("Code", 8, lambda row: row.partner.code, style=lambda _: "muted"),
        Column("Phone", 14, lambda row: row.partner.phone, style=lambda _: "muted", least=100),
        Column("Prices", 16, _prices, style=lambda _: "muted", least=100),
        Column("Owes", 16, _balance, align="right", least=70),
        Column("Credit left", 16, _credit, align="right"),
    )  # fmt: skip

    def find(self, text: str) -> list[Listed]:
        """Look customers up."""
        return partner.search(self.till.shop, text)

    def chosen(self, row: Listed) -> None:
        """Answer with the customer."""
        self.dismiss(row.partner)

    def action_walk_in(self) -> None:
        """Sell to nobody in particular."""
        self.flows.run("walk-in", self._walk_in)

    async def _walk_in(self) -> None:
        self.dismiss(await self.till.lanes.ask(partial(partner.walk_in, self.till.shop)))
