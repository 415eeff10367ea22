"""Purchase orders: their states, what they come to, and how much of them may still arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import Money, half_up
from pos_app.domain.trade import after_both
from pos_app.errors import Conflict, InvalidInput, RuleBroken

HUNDRED = Decimal(100)


class PurchaseState(StrEnum):
    """Where a purchase order stands."""

    DRAFT = "Draft"
    PENDING = "Pending"
    APPROVED = "Approved"
    PARTIALLY_RECEIVED = "PartiallyReceived"
    RECEIVED = "Received"
    CANCELLED = "Cancelled"
    ON_HOLD = "OnHold"


S = PurchaseState

MOVES = frozenset(
    {
        (S.DRAFT, S.PENDING),
        (S.DRAFT, S.APPROVED),
        (S.DRAFT, S.CANCELLED),
        (S.DRAFT, S.ON_HOLD),
        (S.PENDING, S.DRAFT),
        (S.PENDING, S.APPROVED),
        (S.PENDING, S.CANCELLED),
        (S.PENDING, S.ON_HOLD),
        (S.ON_HOLD, S.PENDING),
        (S.ON_HOLD, S.CANCELLED),
        (S.APPROVED, S.CANCELLED),
        (S.APPROVED, S.PARTIALLY_RECEIVED),
        (S.APPROVED, S.RECEIVED),
        (S.PARTIALLY_RECEIVED, S.RECEIVED),
    }
)
"""Receiving moves an order by itself; a partly received one is ended by calling it received."""

RECEIVABLE = frozenset({S.APPROVED, S.PARTIALLY_RECEIVED})
DELETABLE = frozenset({S.DRAFT, S.CANCELLED})


class NotADraft(Conflict):
    """Only drafts are changed, only drafts and cancelled orders are deleted."""

    code = "purchase_not_draft"

    def __init__(self, number: str, state: str, deed: str) -> None:
        super().__init__(
            f"Purchase order {number} is {state} and cannot be {deed}: make a new one instead.",
            number=number,
            state=state,
        )


class NotReceivable(Conflict):
    """Goods are received for approved orders only."""

    code = "purchase_not_receivable"

    def __init__(self, number: str, state: str) -> None:
        super().__init__(
            f"Purchase order {number} is {state}: goods are received once it is approved.",
            number=number,
            state=state,
        )


class LineUnknown(InvalidInput):
    """A receipt names a line the order does not have."""

    code = "purchase_line_unknown"

    def __init__(self, number: str, line: int, item: str) -> None:
        super().__init__(
            f"Purchase order {number} has no line {line} of item {item}: look at the order again.",
            number=number,
            line=line,
            item=item,
        )


class OverReceived(RuleBroken):
    """More would come in than was ordered (production lesson L61)."""

    code = "over_received"

    def __init__(self, line: int, item: str, requested: Decimal, left: Decimal) -> None:
        super().__init__(
            f"Line {line} of item {item} expects {left:f} more and {requested:f} cannot be "
            "received: receive less, and order what came beside it.",
            line=line,
            item=item,
            requested=requested,
            available=left,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What one line comes to."""

    net: Money
    after_discount: Money
    tax: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What an order comes to; tax is on top of prices, after both discounts."""

    subtotal: Money
    discount: Money
    tax: Money
    lines: tuple[Priced, ...]

    @property
    def total(self) -> Money:
        """With tax."""
        return self.subtotal - self.discount + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is ordered of one item, as far as it costs money."""

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal


def totals(lines: Sequence[Line], *, discount_percent: Decimal, currency: str) -> Totals:
    """Price an order: each amount to the cent, half away from zero, before it is summed.

    Tax is taken of what is really paid, as SAP takes it, so that both show one total.
    """
    priced = tuple(_priced(line, discount_percent, currency) for line in lines)
    subtotal = _sum((line.net for line in priced), currency)
    paid = _sum((line.after_discount for line in priced), currency)
    return Totals(
        subtotal=subtotal,
        discount=subtotal - paid,
        tax=_sum((line.tax for line in priced), currency),
        lines=priced,
    )


def _priced(line: Line, header: Decimal, currency: str) -> Priced:
    whole = line.quantity * line.unit_price
    both = after_both(line.discount_percent, header)
    after = half_up(whole * (HUNDRED - both) / HUNDRED, 2)
    return Priced(
        net=Money.of(half_up(whole * (HUNDRED - line.discount_percent) / HUNDRED, 2), currency),
        after_discount=Money.of(after, currency),
        tax=Money.of(half_up(after * line.tax_percent / HUNDRED, 2), currency),
    )


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))


def after_receipt(ordered: Iterable[tuple[Decimal, Decimal]]) -> PurchaseState:
    """Where an order stands by what was ordered and received of each line."""
    left = [quantity - received for quantity, received in ordered]
    return S.PARTIALLY_RECEIVED if any(quantity > 0 for quantity in left) else S.RECEIVED
