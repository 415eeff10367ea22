"""Decimal amounts as the device and the tax authority write them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Wide enough for a product of two (25,6) numbers; rounding is half away from zero."""

PRICE_DECIMALS = 6


def round_money(amount: Decimal) -> Decimal:
    """Round to two decimals, half away from zero."""
    return amount.quantize(Decimal("0.01"), context=_EXACT)


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """The exact product of a quantity and a price."""
    return _EXACT.multiply(left, right)


def line_total(quantity: Decimal, price: Decimal) -> Decimal:
    """The total the device computes for a line; it ignores the amount it is sent."""
    return round_money(multiply(quantity, price))


def included_tax(gross: Decimal, percent: Decimal | None) -> Decimal:
    """The tax inside a gross amount, rounded once; zero when exempt (ZIMRA FDMS 7.2, taxes)."""
    if percent is None or not percent:
        return Decimal("0.00")
    return round_money(_EXACT.divide(multiply(gross, percent), 100 + percent))


def added_tax(net: Decimal, percent: Decimal | None) -> Decimal:
    """The tax on top of a net amount, rounded once; zero when exempt (ZIMRA FDMS 7.2, taxes)."""
    if percent is None or not percent:
        return Decimal("0.00")
    return round_money(_EXACT.divide(multiply(net, percent), Decimal(100)))


def cents(amount: Decimal) -> int:
    """Signed minor units, half away from zero, as hash strings carry them."""
    return int(amount.scaleb(2, context=_EXACT).to_integral_value(ROUND_HALF_UP))


def plain(value: Decimal) -> str:
    """The shortest text without exponent: equal numbers give equal texts."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def money_text(amount: Decimal) -> str:
    """Text with exactly two decimals."""
    return format(round_money(amount), "f")


def price_text(price: Decimal) -> str:
    """Text with two decimals, or as many more as the price needs."""
    shortest = plain(price)
    decimals = len(shortest.partition(".")[2])
    return shortest if decimals > 2 else format(price.quantize(Decimal("0.01")), "f")


def decimals(value: Decimal) -> int:
    """How many decimals a number really has."""
    return len(plain(value).partition(".")[2])


def percent_text(percent: Decimal | None) -> str:
    """A tax rate in a hash string: ``15.50``, ``0.00``, empty when exempt."""
    return "" if percent is None else format(percent.quantize(Decimal("0.01"), context=_EXACT), "f")
