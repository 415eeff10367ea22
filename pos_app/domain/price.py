"""Which price counts, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pos_app.domain.item import Item
from pos_app.domain.money import Money, half_up, multiply
from pos_app.domain.partner import Partner
from pos_app.errors import InvalidInput, RuleBroken

PLACES = 6
"""Decimals of a unit price."""


class PriceMissing(RuleBroken):
    """The price list has no price above zero for an item that is not free (L42)."""

    code = "price_missing"

    def __init__(self, item: str, price_list: str) -> None:
        super().__init__(
            f"Item {item} has no price in list {price_list}: "
            "ask a manager for a price or have the back office enter one.",
            item=item,
            price_list=price_list,
        )


class PriceInvalid(InvalidInput):
    """A price given by hand or on a label cannot be used."""

    code = "price_invalid"

    def __init__(self, price: object, why: str) -> None:
        super().__init__(
            f"The price {str(price)[:40]} {why}: enter a price like 1.99.", price=str(price)[:40]
        )


@dataclass(frozen=True, slots=True)
class PriceList:
    """A named list of prices in one currency, with or without VAT."""

    code: str
    name: str
    currency: str
    is_gross: bool


@dataclass(frozen=True, slots=True)
class ListPrice:
    """The price of one unit of an item in one list, six decimals."""

    item: str
    price_list: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialPrice:
    """A price or discount for a partner (or everybody), a period and a quantity.

    Attributes:
        partner: code, or None for every partner.
        price_list: it counts only for sales from this list, or None for every list.
        price: the unit price to pay; None or 0 means the discount decides.
        discount_percent: off the list price, any number of decimals (L64).
        currency: the currency it is in; it never counts in another.
        valid_from, valid_to: inclusive; None is open.
        from_quantity: it counts from this quantity on one line.
        is_period: a dated row below an agreement, which goes before the agreement itself.
    """

    item: str
    partner: str | None = None
    price: Decimal | None = None
    discount_percent: Decimal | None = None
    currency: str
    valid_from: date | None = None
    valid_to: date | None = None
    from_quantity: Decimal = Decimal(0)
    price_list: str | None = None
    is_period: bool = False

    def is_valid_on(self, day: date) -> bool:
        """Whether the day lies in its period, both ends included."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    @property
    def has_effect(self) -> bool:
        """Whether it says anything: price 0 without a discount is an empty row, not a gift."""
        return bool(self.price and self.price > 0) or bool(
            self.discount_percent and self.discount_percent > 0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuote:
    """The price of one unit and where it comes from.

    Attributes:
        rule: ``list``, ``special``, ``override``, ``label`` or ``free``.
        explanation: one phrase a cashier can read out.
    """

    unit_price: Decimal
    currency: str
    is_gross: bool
    price_list: str
    rule: str
    explanation: str


def quote(
    item: Item,
    partner: Partner | None,
    *,
    price_list: PriceList,
    prices: Iterable[ListPrice],
    specials: Iterable[SpecialPrice],
    quantity: Decimal,
    on: date,
) -> PriceQuote:
    """Find the price of an item for a partner on a date.

    A partner's own special beats one for everybody, a period beats the agreement it belongs to, a
    dated one beats an open one, then the highest quantity reached, then the newest start, then the
    lowest price (production lesson L65).

    Raises:
        PriceMissing: nothing above zero is known and the item is not free (L42).
    """
    listed = next(
        (row.price for row in prices if (row.item, row.price_list) == (item.code, price_list.code)),
        None,
    )
    usable = listed if listed is not None and listed > 0 else None
    special = best_special(
        item.code,
        partner.code if partner else None,
        specials=specials,
        price_list=price_list,
        quantity=quantity,
        on=on,
    )
    if special is not None and (special.price or usable is not None):
        return _special_quote(special, usable, price_list=price_list)
    if usable is None and not item.is_free:
        raise PriceMissing(item.code, price_list.code)
    return PriceQuote(
        unit_price=half_up(usable or Decimal(0), PLACES),
        currency=price_list.currency,
        is_gross=price_list.is_gross,
        price_list=price_list.code,
        rule="list" if usable is not None else "free",
        explanation=f"list {price_list.name}" if usable is not None else "free of charge",
    )


def best_special(
    item: str,
    partner: str | None,
    *,
    specials: Iterable[SpecialPrice],
    price_list: PriceList,
    quantity: Decimal,
    on: date,
) -> SpecialPrice | None:
    """Return the special price that counts, or None."""
    fitting = [
        row
        for row in specials
        if row.item == item
        and row.partner in (None, partner)
        and row.currency == price_list.currency
        and row.price_list in (None, price_list.code)
        and row.from_quantity <= quantity
        and row.has_effect
        and row.is_valid_on(on)
    ]
    return max(fitting, key=_rank, default=None)


def _rank(row: SpecialPrice) -> tuple[bool, bool, bool, Decimal, date, Decimal, Decimal]:
    return (
        row.partner is not None,
        row.is_period,
        row.valid_from is not None or row.valid_to is not None,
        row.from_quantity,
        row.valid_from or date.min,
        -row.price if row.price else Decimal("-Infinity"),
        row.discount_percent or Decimal(0),
    )


def _special_quote(
    special: SpecialPrice, listed: Decimal | None, *, price_list: PriceList
) -> PriceQuote:
    if special.price:
        unit, what = special.price, "special price"
    else:
        percent = special.discount_percent or Decimal(0)
        unit = after_discount(listed or Decimal(0), percent)
        what = f"{percent.normalize():f} % off list {price_list.name}"
    until = f" until {special.valid_to.isoformat()}" if special.valid_to else ""
    whose = f" for {special.partner}" if special.partner else ""
    many = f" from {special.from_quantity:f}" if special.from_quantity > 0 else ""
    return PriceQuote(
        unit_price=half_up(unit, PLACES),
        currency=price_list.currency,
        is_gross=price_list.is_gross,
        price_list=price_list.code,
        rule="special",
        explanation=f"{what}{whose}{many}{until}",
    )


def after_discount(price: Decimal, percent: Decimal) -> Decimal:
    """Return a unit price less a discount, exact, unrounded."""
    return multiply(price, (100 - percent).scaleb(-2))


def by_hand(price_list: PriceList, price: Decimal, *, explanation: str) -> PriceQuote:
    """Return the quote of an item whose list has no price, once somebody approved one (L42).

    Raises:
        PriceInvalid: zero, negative, too fine or too large.
    """
    return PriceQuote(
        unit_price=_check_price(price),
        currency=price_list.currency,
        is_gross=price_list.is_gross,
        price_list=price_list.code,
        rule="override",
        explanation=explanation,
    )


def overridden(known: PriceQuote, price: Decimal, *, explanation: str) -> PriceQuote:
    """Return the quote with a price given by hand; permission and limits are checked elsewhere.

    Raises:
        PriceInvalid: zero, negative, too fine or too large.
    """
    return replace(known, unit_price=_check_price(price), rule="override", explanation=explanation)


def _check_price(price: Decimal) -> Decimal:
    if not price.is_finite() or price <= 0:
        raise PriceInvalid(price, "is not above zero")
    if price > 10**9:
        raise PriceInvalid(price, "is larger than the shop can book")
    if half_up(price, PLACES) != price:
        raise PriceInvalid(price, f"has more than {PLACES} decimals")
    return price


def from_label(known: PriceQuote, price: Decimal, *, decimals: int) -> tuple[Decimal, PriceQuote]:
    """Return quantity and quote for a label that says what to pay.

    The quantity follows from the known unit price, rounded to the item's decimals (one piece of an
    item sold each); the unit price is then set so that the line comes out at the label's price.

    Raises:
        PriceInvalid: the label's price is zero, or the known price is.
    """
    if price <= 0 or known.unit_price <= 0:
        raise PriceInvalid(price, "of the label cannot be used")
    due = Money.of(price, known.currency)
    quantity = Decimal(1)
    if decimals:
        piece = Decimal(1).scaleb(-decimals)
        quantity = max(half_up(due.amount / known.unit_price, decimals), piece)
    unit = half_up(due.amount / quantity, PLACES)
    return quantity, replace(
        known, unit_price=unit, rule="label", explanation=f"price on the label, {known.explanation}"
    )
