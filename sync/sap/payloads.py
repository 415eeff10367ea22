"""From our requests to SAP's bodies, with every length checked before anything leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sync.sap.body import TRANSFER_REFERENCE_MAX, batch_rows, check_values, put
from sync.sap.errors import RequestInvalid
from sync.sap.requests import (
    CardSlip,
    ChequeSlip,
    CreditNoteRequest,
    InvoiceLine,
    InvoiceRequest,
    PaymentRequest,
    RefundRequest,
    Settles,
    means_of,
)
from sync.sap.settings import SapSettings

INVOICE_TYPE, ORDER_TYPE = 13, 17
"""SAP's object numbers of an A/R invoice and a sales order."""


def invoice_body(request: InvoiceRequest, settings: SapSettings) -> dict[str, Any]:
    """The body of ``POST Invoices``.

    Raises:
        FieldTooLong: a value SAP would refuse for its length.
        RequestInvalid: no lines, a quantity that is not positive, or batches that do not add up.
    """
    body = _header(request, settings)
    body["DocDueDate"] = (request.due_date or request.doc_date).isoformat()
    lines = [_line(line, number) for number, line in enumerate(request.lines)]
    if request.order_entry is not None:
        bases = _based(request.lines, ORDER_TYPE, request.order_entry)
        lines = [line | base for line, base in zip(lines, bases, strict=True)]
    body["DocumentLines"] = lines
    if request.series is not None:
        body["Series"] = request.series
    check_values(body, key_field=settings.key_field)
    return body


def credit_note_body(request: CreditNoteRequest, settings: SapSettings) -> dict[str, Any]:
    """The body of ``POST CreditNotes``: based on its invoice, or alone with a reference to it.

    Raises:
        FieldTooLong, RequestInvalid: as `invoice_body`; also for a base without its entry or
            lines.
    """
    body = _header(request, settings)
    body["DocDueDate"] = request.doc_date.isoformat()
    lines = [_line(line, number) for number, line in enumerate(request.lines)]
    if request.is_based:
        bases = _based(request.lines, INVOICE_TYPE, request.invoice_entry)
        lines = [line | base for line, base in zip(lines, bases, strict=True)]
    elif request.invoice_entry is not None:
        body["DocumentReferences"] = [
            {"RefDocEntr": entry, "RefObjType": "rot_SalesInvoice"}
            for entry in (request.invoice_entry, *request.other_entries)
        ]
    body["DocumentLines"] = lines
    check_values(body, key_field=settings.key_field)
    return body


def refund_body(request: RefundRequest, settings: SapSettings) -> dict[str, Any]:
    """The body of ``POST VendorPayments``, to a customer; raises as `payment_body`."""
    return _payment(request, settings, "it_CredItnote")


def payment_body(request: PaymentRequest, settings: SapSettings) -> dict[str, Any]:
    """The body of ``POST IncomingPayments``.

    Raises:
        FieldTooLong: a value SAP would refuse for its length.
        RequestInvalid: no means, or nothing applied.
    """
    return _payment(request, settings, "it_Invoice")


def _header(request: InvoiceRequest | CreditNoteRequest, settings: SapSettings) -> dict[str, Any]:
    if not request.lines:
        raise RequestInvalid(f"The document {request.key} has no lines.")
    day = request.doc_date.isoformat()
    body: dict[str, Any] = {
        "CardCode": request.card_code,
        "DocDate": day,
        "TaxDate": day,
        "NumAtCard": request.num_at_card,
        settings.key_field: request.key,
    }
    put(body, "Comments", request.comments)
    put(body, "DocCurrency", request.currency)
    put(body, "DocRate", request.rate)
    put(body, "BPL_IDAssignedToInvoice", request.branch)
    if request.rounding:
        body["Rounding"] = "tYES"
        local = request.currency is None
        body["RoundingDiffAmount" if local else "RoundingDiffAmountFC"] = request.rounding
    return body


def _based(lines: Sequence[InvoiceLine], base_type: int, entry: int | None) -> list[dict[str, Any]]:
    """What names the line of its base on every line; raises RequestInvalid when one is unnamed."""
    if entry is None or any(line.base_line is None for line in lines):
        raise RequestInvalid("A document that follows another must name its entry and lines.")
    return [
        {"BaseType": base_type, "BaseEntry": entry, "BaseLine": line.base_line} for line in lines
    ]


def _payment(
    request: PaymentRequest | RefundRequest, settings: SapSettings, invoice_type: str
) -> dict[str, Any]:
    if means_of(request) <= 0 or any(row.applied <= 0 for row in request.settles):
        raise RequestInvalid(f"The payment {request.reference} settles nothing.")
    day = request.doc_date.isoformat()
    body: dict[str, Any] = {
        "DocType": "rCustomer",
        "CardCode": request.card_code,
        "DocDate": day,
        "TaxDate": day,
        "DueDate": day,
        "Remarks": request.reference,
    }
    if settings.payment_key_field:
        body[settings.payment_key_field] = request.reference
    put(body, "DocCurrency", request.currency)
    put(body, "DocRate", request.rate)
    put(body, "BPLID", request.branch)
    put(body, "CounterReference", request.counter_reference)
    _put_means(body, request)
    if request.settles:
        body["PaymentInvoices"] = [_settled(row, invoice_type) for row in request.settles]
    check_values(body, key_field=settings.payment_key_field)
    return body


def _line(line: InvoiceLine, number: int) -> dict[str, Any]:
    if line.quantity <= 0:
        raise RequestInvalid(f"The quantity of {line.item_code} must be above zero.")
    body: dict[str, Any] = {
        "ItemCode": line.item_code,
        "Quantity": line.quantity,
        "PriceAfterVAT": line.price_after_vat,
        "WarehouseCode": line.warehouse,
        "VatGroup": line.vat_group,
    }
    put(body, "CostingCode", line.costing_code)
    put(body, "GrossTotal", line.gross_total)
    put(body, "UoMEntry", line.uom_entry)
    if line.discount_percent:
        body["DiscountPercent"] = line.discount_percent
    if not line.moves_goods:
        body["WithoutInventoryMovement"] = "tYES"
    if line.batches:
        told = line.quantity if line.uom_entry is None else None
        rows = batch_rows(line.batches, number, item=line.item_code, quantity=told)
        body["BatchNumbers"] = rows
    return body


def _settled(row: Settles, invoice_type: str) -> dict[str, Any]:
    applied = "SumApplied" if row.invoice_currency is None else "AppliedFC"
    return {"DocEntry": row.invoice_entry, "InvoiceType": invoice_type, applied: row.applied}


def _put_means(body: dict[str, Any], request: PaymentRequest | RefundRequest) -> None:
    if request.cash:
        body |= {"CashAccount": request.cash.account, "CashSum": request.cash.amount}
    if request.transfer:
        body |= {
            "TransferAccount": request.transfer.account,
            "TransferSum": request.transfer.amount,
            "TransferDate": request.doc_date.isoformat(),
            "TransferReference": request.transfer.reference or _short(request.reference),
        }
    if request.cards:
        body["PaymentCreditCards"] = [_card(slip) for slip in request.cards]
    if isinstance(request, PaymentRequest) and request.cheques:
        body["PaymentChecks"] = [_cheque(slip) for slip in request.cheques]


def _short(reference: str) -> str:
    return reference if len(reference) <= TRANSFER_REFERENCE_MAX else ""


def _cheque(slip: ChequeSlip) -> dict[str, Any]:
    """A cheque in SAP's words; the account it goes to is that of SAP's account determination."""
    if slip.number <= 0 or slip.amount <= 0:
        raise RequestInvalid(f"Cheque {slip.number} needs a number and an amount above zero.")
    body: dict[str, Any] = {
        "CheckNumber": slip.number,
        "DueDate": slip.due.isoformat(),
        "CheckSum": slip.amount,
    }
    put(body, "BankCode", slip.bank)
    put(body, "Branch", slip.branch)
    put(body, "AccounttNum", slip.account)
    return body


def _card(slip: CardSlip) -> dict[str, Any]:
    return {
        "CreditCard": slip.credit_card,
        "CreditCardNumber": slip.number,
        "CardValidUntil": slip.valid_until.isoformat(),
        "VoucherNum": slip.voucher,
        "CreditSum": slip.amount,
        "NumOfPayments": 1,
        "CreditType": "cr_Regular",
    }
