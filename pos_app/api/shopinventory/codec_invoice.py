"""From our words to the contract's: invoices and payments."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pos_app.api.shopinventory.schemas.invoice import (
    BatchOut,
    FiscalizationDto,
    InvoiceDto,
    InvoiceLine,
    InvoiceLineDto,
    InvoiceMade,
    InvoiceQuestion,
)
from pos_app.api.shopinventory.schemas.payment import (
    PaymentDto,
    PaymentInvoiceDto,
    PaymentMade,
    PaymentQuestion,
)
from pos_app.domain.batch import Strategy
from pos_app.domain.currency import normalise
from pos_app.domain.money import Money
from pos_app.services import invoice_view
from pos_app.services.invoice_order import Line, Order
from pos_app.services.invoice_view import Fiscal, Invoice
from pos_app.services.payment import Application, Receipt
from pos_app.services.payment_view import Payment

SAP_STATES = {"pending": "Pending", "done": "Posted", "review": "RequiresReview"}
FISCAL_STATES = {
    "fiscalised": "Fiscalized",
    "intent": "Pending",
    "sent": "Pending",
    "unknown": "Pending",
    "refused": "Failed",
    "disputed": "Failed",
}
NO_DEVICE = "NO_FISCAL_DEVICE"
ZERO = Decimal(0)


def order(question: InvoiceQuestion, *, strategy: Strategy, warehouse: str, is_auto: bool) -> Order:
    """What a body and its query ask for."""
    return Order(
        partner=question.card_code,
        currency=question.doc_currency or "",
        doc_date=question.doc_date,
        due_date=question.doc_due_date,
        num_at_card=question.num_at_card or "",
        comments=question.comments or "",
        van_order=question.van_order or "",
        sales_person=question.sales_person_code,
        strategy=strategy,
        lines=tuple(_line(line, warehouse=warehouse, is_auto=is_auto) for line in question.lines),
    )


def _line(line: InvoiceLine, *, warehouse: str, is_auto: bool) -> Line:
    return Line(
        item=line.item_code,
        quantity=line.quantity,
        warehouse=line.warehouse_code or warehouse,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent or ZERO,
        batches=tuple((lot.batch_number, lot.quantity) for lot in line.batch_numbers or ()),
        is_auto=is_auto and line.auto_allocate_batches,
    )


def invoice(found: Invoice) -> InvoiceDto:
    """An invoice as ``InvoiceDto``."""
    return InvoiceDto(**_invoice(found))


def invoice_made(found: Invoice) -> InvoiceMade:
    """A new invoice with what happens to it next."""
    return InvoiceMade(
        **_invoice(found), message=message(found), fiscalization=fiscalization(found)
    )


def message(found: Invoice) -> str:
    """Where an invoice stands, in one sentence."""
    if found.status == "Draft":
        return f"Draft {found.number} is kept; confirm it to post it."
    if found.booked.state == "done":
        return f"Invoice {found.doc_num} is posted."
    if found.queue_id is None:
        return f"Invoice {found.doc_num} is made."
    return f"Invoice {found.number} is made and waits to be posted."


def _invoice(found: Invoice) -> dict[str, Any]:
    customer = found.customer
    return {
        "id": found.number,
        "doc_entry": found.doc_entry,
        "doc_num": found.doc_num,
        "sap_doc_entry": found.booked.doc_entry,
        "sap_doc_num": found.booked.doc_num,
        "sap_status": sap_status(found),
        "doc_date": found.doc_date,
        "doc_due_date": found.due_date,
        "card_code": found.partner,
        "card_name": found.partner_name,
        "num_at_card": found.num_at_card or None,
        "comments": found.comments or None,
        "remarks": found.comments or None,
        "doc_status": found.status,
        "doc_total": found.total.amount,
        "paid_to_date": found.paid.amount,
        "vat_sum": found.vat.amount,
        "doc_currency": found.total.currency,
        "van_order": found.van_order or None,
        "sales_person_code": found.sales_person,
        "receipt_number": found.receipt or None,
        "warehouse_code": found.warehouse or None,
        "is_fiscalized": found.fiscal.is_done,
        "fiscalization_status": fiscal_status(found),
        "fiscal_receipt_global_no": found.fiscal.receipt_global_no,
        "fiscalized_at_utc": found.fiscal.settled_at if found.fiscal.is_done else None,
        "bill_to_address": customer.address or None if customer else None,
        "ship_to_address": None,
        "customer_vat_no": customer.vat_number or None if customer else None,
        "customer_tin_number": customer.tin or None if customer else None,
        "customer_phone": customer.phone or None if customer else None,
        "customer_email": customer.email or None if customer else None,
        "created_at": found.created_at,
        "lines": _lines(found),
    }


def sap_status(found: Invoice) -> str:
    """``Draft``, ``None`` without SAP, ``Pending``, ``Posted``, ``RequiresReview``, ``Unknown``."""
    if found.status == "Draft":
        return "Draft"
    if found.queue_id is None and found.booked.doc_entry is None:
        return "None"
    return SAP_STATES.get(found.booked.state, "Unknown")


def fiscal_status(found: Invoice) -> str:
    """``Fiscalized``, ``Pending``, ``Failed``, or ``Skipped`` where nothing is filed."""
    return FISCAL_STATES.get(found.fiscal.state, "Unknown") if found.fiscal.state else "Skipped"


def _lines(found: Invoice) -> list[InvoiceLineDto]:
    return [
        InvoiceLineDto(
            line_num=line.number,
            item_code=line.item,
            item_description=line.name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            gross_price=invoice_view.gross_price(line, found.is_gross),
            line_total=(line.gross if found.is_gross else line.net).amount,
            vat_sum=line.vat.amount,
            warehouse_code=line.warehouse,
            tax_code=line.tax_group or None,
            discount_percent=line.discount_percent,
            uom_code=line.uom or None,
            batch_numbers=[
                BatchOut(batch_number=number, quantity=quantity)
                for number, quantity in line.batches
            ],
        )
        for line in found.lines
    ]


def fiscalization(found: Invoice) -> FiscalizationDto:
    """Where the fiscal receipt of a new invoice stands; a failed one never undoes the invoice."""
    fiscal = found.fiscal
    if not fiscal.state:
        words = "No fiscal receipt is filed by this server for the invoice."
        return FiscalizationDto(
            success=False,
            queued=False,
            skipped=True,
            message=words,
            invoice_number=found.receipt or None,
            error_code=NO_DEVICE if found.is_fiscal else None,
        )
    return FiscalizationDto(
        success=fiscal.is_done,
        queued=FISCAL_STATES.get(fiscal.state) == "Pending",
        skipped=False,
        message=fiscal.reason or _fiscal_words(fiscal),
        invoice_number=fiscal.number,
        qr_code=fiscal.qr or None,
        verification_code=fiscal.verification_code or None,
        fiscal_day_no=fiscal.fiscal_day,
        receipt_global_no=fiscal.receipt_global_no,
        error_code="FISCAL_REFUSED" if FISCAL_STATES.get(fiscal.state) == "Failed" else None,
    )


def _fiscal_words(fiscal: Fiscal) -> str:
    return "The receipt is filed." if fiscal.is_done else "The receipt waits for the device."


def receipt(question: PaymentQuestion, *, currency: str) -> Receipt:
    """What a body pays; ``currency`` is the shop's own, for a body that names none."""
    known = normalise(question.doc_currency) if question.doc_currency else currency
    return Receipt(
        partner=question.card_code,
        currency=known,
        cash=Money.of(question.cash_sum, known),
        transfer=Money.of(question.transfer_sum, known),
        cheque=Money.of(question.check_sum, known),
        card=Money.of(question.credit_sum, known),
        applications=tuple(
            Application(row.doc_entry, Money.of(row.sum_applied, known))
            for row in question.payment_invoices or ()
        ),
        doc_date=question.doc_date,
        remarks=question.remarks or "",
        transfer_reference=question.transfer_reference or "",
        transfer_date=question.transfer_date,
        transfer_account=question.transfer_account or "",
        cash_account=question.cash_account or "",
        details=_details(question, known),
    )


def _details(question: PaymentQuestion, currency: str) -> dict[str, object]:
    """Cheques and cards one by one; of a card's number only the last four digits are kept."""
    cheques = [
        {
            "number": row.check_number,
            "bank": row.bank_code or "",
            "branch": row.branch or "",
            "account": row.account_num or "",
            "due": row.due_date.isoformat() if row.due_date else "",
            "minor": Money.of(row.check_sum, currency).minor,
        }
        for row in question.payment_checks or ()
    ]
    cards = [
        {
            "card": row.credit_card,
            "last_digits": "".join(filter(str.isdigit, row.credit_card_number or ""))[-4:],
            "voucher": row.voucher_num or "",
            "minor": Money.of(row.credit_sum, currency).minor,
        }
        for row in question.payment_credit_cards or ()
    ]
    return {name: rows for name, rows in (("cheques", cheques), ("cards", cards)) if rows}


def payment(found: Payment) -> PaymentDto:
    """A payment as ``PaymentDto``."""
    return PaymentDto(**_payment(found))


def payments(found: Sequence[Payment]) -> list[PaymentDto]:
    """Payments as a list."""
    return [payment(row) for row in found]


def payment_made(found: Payment, *, status_url: str) -> PaymentMade:
    """A new payment with what happens to it next."""
    waits = found.queue_id is not None and found.booked.doc_entry is None
    if found.queue_id is None:
        words = f"Payment {found.number} is booked."
    elif waits:
        words = f"Payment {found.number} is booked and waits to be posted."
    else:
        words = f"Payment {found.doc_num} is posted."
    return PaymentMade(
        **_payment(found),
        message=words,
        payment=payment(found),
        was_queued=waits,
        queue_id=found.queue_id if waits else None,
        queue_status=found.queue_state if waits else None,
        queue_external_reference=f"PAY-{found.number}" if waits else None,
        status_url=status_url if waits else None,
    )


def _payment(found: Payment) -> dict[str, Any]:
    state = SAP_STATES.get(found.booked.state, "Unknown")
    return {
        "id": found.number,
        "doc_entry": found.doc_entry,
        "doc_num": found.doc_num,
        "sap_doc_entry": found.booked.doc_entry,
        "sap_doc_num": found.booked.doc_num,
        "sap_status": "None" if found.queue_id is None else state,
        "doc_date": found.doc_date,
        "doc_due_date": found.doc_date,
        "card_code": found.partner,
        "card_name": found.partner_name,
        "doc_currency": found.currency,
        "cash_sum": found.cash.amount,
        "check_sum": found.cheque.amount,
        "transfer_sum": found.transfer.amount,
        "credit_sum": found.card.amount,
        "doc_total": found.total.amount,
        "remarks": found.remarks or None,
        "transfer_reference": found.transfer_reference or None,
        "transfer_date": found.transfer_date,
        "transfer_account": found.transfer_account or None,
        "payment_invoices": [
            PaymentInvoiceDto(line_num=at, doc_entry=row.doc_entry, sum_applied=row.amount.amount)
            for at, row in enumerate(found.applied)
        ],
    }
