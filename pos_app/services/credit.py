"""Whether a customer may owe what a document would come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from pos_app.domain import limit as rule
from pos_app.domain.currency import Rate, convert
from pos_app.domain.limit import Approval, Rule
from pos_app.domain.money import Money
from pos_app.domain.partner import AboveLimit, AccountNeedsCustomer, OnAccount
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.tender import SapMeans, Tender
from pos_app.services import rate
from pos_app.services.ledger import told
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import invoice as invoices
from pos_app.store import partner as partners
from pos_app.store import sale as sales

TILL = "till"
ABOVE = "above_credit_limit"
"""What the audit calls a sale above the limit, and programs its warning."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A document that was let pass.

    Attributes:
        above: what took it above the limit; None when it is within, or the shop does not look.
        approval: the yes it needed from somebody else.
    """

    above: OnAccount | None = None
    approval: Approval | None = None

    @property
    def details(self) -> Mapping[str, object]:
        """What the audit has to say of it."""
        if self.above is None or self.above.over is None:
            return {}
        details: dict[str, object] = {
            ABOVE: self.above.over.label,
            "credit": self.above.sentence,
        }
        if self.approval is not None:
            details |= {"approver": self.approval.approver, "reason": self.approval.reason}
        return details


def check_tenders(shop: Shop, tenders: Sequence[Tender], *, partner: str) -> None:
    """Let goods go on account only of somebody.

    Raises:
        AccountNeedsCustomer: one of the tenders is owed, and by nobody in particular.
    """
    if partner in {"", shop.rules.walk_in} and any(
        tender.type.sap_means == SapMeans.ACCOUNT for tender in tenders
    ):
        raise AccountNeedsCustomer


def check_sale(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    *,
    partner: str,
    owed: Money,
    document_id: str,
    approvals: Sequence[Approval] = (),
) -> Passed:
    """Let a sale go on account as far as `owed`; all that is paid at once is not asked about.

    Raises:
        PermissionMissing: the actor sells nothing on account.
        ApprovalNeeded, ApprovalMismatch, RateMissing: as `check`.
    """
    if owed.minor <= 0:
        return Passed()
    require(actor, Permission.SALE_ON_ACCOUNT)
    approval = next((one for one in approvals if one.rule is Rule.CREDIT), None)
    return _check(
        shop,
        connection,
        actor,
        partner=partner,
        owed=owed,
        document_id=document_id,
        approval=approval,
    )


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
        shop: the server, or the till, which knows its own sales and what it was told of others.
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
    passed = _check(
        shop,
        connection,
        actor,
        partner=partner,
        owed=owed,
        document_id=document_id,
        agreed=agreed,
    )
    return passed.above.over if passed.above else None


def over_limit(shop: Shop, connection: Connection, partner: str, owed: Money) -> Money | None:
    """By how much what happened already goes above a customer's limit; None when it does not.

    Raises:
        RateMissing: the limit is in another currency and there is no rate.
    """
    above = _above(shop, connection, partner, owed)
    return above.over if above else None


def warning(shop: Shop, *, partner: str, owed: Money) -> OnAccount | None:
    """What whoever sells has to know before a sale goes on account where the shop only warns.

    Raises:
        RateMissing: the limit is in another currency and there is no rate.
    """
    if owed.minor <= 0 or shop.rules.above_limit is not AboveLimit.WARN:
        return None
    with shop.store.read() as connection:
        return _above(shop, connection, partner, owed)


def warned(shop: Shop, receipt: str) -> Mapping[str, str] | None:
    """The warning a posted sale was made under, as programs hear it; None when there was none."""
    with shop.store.read() as connection:
        events = audit.about(connection, receipt)
    kept = (row["details"] for row in events if row["action"] == "sale.post")
    details: Mapping[str, str] = next(kept, {})
    if ABOVE not in details or "approver" in details:
        return None
    return {"code": ABOVE, "message": details["credit"], "above": details[ABOVE]}


def _check(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    *,
    partner: str,
    owed: Money,
    document_id: str,
    agreed: Money | None = None,
    approval: Approval | None = None,
) -> Passed:
    above = _above(shop, connection, partner, owed)
    over = above.over if above else None
    if over is None or shop.rules.above_limit is AboveLimit.WARN:
        return Passed(above)
    if agreed is not None and agreed.currency == over.currency and over <= agreed:
        return Passed(above)
    used = rule.check(
        Rule.CREDIT,
        over.amount,
        role=actor.role,
        limits=shop.rules.limits,
        currency=over.currency,
        sale_id=document_id,
        approval=approval,
    )
    return Passed(above, used)


def _above(shop: Shop, connection: Connection, code: str, owed: Money) -> OnAccount | None:
    """What takes a customer above the limit; None when nothing does, or the shop does not look."""
    if code == shop.rules.walk_in or shop.rules.above_limit is AboveLimit.IGNORE:
        return None
    customer = partners.by_code(connection, code)
    if customer is None or customer.credit_limit is None:
        return None
    told_at = partners.hold(connection, code)
    customer = partners.by_code(connection, code) or customer
    if customer.credit_limit is None:
        return None
    currency, today = customer.credit_limit.currency, rate.current(shop, connection)
    # Books of our own hold what is done the moment it is; SAP's balance is as old as its telling.
    if shop.rules.role == TILL:
        since = None if told.keeps_own(connection) else told_at
        kinds = [row.code for row in shop.rules.tender_types if row.sap_means == SapMeans.ACCOUNT]
        open_minor = sales.on_account(connection, code, kinds=kinds, told_at=since)
    else:
        since = told_at if shop.rules.has_sap else None
        open_minor = invoices.unposted(connection, code, told_at=since)
    waiting = sum(_in(Money(minor, of), currency, today).minor for of, minor in open_minor.items())
    known = customer.balance
    found = OnAccount(
        partner=customer.name,
        limit=customer.credit_limit,
        owes=None if known is None else known + Money(waiting, currency),
        adds=_in(owed, currency, today),
    )
    return None if found.over is None else found


def _in(money: Money, currency: str, today: Rate | None) -> Money:
    return money if money.currency == currency else convert(money, currency, today)
