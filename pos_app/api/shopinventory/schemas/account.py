"""Bodies of ``/api/GLAccount`` and ``/api/CostCentre``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pos_app.api.wire import Answer


class AccountDto(Answer):
    """One account; its balance is in the company's own currency."""

    code: str
    name: str
    account_type: str
    currency: str | None
    balance: Decimal
    is_active: bool


class AccountList(Answer):
    """Accounts by code."""

    total_count: int
    accounts: list[AccountDto]


class CostCentreDto(Answer):
    """One cost centre in one of five dimensions."""

    center_code: str
    center_name: str
    dimension: int
    is_active: bool
    valid_from: date | None
    valid_to: date | None
    display_name: str


class CostCentreList(Answer):
    """Cost centres by code."""

    total_count: int
    cost_centres: list[CostCentreDto]
