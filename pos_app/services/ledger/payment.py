"""An incoming payment of the API in the books: money in against what the customer owes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping

from pos_app.domain.ledger import (
    BANK,
    CARDS,
    CASH,
    CHEQUES,
    RECEIVABLE,
    Account,
    AccountType,
    Line,
    balanced,
)
from pos_app.domain.money import Money
from pos_app.services.ledger.planned import Planned
from pos_app.services.posting.step import CannotPlan
from pos_app.services.shop import Shop
from pos_app.store import payment as payments

PAYMENT = "payment"
MEANS = {"cash": CASH, "transfer": BANK, "cheque": CHEQUES, "card": CARDS}


def plan(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """The one entry of a payment; what it does not apply to invoices is the customer's credit.

    Raises:
        CannotPlan: there is no such payment.
    """
    del shop
    paid = payments.by_id(connection, row["document_id"])
    if paid is None:
        raise CannotPlan(f"The books hold no payment {row['document_id']}.")
    currency = paid["currency"]
    lines = [
        Line(
            account=_account(paid, name, account),
            debit=Money(paid[name], currency),
            tag=f"{name} {currency}",
        )
        for name, account in MEANS.items()
    ]
    total = Money(paid["total"], currency)
    owed = Line(account=RECEIVABLE, debit=-total, partner=paid["partner"])
    yield Planned(
        kind=PAYMENT,
        key=f"PAY-{paid['id']}",
        partner=paid["partner"],
        booked_on=paid["doc_date"],
        lines=balanced([*lines, owed]),
    )


def _account(paid: RowMapping, name: str, usual: Account) -> Account:
    """The account the payment names for its cash or transfer, or the usual one of its means."""
    named = paid[f"{name}_account"] if name in ("cash", "transfer") else ""
    return Account(named, f"{usual.name} ({named})", AccountType.ASSET) if named else usual
