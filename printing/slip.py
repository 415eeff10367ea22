"""Papers that are not receipts: a parked sale, an order, the opening of a drawer or a transfer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipLine:
    """An item and its quantity; slips show no price per line, so nobody pays by them."""

    name: str
    quantity: Decimal
    uom: str = "each"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedSale:
    """A sale on hold; `barcode` recalls it at any till. Times in the shop's own time."""

    shop: str
    number: str
    barcode: str
    till: str
    cashier: str
    parked_at: datetime
    valid_until: datetime | None
    lines: tuple[SlipLine, ...]
    total: Decimal
    currency: str
    customer: str = ""
    label: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSlip:
    """What to pack, prepare or fetch; without prices, tax numbers or codes."""

    shop: str
    number: str
    till: str
    cashier: str
    ordered_at: datetime
    lines: tuple[SlipLine, ...]
    customer: str = ""
    notes: str = ""
    language: str = "en"
