"""A sale in the making: every change is a new frozen snapshot with exact totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from pos_app.domain.currency import Rate
from pos_app.domain.item import Item
from pos_app.domain.money import Money, multiply
from pos_app.domain.move import check_move
from pos_app.domain.partner import Partner
from pos_app.domain.price import PriceQuote, after_discount
from pos_app.domain.quantity import check_quantity
from pos_app.domain.sale_rule import (
    MOST_LINES,
    LineNumberTaken,
    LineWorthless,
    PriceBasisMismatch,
    check_percent,
)
from pos_app.domain.tax import TaxGroup, TaxTotal, tax_totals
from pos_app.errors import NotFound, RuleBroken


class SaleState(StrEnum):
    """Where a sale stands."""

    OPEN = "open"
    HELD = "held"
    POSTED = "posted"
    VOIDED = "voided"


MOVES = frozenset(
    {
        (SaleState.OPEN, SaleState.HELD),
        (SaleState.HELD, SaleState.OPEN),
        (SaleState.OPEN, SaleState.POSTED),
        (SaleState.OPEN, SaleState.VOIDED),
        (SaleState.HELD, SaleState.VOIDED),
    }
)
"""A posted sale is never unsaid; it is only refunded."""


class SaleFull(RuleBroken):
    """One more line than a fiscal receipt may have."""

    code = "sale_full"

    def __init__(self) -> None:
        super().__init__(
            f"A sale takes at most {MOST_LINES} lines: finish this one and start another.",
            most=MOST_LINES,
        )


class SaleEmpty(RuleBroken):
    """There is nothing to pay for."""

    code = "sale_empty"

    def __init__(self) -> None:
        super().__init__("The sale has no line yet: scan an item first.")


class SaleClosed(RuleBroken):
    """Only an open sale may be changed."""

    code = "sale_closed"

    def __init__(self, state: str) -> None:
        super().__init__(
            f"This sale is {state} and cannot be changed: recall it first or start a new one.",
            state=state,
        )


class LineUnknown(NotFound):
    """The sale has no line of that number."""

    code = "line_unknown"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"The sale has no line {number}: look at the numbers on the left.", line=number
        )


@dataclass(frozen=True)
class SaleLine:
    """One line; ``number`` 0 lets the sale give it the next one.

    Attributes:
        quote: the price of one unit and why.
        discount_percent: 0 to 100, any number of decimals (L64).
        batch: chosen by hand, else empty.
        scanned: what the scanner sent, else empty.
    """

    number: int
    item: Item
    quantity: Decimal
    quote: PriceQuote
    tax: TaxGroup
    discount_percent: Decimal = Decimal(0)
    batch: str = ""
    scanned: str = ""

    @cached_property
    def amount(self) -> Money:
        """round(price x quantity x (1 - discount), 2), half away from zero, in the list's sense."""
        price = self.quote.unit_price
        if self.discount_percent:
            price = after_discount(price, self.discount_percent)
        return Money.rounded(multiply(price, self.quantity), self.quote.currency)

    @cached_property
    def full_amount(self) -> Money:
        """The amount without the discount."""
        return Money.rounded(multiply(self.quote.unit_price, self.quantity), self.quote.currency)

    @property
    def discount(self) -> Money:
        """What the discount takes off."""
        return self.full_amount - self.amount


@dataclass(frozen=True, slots=True)
class LineTotal:
    """A line with its share of the document's net, VAT and gross."""

    line: SaleLine
    net: Money
    vat: Money
    gross: Money


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A basket: one currency, one kind of price list, at most 500 lines.

    Line numbers are given once and stay; ``renumbered`` closes the gaps when it is posted.

    Attributes:
        rate: frozen when a second currency appears.
        is_gross: whether the lines' amounts include VAT.
        discount_percent: what lines without a discount of their own get.
    """

    id: str
    till: str
    currency: str
    warehouse: str
    partner: Partner | None
    business_date: date
    is_gross: bool
    lines: tuple[SaleLine, ...] = ()
    rate: Rate | None = None
    state: SaleState = SaleState.OPEN
    discount_percent: Decimal = Decimal(0)
    next_number: int = 1

    @property
    def last_line(self) -> SaleLine | None:
        """The line added last, or None."""
        return self.lines[-1] if self.lines else None

    @property
    def is_empty(self) -> bool:
        """Whether there is no line."""
        return not self.lines

    def line(self, number: int) -> SaleLine:
        """Return a line by its number.

        Raises:
            LineUnknown: there is none.
        """
        return self.lines[self._at(number)]

    @cached_property
    def taxes(self) -> tuple[TaxTotal, ...]:
        """Net, VAT and gross per tax group, VAT taken once per group."""
        return tax_totals(((line.tax, line.amount) for line in self.lines), gross=self.is_gross)

    @cached_property
    def total(self) -> Money:
        """What the customer pays, VAT included."""
        return Money(sum(tax.gross.minor for tax in self.taxes), self.currency)

    @cached_property
    def vat(self) -> Money:
        """VAT of all groups."""
        return Money(sum(tax.vat.minor for tax in self.taxes), self.currency)

    @property
    def net(self) -> Money:
        """The total without VAT."""
        return self.total - self.vat

    @cached_property
    def lines_with_tax(self) -> tuple[LineTotal, ...]:
        """Every line with its share of net, VAT and gross; the shares sum to the groups exactly."""
        shares: dict[int, LineTotal] = {}
        for tax in self.taxes:
            key = tax.group.fiscal_key
            lines = [line for line in self.lines if line.tax.fiscal_key == key]
            vats = _shared(tax.vat, lines)
            for line, vat in zip(lines, vats, strict=True):
                amount = line.amount
                net = amount - vat if self.is_gross else amount
                shares[line.number] = LineTotal(line, net, vat, net + vat)
        return tuple(shares[line.number] for line in self.lines)

    def with_line(self, line: SaleLine) -> Sale:
        """Add a line at the end.

        Raises:
            SaleClosed, SaleFull: nothing may be added.
            QuantityInvalid, DiscountInvalid, PriceBasisMismatch, LineWorthless: not this line.
        """
        self._changeable()
        if len(self.lines) >= MOST_LINES:
            raise SaleFull
        if line.number and any(known.number == line.number for known in self.lines):
            raise LineNumberTaken(line.number)
        number = line.number or self.next_number
        percent = line.discount_percent or self.discount_percent
        if number != line.number or percent is not line.discount_percent:
            line = replace(line, number=number, discount_percent=percent)
        return replace(
            self,
            lines=(*self.lines, self._checked(line)),
            next_number=max(self.next_number, number + 1),
        )

    def with_quantity(
        self, number: int, quantity: Decimal, *, quote: PriceQuote | None = None
    ) -> Sale:
        """Change a line's quantity, and its price where the quantity earns another one.

        Raises:
            SaleClosed, LineUnknown, QuantityInvalid, PriceBasisMismatch, LineWorthless.
        """
        line = self.line(number)
        return self._replaced(replace(line, quantity=quantity, quote=quote or line.quote))

    def with_discount(self, number: int | None, percent: Decimal) -> Sale:
        """Give a line a discount, or with None the whole sale and every line still to come.

        A discount on the sale replaces what its lines had; one on a line replaces the sale's.

        Raises:
            SaleClosed, LineUnknown, DiscountInvalid, LineWorthless.
        """
        if number is not None:
            return self._replaced(replace(self.line(number), discount_percent=percent))
        self._changeable()
        check_percent(percent)
        lines = tuple(self._checked(replace(line, discount_percent=percent)) for line in self.lines)
        return replace(self, lines=lines, discount_percent=percent)

    def with_quote(self, number: int, quote: PriceQuote) -> Sale:
        """Give a line another price: an override, or a customer's own.

        Raises:
            SaleClosed, LineUnknown, PriceBasisMismatch, LineWorthless.
        """
        return self._replaced(replace(self.line(number), quote=quote))

    def with_batch(self, number: int, batch: str) -> Sale:
        """Name the batch a line takes.

        Raises:
            SaleClosed, LineUnknown.
        """
        return self._replaced(replace(self.line(number), batch=batch))

    def without_line(self, number: int) -> Sale:
        """Take a line out; its number is not given again.

        Raises:
            SaleClosed, LineUnknown.
        """
        self._changeable()
        at = self._at(number)
        return replace(self, lines=self.lines[:at] + self.lines[at + 1 :])

    def with_partner(
        self, partner: Partner | None, *, quotes: Mapping[int, PriceQuote] | None = None
    ) -> Sale:
        """Sell to another partner, with the prices that partner gets, by line number.

        Raises:
            SaleClosed, LineUnknown, PriceBasisMismatch, LineWorthless.
        """
        self._changeable()
        for number in quotes or {}:
            self._at(number)
        lines = tuple(
            self._checked(replace(line, quote=quotes[line.number]))
            if quotes and line.number in quotes
            else line
            for line in self.lines
        )
        return replace(self, partner=partner, lines=lines)

    def with_rate(self, rate: Rate) -> Sale:
        """Freeze the exchange rate of the sale."""
        self._changeable()
        return replace(self, rate=rate)

    def moved(self, state: SaleState) -> Sale:
        """Go to another state.

        Raises:
            MoveRefused: not from here.
            SaleEmpty: a sale without lines is neither held nor posted.
        """
        check_move(MOVES, self.state, new=state, kind="sale")
        if self.is_empty and state in {SaleState.HELD, SaleState.POSTED}:
            raise SaleEmpty
        return replace(self, state=state)

    def renumbered(self) -> Sale:
        """Number the lines 1, 2, 3 … as the documents show them."""
        if all(line.number == at for at, line in enumerate(self.lines, 1)):
            return self
        lines = tuple(replace(line, number=at) for at, line in enumerate(self.lines, 1))
        return replace(self, lines=lines, next_number=len(lines) + 1)

    def _changeable(self) -> None:
        if self.state is not SaleState.OPEN:
            raise SaleClosed(self.state.value)

    def _at(self, number: int) -> int:
        for at, line in enumerate(self.lines):
            if line.number == number:
                return at
        raise LineUnknown(number)

    def _replaced(self, line: SaleLine) -> Sale:
        self._changeable()
        at = self._at(line.number)
        return replace(self, lines=(*self.lines[:at], self._checked(line), *self.lines[at + 1 :]))

    def _checked(self, line: SaleLine) -> SaleLine:
        """Return the line if this sale may hold it, its quantity in plain form."""
        item = line.item
        if (line.quote.currency, line.quote.is_gross) != (self.currency, self.is_gross):
            raise PriceBasisMismatch(item.code, line.quote.price_list)
        check_percent(line.discount_percent)
        quantity = check_quantity(
            line.quantity, uom=item.uom, decimals=item.decimals, item=item.code
        )
        if str(quantity) != str(line.quantity):
            line = replace(line, quantity=quantity)
        if line.amount.minor <= 0 and not item.is_free:
            raise LineWorthless(item.code)
        return line


def _shared(vat: Money, lines: list[SaleLine]) -> tuple[Money, ...]:
    weights = [line.amount.minor for line in lines]
    if not any(weights):
        return tuple(Money.zero(vat.currency) for _ in lines)
    return vat.split_by(weights)
