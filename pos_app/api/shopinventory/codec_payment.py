"""From the contract's words to ours and back: incoming payments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pos_app.api.shopinventory.codec_invoice import SAP_STATES
from pos_app.api.shopinventory.schemas.payment import (
    PaymentCardDto,
    PaymentCheckDto,
    PaymentDto,
    PaymentInvoiceDto,
    PaymentMade,
    PaymentQuestion,
)
from pos_app.domain.currency import normalise
from pos_app.domain.money import Money
from pos_app.services.payment import Application, Receipt
from pos_app.services.payment_view import Payment


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
        "payment_checks": list(_cheques(found)),
        "payment_credit_cards": list(_cards(found)),
    }


def _cheques(found: Payment) -> Iterable[PaymentCheckDto]:
    for at, row in enumerate(found.details.get("cheques", ())):
        yield PaymentCheckDto(
            line_num=at,
            due_date=date.fromisoformat(row["due"]) if row["due"] else None,
            check_number=row["number"],
            bank_code=row["bank"] or None,
            branch=row["branch"] or None,
            account_num=row["account"] or None,
            check_sum=Money(row["minor"], found.currency).amount,
            currency=found.currency,
        )


def _cards(found: Payment) -> Iterable[PaymentCardDto]:
    for at, row in enumerate(found.details.get("cards", ())):
        yield PaymentCardDto(
            line_num=at,
            credit_card=row["card"],
            credit_card_number=row["last_digits"] or None,
            voucher_num=row["voucher"] or None,
            credit_sum=Money(row["minor"], found.currency).amount,
            credit_cur=found.currency,
        )
