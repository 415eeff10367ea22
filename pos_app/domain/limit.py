"""Limits per role, and approvals bound to one rule, one amount, one sale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.permission import Actor, Permission, Role
from pos_app.errors import InvalidInput, NotAllowed


class Rule(StrEnum):
    """What is limited; the unit stands behind each."""

    LINE_DISCOUNT = "discount.line"
    SALE_DISCOUNT = "discount.sale"
    PRICE_BELOW_LIST = "price.below_list"
    PRICE_ABOVE_LIST = "price.above_list"
    VOID_LINE = "void.line"
    VOID_SALE = "void.sale"
    REFUND = "refund"
    REFUND_CURRENCY = "refund.currency"
    REFUND_ENTERED = "refund.entered"
    PAID_OUT = "paid_out"
    QUANTITY = "quantity"
    CREDIT = "credit"
    DRAWER_OPEN = "drawer.open"
    PRICE_MISSING = "price.missing"


PERCENT, AMOUNT, PIECES, TIMES = "%", "amount", "pieces", "times"

UNITS = {
    Rule.LINE_DISCOUNT: PERCENT,
    Rule.SALE_DISCOUNT: PERCENT,
    Rule.PRICE_BELOW_LIST: PERCENT,
    Rule.PRICE_ABOVE_LIST: PERCENT,
    Rule.VOID_LINE: AMOUNT,
    Rule.VOID_SALE: AMOUNT,
    Rule.REFUND: AMOUNT,
    Rule.REFUND_CURRENCY: TIMES,
    Rule.REFUND_ENTERED: TIMES,
    Rule.PAID_OUT: AMOUNT,
    Rule.QUANTITY: PIECES,
    Rule.CREDIT: AMOUNT,
    Rule.DRAWER_OPEN: TIMES,
    Rule.PRICE_MISSING: TIMES,
}


class ApprovalNeeded(NotAllowed):
    """The actor's limit is below what was asked; somebody with a higher one must approve."""

    code = "approval_needed"

    def __init__(self, rule: Rule, *, asked: Decimal, allowed: Decimal, unit: str) -> None:
        wanted = _SPOKEN[rule] if unit == TIMES else f"{_SPOKEN[rule]} of {_told(asked, unit)}"
        limit = f"above your limit of {_told(allowed, unit)}" if allowed else "not yours to do"
        super().__init__(
            f"{wanted} is {limit}: ask a manager to approve it.",
            rule=rule.value,
            asked=asked,
            allowed=allowed,
            unit=unit,
        )


def _told(amount: Decimal, unit: str) -> str:
    return f"{amount:f}" if unit == PIECES else f"{amount:f} {unit}"


class ApproverNotAllowed(NotAllowed):
    """The one who approved may not, or not that much."""

    code = "approver_not_allowed"

    def __init__(self, approver: str, why: str) -> None:
        super().__init__(
            f"{approver} cannot approve this, {why}: ask somebody else.",
            approver=approver,
            reason=why,
        )


class ApprovalMismatch(NotAllowed):
    """An approval was given for another rule, amount or sale."""

    code = "approval_mismatch"

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            "The approval was given for something else than "
            f"{_SPOKEN[rule].lower()} of this sale: ask for a new one.",
            rule=rule.value,
        )


class ReasonMissing(InvalidInput):
    """An approval without a reason explains nothing."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__("The approval has no reason: enter why it is given.")


_SPOKEN = {
    Rule.LINE_DISCOUNT: "A line discount",
    Rule.SALE_DISCOUNT: "A discount for the whole sale",
    Rule.PRICE_BELOW_LIST: "A price cut below the list",
    Rule.PRICE_ABOVE_LIST: "A price above the list",
    Rule.VOID_LINE: "Taking out a line",
    Rule.VOID_SALE: "Cancelling a sale",
    Rule.REFUND: "A refund",
    Rule.REFUND_ENTERED: "A refund of a receipt entered from its paper",
    Rule.REFUND_CURRENCY: "Paying back in another currency than was paid",
    Rule.PAID_OUT: "A pay-out",
    Rule.QUANTITY: "A quantity",
    Rule.CREDIT: "Credit above the customer's limit",
    Rule.DRAWER_OPEN: "Opening the drawer",
    Rule.PRICE_MISSING: "A price by hand where the list has none",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """How far a role may go under one rule.

    Attributes:
        at_most: in the rule's unit, inclusive; None is without limit.
        currency: for amounts, the currency the limit is meant in.
    """

    rule: Rule
    role: str
    at_most: Decimal | None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One yes, for one rule, one amount and one sale.

    Attributes:
        amount: what was asked for, in the rule's unit.
        currency: for amounts, else empty.
    """

    rule: Rule
    sale_id: str
    amount: Decimal
    approver: str
    reason: str
    at: datetime
    currency: str = ""

    def covers(self, rule: Rule, amount: Decimal, *, sale_id: str, currency: str = "") -> bool:
        """Whether it was given for exactly this."""
        return (self.rule, self.sale_id, self.amount, self.currency) == (
            rule, sale_id, amount, currency,
        )  # fmt: skip


def allowed(
    rule: Rule, role: str, *, limits: Iterable[Limit], currency: str = ""
) -> Decimal | None:
    """Return how far a role may go; None is without limit, zero where nothing was set.

    An administrator without a row of its own has no limit.
    """
    for limit in limits:
        if (limit.rule, limit.role) == (rule, role) and limit.currency in ("", currency):
            return limit.at_most
    return None if role == Role.ADMIN else Decimal(0)


def check(
    rule: Rule,
    asked: Decimal,
    *,
    role: str,
    limits: Iterable[Limit],
    currency: str = "",
    sale_id: str = "",
    approval: Approval | None = None,
) -> Approval | None:
    """Let the actor pass within the role's limit, or with an approval made for exactly this.

    Returns:
        The approval that was used, None when none was needed.

    Raises:
        ApprovalNeeded: above the limit and there is no approval.
        ApprovalMismatch: above the limit and the approval is for something else.
    """
    most = allowed(rule, role, limits=limits, currency=currency)
    if most is None or asked <= most:
        return None
    if approval is None:
        unit = currency if UNITS[rule] == AMOUNT else UNITS[rule]
        raise ApprovalNeeded(rule, asked=asked, allowed=most, unit=unit)
    if not approval.covers(rule, asked, sale_id=sale_id, currency=currency):
        raise ApprovalMismatch(rule)
    return approval


def approve(
    rule: Rule,
    asked: Decimal,
    *,
    approver: Actor,
    cashier: Actor,
    limits: Iterable[Limit],
    sale_id: str,
    reason: str,
    at: datetime,
    currency: str = "",
) -> Approval:
    """Make the approval of somebody else than the one who asks.

    Raises:
        ApproverNotAllowed: the same person, without the permission, or above the own limit.
        ReasonMissing: no reason was given.
    """
    if approver.user_id == cashier.user_id:
        raise ApproverNotAllowed(approver.username, "nobody approves their own request")
    if not approver.may(Permission.SALE_APPROVE):
        raise ApproverNotAllowed(approver.username, "the permission sale.approve is missing")
    most = allowed(rule, approver.role, limits=limits, currency=currency)
    if most is not None and asked > most:
        raise ApproverNotAllowed(approver.username, f"the own limit is {most:f}")
    if not reason.strip():
        raise ReasonMissing
    return Approval(
        rule=rule,
        sale_id=sale_id,
        amount=asked,
        approver=approver.username,
        reason=reason.strip(),
        at=at,
        currency=currency,
    )
