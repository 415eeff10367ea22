"""Quotations and orders of a campaign of the posting queue, and what becomes of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from pos_app.domain.permission import Actor
from pos_app.domain.trade import Part, TradeKind, TradeState
from pos_app.services.shop import Shop
from pos_app.services.trade import convert, make, move
from pos_app.services.trade.asked import AskedLine, AskedTrade
from pos_app.services.trade.convert import AskedInvoice
from pos_app.services.trade.view import Trade

GOODS = ("MILK", "BREAD", "BOOK", "YOGHURT")
QUOTATION, ORDER = TradeKind.QUOTATION, TradeKind.SALES_ORDER


@dataclass
class Promises:
    """What was promised and is still open; the same seed promises the same."""

    shop: Shop
    boss: Actor
    rng: random.Random
    customer: str
    quoted: list[Trade] = field(default_factory=list)
    ordered: list[Trade] = field(default_factory=list)

    @property
    def deeds(self) -> tuple[tuple[int, str, Callable[[], object]], ...]:
        """What may happen, and how often."""
        return (
            (4, "quotation", self.quote),
            (4, "sales order", self.order),
            (2, "order of a quotation", self.agree),
            (4, "invoice of an order", self.deliver),
            (2, "order or quotation given up", self.give_up),
        )

    def quote(self) -> None:
        """An approved quotation."""
        self.quoted.append(self._promise(QUOTATION))

    def order(self) -> None:
        """An approved order."""
        self.ordered.append(self._promise(ORDER))

    def agree(self) -> None:
        """The customer says yes to a quotation."""
        if not self.quoted:
            self.quote()
        made = convert.to_order(self.shop, self.boss, self._one_of(self.quoted).entry)
        self.ordered.append(move.approve(self.shop, self.boss, ORDER, made.entry))

    def deliver(self) -> None:
        """The first piece of an order, the whole of it, or the one after the other."""
        if not self.ordered:
            self.order()
        order = self._one_of(self.ordered)
        if self.rng.random() < 0.5:
            part = AskedInvoice(parts=(Part(1, Decimal(1)),), is_fiscal=False)
            convert.to_invoice(self.shop, self.boss, order.entry, part)
            if self.rng.random() < 0.5:
                return
        convert.to_invoice(self.shop, self.boss, order.entry, AskedInvoice(is_fiscal=False))

    def give_up(self) -> None:
        """Nothing comes of one, or no more than one piece."""
        mine = self.rng.choice((self.quoted, self.ordered))
        if not mine:
            return self.quote()
        trade = self._one_of(mine)
        ended = TradeState.CANCELLED
        if trade.kind is ORDER and self.rng.random() < 0.5:
            part = AskedInvoice(parts=(Part(1, Decimal(1)),), is_fiscal=False)
            convert.to_invoice(self.shop, self.boss, trade.entry, part)
        return self._end(trade, ended)

    def _end(self, trade: Trade, state: TradeState) -> None:
        move.to_state(self.shop, self.boss, trade.kind, trade.entry, new=state)

    def _promise(self, kind: TradeKind) -> Trade:
        goods = self.rng.sample(GOODS, self.rng.randint(1, 3))
        lines = tuple(
            AskedLine(item=item, quantity=Decimal(self.rng.randint(2, 9))) for item in goods
        )
        percent = Decimal(self.rng.choice(("0", "0", "5", "7.5")))
        asked = AskedTrade(
            kind=kind, partner=self.customer, lines=lines, discount_percent=percent, source="Web"
        )
        made = make.create(self.shop, self.boss, asked)
        return made if made.state is TradeState.APPROVED else self._approved(made)

    def _approved(self, made: Trade) -> Trade:
        return move.approve(self.shop, self.boss, made.kind, made.entry)

    def _one_of(self, mine: list[Trade]) -> Trade:
        return mine.pop(self.rng.randrange(len(mine)))
