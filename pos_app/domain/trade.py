"""Quotations and sales orders: what they promise, how they move, and what is left of an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import half_up
from pos_app.errors import Conflict, RuleBroken

HUNDRED = Decimal(100)
VALID_FOR = timedelta(days=30)
"""How long a quotation holds that names no last day."""


class TradeKind(StrEnum):
    """Which of the two; the value is also what the posting queue calls it."""

    QUOTATION = "quotation"
    SALES_ORDER = "sales_order"

    @property
    def prefix(self) -> str:
        """What its numbers begin with."""
        return "QT" if self is TradeKind.QUOTATION else "SO"

    @property
    def spoken(self) -> str:
        """How people call it."""
        return self.value.replace("_", " ")


class TradeState(StrEnum):
    """Where one stands; the names are those of the contract."""

    DRAFT = "Draft"
    PENDING = "Pending"
    APPROVED = "Approved"
    SENT = "Sent"
    ACCEPTED = "Accepted"
    PARTIALLY_INVOICED = "PartiallyInvoiced"
    INVOICED = "Invoiced"
    CONVERTED = "Converted"
    EXPIRED = "Expired"
    ON_HOLD = "OnHold"
    REJECTED = "Rejected"
    CANCELLED = "Cancelled"
    DELETED = "Deleted"


S = TradeState
_ORDER = {
    S.DRAFT: (S.PENDING, S.APPROVED, S.CANCELLED, S.ON_HOLD, S.REJECTED),
    S.PENDING: (S.DRAFT, S.APPROVED, S.CANCELLED, S.ON_HOLD, S.REJECTED),
    S.APPROVED: (S.PARTIALLY_INVOICED, S.INVOICED, S.CANCELLED, S.ON_HOLD),
    S.PARTIALLY_INVOICED: (S.INVOICED, S.CANCELLED),
    S.ON_HOLD: (S.PENDING, S.APPROVED, S.CANCELLED, S.REJECTED),
    S.REJECTED: (S.DRAFT, S.PENDING, S.CANCELLED),
    S.CANCELLED: (S.DRAFT,),
}
_QUOTATION = {
    S.DRAFT: (S.PENDING, S.APPROVED, S.REJECTED, S.CANCELLED),
    S.PENDING: (S.DRAFT, S.APPROVED, S.REJECTED, S.CANCELLED),
    S.APPROVED: (S.SENT, S.ACCEPTED, S.REJECTED, S.EXPIRED, S.CONVERTED, S.CANCELLED),
    S.SENT: (S.ACCEPTED, S.REJECTED, S.EXPIRED, S.CANCELLED),
    S.ACCEPTED: (S.CONVERTED, S.EXPIRED, S.CANCELLED),
    S.REJECTED: (S.DRAFT, S.CANCELLED),
    S.EXPIRED: (S.DRAFT, S.CANCELLED),
    S.CANCELLED: (S.DRAFT,),
}
MOVES: Mapping[TradeKind, frozenset[tuple[TradeState, TradeState]]] = {
    kind: frozenset((old, new) for old, news in table.items() for new in news)
    for kind, table in ((TradeKind.SALES_ORDER, _ORDER), (TradeKind.QUOTATION, _QUOTATION))
}
"""Every legal move of each kind (contract of the back office, sales orders and quotations)."""

EDITABLE: Mapping[TradeKind, frozenset[TradeState]] = {
    TradeKind.SALES_ORDER: frozenset({S.DRAFT, S.PENDING}),
    TradeKind.QUOTATION: frozenset({S.DRAFT}),
}
DELETABLE: Mapping[TradeKind, frozenset[TradeState]] = {
    TradeKind.SALES_ORDER: frozenset({S.DRAFT, S.PENDING, S.CANCELLED, S.REJECTED}),
    TradeKind.QUOTATION: frozenset({S.DRAFT, S.CANCELLED}),
}
PROMISED = frozenset({S.APPROVED, S.SENT, S.ACCEPTED, S.PARTIALLY_INVOICED})
"""States in which the books should know it as open."""

OVER = frozenset({S.CANCELLED, S.REJECTED, S.EXPIRED, S.INVOICED})
"""States in which the books should expect nothing more of it."""


def is_promise_over(kind: TradeKind, state: TradeState) -> bool:
    """Whether what the books were promised holds no more; what may be edited is another promise."""
    return state in OVER or state in EDITABLE[kind] or state is TradeState.DELETED


def is_given_up(kind: TradeKind, state: TradeState) -> bool:
    """Whether nothing was made of what was promised, so that the books need not hear of it."""
    return is_promise_over(kind, state) and state is not TradeState.INVOICED


CONVERTIBLE: Mapping[TradeKind, frozenset[TradeState]] = {
    TradeKind.SALES_ORDER: frozenset({S.APPROVED, S.PARTIALLY_INVOICED}),
    TradeKind.QUOTATION: frozenset({S.APPROVED, S.ACCEPTED}),
}
RUNS_OUT = frozenset({S.APPROVED, S.SENT, S.ACCEPTED})
"""States a quotation leaves by itself once its last day is over."""


class NotEditable(Conflict):
    """It is agreed, closed or gone; what was promised is not changed silently."""

    code = "not_editable"

    def __init__(self, kind: TradeKind, number: str, state: str) -> None:
        super().__init__(
            f"The {kind.spoken} {number} is {state} and cannot be changed: "
            "take it back to Draft first, or make another one.",
            number=number,
            state=state,
        )


class NotDeletable(Conflict):
    """It was promised to somebody; it is cancelled, not deleted."""

    code = "not_deletable"

    def __init__(self, kind: TradeKind, number: str, state: str) -> None:
        super().__init__(
            f"The {kind.spoken} {number} is {state} and cannot be deleted: cancel it instead.",
            number=number,
            state=state,
        )


class NotConvertible(Conflict):
    """Only what is approved and still holds goes on."""

    code = "not_convertible"

    def __init__(self, kind: TradeKind, number: str, why: str) -> None:
        into = "a sales order" if kind is TradeKind.QUOTATION else "an invoice"
        super().__init__(
            f"The {kind.spoken} {number} cannot become {into}: it {why}.", number=number, reason=why
        )


class PromiseInDoubt(Conflict):
    """What the books may hold already is not given another content before they have said so."""

    code = "promise_in_doubt"

    def __init__(self, kind: TradeKind, number: str) -> None:
        super().__init__(
            f"SAP may hold {kind.spoken} {number} as it is and has not said so yet: take it back "
            "once its row in the queue has ended.",
            number=number,
        )


class PartlyInvoiced(Conflict):
    """What invoices took of an order stays on its lines."""

    code = "partly_invoiced"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Sales order {number} was invoiced in part and cannot be a draft again: "
            "make another one for what is still wanted.",
            number=number,
        )


class FulfilledTooMuch(RuleBroken):
    """More would be invoiced than is left of the order."""

    code = "fulfilled_too_much"

    def __init__(self, number: str, line: int, *, asked: Decimal, left: Decimal) -> None:
        super().__init__(
            f"Line {line} of order {number} has {left:f} left and {asked:f} were asked for: "
            "invoice fewer.",
            number=number,
            line=line,
            requested=asked,
            available=left,
        )


def after_both(own: Decimal, header: Decimal) -> Decimal:
    """A line's discount with that of the whole document on top, in percent with 6 decimals.

    The two are put together so that the invoice an order becomes carries one percentage per line
    and comes to the very same cents.
    """
    return half_up(HUNDRED - (HUNDRED - own) * (HUNDRED - header) / HUNDRED, 6)


def is_over(state: TradeState, last_day: date | None, today: date) -> bool:
    """Whether a quotation does not hold any more on a day."""
    if state is S.EXPIRED:
        return True
    return state in RUNS_OUT and last_day is not None and last_day < today


@dataclass(frozen=True, slots=True)
class Part:
    """So much of one line of an order; lines count from 1."""

    line: int
    quantity: Decimal


def parts_left(number: str, left: Mapping[int, Decimal], asked: tuple[Part, ...]) -> list[Part]:
    """What an invoice takes of an order: the parts asked for, else all that is left.

    Args:
        number: of the order, for the words.
        left: what is left, by line.
        asked: parts; empty for everything.

    Raises:
        FulfilledTooMuch: more than is left, also by several parts together.
        NotConvertible: nothing is left.
    """
    rest = dict(left)
    for part in asked:
        have = rest.get(part.line, Decimal(0))
        if part.quantity > have:
            raise FulfilledTooMuch(number, part.line, asked=part.quantity, left=have)
        rest[part.line] = have - part.quantity
    chosen = list(asked) or [Part(line, rest) for line, rest in left.items() if rest > 0]
    if not chosen:
        raise NotConvertible(TradeKind.SALES_ORDER, number, "has nothing left to invoice")
    return chosen
