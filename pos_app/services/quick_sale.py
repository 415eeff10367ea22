"""One whole sale from a request, through the screen's own use cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from pos_app.domain import limit as limits
from pos_app.domain.charge import phone_of
from pos_app.domain.limit import AMOUNT, UNITS, Approval, ApprovalNeeded, Rule
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.domain.prompt import PromptServerAway, Question
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Tender, TenderTooLow
from pos_app.services import basket, document, item, partner, sale, sign_in, tender
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop

T = TypeVar("T")

Wallet = Callable[[Actor, Question], Tender]
"""Asks a customer's wallet, waits, and gives the tender that takes what was paid."""


def nobody(actor: Actor, question: Question) -> Tender:
    """Ask no wallet; raises PromptServerAway."""
    del actor
    raise PromptServerAway(question.kind.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """One line as a caller asks for it; exactly one of item and barcode is given."""

    item: str = ""
    barcode: str = ""
    quantity: Decimal = Decimal(1)
    discount_percent: Decimal | None = None
    price: Decimal | None = None
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTender:
    """One tender as a caller hands it over; the amount is in its own currency.

    Attributes:
        phone: number of the customer whose wallet is asked; such a tender needs no reference.
    """

    type: str
    currency: str
    amount: Decimal
    reference: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A manager's name, PIN and reason, for whatever limit the sale runs into."""

    user: str
    pin: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSale:
    """A sale as a caller asks for it; `content` is the canonical text of the request."""

    user: str
    pin: str
    lines: Sequence[WantedLine]
    tenders: Sequence[WantedTender]
    content: str
    customer: str = ""
    reference: str = ""
    currency: str = ""
    consent: Consent | None = None


def sell(shop: Shop, wanted: WantedSale, wallet: Wallet = nobody) -> Posted:
    """Make the sale, or give the first answer again for a reference that is known.

    Args:
        shop: the till.
        wanted: the sale.
        wallet: how a customer's wallet is asked, as `services.prompt.wait.paid` does.

    Raises:
        PosError: whatever the screen would say; no sale was stored.
    """
    actor = sign_in.with_pin(shop, wanted.user, wanted.pin)
    if wanted.reference:
        known = sale.replay(shop, wanted.reference, wanted.content)
        if known is not None:
            return known
    filled = _fill(shop, actor, wanted)
    tenders = _tenders(shop, wallet, actor, filled, wanted)
    return _consented(
        shop,
        actor,
        filled.id,
        wanted.consent,
        lambda approvals: sale.post(
            shop,
            actor,
            filled,
            tenders,
            reference=wanted.reference,
            content=wanted.content,
            approvals=approvals,
        ),
    )


def _consented(
    shop: Shop,
    actor: Actor,
    sale_id: str,
    consent: Consent | None,
    deed: Callable[[tuple[Approval, ...]], T],
) -> T:
    """Do a deed, with the manager's consent for each limit it runs into."""
    approvals: tuple[Approval, ...] = ()
    while True:
        try:
            return deed(approvals)
        except ApprovalNeeded as needed:
            given = {approval.rule for approval in approvals}
            if consent is None or needed.details["rule"] in given:
                raise
            approvals += (approve(shop, actor, sale_id, needed, consent=consent),)


def content_of(request: Mapping[str, object]) -> str:
    """The canonical text of a request, without its secrets; numbers keep the digits they had."""
    told = {name: value for name, value in request.items() if name not in {"pin", "approval"}}
    return document.canonical(json.loads(json.dumps(told, default=str)))


def _fill(shop: Shop, actor: Actor, wanted: WantedSale) -> Sale:
    buyer = partner.get(shop, wanted.customer) if wanted.customer else None
    filled = basket.start(shop, actor, currency=wanted.currency or None, partner=buyer)
    for line in wanted.lines:
        filled = _with_line(shop, actor, filled, line, consent=wanted.consent)
    return filled


def _with_line(
    shop: Shop, actor: Actor, filled: Sale, line: WantedLine, *, consent: Consent | None
) -> Sale:
    if line.item:
        found = item.by_code(shop, line.item, partner=filled.partner, currency=filled.currency)
    else:
        found = item.by_scan(shop, line.barcode, partner=filled.partner, currency=filled.currency)
    return _consented(
        shop,
        actor,
        filled.id,
        consent,
        lambda approvals: basket.add_found(
            shop,
            actor,
            filled,
            found,
            quantity=line.quantity,
            batch=line.batch,
            unit_price=line.price,
            discount_percent=line.discount_percent,
            approvals=approvals,
            scanned=line.barcode,
        ),
    )


def approve(
    shop: Shop, actor: Actor, document_id: str, needed: ApprovalNeeded, *, consent: Consent
) -> Approval:
    """A manager's consent as the approval of one deed on one document.

    Raises:
        SignInRefused, PinLocked: the manager is not who it says.
        ApproverNotAllowed, ReasonMissing: this is no approval.
    """
    rule = Rule(str(needed.details["rule"]))
    approver = sign_in.with_pin(shop, consent.user, consent.pin)
    return limits.approve(
        rule,
        Decimal(str(needed.details["asked"])),
        approver=approver,
        cashier=actor,
        limits=shop.rules.limits,
        sale_id=document_id,
        reason=consent.reason,
        at=shop.clock.now(),
        currency=str(needed.details["unit"]) if UNITS[rule] == AMOUNT else "",
    )


def _tenders(
    shop: Shop, wallet: Wallet, actor: Actor, filled: Sale, wanted: WantedSale
) -> list[Tender]:
    """What is handed over; a customer is asked only for a sale that can be paid so."""
    made = [_tender(shop, row) for row in wanted.tenders]
    if any(row.phone for row in wanted.tenders):
        seen = tender.preview(shop, filled, made)
        if not seen.is_enough:
            raise TenderTooLow(filled.total, seen.due[0])
        for at, row in enumerate(wanted.tenders):
            if row.phone:
                question = Question(
                    sale_id=filled.id,
                    kind=made[at].type,
                    money=made[at].money,
                    phone=row.phone,
                    request=f"{wanted.reference}#{at + 1}" if wanted.reference else None,
                )
                made[at] = wallet(actor, question)
    return made


def _tender(shop: Shop, row: WantedTender) -> Tender:
    currency = shop.rules.currencies.get(row.currency).code
    reference = f"+{phone_of(row.phone)}" if row.phone else row.reference
    return tender.make(shop, row.type, Money.of(row.amount, currency), reference=reference)
