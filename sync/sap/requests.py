"""What we ask SAP to book, and what it says it booked: typed, in our own words.

Amounts and quantities are Decimal. `currency` is SAP's own code of a foreign currency, or None
for the company's local one (production lesson L21).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BatchPick:
    """So much out of one batch, in the inventory unit of measure."""

    number: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class NewBatch:
    """So much of a batch that comes in and may be born here, in the inventory unit of measure.

    Attributes:
        number: the batch number.
        quantity: above zero.
        expiry: last day, None for none.
        manufactured: None when unknown.
    """

    number: str
    quantity: Decimal
    expiry: date | None = None
    manufactured: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line of a sales document.

    Attributes:
        item_code: SAP item.
        quantity: in the line's unit of measure.
        price_after_vat: what the customer pays per unit, VAT included, after the discount, in
            the document's currency; up to six decimals.
        warehouse: where the goods leave or return.
        vat_group: SAP VAT group; a missing one is refused, never defaulted (lesson L09).
        batches: the batches of a batch-managed item; together exactly the quantity.
        costing_code: distribution rule of the shop, or None.
        discount_percent: shown in SAP beside the price; the price is already after it.
        gross_total: the line's total with VAT to the cent, for prices that round unevenly.
        uom_entry: unit of measure, None for the item's own.
        base_line: LineNum in the invoice a credit note takes back, or in the order an invoice
            follows.
        moves_goods: False for a correction of the price alone.
    """

    item_code: str
    quantity: Decimal
    price_after_vat: Decimal
    warehouse: str
    vat_group: str
    batches: tuple[BatchPick, ...] = ()
    costing_code: str | None = None
    discount_percent: Decimal = ZERO
    gross_total: Decimal | None = None
    uom_entry: int | None = None
    base_line: int | None = None
    moves_goods: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRequest:
    """An A/R invoice for one sale.

    Attributes:
        key: our idempotency key, born with the sale; at most 100 characters.
        card_code: the customer.
        doc_date: business date of the sale; also tax date.
        num_at_card: the readable receipt number.
        lines: at least one.
        currency: SAP's own code, None for the local currency.
        rate: frozen rate of the sale in SAP's own direction, None for SAP's rate of the day.
        comments: free text.
        due_date: None means the document date.
        rounding: difference added to the lines' sum, for an explicit rounding (lesson L11).
        branch: BPLID of a multi-branch company.
        order_entry: DocEntry of the sales order it follows, None for none; every line then
            names its `base_line`.
        series: numbering series, None for SAP's own choice.
    """

    key: str
    card_code: str
    doc_date: date
    num_at_card: str
    lines: tuple[InvoiceLine, ...]
    currency: str | None = None
    rate: Decimal | None = None
    comments: str = ""
    due_date: date | None = None
    rounding: Decimal = ZERO
    branch: int | None = None
    order_entry: int | None = None
    series: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteRequest:
    """An A/R credit note for one return or correction.

    Goods come back into the named warehouse and batches. An open invoice is credited as its base,
    which settles both against each other. A closed one cannot be a base: then the credit note
    stands alone, refers to it, and is paid out by a `RefundRequest` or stays the customer's
    credit (SAP Service Layer user guide).

    Attributes:
        key: our idempotency key, born with the return; at most 100 characters.
        card_code: the customer.
        doc_date: business date of the return; also tax date.
        num_at_card: the readable number of the return.
        lines: at least one; quantities and prices above zero.
        invoice_entry: DocEntry of the credited invoice, None when SAP holds none.
        other_entries: of further invoices it credits, where it stands alone.
        is_based: take the invoice as its base; wants `invoice_entry` and every line's
            `base_line`.
        currency: SAP's own code, None for the local currency.
        rate: frozen rate of the sale in SAP's own direction, None for SAP's rate of the day.
        comments: free text.
        rounding: difference added to the lines' sum, for an explicit rounding (lesson L11).
        branch: BPLID of a multi-branch company.
    """

    key: str
    card_code: str
    doc_date: date
    num_at_card: str
    lines: tuple[InvoiceLine, ...]
    invoice_entry: int | None = None
    other_entries: tuple[int, ...] = ()
    is_based: bool = False
    currency: str | None = None
    rate: Decimal | None = None
    comments: str = ""
    rounding: Decimal = ZERO
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Cash:
    """Cash that stayed in the drawer: what was settled, not what was tendered (lesson L18)."""

    account: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that went to a bank or wallet account."""

    account: str
    amount: Decimal
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSlip:
    """One card payment.

    Attributes:
        credit_card: code from SAP's credit card table.
        amount: settled by this card.
        voucher: the terminal's slip number.
        number: the last four digits.
        valid_until: SAP wants a date; month's end of the card, or the document date.
    """

    credit_card: int
    amount: Decimal
    voucher: str
    number: str
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChequeSlip:
    """One cheque.

    Attributes:
        number: printed on it, above zero.
        amount: what it is made out for.
        due: from when the bank pays it.
        bank: code from SAP's bank table, empty for none.
        branch: of the bank, or empty.
        account: number of the account it is drawn on, or empty.
    """

    number: int
    amount: Decimal
    due: date
    bank: str = ""
    branch: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Settles:
    """So much of one invoice or credit note, in its own currency; None is the local one."""

    invoice_entry: int
    invoice_currency: str | None
    applied: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """An incoming payment in one currency for one invoice, for several, or on account.

    Attributes:
        reference: unique for ever, at most 254 characters; written into Remarks and, when it
            fits, TransferReference, and found again there.
        card_code: the customer of the invoice.
        doc_date: business date.
        invoice_entry: DocEntry of the invoice, 0 for money on account.
        invoice_currency: SAP's code of the invoice's currency, None when it is the local one.
        applied: amount of the invoice this pays, in the invoice's currency (lesson L20).
        currency: SAP's code of the money received, None for the local currency.
        rate: frozen rate of the sale in SAP's own direction, None for SAP's rate of the day.
        cash: or None.
        transfer: or None.
        others: further invoices it settles.
        cards: card slips.
        cheques: one by one.
        counter_reference: at most 8 characters.
        branch: BPLID of a multi-branch company.
    """

    reference: str
    card_code: str
    doc_date: date
    invoice_entry: int
    invoice_currency: str | None
    applied: Decimal
    currency: str | None = None
    rate: Decimal | None = None
    cash: Cash | None = None
    transfer: Transfer | None = None
    others: tuple[Settles, ...] = ()
    cards: tuple[CardSlip, ...] = ()
    cheques: tuple[ChequeSlip, ...] = ()
    counter_reference: str = ""
    branch: int | None = None

    @property
    def received(self) -> Decimal:
        """All means together, in the payment's own currency."""
        return means_of(self)

    @property
    def settles(self) -> tuple[Settles, ...]:
        """Every invoice it settles; none is money on account."""
        first = Settles(self.invoice_entry, self.invoice_currency, self.applied)
        return (first, *self.others) if self.invoice_entry else self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """An outgoing payment to a customer, in one currency, for a credit note or on account.

    A credit note alone gives no money back; this step does (SAP Service Layer user guide).

    Attributes:
        reference: unique for ever, at most 254 characters; written and found as in
            `PaymentRequest`.
        card_code: the customer of the credit note.
        doc_date: business date.
        credit_entry: DocEntry of the credit note, 0 for money on account.
        credit_currency: SAP's code of the credit note's currency, None when it is the local one.
        applied: amount of the credit note this pays out, in the credit note's currency.
        currency: SAP's code of the money given, None for the local currency.
        rate: frozen rate in SAP's own direction, None for SAP's rate of the day.
        cash: or None.
        transfer: or None.
        cards: card slips.
        counter_reference: at most 8 characters.
        branch: BPLID of a multi-branch company.
    """

    reference: str
    card_code: str
    doc_date: date
    credit_entry: int
    credit_currency: str | None
    applied: Decimal
    currency: str | None = None
    rate: Decimal | None = None
    cash: Cash | None = None
    transfer: Transfer | None = None
    cards: tuple[CardSlip, ...] = ()
    counter_reference: str = ""
    branch: int | None = None

    @property
    def given(self) -> Decimal:
        """All means together, in the payment's own currency."""
        return means_of(self)

    @property
    def settles(self) -> tuple[Settles, ...]:
        """The credit note it pays out; none is money on account."""
        paid = Settles(self.credit_entry, self.credit_currency, self.applied)
        return (paid,) if self.credit_entry else ()


def means_of(request: PaymentRequest | RefundRequest) -> Decimal:
    """Cash, transfer, cards and cheques of a payment together, in its own currency."""
    cash = request.cash.amount if request.cash else ZERO
    transfer = request.transfer.amount if request.transfer else ZERO
    cheques = request.cheques if isinstance(request, PaymentRequest) else ()
    cards = sum((slip.amount for slip in request.cards), ZERO)
    return cash + transfer + cards + sum((slip.amount for slip in cheques), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """One line of a document as SAP has it now.

    Attributes:
        line: LineNum, or the line number of a counting.
        item_code: SAP item.
        warehouse: where the goods leave or arrive; of a transfer, its destination.
        quantity: in the line's unit of measure; of a counting, what was counted.
        open_quantity: what is still to come of it; of a counting, the variance.
        is_open: whether another document may follow it.
        batches: what of which batch moves with it.
    """

    line: int
    item_code: str
    warehouse: str
    quantity: Decimal
    open_quantity: Decimal
    is_open: bool
    batches: tuple[BatchPick, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A document as SAP holds it.

    Attributes:
        doc_entry: SAP's identity of it; store this one.
        doc_num: the number people see; unique per series only.
        doc_total: in local currency; of a payment, all its means in its own currency, since SAP
            keeps no total of one.
        doc_total_fc: in the document's currency; zero when that is the local one.
        vat_sum: VAT in local currency.
        paid_to_date: of an invoice, paid so far in local currency.
        paid_to_date_fc: the same in the document's currency; zero when that is the local one.
        currency: SAP's code of the document's currency.
        card_code: the partner.
        num_at_card: the readable receipt number; of a payment, the reference that matched.
        doc_date: posting date; None when SAP did not say.
        status: ``open`` or ``closed``.
        cancelled: it was cancelled.
        lines: as SAP has them now; empty where nobody asked for them.
    """

    doc_entry: int
    doc_num: int
    doc_total: Decimal
    doc_total_fc: Decimal
    vat_sum: Decimal
    paid_to_date: Decimal
    paid_to_date_fc: Decimal
    currency: str
    card_code: str
    num_at_card: str
    doc_date: date | None
    status: str
    cancelled: bool
    lines: tuple[LineState, ...] = ()

    @property
    def amount(self) -> Decimal:
        """The total in the document's own currency."""
        return self.doc_total_fc or self.doc_total

    @property
    def open_amount(self) -> Decimal:
        """What an invoice or credit note still expects, in its own currency."""
        if self.doc_total_fc:
            return self.doc_total_fc - self.paid_to_date_fc
        return self.doc_total - self.paid_to_date
