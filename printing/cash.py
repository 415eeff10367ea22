"""Cash that moves in or out of a drawer without a sale, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class CashKind(StrEnum):
    """Why it moved."""

    FLOAT = "float"
    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"
    PICKUP = "pickup"
    LOAN = "loan"
    NO_SALE = "no_sale"
    """Nothing moved: the drawer was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """One movement; the amount always positive, the time the shop's own."""

    kind: CashKind
    shop: str
    till: str
    shift: str
    cashier: str
    at: datetime
    amount: Decimal = Decimal(0)
    currency: str = ""
    reason: str = ""
    approved_by: str = ""
    copy_number: int = 0
    language: str = "en"
