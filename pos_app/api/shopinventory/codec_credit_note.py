"""From our words to the contract's: credit notes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory.codec_invoice import FISCAL_STATES
from pos_app.api.shopinventory.codec_trade import SAP_STATES
from pos_app.api.shopinventory.schemas.credit_note import (
    CancelledDto,
    CreditLineDto,
    CreditLineQuestion,
    CreditNoteDto,
    CreditNoteQuestion,
    DuplicatedDto,
    FromInvoiceQuestion,
)
from pos_app.domain.credit_note import CreditNoteState, CreditNoteType
from pos_app.errors import PosError
from pos_app.services.credit_note.asked import AskedCreditNote, AskedLine
from pos_app.services.credit_note.view import CreditLine, CreditNote

TYPES = ("Return", "Adjustment", "Discount", "Damage", "Other")
STATES = ("Draft", "Pending", "Approved", "Applied", "Cancelled")
"""In the order the contract numbers them."""

SYNONYMS = {"priceadjustment": "adjustment", "damaged": "damage"}
REASON = "Goods returned"


def _word(known: tuple[str, ...], word: str | int, field: str) -> str:
    text = str(word).strip().lower()
    if text.isascii() and text.isdecimal() and len(text) < 3 and int(text) < len(known):
        return known[int(text)]
    text = SYNONYMS.get(text, text)
    for name in known:
        if name.lower() == text:
            return name
    raise FieldsInvalid([Field(field, f"Use one of {', '.join(known)}.")])


def state_of(word: str | int) -> CreditNoteState:
    """A state by its name in any case or its number; raises FieldsInvalid."""
    return CreditNoteState(_word(STATES, word, "status"))


def asked(question: CreditNoteQuestion) -> AskedCreditNote:
    """What a body asks for."""
    numbers = (question.original_invoice_id, question.original_invoice_doc_entry)
    return AskedCreditNote(
        invoices=tuple(number for number in numbers if number is not None),
        type=CreditNoteType(_word(TYPES, question.type, "type")),
        reason=question.reason,
        partner=question.card_code,
        currency=question.currency or "",
        comments=question.comments or "",
        is_restocked=question.restock_items,
        warehouse=question.restock_warehouse_code or "",
        lines=tuple(_asked_line(line) for line in question.lines),
    )


def asked_of(invoice: int, question: FromInvoiceQuestion | None) -> AskedCreditNote:
    """What a body asks for of one invoice."""
    told = question or FromInvoiceQuestion()
    return AskedCreditNote(
        invoices=(invoice,),
        type=CreditNoteType.RETURN,
        reason=told.reason or REASON,
        lines=tuple(_asked_line(line) for line in told.lines or ()),
    )


def _asked_line(line: CreditLineQuestion) -> AskedLine:
    return AskedLine(
        item=line.item_code,
        quantity=line.quantity,
        unit_price=line.unit_price or None,
        discount_percent=line.discount_percent or Decimal(0),
        warehouse=line.warehouse_code or "",
        batch=line.batch_number or "",
        original=line.original_invoice_line_id,
    )


def credit_note(found: CreditNote) -> CreditNoteDto:
    """A credit note as ``CreditNoteDto``."""
    fiscal = found.fiscal
    net = found.total - found.vat
    return CreditNoteDto(
        id=found.number,
        sap_doc_entry=found.booked.doc_entry,
        sap_doc_num=found.booked.doc_num,
        sap_status=SAP_STATES.get(found.booked.state, "Unknown"),
        credit_note_number=found.name,
        receipt_number=found.receipt or None,
        credit_note_date=found.doc_date,
        card_code=found.partner,
        card_name=found.partner_name,
        type=found.type.value,
        type_name=found.type.value,
        status=found.state.value,
        status_name=found.state.value,
        original_invoice_id=found.invoice,
        original_invoice_doc_entry=found.invoice_entry,
        reason=found.reason,
        comments=found.comments or None,
        currency=found.total.currency,
        exchange_rate=Decimal(1),
        sub_total=(found.total if found.is_gross else net).amount,
        tax_amount=found.vat.amount,
        doc_total=found.total.amount,
        prices_include_vat=found.is_gross,
        applied_amount=found.applied.amount,
        balance=(found.total - found.applied).amount,
        restock_items=found.is_restocked,
        restock_warehouse_code=found.warehouse or None,
        source=found.source,
        created_by_user_id=found.people.get(found.created_by),
        created_by_user_name=found.created_by,
        approved_by_user_id=found.people.get(found.approved_by),
        approved_by_user_name=found.approved_by or None,
        approved_date=found.approved_at,
        created_at=found.created_at,
        updated_at=found.changed_at,
        is_synced=found.booked.state == "done",
        sync_error=found.booked.reason or None,
        is_fiscalized=fiscal.is_done,
        fiscalization_status=FISCAL_STATES.get(fiscal.state, "Unknown")
        if fiscal.state
        else "Skipped",
        fiscal_receipt_global_no=fiscal.receipt_global_no,
        fiscalized_at_utc=fiscal.settled_at if fiscal.is_done else None,
        qr_code=fiscal.qr or None,
        verification_code=fiscal.verification_code or None,
        lines=[_line(found, line) for line in found.lines],
    )


def credit_notes(found: Sequence[CreditNote]) -> list[CreditNoteDto]:
    """Several of them."""
    return [credit_note(note) for note in found]


def _line(found: CreditNote, line: CreditLine) -> CreditLineDto:
    return CreditLineDto(
        id=line.number + 1,
        line_num=line.number,
        item_code=line.item,
        item_description=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        line_total=(line.gross if found.is_gross else line.net).amount,
        tax_amount=line.vat.amount,
        warehouse_code=line.warehouse,
        return_reason=found.reason,
        batch_number=line.batches[0][0] if line.batches else None,
        original_invoice_line_id=line.original_line,
        is_restocked=line.is_restocked,
    )


def cancelled(asked_for: int, outcome: CreditNote | PosError) -> CancelledDto:
    """What became of one note that was to be cancelled."""
    if isinstance(outcome, PosError):
        return CancelledDto(
            sap_doc_entry=asked_for,
            sap_doc_num=None,
            credit_note_number="",
            success=False,
            status="Failed",
            message=outcome.sentence,
        )
    return CancelledDto(
        sap_doc_entry=asked_for,
        sap_doc_num=outcome.booked.doc_num,
        credit_note_number=outcome.name,
        success=True,
        status=outcome.state.value,
        message=None,
    )


def duplicated(asked_for: int, name: str, outcome: CreditNote | PosError) -> DuplicatedDto:
    """What one cancelled note became."""
    told: dict[str, Any] = {
        "original_sap_doc_entry": asked_for,
        "original_sap_doc_num": None,
        "original_credit_note_number": name,
    }
    if isinstance(outcome, PosError):
        nothing: dict[str, Any] = dict.fromkeys(
            ("new_id", "new_sap_doc_entry", "new_sap_doc_num", "new_credit_note_number")
        )
        return DuplicatedDto(
            **told, **nothing, success=False, status="Failed", message=outcome.sentence
        )
    return DuplicatedDto(
        **told,
        new_id=outcome.number,
        new_sap_doc_entry=outcome.booked.doc_entry,
        new_sap_doc_num=outcome.booked.doc_num,
        new_credit_note_number=outcome.name,
        success=True,
        status=outcome.state.value,
        message=None,
    )
