"""Whether a customer may owe what an order would come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos_app.domain import limit as rule
from pos_app.domain.currency import Rate, convert
from pos_app.domain.limit import Rule
from pos_app.domain.money import Money
from pos_app.domain.partner import credit_available
from pos_app.domain.permission import Actor
from pos_app.services import rate
from pos_app.services.shop import Shop
from pos_app.store import invoice as invoices
from pos_app.store import partner as partners


def check(shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any]) -> Money | None:
    """Let an order pass within the customer's limit, or as far above it as the actor may go.

    Other open orders do not count (production lesson L69); invoices SAP does not hold yet do.

    Returns:
        By how much it is above the limit; None when it is within.

    Raises:
        ApprovalNeeded: above what the actor may agree to.
        RateMissing: the limit is in another currency and there is no rate.
    """
    partner = partners.by_code(connection, row["partner"])
    if partner is None or partner.credit_limit is None or row["partner"] == shop.rules.walk_in:
        return None
    currency = partner.credit_limit.currency
    today = rate.current(shop, connection)
    owed = sum(
        (
            _in(Money(open_minor, of), currency, today).minor
            for of, open_minor in invoices.unposted(connection, partner.code).items()
        ),
    )
    available = credit_available(partner, unposted=Money(owed, currency))
    wanted = _in(Money(row["total"], row["currency"]), currency, today)
    if available is None or wanted <= available:
        return None
    over = wanted - available
    rule.check(
        Rule.CREDIT,
        over.amount,
        role=actor.role,
        limits=shop.rules.limits,
        currency=currency,
        sale_id=row["id"],
    )
    return over


def _in(money: Money, currency: str, today: Rate | None) -> Money:
    return money if money.currency == currency else convert(money, currency, today)
