"""Limits asked where a deed is done and again when it is posted; approvals fit one deed only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pos_app.domain import limit as rule
from pos_app.domain.limit import Approval, Rule
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.price import PriceQuote
from pos_app.domain.sale import Sale
from pos_app.services.shop import Shop

HUNDRED = Decimal(100)


def check_discount(
    shop: Shop,
    actor: Actor,
    sale: Sale,
    *,
    percent: Decimal,
    is_whole_sale: bool = False,
    approvals: Sequence[Approval] = (),
) -> Approval | None:
    """Let a discount pass within the actor's limit or with an approval for exactly it.

    Raises:
        ApprovalNeeded, ApprovalMismatch, PermissionMissing.
    """
    require(actor, Permission.SALE_DISCOUNT)
    which = Rule.SALE_DISCOUNT if is_whole_sale else Rule.LINE_DISCOUNT
    return rule.check(
        which,
        percent,
        role=actor.role,
        limits=shop.rules.limits,
        sale_id=sale.id,
        approval=_fitting(which, approvals),
    )


def check_price(
    shop: Shop,
    actor: Actor,
    sale: Sale,
    *,
    known: PriceQuote,
    price: Decimal,
    approvals: Sequence[Approval] = (),
) -> Approval | None:
    """Let a price given by hand pass by how far it is from the list.

    Raises:
        ApprovalNeeded, ApprovalMismatch, PermissionMissing.
    """
    require(actor, Permission.SALE_PRICE_OVERRIDE)
    which = Rule.PRICE_BELOW_LIST if price < known.unit_price else Rule.PRICE_ABOVE_LIST
    return rule.check(
        which,
        price_change(known, price),
        role=actor.role,
        limits=shop.rules.limits,
        sale_id=sale.id,
        approval=_fitting(which, approvals),
    )


def price_change(known: PriceQuote, price: Decimal) -> Decimal:
    """How far a price is from the known one, in percent with 2 decimals, always positive."""
    if known.unit_price <= 0:
        return HUNDRED
    change = abs(price - known.unit_price) * HUNDRED / known.unit_price
    return change.quantize(Decimal("0.01"))


def check_void(
    shop: Shop, actor: Actor, sale: Sale, *, amount: Decimal, approvals: Sequence[Approval] = ()
) -> Approval | None:
    """Let an actor give a whole basket up.

    Raises:
        ApprovalNeeded, ApprovalMismatch, PermissionMissing.
    """
    require(actor, Permission.SALE_VOID)
    which = Rule.VOID_SALE
    return rule.check(
        which,
        amount,
        role=actor.role,
        limits=shop.rules.limits,
        currency=sale.currency,
        sale_id=sale.id,
        approval=_fitting(which, approvals),
    )


def check_refund(
    shop: Shop,
    actor: Actor,
    note_id: str,
    *,
    total: Money,
    is_other_currency: bool,
    is_entered: bool,
    approvals: Sequence[Approval] = (),
) -> tuple[Approval, ...]:
    """Let an actor pay money back, also in another currency or of an entered receipt.

    Returns:
        The approvals that were used.

    Raises:
        ApprovalNeeded, ApprovalMismatch, PermissionMissing.
    """
    require(actor, Permission.REFUND_MAKE)
    asked = [(Rule.REFUND, total.amount, total.currency)]
    asked += [(Rule.REFUND_CURRENCY, Decimal(1), "")] if is_other_currency else []
    asked += [(Rule.REFUND_ENTERED, Decimal(1), "")] if is_entered else []
    used = (
        rule.check(
            which,
            amount,
            role=actor.role,
            limits=shop.rules.limits,
            currency=currency,
            sale_id=note_id,
            approval=_fitting(which, approvals),
        )
        for which, amount, currency in asked
    )
    return tuple(approval for approval in used if approval is not None)


def _fitting(which: Rule, approvals: Sequence[Approval]) -> Approval | None:
    """The approval given for a rule; another one is handed on only to be refused by name."""
    for approval in approvals:
        if approval.rule is which:
            return approval
    return None
