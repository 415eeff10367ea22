"""Quantities: exact decimals with at most six places, checked against the unit of measure."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact

from pos_app.errors import InvalidInput

LARGEST = Decimal(1_000_000)
"""The most of one item on one line."""

MICRO = 1_000_000
"""Stored quantities, prices and rates are whole millionths."""

MOST = 10**15
"""The largest quantity, price or rate that can be stored, in whole units."""

_EXACT = Context(prec=80)
_WHOLE = Context(prec=80, traps=[Inexact])
_NUMBER = re.compile(r"-?(\d{1,15}(\.\d{1,12})?|\.\d{1,12})", re.ASCII)


class QuantityInvalid(InvalidInput):
    """A quantity cannot be sold, moved or counted as it is."""

    code = "quantity_invalid"

    def __init__(self, quantity: object, why: str, *, item: str = "") -> None:
        of = f" of item {item}" if item else ""
        super().__init__(
            f"The quantity {str(quantity)[:40]}{of} {why}: enter another quantity.",
            quantity=str(quantity)[:40],
            item=item,
            reason=why,
        )


def to_micro(value: Decimal) -> int:
    """Return whole millionths.

    Raises:
        QuantityInvalid: more than six decimals, not finite, or beyond ±10**15.
    """
    if not value.is_finite():
        raise QuantityInvalid(value, "is not a number")
    if abs(value) > MOST:
        raise QuantityInvalid(value, "is larger than the shop can store")
    try:
        return int(value.scaleb(6, context=_WHOLE).to_integral_exact(context=_WHOLE))
    except Inexact:
        raise QuantityInvalid(value, "has more than 6 decimals") from None


def from_micro(micro: int) -> Decimal:
    """Return the plain decimal of whole millionths: no exponent, no trailing zeros."""
    whole, rest = divmod(micro, MICRO)
    if rest == 0:
        return Decimal(whole)
    return Decimal(micro).scaleb(-6, context=_EXACT).normalize(_EXACT)


def parse_quantity(text: str) -> Decimal:
    """Read a quantity as people and programs write it: ``2``, ``1.234``, ``.5``.

    Zero and negative numbers are read; ``check_quantity`` refuses them with their item's name.

    Raises:
        QuantityInvalid: not such a number (exponents, signs, commas), or more than 6 decimals.
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        raise QuantityInvalid(text, "is not a plain number like 2 or 1.234")
    return from_micro(to_micro(Decimal(stripped)))


def check_quantity(quantity: Decimal, *, uom: str, decimals: int, item: str) -> Decimal:
    """Return the quantity in its plain form if one line may carry it.

    Args:
        quantity: in the item's unit of measure.
        uom: the unit's name, for the sentence.
        decimals: how many decimals the unit allows; 0 for goods sold each.
        item: code of the item, for the sentence.

    Raises:
        QuantityInvalid: zero, negative, above one million, or finer than the unit allows
            (production lesson L60).
    """
    if not quantity.is_finite():
        raise QuantityInvalid(quantity, "is not a number", item=item)
    if quantity <= 0:
        raise QuantityInvalid(quantity, "is not above zero", item=item)
    if quantity > LARGEST:
        raise QuantityInvalid(quantity, f"is above {LARGEST}, the most one line takes", item=item)
    plain = from_micro(to_micro(quantity))
    exponent = plain.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals:
        allowed = f"at most {decimals} decimals" if decimals else "whole numbers only"
        raise QuantityInvalid(plain, f"is too fine, {uom} takes {allowed}", item=item)
    return plain
