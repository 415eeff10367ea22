"""Filing one receipt: place in the chain, time, signature, QR; a pure step before the commit."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fiscal import qr
from fiscal.amount import round_money
from fiscal.chain import hash_of, receipt_text
from fiscal.signing import Signer
from fiscal.simulator import refusal, validation
from fiscal.simulator.draft import Draft, compose
from fiscal.simulator.intake import Intake
from fiscal.simulator.receipt import Original, Receipt
from fiscal.simulator.refusal import Refused
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import Day, State

_NUMBER_LENGTH_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the next receipt goes: after which one, on which day, at what local time."""

    fiscal_day: int
    opened: datetime
    global_no: int
    counter: int
    previous_hash: str
    date: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Maker:
    """Who files: the settings and the key of a box."""

    settings: DeviceSettings
    signer: Signer


def next_place(day: Day, state: State, *, date: datetime, now: datetime) -> Place:
    """The place after the last receipt; the chain restarts with every fiscal day."""
    return Place(
        fiscal_day=day.number,
        opened=datetime.fromisoformat(day.opened),
        global_no=state.last_global_no + 1,
        counter=len(day.receipts) + 1,
        previous_hash=day.last_hash,
        date=date,
        now=now,
    )


def file(intake: Intake, state: State, *, place: Place, maker: Maker) -> Receipt:
    """The receipt that follows from the state; nothing is changed.

    Raises:
        Refused: duplicate number, unknown tax, original missing, or more credited than is left.
    """
    settings = maker.settings
    _check_number(intake.number, state, settings)
    draft = compose(intake, settings)
    original = _original(intake, draft, state, settings=settings)
    codes = validation.problems(
        intake,
        draft,
        settings,
        date=place.date,
        now=place.now,
        opened=place.opened,
        original=state.receipts.get(original.number) if original else None,
    )
    return _sign(_Content(intake, draft, original, codes), place=place, maker=maker)


@dataclass(frozen=True, slots=True)
class _Content:
    intake: Intake
    draft: Draft
    original: Original | None
    problems: tuple[str, ...]


def _sign(content: _Content, *, place: Place, maker: Maker) -> Receipt:
    intake, draft, settings = content.intake, content.draft, maker.settings
    text = receipt_text(
        settings.device_id,
        intake.receipt_type,
        currency=intake.fields["Currency"],
        global_no=place.global_no,
        date_text=place.date.isoformat(),
        total=draft.total,
        taxes=draft.taxes,
        previous_hash=place.previous_hash,
    )
    signature = maker.signer.sign(text)
    code = qr.signature_code(signature)
    tail = qr.QrTail(int(settings.device_id), place.date.date(), place.global_no, code)
    return Receipt(
        number=intake.number,
        type=intake.receipt_type,
        currency=intake.fields["Currency"],
        total=draft.total,
        tax=draft.tax,
        paid=draft.total,
        amount_sent=intake.amount,
        paid_sent=_paid(intake),
        lines=draft.lines,
        taxes=draft.taxes,
        buyer=_buyer(intake),
        cashier=intake.fields["Cashier"],
        comment=intake.fields["InvoiceComment"],
        original=content.original,
        receipt_global_no=place.global_no,
        receipt_counter=place.counter,
        fiscal_day=place.fiscal_day,
        date=place.date.isoformat(),
        filed_at=place.now.isoformat(),
        text=text,
        hash=hash_of(text),
        previous_hash=place.previous_hash,
        signature=base64.b64encode(signature).decode(),
        qr=qr.compose(settings.qr_url, tail),
        verification_code=tail.verification_code,
        problems=content.problems,
    )


def _paid(intake: Intake) -> Decimal:
    """What was said to be paid, in the currency of the receipt."""
    return sum((round_money(row.amount * row.rate) for row in intake.payments), Decimal("0.00"))


def _check_number(number: str, state: State, settings: DeviceSettings) -> None:
    if number in state.receipts:
        raise refusal.duplicate(number)
    if len(f"{settings.device_id}-{number}") > _NUMBER_LENGTH_MAX:
        raise Refused(f"Invalid InvoiceNumber.. it is longer than {_NUMBER_LENGTH_MAX} characters")


def _original(
    intake: Intake, draft: Draft, state: State, *, settings: DeviceSettings
) -> Original | None:
    """The receipt a note refers to; another device's cannot be checked here."""
    if intake.receipt_type == "FiscalInvoice":
        return None
    if intake.foreign and intake.foreign[0] != settings.device_id:
        device, number, day = intake.foreign
        return Original(device_id=device, receipt_global_no=number, fiscal_day=day, number="")
    wanted = intake.fields["OriginalInvoiceNumber"]
    filed = state.receipts.get(wanted)
    if filed is None or filed.type == "CreditNote":
        raise refusal.original_missing(wanted)
    if filed.currency != intake.fields["Currency"]:
        raise Refused(f"Credit Note currency must be {filed.currency} as in the original Invoice")
    if validation.is_over_balance(intake, draft, state.balance(wanted)):
        raise refusal.credit_exceeds(-draft.total, filed.total)
    return Original(
        device_id=settings.device_id,
        receipt_global_no=filed.receipt_global_no,
        fiscal_day=filed.fiscal_day,
        number=wanted,
    )


def _buyer(intake: Intake) -> dict[str, str] | None:
    fields = intake.fields
    if not fields["CustomerName"].strip():
        return None
    return {
        "buyerRegisterName": fields["CustomerName"],
        "buyerTIN": fields["CustomerBPN"],
        "VATNumber": fields["CustomerVatNumber"],
        "address": fields["CustomerAddress"],
        "phoneNo": fields["CustomerTelephone"],
        "email": fields["CustomerEmail"],
    }
