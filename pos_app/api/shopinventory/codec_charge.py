"""From the contract's words to ours and back: payments by mobile money."""

from __future__ import annotations

from pos_app.api.shopinventory.page import Window
from pos_app.api.shopinventory.schemas.charge import (
    ChargePage,
    ChargeRow,
    ChargeStatus,
    Initiated,
    InitiateQuestion,
    ProviderInfo,
    Providers,
    RefundDone,
)
from pos_app.domain.currency import normalise
from pos_app.domain.money import Money
from pos_app.services.charge.ask import Wish
from pos_app.services.charge.gateways import Gateways
from pos_app.services.charge.view import Charge, Page, Refund

NAMES = {"paynow": "PayNow", "innbucks": "Innbucks", "ecocash": "Ecocash"}
"""Providers as the contract spells them (§2.15)."""

SHOWN = {"paynow": "PayNow", "innbucks": "InnBucks", "ecocash": "EcoCash"}
WAYS = {"paynow": ["Link"], "innbucks": ["Code", "QR"], "ecocash": ["USSD"]}
REFUND_WORDS = {
    "done": "{money} were given back.",
    "sent": "{money} are on their way back; the provider has not said yet that they are.",
    "person": "Give {money} back in the provider's portal: it takes no refunds by message.",
    "refused": "{money} were not given back: {message}",
}


def providers(gateways: Gateways) -> Providers:
    """Every provider, the ones that are not set up as well."""
    rows = []
    for name, ours in NAMES.items():
        accounts = gateways.named(name)
        rows.append(
            ProviderInfo(
                name=ours,
                display_name=SHOWN[name],
                is_enabled=bool(accounts),
                is_sandbox=any(one.is_sandbox for one in accounts),
                supported_currencies=sorted({code for one in accounts for code in one.currencies}),
                payment_methods=WAYS[name],
            )
        )
    return Providers(providers=rows)


def wish(question: InitiateQuestion) -> Wish:
    """What a body asks for."""
    return Wish(
        provider=question.provider,
        amount=Money.of(question.amount, normalise(question.currency)),
        phone=(question.phone_number or "").strip(),
        email=question.email or "",
        invoice=question.invoice_id or "",
        partner=question.customer_code or "",
        reference=question.reference or "",
        return_url=question.return_url or "",
    )


def initiated(found: Charge) -> Initiated:
    """A charge as ``InitiatePaymentResponse``."""
    told = found.shown
    return Initiated(
        transaction_id=found.id,
        external_transaction_id=found.external_id or None,
        status=found.state.value,
        status_message=found.message or None,
        provider=NAMES[found.provider],
        payment_url=told.get("payment_url") or None,
        qr_code=told.get("qr") or None,
        ussd_code=told.get("ussd") or None,
        instructions=told.get("instructions") or None,
        expires_at=found.expires_at,
        provider_data={"status": found.provider_status, "reference": found.reference},
    )


def status(found: Charge) -> ChargeStatus:
    """A charge as ``PaymentStatusResponse``."""
    return ChargeStatus(
        transaction_id=found.id,
        external_transaction_id=found.external_id or None,
        status=found.state.value,
        status_message=found.message or None,
        provider_status=found.provider_status or None,
        amount=found.amount.amount,
        received_amount=None if found.received is None else found.received.amount,
        refunded_amount=found.refunded.amount,
        currency=found.amount.currency,
        provider=NAMES[found.provider],
        created_at=found.created_at,
        completed_at=found.completed_at,
        needs_person=found.is_held or found.booking == "person",
    )


def page(found: Page, window: Window) -> ChargePage:
    """Charges as ``PaymentTransactionListResponse``."""
    rows = [_row(one) for one in found.charges]
    first = found.paid[0].amount if found.paid else Money.zero("USD").amount
    usual = next((one.amount for one in found.paid if one.currency == "USD"), first)
    return ChargePage(
        **window.envelope(found.total, len(rows)),
        transactions=rows,
        items=rows,
        total_amount=usual,
        total_amounts={one.currency: one.amount for one in found.paid},
    )


def _row(found: Charge) -> ChargeRow:
    return ChargeRow(
        id=found.id,
        number=found.number,
        external_transaction_id=found.external_id or None,
        provider=NAMES[found.provider],
        payment_method=WAYS[found.provider][0],
        amount=found.amount.amount,
        currency=found.amount.currency,
        phone_number=found.phone or None,
        reference=found.reference,
        invoice_id=found.invoice or None,
        customer_code=found.partner or None,
        status=found.state.value,
        status_message=found.message or None,
        refunded_amount=found.refunded.amount,
        created_at=found.created_at,
        completed_at=found.completed_at,
    )


def refund(made: Refund) -> RefundDone:
    """What became of a refund."""
    words = REFUND_WORDS[made.state]
    return RefundDone(
        message=words.format(money=made.amount.label, message=made.message),
        refund_id=made.id,
        status=made.state.title(),
        amount=made.amount.amount,
        currency=made.amount.currency,
    )
