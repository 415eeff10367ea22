"""What a sale and its lines must never be, and the errors that say so."""

from __future__ import annotations

from decimal import Decimal

from pos_app.errors import Conflict, InvalidInput, RuleBroken

MOST_LINES = 500
"""The fiscal platform refuses longer receipts."""


class LineNumberTaken(Conflict):
    """Two lines of a sale cannot have one number."""

    code = "line_number_taken"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"The sale already has a line {number}: let the sale give the number.", line=number
        )


class DiscountInvalid(InvalidInput):
    """A discount is below 0 or above 100 percent."""

    code = "discount_invalid"

    def __init__(self, percent: Decimal) -> None:
        super().__init__(
            f"A discount of {str(percent)[:20]} % is not possible: enter 0 to 100.",
            percent=str(percent)[:20],
        )


class PriceBasisMismatch(RuleBroken):
    """A price of another currency, or of the other kind of list, was to join the sale."""

    code = "price_basis_mismatch"

    def __init__(self, item: str, price_list: str) -> None:
        super().__init__(
            f"The price of item {item} from list {price_list} is in another currency or treats VAT "
            "differently from this sale: price it from the sale's own list.",
            item=item,
            price_list=price_list,
        )


class LineWorthless(RuleBroken):
    """A line of an item that is not free comes out at zero (L42)."""

    code = "line_worthless"

    def __init__(self, item: str) -> None:
        super().__init__(
            f"The line of item {item} comes out at nothing: "
            "correct the price, the quantity or the discount.",
            item=item,
        )


def check_percent(percent: Decimal) -> None:
    """Let a discount pass.

    Raises:
        DiscountInvalid: below 0 or above 100 percent, or no number.
    """
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise DiscountInvalid(percent)
