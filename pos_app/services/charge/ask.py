"""Ask a customer for money: intent on disk first, one message to the provider, no repetition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pos_app.domain import charge as rule
from pos_app.domain.charge import ChargeRefused, ChargeState, GatewayAway
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.errors import ReferenceConflict
from pos_app.services import document, invoice_view
from pos_app.services.charge import answer, told, view
from pos_app.services.charge.gateways import Gateways
from pos_app.services.charge.view import Charge
from pos_app.services.payment import InvoiceUnpayable
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import charge as charges
from pos_app.store import invoice as invoices
from pos_app.store.fault import UniqueViolation
from sync.errors import OutcomeUnknown, Rejected, Unavailable
from sync.gateway.port import Gateway, Order, Progress, Seen, Started


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for.

    Attributes:
        reference: what the customer reads; empty makes one up.
        invoice: the invoice it pays, by SAP's number or ours; other text is kept as it is.
        partner: whose account the money belongs to; empty is the invoice's customer.
        till: the till that asks for a sale of its own, named by `sale`; empty for none.
    """

    provider: str
    amount: Money
    phone: str = ""
    email: str = ""
    invoice: str = ""
    partner: str = ""
    reference: str = ""
    return_url: str = ""
    till: str = ""
    sale: str = ""

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        words = [self.phone, self.email, self.invoice, self.partner, self.reference]
        words += [self.till, self.sale] if self.till else []
        return document.canonical(
            {
                "provider": self.provider.strip().lower(),
                "minor": self.amount.minor,
                "currency": self.amount.currency,
                "words": [*words, self.return_url],
            }
        )


def ask(
    shop: Shop, gateways: Gateways, actor: Actor, wish: Wish, *, charge_id: str | None = None
) -> Charge:
    """Send one question to a customer and say how it stands.

    A lost answer leaves the charge `Pending`: nobody knows, and it is asked about until somebody
    does. The same identity again hears how the first one stands; nothing is sent twice.

    Raises:
        ProviderUnknown, PhoneInvalid, InvoiceUnpayable: it cannot be asked so.
        ChargeRefused: the provider says no.
        GatewayAway: the provider was certainly not asked.
        ReferenceConflict: the identity belongs to another content.
    """
    gateway = gateways.of(wish.provider, wish.amount.currency)
    phone = rule.phone_of(wish.phone) if wish.phone or gateway.needs_phone else ""
    key = charge_id or shop.ids.new()
    try:
        with shop.store.write() as connection:
            known = charges.by_id(connection, key)
            if known is None:
                reference = _intend(shop, connection, actor, wish, gateway, key=key, phone=phone)
            elif known["content_hash"] != document.content_hash(wish.text):
                raise ReferenceConflict(key)
            else:
                return view.of_row(known)
    except UniqueViolation:
        # The same request was faster on another connection, which sends it.
        return view.get(shop, key)
    order = Order(
        key=key,
        reference=reference,
        amount=wish.amount.amount,
        currency=wish.amount.currency,
        phone=phone,
        email=wish.email,
        return_url=wish.return_url or gateways.return_url,
        callback_url=gateways.callback_url(gateway.provider),
    )
    return _send(shop, gateway, order)


def shut(shop: Shop, gateways: Gateways, actor: Actor, wish: Wish, *, charge_id: str) -> None:
    """Keep a question as cancelled that has not arrived: should it still come, nothing is sent.

    Raises:
        ProviderUnknown, PhoneInvalid: as `ask`.
    """
    gateway = gateways.of(wish.provider, wish.amount.currency)
    phone = rule.phone_of(wish.phone) if wish.phone or gateway.needs_phone else ""
    values = {
        "state": ChargeState.CANCELLED,
        "message": "It never arrived while it was wanted: the customer was not asked.",
        "completed_at": shop.clock.now(),
        "next_look_at": None,
    }
    try:
        with shop.store.write() as connection:
            if charges.by_id(connection, charge_id) is None:
                _intend(shop, connection, actor, wish, gateway, key=charge_id, phone=phone)
                row = view.found(charges.by_id(connection, charge_id), charge_id)
                charges.change(connection, row, values)
    except UniqueViolation:
        pass  # it arrives at this very moment: what becomes of it is read


def _intend(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    wish: Wish,
    gateway: Gateway,
    *,
    key: str,
    phone: str,
) -> str:
    now = shop.clock.now()
    reference = wish.reference or f"INV-{now:%Y%m%d%H%M%S}"
    number, partner = _whose(connection, wish)
    expires_at = now + gateway.life
    charges.add(
        connection,
        {
            "id": key,
            "provider": gateway.provider,
            "amount": wish.amount.minor,
            "currency": wish.amount.currency,
            "phone": phone,
            "reference": reference,
            "partner": partner,
            "invoice": wish.invoice,
            "invoice_number": number,
            "till": wish.till,
            "sale": wish.sale,
            "state": ChargeState.PENDING,
            "is_accepted": False,
            "is_held": False,
            "shown": {},
            "content_hash": document.content_hash(wish.text),
            "username": actor.username,
            # Whoever finds it after a crash reads it; nobody sends it again.
            "next_look_at": rule.next_look(now, looks=1, expires_at=expires_at),
            "expires_at": expires_at,
            "created_at": now,
        },
    )
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action="charge.ask",
        subject=key,
        details={
            "provider": gateway.provider,
            "minor": wish.amount.minor,
            "currency": wish.amount.currency,
        },
    )
    return reference


def _whose(connection: Connection, wish: Wish) -> tuple[int | None, str]:
    """The number of the invoice and the customer the money belongs to."""
    text = wish.invoice.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None, wish.partner
    number = int(text)
    known = invoice_view.find(connection, number)
    if known is None:
        raise InvoiceUnpayable(number, "does not exist")
    if known["state"] != invoices.POSTED:
        raise InvoiceUnpayable(number, "is not posted")
    if known["currency"] != wish.amount.currency:
        raise InvoiceUnpayable(number, f"is in {known['currency']}")
    if wish.partner and known["partner"] != wish.partner:
        raise InvoiceUnpayable(number, f"is not one of customer {wish.partner}")
    return number, known["partner"]


def _send(shop: Shop, gateway: Gateway, order: Order) -> Charge:
    try:
        started = gateway.start(order)
    except Rejected as error:
        _fail(shop, order.key, error.text)
        raise ChargeRefused(gateway.provider, error.text) from error
    except Unavailable as error:
        _fail(shop, order.key, error.reason)
        raise GatewayAway(gateway.provider, error.reason) from error
    except OutcomeUnknown as error:
        return _unknown(shop, order.key, error.reason)
    return _accepted(shop, order.key, started)


def _fail(shop: Shop, key: str, words: str) -> None:
    """It was certainly not taken: no money can come of it."""
    _change(
        shop,
        key,
        {
            "state": ChargeState.FAILED,
            "message": words[:500],
            "completed_at": shop.clock.now(),
            "next_look_at": None,
        },
    )


def _unknown(shop: Shop, key: str, words: str) -> Charge:
    said = f"It is not known yet whether the customer is asked: {words[:300]}"
    return _change(shop, key, {"message": said})


def _accepted(shop: Shop, key: str, started: Started) -> Charge:
    seen = Seen(status=started.status, key=key, external_id=started.external_id)
    shown = {
        "payment_url": started.payment_url,
        "qr": started.qr,
        "ussd": started.ussd,
        "instructions": started.instructions,
    }
    values = {"shown": shown, "poll_url": started.poll_url, "is_accepted": True}
    _change(shop, key, values)
    if seen.progress in {Progress.UNKNOWN, Progress.SUCCESS}:
        # Whatever it says of money is read once more before it counts.
        seen = Seen(status="pending", key=key, external_id=started.external_id)
    return view.of_row(answer.take(shop, key, seen, source="start"))


def _change(shop: Shop, key: str, values: dict[str, Any]) -> Charge:
    while True:
        with shop.store.write() as connection:
            row = view.found(charges.by_id(connection, key), key)
            is_settled = "state" in values and row["state"] != ChargeState.PENDING
            # A callback may have been faster than the answer; what it says came later.
            is_changed = not is_settled and charges.change(connection, row, values)
            if is_changed:
                told.tell(shop, connection, row, values.get("state", row["state"]))
            if is_settled or is_changed:
                return view.of_row(view.found(charges.by_id(connection, key), key))
