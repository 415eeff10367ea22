"""Bodies of ``/api/Statement``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from pos_app.api.wire import Answer


class AgingDto(Answer):
    """How old what is owed is, by document date; the parts and what is not applied are the total.

    ``unapplied`` is below zero where something was paid or credited that settles no invoice.
    """

    current: Decimal
    days31_to60: Decimal
    days61_to90: Decimal
    over90_days: Decimal
    unapplied: Decimal
    total: Decimal


class StatementLineDto(Answer):
    """One entry; what is owed after it is ``balance``."""

    date: dt.date
    document_type: str
    document_number: str
    description: str
    due_date: dt.date | None
    debit: Decimal
    credit: Decimal
    balance: Decimal


class AccountDto(Answer):
    """The account in one currency."""

    currency: str
    opening_balance: Decimal
    closing_balance: Decimal
    transactions: list[StatementLineDto]
    aging: AgingDto


class StatementDto(AccountDto):
    """A statement: the account in the shop's currency, and all accounts with it.

    ``sapBalance`` is what SAP said last, in all currencies together; null is unknown.
    """

    file_name: str
    card_code: str
    card_name: str
    from_date: dt.date
    to_date: dt.date
    generated_at: dt.datetime
    sap_balance: Decimal | None
    sap_balance_currency: str | None
    accounts: list[AccountDto]
