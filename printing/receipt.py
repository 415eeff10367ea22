"""A fiscal receipt as plain data: what was filed, never what was in the basket.

The fields and their limits follow ZIMRA FDMS 7.2 (content of a printed receipt). Amounts are gross
and carry the sign they were filed with: a credit note's are negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from printing.errors import NotFiscalised


class ReceiptKind(StrEnum):
    """The three fiscal documents."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The taxpayer; a VAT number makes it a VAT payer, and the invoice a tax invoice."""

    name: str
    tin: str
    vat_number: str = ""
    branch: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys, when known: name and TIN go together (FDMS: both or none)."""

    name: str
    trade_name: str = ""
    tin: str = ""
    vat_number: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalRecord:
    """What only the device can give.

    Attributes:
        receipt_counter: number of the receipt within its fiscal day.
        receipt_global_no: number of the receipt since the device was registered.
        qr: the whole text of the QR code.
        verification_code: sixteen hex digits in groups of four.
        verification_url: where a person types that code in.
    """

    device_id: str
    device_serial: str
    fiscal_day: int
    receipt_counter: int
    receipt_global_no: int
    qr: str
    verification_code: str
    verification_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The receipt a credit or debit note corrects; `issued_at` in the shop's own time."""

    device_serial: str
    receipt_global_no: int
    issued_at: datetime
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A discount as its own line; the amount is negative on an invoice."""

    name: str
    amount: Decimal
    tax_letter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One line as filed.

    Attributes:
        quantity: in the unit of measure, always above zero.
        uom: the unit's name; empty for weights already named by the item.
        price: gross price of one unit.
        amount: gross, before the discounts below it.
        note: batch, serial number or a remark, in small print.
        code: the shop's own code of the item; pages have room for it.
    """

    name: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    tax_letter: str
    uom: str = "each"
    discounts: tuple[Discount, ...] = ()
    note: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderLine:
    """What was handed over, in its own currency.

    `equivalent` is the same in the currency of the receipt, for a tender in another one, with the
    `rate` used: units of the tender's currency for one of the receipt's.
    """

    name: str
    amount: Decimal
    currency: str
    equivalent: Decimal | None = None
    rate: Decimal | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """Change given back in one currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """One tax group of the receipt; percent None is exempt, which is not zero-rated."""

    letter: str
    percent: Decimal | None
    net: Decimal
    vat: Decimal
    gross: Decimal
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A fiscal receipt ready to be laid out.

    Attributes:
        reference: our invoice number, unique per taxpayer.
        issued_at: the device's date and time of the receipt, in the shop's own time.
        copy_number: 0 for the one original, 1 and up for reprints.
        header: lines under the seller, footer: lines at the end; the shop's own texts.
        logo: number of a picture in the printer's memory, or None.
    """

    kind: ReceiptKind
    seller: Seller
    fiscal: FiscalRecord
    reference: str
    issued_at: datetime
    currency: str
    lines: tuple[ReceiptLine, ...]
    total: Decimal
    tenders: tuple[TenderLine, ...]
    taxes: tuple[TaxRow, ...]
    discounts: tuple[Discount, ...] = ()
    change: tuple[ChangeLine, ...] = ()
    buyer: Buyer | None = None
    original: Original | None = None
    notes: str = ""
    cashier: str = ""
    till: str = ""
    copy_number: int = 0
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    logo: int | None = None
    language: str = "en"

    @property
    def item_count(self) -> Decimal:
        """Sum of the quantities of the lines, weights as they are, always positive."""
        return sum((line.quantity for line in self.lines), Decimal(0))

    def check(self) -> None:
        """Raise NotFiscalised unless the device's part is complete."""
        required = {
            "QR data": self.fiscal.qr,
            "verification code": self.fiscal.verification_code,
            "device number": self.fiscal.device_id,
            "invoice number": self.reference,
        }
        for name, value in required.items():
            if not value.strip():
                raise NotFiscalised(name)
        if self.kind is not ReceiptKind.INVOICE and self.original is None:
            raise NotFiscalised("original receipt")
