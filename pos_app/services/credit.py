"""Whether a customer may owe what a document would come to."""

from __future__ import annotations

from sqlalchemy import Connection

from pos_app.domain import limit as rule
from pos_app.domain.currency import Rate, convert
from pos_app.domain.limit import Rule
from pos_app.domain.money import Money
from pos_app.domain.partner import AboveLimit, credit_available
from pos_app.domain.permission import Actor
from pos_app.services import rate
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import partner as partners


def check(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    *,
    partner: str,
    owed: Money,
    document_id: str,
    agreed: Money | None = None,
) -> Money | None:
    """Let a document pass within the customer's limit, or as far above it as the actor may go.

    Other open orders do not count (production lesson L69). Invoices SAP does not hold yet do, and
    those it took after it told the balance. The customer is kept from other writers until the
    transaction ends, so that two documents never share what is left.

    Args:
        shop: the server.
        connection: a transaction.
        actor: who makes the document.
        partner: the customer; nobody in particular has no account.
        owed: what would be owed on it.
        document_id: its identity.
        agreed: how far above the limit somebody who may has agreed to go for it already.

    Returns:
        By how much it is above the limit; None when it is within, or the shop does not look.

    Raises:
        ApprovalNeeded: above what the actor may agree to.
        RateMissing: the limit is in another currency and there is no rate.
    """
    if partner == shop.rules.walk_in or shop.rules.above_limit is AboveLimit.IGNORE:
        return None
    over = _over(shop, connection, partner, owed)
    if over is None or shop.rules.above_limit is AboveLimit.WARN:
        return over
    if agreed is None or agreed.currency != over.currency or over > agreed:
        rule.check(
            Rule.CREDIT,
            over.amount,
            role=actor.role,
            limits=shop.rules.limits,
            currency=over.currency,
            sale_id=document_id,
        )
    return over


def _over(shop: Shop, connection: Connection, code: str, owed: Money) -> Money | None:
    customer = partners.by_code(connection, code)
    if customer is None or customer.credit_limit is None:
        return None
    told_at = partners.hold(connection, code)
    customer = partners.by_code(connection, code) or customer
    if customer.credit_limit is None:
        return None
    currency, today = customer.credit_limit.currency, rate.current(shop, connection)
    # Books of our own hold what is done the moment it is; SAP's balance is as old as its telling.
    open_minor = invoices.unposted(
        connection, code, told_at=told_at if shop.rules.has_sap else None
    )
    waiting = sum(_in(Money(minor, of), currency, today).minor for of, minor in open_minor.items())
    available = credit_available(customer, unposted=Money(waiting, currency))
    wanted = _in(owed, currency, today)
    if available is None or wanted <= available or wanted.minor <= 0:
        return None
    return wanted - available


def _in(money: Money, currency: str, today: Rate | None) -> Money:
    return money if money.currency == currency else convert(money, currency, today)
