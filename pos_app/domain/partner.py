"""Business partners and the one credit rule (production lesson L69)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pos_app.domain.money import Money
from pos_app.errors import RuleBroken


class AboveLimit(StrEnum):
    """What becomes of an invoice above the customer's credit limit."""

    REFUSE = "refuse"  # unless somebody makes it whose own limit reaches
    WARN = "warn"  # it is made, and says so
    IGNORE = "ignore"


class PartnerInactive(RuleBroken):
    """The partner is frozen."""

    code = "partner_inactive"

    def __init__(self, partner: str) -> None:
        super().__init__(
            f"Business partner {partner} is frozen: choose another one or ask the back office.",
            partner=partner,
        )


class AccountNeedsCustomer(RuleBroken):
    """Goods on account of nobody in particular."""

    code = "account_needs_customer"

    def __init__(self) -> None:
        super().__init__(
            "A sale on account needs somebody who owes it: choose the customer first, "
            "or take another tender."
        )


@dataclass(frozen=True, slots=True)
class Partner:
    """A customer or supplier as the till knows it.

    Attributes:
        currency: ``USD``, ``ZIG``, or ``##`` for every currency.
        credit_limit: None when there is no limit.
        balance: what the partner owes by the last word of the books; None when unknown.
        kind: ``customer`` or ``supplier``.
    """

    code: str
    name: str
    price_list: str
    currency: str
    credit_limit: Money | None = None
    balance: Money | None = None
    is_active: bool = True
    tin: str = ""
    vat_number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    kind: str = "customer"


def check_active(partner: Partner) -> Partner:
    """Return the partner if documents may be written for it.

    Raises:
        PartnerInactive: it is frozen.
    """
    if not partner.is_active:
        raise PartnerInactive(partner.code)
    return partner


def credit_available(partner: Partner, *, unposted: Money | None = None) -> Money | None:
    """Return what the partner may still owe: limit - balance - own sales not yet in the books.

    Open orders do not count (production lesson L69). None means without limit. Where there is a
    limit and the balance is not known, nothing is available: unknown is not zero.

    Args:
        partner: the customer.
        unposted: account sales this shop made that the balance does not contain yet.
    """
    if partner.credit_limit is None:
        return None
    if partner.balance is None:
        return Money.zero(partner.credit_limit.currency)
    left = partner.credit_limit - partner.balance
    return left if unposted is None else left - unposted


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAccount:
    """What a customer may owe, owes, and a document adds, in the currency of the limit.

    Attributes:
        owes: with what the books do not hold yet; None when their balance is not known.
    """

    partner: str
    limit: Money
    owes: Money | None
    adds: Money

    @property
    def over(self) -> Money | None:
        """By how much the document goes above the limit; None when it is within."""
        left = Money.zero(self.limit.currency) if self.owes is None else self.limit - self.owes
        return None if self.adds <= left or self.adds.minor <= 0 else self.adds - left

    @property
    def sentence(self) -> str:
        """The three figures and what they come to."""
        owes = "an amount nobody knows" if self.owes is None else self.owes.label
        above = Money.zero(self.limit.currency) if self.over is None else self.over
        return (
            f"{self.partner} may owe {self.limit.label}, owes {owes}, and this sale adds "
            f"{self.adds.label}: {above.label} above the limit."
        )
