"""Numbers as they stand on paper: cents exact, quantities and prices without idle zeros."""

from __future__ import annotations

from decimal import Decimal

from printing.errors import InexactAmount

CENT = Decimal("0.01")


def money(amount: Decimal) -> str:
    """Two decimals, no grouping, minus sign in front; raises InexactAmount for finer amounts."""
    if not amount.is_finite() or amount != (exact := amount.quantize(CENT)):
        raise InexactAmount(amount)
    return f"{exact + 0:f}" if exact else "0.00"


def price(amount: Decimal) -> str:
    """A unit price: at least two decimals, more when it has more."""
    plain = plain_number(amount)
    whole, _, fraction = plain.partition(".")
    return f"{whole}.{fraction:0<2}"


def plain_number(number: Decimal) -> str:
    """A quantity or percentage without exponent and without trailing zeros."""
    if not number.is_finite():
        raise InexactAmount(number)
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
