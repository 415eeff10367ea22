"""Papers between shop and customer that are no receipts: quotation, order, delivery, pro forma."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from printing.receipt import Buyer, Seller, TaxRow


class TradeKind(StrEnum):
    """Which of them."""

    QUOTATION = "quotation"
    SALES_ORDER = "sales_order"
    DELIVERY_NOTE = "delivery_note"
    PRO_FORMA = "pro_forma"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLine:
    """One line; a delivery note leaves price, tax and amount out."""

    code: str
    name: str
    quantity: Decimal
    uom: str = "each"
    price: Decimal | None = None
    tax: str = ""
    amount: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePaper:
    """One such paper, computed by the shop; nothing is added up here.

    Attributes:
        total: what it comes to with VAT; None on a delivery note.
        valid_until: of a quotation.
        reference: the customer's own number for it.
        deliver_to: lines of an address, where it is another than the customer's.
        copy_number: 0 for the original, 1 and up for reprints.
        barcode: what a till scans to take it up; empty for none.
    """

    kind: TradeKind
    seller: Seller
    number: str
    made_on: date
    partner: Buyer
    lines: tuple[TradeLine, ...]
    currency: str = ""
    total: Decimal | None = None
    taxes: tuple[TaxRow, ...] = ()
    valid_until: date | None = None
    reference: str = ""
    deliver_to: tuple[str, ...] = ()
    made_by: str = ""
    terms: str = ""
    notes: str = ""
    footer: tuple[str, ...] = ()
    copy_number: int = 0
    barcode: str = ""
    language: str = "en"
