"""Documents in SAP: look up by key, then post, never twice.

The order is always the same: `find_*` first, and only its proven None allows `post_*`. After
OutcomeUnknown it is `find_*` again, over a window longer than the slowest commit (production
lessons L01 to L03). No function here repeats a POST.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sync.errors import OutcomeUnknown, SyncError, Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.errors import AwaitingApproval, Kind, MoreThanOne, SapRejected
from sync.sap.paging import by_key
from sync.sap.payloads import credit_note_body, invoice_body, payment_body, refund_body
from sync.sap.query import Query, both, equals, one_of
from sync.sap.requests import (
    ZERO,
    BatchPick,
    CardSlip,
    Cash,
    CreditNoteRequest,
    InvoiceLine,
    InvoiceRequest,
    PaymentRequest,
    Posted,
    RefundRequest,
    Transfer,
)

__all__ = [
    "BatchPick",
    "CardSlip",
    "Cash",
    "CreditNoteRequest",
    "InvoiceLine",
    "InvoiceRequest",
    "PaymentRequest",
    "Posted",
    "RefundRequest",
    "Transfer",
    "find_by_key",
    "find_credit_note",
    "find_draft",
    "find_invoice",
    "find_payment",
    "find_refund",
    "get_credit_note",
    "get_document",
    "get_invoice",
    "post_credit_note",
    "post_document",
    "post_invoice",
    "post_payment",
    "post_refund",
]

EARLIEST = 1900
"""The first year a day of SAP is believed."""

DOCUMENT_SELECT = (
    "DocEntry",
    "DocNum",
    "DocDate",
    "CardCode",
    "NumAtCard",
    "DocTotal",
    "DocTotalFc",
    "VatSum",
    "DocCurrency",
    "DocumentStatus",
    "Cancelled",
    "PaidToDate",
    "PaidToDateFC",
)
PAYMENT_SELECT = (
    "DocEntry",
    "DocNum",
    "DocDate",
    "CardCode",
    "DocCurrency",
    "CashSum",
    "TransferSum",
    "TransferReference",
    "CounterReference",
    "Remarks",
    "Cancelled",
    "PaymentCreditCards",
    "PaymentChecks",
)
PAYMENT_LENGTHS = {"TransferReference": 27, "CounterReference": 8}
NOT_CANCELLED = "Cancelled eq 'tNO'"


def find_invoice(sl: ServiceLayer, key: str) -> Posted | None:
    """The A/R invoice that carries our key, or None when SAP proves there is none.

    Raises:
        MoreThanOne: several do.
        SyncError: SAP could not be asked, which is not a "no".
    """
    return find_by_key(sl, "Invoices", key)


def find_draft(sl: ServiceLayer, key: str) -> Posted | None:
    """The draft that carries our key, such as one waiting for approval; as `find_invoice`."""
    return find_by_key(sl, "Drafts", key)


def find_by_key(sl: ServiceLayer, set_name: str, key: str) -> Posted | None:
    """The document of a set that carries our key; a plain entity query (lesson L02).

    Raises:
        MoreThanOne: several do.
        SyncError: SAP could not be asked.
    """
    where = both(equals(sl.settings.key_field, key), NOT_CANCELLED)
    query = Query(select=DOCUMENT_SELECT, where=where, order_by="DocEntry desc")
    return _single([_posted(row) for row in sl.rows(set_name, query)], set_name, key)


def get_document(sl: ServiceLayer, set_name: str, doc_entry: int) -> Posted | None:
    """A document of a set by DocEntry, as it is now; None when there is none."""
    row = sl.find(set_name, doc_entry, Query(select=DOCUMENT_SELECT))
    return None if row is None else _posted(row)


def get_invoice(sl: ServiceLayer, doc_entry: int) -> Posted | None:
    """An A/R invoice by DocEntry, with what is paid of it by now; None when there is none."""
    return get_document(sl, "Invoices", doc_entry)


def post_invoice(sl: ServiceLayer, request: InvoiceRequest) -> Posted:
    """Post an A/R invoice, once; only after `find_invoice` said None.

    Raises:
        RequestInvalid: cannot be posted as it stands; nothing was sent.
        AwaitingApproval: SAP made a draft of it.
        SapRejected: SAP refused; see its kind.
        Unavailable: proven not processed.
        OutcomeUnknown: look it up.
    """
    return post_document(sl, "Invoices", invoice_body(request, sl.settings))


def find_credit_note(sl: ServiceLayer, key: str) -> Posted | None:
    """The A/R credit note that carries our key; as `find_invoice`."""
    return find_by_key(sl, "CreditNotes", key)


def get_credit_note(sl: ServiceLayer, doc_entry: int) -> Posted | None:
    """An A/R credit note by DocEntry, with what is paid out of it by now; None when none is."""
    return get_document(sl, "CreditNotes", doc_entry)


def post_credit_note(sl: ServiceLayer, request: CreditNoteRequest) -> Posted:
    """Post an A/R credit note, once; only after `find_credit_note` said None.

    A refusal of kind BASE_CLOSED means that the invoice was closed meanwhile: nothing was
    booked, and the same request with `is_based` False may be posted.

    Raises:
        RequestInvalid, AwaitingApproval, SapRejected, Unavailable, OutcomeUnknown: as
            `post_invoice`.
    """
    return post_document(sl, "CreditNotes", credit_note_body(request, sl.settings))


def post_document(sl: ServiceLayer, set_name: str, body: Row) -> Posted:
    """Post a body that carries our key into a set of documents; raises as `post_invoice`."""
    key = str(body[sl.settings.key_field])
    try:
        row = sl.post(set_name, body)
    except SapRejected as refusal:
        # The same code means an unknown partner and a draft made by an approval procedure.
        if refusal.kind is Kind.MISSING:
            _look_for_draft(sl, key, refusal)
        raise
    return _read_posted(row, set_name, key)


def find_payment(sl: ServiceLayer, request: PaymentRequest) -> Posted | None:
    """The incoming payment that carries our reference, or None when SAP proves there is none.

    Customer and day come first, since SAP has an index for the customer; a walk-in customer has
    thousands of payments a day, so SAP compares the reference, too, and it is compared again here.

    Raises:
        MoreThanOne: several carry it.
        SyncError: SAP could not be asked.
    """
    return _find_payment(sl, "IncomingPayments", request)


def post_payment(sl: ServiceLayer, request: PaymentRequest) -> Posted:
    """Post an incoming payment, once; only after `find_payment` said None.

    A refusal of kind SETTLED means that the invoice is paid already: look the payment up.

    Raises:
        RequestInvalid, SapRejected, Unavailable, OutcomeUnknown: as `post_invoice`.
    """
    body = payment_body(request, sl.settings)
    return _post_payment(sl, "IncomingPayments", body, request.reference)


def find_refund(sl: ServiceLayer, request: RefundRequest) -> Posted | None:
    """The outgoing payment that carries our reference; as `find_payment`."""
    return _find_payment(sl, "VendorPayments", request)


def post_refund(sl: ServiceLayer, request: RefundRequest) -> Posted:
    """Post an outgoing payment, once; only after `find_refund` said None.

    A refusal of kind SETTLED means that the credit note is paid out already: look it up.

    Raises:
        RequestInvalid, SapRejected, Unavailable, OutcomeUnknown: as `post_invoice`.
    """
    return _post_payment(sl, "VendorPayments", refund_body(request, sl.settings), request.reference)


def _find_payment(
    sl: ServiceLayer, set_name: str, request: PaymentRequest | RefundRequest
) -> Posted | None:
    own_field = sl.settings.payment_key_field
    select = (*PAYMENT_SELECT, own_field) if own_field else PAYMENT_SELECT
    names = (
        "Remarks",
        "TransferReference",
        "CounterReference",
        *([own_field] if own_field else []),
    )
    where = both(
        equals("CardCode", request.card_code),
        equals("DocDate", request.doc_date),
        one_of(equals(name, request.reference) for name in names if _fits(name, request.reference)),
    )
    found = [
        _posted_payment(row, request.reference)
        for row in by_key(sl, set_name, "DocEntry", Query(select=select, where=where))
        if row.get("Cancelled") != "tYES" and _carries(row, names, request.reference)
    ]
    return _single(found, set_name, request.reference)


def _post_payment(sl: ServiceLayer, set_name: str, body: Row, reference: str) -> Posted:
    row = sl.post(set_name, body)
    try:
        return _posted_payment(row, reference)
    except (KeyError, ValueError, TypeError) as error:
        reason = f"SAP's answer to the payment {reference} cannot be read."
        raise OutcomeUnknown(reason) from error


def _look_for_draft(sl: ServiceLayer, key: str, refusal: SapRejected) -> None:
    try:
        draft = find_draft(sl, key)
    except MoreThanOne:
        raise
    except SyncError as error:
        reason = f"SAP found no record for {key}, and its drafts cannot be read: {error}"
        raise OutcomeUnknown(reason) from error
    if draft is not None:
        raise AwaitingApproval(draft.doc_entry) from refusal


def _single(found: Sequence[Posted], what: str, key: str) -> Posted | None:
    if len(found) > 1:
        raise MoreThanOne(what, key, [posted.doc_entry for posted in found])
    return found[0] if found else None


def _fits(name: str, reference: str) -> bool:
    """Whether a payment can carry the reference in this field at all."""
    return len(reference) <= PAYMENT_LENGTHS.get(name, len(reference))


def _carries(row: Row, names: Sequence[str], reference: str) -> bool:
    return any(row.get(name) == reference for name in names)


def _read_posted(row: Row, set_name: str, key: str) -> Posted:
    try:
        return _posted(row)
    except Unavailable as error:
        raise OutcomeUnknown(f"SAP's answer to {set_name} {key} cannot be read.") from error


def _posted(row: Row) -> Posted:
    try:
        return Posted(
            doc_entry=int(row["DocEntry"]),
            doc_num=int(row["DocNum"]),
            doc_total=_decimal(row["DocTotal"]),
            doc_total_fc=_decimal(row.get("DocTotalFc")),
            vat_sum=_decimal(row.get("VatSum")),
            # Missing, not zero, would read as unpaid (production lesson L19).
            paid_to_date=_decimal(row["PaidToDate"]),
            paid_to_date_fc=_decimal(row.get("PaidToDateFC")),
            currency=row.get("DocCurrency") or "",
            card_code=row.get("CardCode") or "",
            num_at_card=row.get("NumAtCard") or "",
            doc_date=read_day(row.get("DocDate")),
            status=_status(row),
            cancelled=row.get("Cancelled") == "tYES",
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a document that cannot be read: {error!r}") from error


def _posted_payment(row: Row, reference: str) -> Posted:
    cards = [card.get("CreditSum") for card in row.get("PaymentCreditCards") or ()]
    checks = [check.get("CheckSum") for check in row.get("PaymentChecks") or ()]
    means = [row.get("CashSum"), row.get("TransferSum"), *cards, *checks]
    total = sum((_decimal(amount) for amount in means), ZERO)
    return Posted(
        doc_entry=int(row["DocEntry"]),
        doc_num=int(row["DocNum"]),
        doc_total=total,
        doc_total_fc=ZERO,
        vat_sum=ZERO,
        paid_to_date=ZERO,
        paid_to_date_fc=ZERO,
        currency=row.get("DocCurrency") or "",
        card_code=row.get("CardCode") or "",
        num_at_card=reference,
        doc_date=read_day(row.get("DocDate")),
        status="closed",
        cancelled=row.get("Cancelled") == "tYES",
    )


def _status(row: Row) -> str:
    return "open" if row.get("DocumentStatus") == "bost_Open" else "closed"


def _decimal(value: Any) -> Decimal:
    return ZERO if value is None else Decimal(value)


def read_day(value: Any) -> date | None:
    """A SAP date, with or without its time of day, as a date; null is None.

    Raises:
        Unavailable: any other shape, or a day no shop has seen; never a default (lesson L70).
    """
    if value is None or value == "":
        return None
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        day = date.min
    if day.year < EARLIEST:
        raise Unavailable(f"SAP sent the day {value!r}, which cannot be read.")
    return day
