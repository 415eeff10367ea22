"""From our words to the contract's: statements of account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pos_app.api.shopinventory.schemas.statement import (
    AccountDto,
    AgingDto,
    StatementDto,
    StatementLineDto,
)
from pos_app.domain.statement import Account, Line
from pos_app.services.statement import CustomerStatement

ZERO = Decimal(0)


def statement(told: CustomerStatement, *, file_name: str) -> StatementDto:
    """A statement as data."""
    balance = told.partner.balance
    return StatementDto(
        **_account(told.accounts[0]),
        file_name=file_name,
        card_code=told.partner.code,
        card_name=told.partner.name,
        from_date=told.since,
        to_date=told.until,
        generated_at=told.made_at,
        sap_balance=balance.amount if balance is not None else None,
        sap_balance_currency=balance.currency if balance is not None else None,
        accounts=[AccountDto(**_account(account)) for account in told.accounts],
    )


def _account(account: Account) -> dict[str, Any]:
    first, second, third, oldest, unapplied = (amount.amount for _, amount in account.bands)
    return {
        "currency": account.currency,
        "opening_balance": account.opening.amount,
        "closing_balance": account.closing.amount,
        "transactions": [_line(line) for line in account.lines],
        "aging": AgingDto(
            current=first,
            days31_to60=second,
            days61_to90=third,
            over90_days=oldest,
            unapplied=unapplied,
            total=account.closing.amount,
        ),
    }


def _line(line: Line) -> StatementLineDto:
    entry, amount = line.entry, line.entry.amount.amount
    return StatementLineDto(
        date=entry.on,
        document_type=entry.kind,
        document_number=entry.document,
        description=entry.what,
        due_date=entry.due,
        debit=max(amount, ZERO),
        credit=max(-amount, ZERO),
        balance=line.balance.amount,
    )
