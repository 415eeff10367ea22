"""Incoming payments: money a customer brings for invoices, or on account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money, total
from pos_app.domain.permission import Actor
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import InvalidInput, NotAllowed, ReferenceConflict, RuleBroken
from pos_app.services import document, invoice_price, invoice_told, invoice_view, payment_view
from pos_app.services.invoice_view import FIRST_OWN
from pos_app.services.payment_view import Payment
from pos_app.services.posting.queueing import Queueing, enqueue
from pos_app.services.shop import Shop
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit
from pos_app.store import charge as charges
from pos_app.store import invoice as invoices
from pos_app.store import payment as payments
from pos_app.store.fast import Record
from pos_app.store.fault import UniqueViolation


class PaymentEmpty(InvalidInput):
    """A payment of nothing."""

    code = "payment_empty"

    def __init__(self) -> None:
        super().__init__(
            "The payment is of nothing: one of cash, transfer, cheque and card must be above 0."
        )


class PaymentMismatch(InvalidInput):
    """The details of a payment do not sum to what its head says."""

    code = "payment_mismatch"

    def __init__(self, what: str, said: Money, found: Money) -> None:
        super().__init__(
            f"The {what} sum to {found} and the payment says {said}: make them equal.",
            said=said,
            found=found,
        )


class OverApplied(RuleBroken):
    """More would be settled than is paid, or than is open."""

    code = "payment_over_applied"

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence, **facts)


class InvoiceUnpayable(InvalidInput):
    """An invoice this payment cannot settle."""

    code = "invoice_unpayable"

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"Invoice {number} {why}: take it out of the payment.", docEntry=number)


class MethodNotYours(NotAllowed):
    """The user may not take money this way."""

    code = "method_not_yours"

    def __init__(self, username: str, method: str) -> None:
        super().__init__(
            f"{username} may not take payments by {method}: ask somebody who may.",
            username=username,
            method=method,
        )


METHODS = {
    "cash": {"cash"},
    "transfer": {"transfer", "banktransfer", "bank transfer", "ecocash", "innbucks", "paynow"},
    "cheque": {"cheque", "check"},
    "card": {"card", "swipe", "credit", "creditcard", "credit card"},
}
"""The means of a payment, and the names under which users are allowed them."""


@dataclass(frozen=True, slots=True)
class Application:
    """So much of a payment for one invoice, known by SAP's number or ours."""

    invoice: int
    applied: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A payment as it comes in; all amounts in its one currency.

    Attributes:
        details: ``cheques`` and ``cards`` one by one, as plain JSON, each with its ``minor``.
    """

    partner: str
    currency: str
    cash: Money
    transfer: Money
    cheque: Money
    card: Money
    applications: tuple[Application, ...] = ()
    doc_date: date | None = None
    remarks: str = ""
    transfer_reference: str = ""
    transfer_date: date | None = None
    transfer_account: str = ""
    cash_account: str = ""
    details: Mapping[str, Any] | None = None

    @property
    def total(self) -> Money:
        """What is paid altogether."""
        return total((self.cash, self.transfer, self.cheque, self.card), self.currency)

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        means = [self.cash.minor, self.transfer.minor, self.cheque.minor, self.card.minor]
        words = [self.remarks, self.transfer_reference, self.transfer_account, self.cash_account]
        return document.canonical(
            {
                "partner": self.partner,
                "currency": self.currency,
                "means": means,
                "words": words,
                "dates": [str(self.doc_date), str(self.transfer_date)],
                "applied": [[row.invoice, row.applied.minor] for row in self.applications],
                "details": dict(self.details or {}),
            }
        )


def receive(
    shop: Shop,
    actor: Actor,
    receipt: Receipt,
    *,
    document_id: str | None = None,
    methods: Sequence[str] = (),
) -> Payment:
    """Book a payment and count it on its invoices, in one transaction; SAP hears of it later.

    Args:
        shop: the server.
        actor: who takes it.
        receipt: what came in.
        document_id: identity of the payment, when the request has one.
        methods: means the actor may take, by name; empty is every one.

    Raises:
        MethodNotYours: the actor may not take one of its means.
        PaymentEmpty, PaymentMismatch, CustomerUnusable, InvoiceUnpayable: it makes no sense.
        OverApplied: more is applied than is paid, or than an invoice has open.
        ReferenceConflict: its identity belongs to a payment of another content.
    """
    payment_id = document_id or shop.ids.new()
    _check_methods(actor, receipt, methods)
    _check(receipt)
    try:
        with shop.store.write() as connection:
            known = payments.by_id(connection, payment_id)
            if known is None:
                _book(shop, connection, actor, receipt, payment_id=payment_id)
            elif known["content_hash"] != document.content_hash(receipt.text):
                raise ReferenceConflict(payment_id)
    except UniqueViolation:
        # The same request was faster on another connection.
        return payment_view.get(shop, payment_id)
    return payment_view.get(shop, payment_id)


def _check_methods(actor: Actor, receipt: Receipt, methods: Sequence[str]) -> None:
    allowed = {method.strip().casefold() for method in methods}
    for name, words in METHODS.items():
        money: Money = getattr(receipt, name)
        if allowed and money.minor and not allowed & words:
            raise MethodNotYours(actor.username, name)


def check_wallet(actor: Actor, provider: str, methods: Sequence[str]) -> None:
    """Let those pass who may take money by a wallet; raises MethodNotYours."""
    allowed = {method.strip().casefold() for method in methods}
    words = METHODS["transfer"] - {"ecocash", "innbucks", "paynow"} | {provider.strip().casefold()}
    if allowed and not allowed & words:
        raise MethodNotYours(actor.username, provider[:30])


def _check(receipt: Receipt) -> None:
    if receipt.total.minor <= 0:
        raise PaymentEmpty
    for what, said in (("cheques", receipt.cheque), ("cards", receipt.card)):
        told = (receipt.details or {}).get(what)
        if told:
            found = Money(sum(row["minor"] for row in told), receipt.currency)
            if found != said:
                raise PaymentMismatch(what, said, found)
    applied = total((row.applied for row in receipt.applications), receipt.currency)
    if applied > receipt.total:
        raise OverApplied(
            f"{applied.label} are applied to invoices and only {receipt.total.label} are paid: "
            "apply less or pay more.",
            applied=applied,
            paid=receipt.total,
        )


def _book(
    shop: Shop, connection: Connection, actor: Actor, receipt: Receipt, *, payment_id: str
) -> None:
    buyer = invoice_price.customer(connection, receipt.partner)
    invoice_price.currency_of(shop, buyer, receipt.currency)
    now = shop.clock.now()
    lines = _settle(shop, connection, receipt, payment_id=payment_id)
    header = {
        "id": payment_id,
        "partner": buyer.code,
        "partner_name": buyer.name,
        "currency": receipt.currency,
        "cash": receipt.cash.minor,
        "transfer": receipt.transfer.minor,
        "cheque": receipt.cheque.minor,
        "card": receipt.card.minor,
        "total": receipt.total.minor,
        "doc_date": receipt.doc_date or shop.today,
        "remarks": receipt.remarks,
        "transfer_reference": receipt.transfer_reference,
        "transfer_date": receipt.transfer_date,
        "transfer_account": receipt.transfer_account,
        "cash_account": receipt.cash_account,
        "details": dict(receipt.details or {}),
        "content_hash": document.content_hash(receipt.text),
        "username": actor.username,
        "created_at": now,
    }
    entry = payments.add(connection, header, lines)
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action="payment.receive",
        subject=str(FIRST_OWN + entry),
        details={
            "payment": payment_id,
            "total_minor": header["total"],
            "currency": receipt.currency,
            "partner": buyer.code,
        },
    )
    if charges.by_id(connection, payment_id) is None:  # of a charge it was told when it was paid
        told = {
            "id": payment_id,
            "docEntry": FIRST_OWN + entry,
            "cardCode": buyer.code,
            "docCurrency": receipt.currency,
            "docTotal": receipt.total,
        }
        event = WebhookEvent.PAYMENT_RECEIVED
        webhook_event.tell(shop, connection, event, subject=payment_id, data=told)
    queued = Queueing(
        kind="payment",
        document_id=payment_id,
        reference=f"PAY-{FIRST_OWN + entry}",
        source="API",
        partner=buyer.code,
        total=receipt.total,
        created_by=actor.username,
    )
    enqueue(shop, connection, queued)


def _settle(
    shop: Shop, connection: Connection, receipt: Receipt, *, payment_id: str
) -> list[dict[str, Any]]:
    """Count each application on its invoice, in one order of locks for everybody.

    The lines keep the order they were asked for in.
    """
    found = [
        (line, row, _payable(connection, receipt, row.invoice))
        for line, row in enumerate(receipt.applications)
    ]
    rows = []
    for line, application, known in sorted(found, key=lambda each: str(each[2]["id"])):
        minor = application.applied.minor
        if not invoices.add_paid(connection, known["id"], minor):
            still = Money(known["total"] - known["paid"], receipt.currency)
            raise OverApplied(
                f"Invoice {application.invoice} has {still.label} open and "
                f"{application.applied.label} are applied to it: apply less.",
                docEntry=application.invoice,
                open=still,
            )
        invoice_told.paid(shop, connection, known["id"])
        rows.append(
            {
                "payment_id": payment_id,
                "line": line,
                "invoice_id": known["id"],
                "applied": minor,
            }
        )
    return rows


def _payable(connection: Connection, receipt: Receipt, number: int) -> Record:
    known = invoice_view.find(connection, number)
    if known is None:
        raise InvoiceUnpayable(number, "does not exist")
    if known["state"] != invoices.POSTED:
        raise InvoiceUnpayable(number, "is not posted")
    if known["partner"] != receipt.partner:
        raise InvoiceUnpayable(number, f"is not one of customer {receipt.partner}")
    if known["currency"] != receipt.currency:
        raise InvoiceUnpayable(number, f"is in {known['currency']}")
    return known
