"""From our requests to SAP's bodies, with every length checked before anything leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.sap.errors import FieldTooLong, RequestInvalid
from sync.sap.requests import (
    CardSlip,
    CreditNoteRequest,
    InvoiceLine,
    InvoiceRequest,
    PaymentRequest,
    RefundRequest,
    Settles,
    means_of,
)
from sync.sap.settings import SapSettings

TRANSFER_REFERENCE_MAX = 27
INVOICE_TYPE = 13
"""SAP's object number of an A/R invoice."""

# SAP Service Layer $metadata and its refusals "Value too long in property".
LENGTHS: Mapping[str, int] = {
    "CardCode": 15,
    "ItemCode": 50,
    "WarehouseCode": 8,
    "BatchNumber": 36,
    "NumAtCard": 100,
    "Comments": 254,
    "Remarks": 254,
    "TransferReference": TRANSFER_REFERENCE_MAX,
    "CounterReference": 8,
    "CostingCode": 8,
    "VatGroup": 8,
    "DocCurrency": 3,
    "CashAccount": 15,
    "TransferAccount": 15,
}
KEY_LENGTH = 100


def invoice_body(request: InvoiceRequest, settings: SapSettings) -> dict[str, Any]:
    """The body of ``POST Invoices``.

    Raises:
        FieldTooLong: a value SAP would refuse for its length.
        RequestInvalid: no lines, a quantity that is not positive, or batches that do not add up.
    """
    body = _header(request, settings)
    body["DocDueDate"] = (request.due_date or request.doc_date).isoformat()
    body["DocumentLines"] = [_line(line, number) for number, line in enumerate(request.lines)]
    check_lengths(body, key_field=settings.key_field)
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
        bases = (_base(request, line) for line in request.lines)
        lines = [line | base for line, base in zip(lines, bases, strict=True)]
    elif request.invoice_entry is not None:
        invoice = {"RefDocEntr": request.invoice_entry, "RefObjType": "rot_SalesInvoice"}
        body["DocumentReferences"] = [invoice]
    body["DocumentLines"] = lines
    check_lengths(body, key_field=settings.key_field)
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


def check_lengths(body: Mapping[str, Any], *, key_field: str | None) -> None:
    """Refuse a text longer than SAP takes, anywhere in a body; raises FieldTooLong."""
    for name, value in body.items():
        if isinstance(value, str):
            limit = KEY_LENGTH if name == key_field else LENGTHS.get(name)
            if limit is not None and len(value) > limit:
                raise FieldTooLong(name, value, limit)
        elif isinstance(value, list):
            for row in value:
                check_lengths(row, key_field=key_field)


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
    _put(body, "Comments", request.comments)
    _put(body, "DocCurrency", request.currency)
    _put(body, "DocRate", request.rate)
    _put(body, "BPL_IDAssignedToInvoice", request.branch)
    if request.rounding:
        body["Rounding"] = "tYES"
        local = request.currency is None
        body["RoundingDiffAmount" if local else "RoundingDiffAmountFC"] = request.rounding
    return body


def _base(request: CreditNoteRequest, line: InvoiceLine) -> dict[str, Any]:
    if request.invoice_entry is None or line.base_line is None:
        raise RequestInvalid(f"The credit note {request.key} does not name its invoice's lines.")
    return {
        "BaseType": INVOICE_TYPE,
        "BaseEntry": request.invoice_entry,
        "BaseLine": line.base_line,
    }


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
    _put(body, "DocCurrency", request.currency)
    _put(body, "DocRate", request.rate)
    _put(body, "BPLID", request.branch)
    _put(body, "CounterReference", request.counter_reference)
    _put_means(body, request)
    if request.settles:
        body["PaymentInvoices"] = [_settled(row, invoice_type) for row in request.settles]
    check_lengths(body, key_field=settings.payment_key_field)
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
    _put(body, "CostingCode", line.costing_code)
    _put(body, "GrossTotal", line.gross_total)
    _put(body, "UoMEntry", line.uom_entry)
    if line.discount_percent:
        body["DiscountPercent"] = line.discount_percent
    if not line.moves_goods:
        body["WithoutInventoryMovement"] = "tYES"
    if line.batches:
        _check_batches(line)
        body["BatchNumbers"] = [
            {"BatchNumber": pick.number, "Quantity": pick.quantity, "BaseLineNumber": number}
            for pick in line.batches
        ]
    return body


def _check_batches(line: InvoiceLine) -> None:
    numbers = {pick.number for pick in line.batches}
    if len(numbers) < len(line.batches):
        raise RequestInvalid(f"A batch of {line.item_code} is named twice on one line.")
    # In another unit of measure the sum differs by its factor, which only SAP applies here.
    if line.uom_entry is None and sum(pick.quantity for pick in line.batches) != line.quantity:
        raise RequestInvalid(f"The batches of {line.item_code} do not add up to {line.quantity}.")


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


def _short(reference: str) -> str:
    return reference if len(reference) <= TRANSFER_REFERENCE_MAX else ""


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


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    if value is not None and value != "":
        body[name] = value
