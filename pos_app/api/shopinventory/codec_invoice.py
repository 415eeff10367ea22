"""From our words to the contract's: invoices."""

from __future__ import annotations

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
from pos_app.domain.batch import Strategy
from pos_app.services import invoice_view
from pos_app.services.invoice_order import Line, Order
from pos_app.services.invoice_view import Fiscal, Invoice

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
        "above_credit_limit": found.above_limit.amount if found.above_limit else None,
        "credit_limit_currency": found.above_limit.currency if found.above_limit else None,
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
