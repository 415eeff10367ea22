"""Filing one receipt: place in the chain, time, signature, QR; a pure step before the commit."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fiscal import qr
from fiscal.amount import round_money
from fiscal.chain import day_text, hash_of, receipt_text
from fiscal.signing import Signer
from fiscal.simulator import refusal
from fiscal.simulator.draft import Draft, compose
from fiscal.simulator.intake import Intake
from fiscal.simulator.receipt import FiledPayment, Original, Receipt
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

    def totals(self, day: Day) -> dict[str, str]:
        """The signed totals of a day: text, hash and signature."""
        text = day_text(
            self.settings.device_id,
            day.number,
            opened=day.opened_at.date(),
            counters=day.counters.rows(),
        )
        signature = base64.b64encode(self.signer.sign(text)).decode()
        return {"text": text, "hash": hash_of(text), "signature": signature}


def next_place(day: Day, state: State, *, date: datetime, now: datetime) -> Place:
    """The place after the last receipt; the chain restarts with every fiscal day."""
    return Place(
        fiscal_day=day.number,
        opened=datetime.fromisoformat(day.opened),
        global_no=state.next_global_no,
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
    draft = compose(intake, settings, on=place.date.date())
    original = _original(intake, draft, state, settings=settings)
    return _sign(intake, draft, original, place=place, maker=maker)


def _sign(
    intake: Intake, draft: Draft, original: Original | None, *, place: Place, maker: Maker
) -> Receipt:
    settings = maker.settings
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
        amount_sent=intake.amount,
        paid_sent=_paid(intake),
        lines=draft.lines,
        taxes=draft.taxes,
        payments=(FiledPayment(money_type="Cash", amount=draft.total),),
        buyer=_buyer(intake),
        cashier=intake.fields["Cashier"],
        comment=intake.fields["InvoiceComment"],
        original=original,
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
    if not intake.is_note:
        return None
    if intake.foreign and intake.foreign[0] != settings.device_id:
        device, number, day = intake.foreign
        return Original(device_id=device, receipt_global_no=number, fiscal_day=day, number="")
    filed = _own_original(intake, state)
    if intake.is_credit and -draft.total > state.balance(filed.number):
        raise refusal.credit_exceeds(-draft.total, filed.total)
    return Original(
        device_id=settings.device_id,
        receipt_global_no=filed.receipt_global_no,
        fiscal_day=filed.fiscal_day,
        number=filed.number,
    )


def _own_original(intake: Intake, state: State) -> Receipt:
    """Found by its number, or by the numbers of a reference that names this device itself."""
    wanted = intake.fields["OriginalInvoiceNumber"]
    filed = state.receipts.get(wanted)
    if intake.foreign and not wanted:
        filed = state.filed_as(*intake.foreign[1:])
    if filed is None or filed.is_credit:
        raise refusal.original_missing(wanted)
    return filed


def _buyer(intake: Intake) -> dict[str, str] | None:
    fields = intake.fields
    known = ("CustomerName", "CustomerBPN", "CustomerVatNumber")
    if not any(fields[name].strip() for name in known):
        return None
    return {
        "buyerRegisterName": fields["CustomerName"],
        "buyerTIN": fields["CustomerBPN"],
        "VATNumber": fields["CustomerVatNumber"],
        "address": fields["CustomerAddress"],
        "phoneNo": fields["CustomerTelephone"],
        "email": fields["CustomerEmail"],
    }
