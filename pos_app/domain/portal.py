"""Portal accounts: customers who sign in to see their own documents, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pos_app.domain.credit_note import CreditNoteState
from pos_app.domain.partner import Partner, check_active
from pos_app.domain.trade import TradeState
from pos_app.errors import NotAllowed, RecordNotFound, RuleBroken

UNSAID_QUOTATIONS = frozenset({TradeState.DRAFT, TradeState.PENDING, TradeState.ON_HOLD})
UNSAID_NOTES = frozenset(
    {CreditNoteState.DRAFT, CreditNoteState.PENDING, CreditNoteState.CANCELLED}
)
SAID_INVOICES = ("Open", "Closed")
"""What the house has not said to a customer yet, its customer does not see."""

MOST_AT_ONCE = 100
"""How many accounts one request registers; each password takes its time to hash."""


GIVEN_LIFE = timedelta(days=7)
"""How long a password that several customers were given lets anybody in (ASVS 5.0 6.4.1)."""


class PasswordGiven(NotAllowed):
    """A customer who still has the password that others were given, too."""

    code = "password_change_needed"

    def __init__(self) -> None:
        super().__init__(
            "Others were given this password, too: choose your own first, then sign in again."
        )


class WalkInCustomer(RuleBroken):
    """A portal account for whoever walks in."""

    code = "walk_in_customer"

    def __init__(self, code: str) -> None:
        super().__init__(
            f"Customer {code} is nobody in particular: register somebody who has an account.",
            partner=code,
        )


class NotYourDocuments(NotAllowed):
    """A customer asks for what belongs to another one; that one may not even exist."""

    code = "not_your_documents"

    def __init__(self, partner: str) -> None:
        super().__init__(
            f"This account sees the documents of {partner} alone: ask for those.", partner=partner
        )


class DemoOnly(NotAllowed):
    """A route that is of use while somebody tries a client out, and a risk in a shop."""

    code = "demo_only"

    def __init__(self) -> None:
        super().__init__("Only a demo hashes passwords on demand: register the customer instead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """A customer who is to have a portal account.

    Attributes:
        partner: the customer's code.
        name: how the account is called.
        email: what it signs in with.
    """

    partner: str
    name: str
    email: str


def check_customer(code: str, found: Partner | None) -> Partner:
    """Return the customer if it may have a portal account.

    Raises:
        RecordNotFound: there is no customer of this code; a supplier is none.
        PartnerInactive: it is frozen.
    """
    if found is None or found.kind != "customer":
        raise RecordNotFound("customer", code[:50])
    return check_active(found)


def own_code(own: str, wanted: str | None) -> str:
    """Return the code of the customer whose documents an account sees.

    Args:
        own: the account's customer.
        wanted: the code it asks for; None for its own.

    Raises:
        NotYourDocuments: it asks for another one's.
    """
    if not own or (wanted is not None and wanted != own):
        raise NotYourDocuments(own)
    return own
