"""Hold stock for a document that is still to come, and let it go again in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain import reservation as rule
from pos_app.domain.batch import Strategy
from pos_app.domain.currency import normalise
from pos_app.domain.money import Money, multiply
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Actor
from pos_app.domain.price import PriceMissing, after_discount
from pos_app.domain.reservation import Reservation, ReservationExpired, ReservationState
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import Conflict, InvalidInput, StaleRecord
from pos_app.services import batch, document, invoice_price, price
from pos_app.services.batch import Judgement, Served, StockInvalid, Want
from pos_app.services.reservation_view import Held, get_in, held_of
from pos_app.services.shop import Shop
from pos_app.services.webhook import event
from pos_app.store import item as items
from pos_app.store import reservation as reservations
from pos_app.store import stock
from pos_app.store.fault import UniqueViolation

ENDED: Mapping[ReservationState, WebhookEvent] = {
    ReservationState.CONFIRMED: WebhookEvent.RESERVATION_CONFIRMED,
    ReservationState.CANCELLED: WebhookEvent.RESERVATION_CANCELLED,
}
DOCUMENT_TYPES = ("Invoice", "SalesOrder", "Quotation")


class DuplicateReference(Conflict):
    """The caller's reference was used before, and its reservation is over."""

    code = "duplicate_reference"

    def __init__(self, reference: str, state: str) -> None:
        super().__init__(
            f"Reference {reference} belongs to a reservation that is {state}: use a new reference.",
            reference=reference,
            state=state,
        )


class DocumentTypeUnknown(InvalidInput):
    """Stock is not held for such a document."""

    code = "document_type_unknown"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"Stock cannot be reserved for {text[:30]!r}: use {', '.join(DOCUMENT_TYPES)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLine:
    """Goods to hold, as the caller describes them.

    Attributes:
        unit_price: what the caller means to pay; None leaves it to the customer's price.
        estimate: the customer's price of today where the caller names none.
    """

    number: int
    item: str
    warehouse: str
    quantity: Decimal
    name: str = ""
    uom: str = ""
    tax_code: str = ""
    unit_price: Decimal | None = None
    estimate: Decimal = Decimal(0)
    discount_percent: Decimal = Decimal(0)
    batches: tuple[tuple[str, Decimal], ...] = ()
    is_auto: bool = True

    @property
    def price(self) -> Decimal:
        """What one unit counts for in the reservation's total."""
        return self.estimate if self.unit_price is None else self.unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A hold as it is asked for."""

    reference: str
    label: str = ""
    source: str
    document_type: str = "Invoice"
    partner: str
    partner_name: str = ""
    currency: str = ""
    minutes: int = rule.DEFAULT_MINUTES
    is_fiscal: bool = True
    priority: int = 0
    notes: str = ""
    due_date: date | None = None
    sales_person: int | None = None
    lines: tuple[AskLine, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """The answer to a request for a hold."""

    held: Held
    is_new: bool
    warnings: tuple[str, ...] = ()


def create(shop: Shop, actor: Actor, ask: Ask) -> Made:
    """Hold stock; the same reference again, while it is pending, gives the first hold.

    Raises:
        StockInvalid: some lines cannot be held; it names each.
        DuplicateReference: the reference belongs to a hold that is over.
        DurationInvalid, UnmappedCurrency, DocumentTypeUnknown, CustomerUnusable: the request makes
            no sense.
    """
    if ask.document_type not in DOCUMENT_TYPES:
        raise DocumentTypeUnknown(ask.document_type)
    known = _estimated(shop, ask)
    try:
        with shop.store.write() as connection:
            return make(shop, connection, actor, known)
    except UniqueViolation:
        with shop.store.read() as connection:
            return _again(shop, connection, ask.reference)


def make(shop: Shop, connection: Connection, actor: Actor, ask: Ask) -> Made:
    """Hold stock within a transaction of somebody else's; as `create`."""
    if reservations.by_reference(connection, ask.reference) is not None:
        return _again(shop, connection, ask.reference)
    document.check_forgotten(connection, "reservation", ask.reference)
    lasting = rule.duration(ask.minutes)
    wants = wants_of(ask.lines)
    stock.lock(connection, batch.places_of(wants))
    judgement = batch.judge(shop, connection, wants, strategy=Strategy.FEFO)
    if not judgement.is_valid:
        raise StockInvalid(judgement.problems)
    now = shop.clock.now()
    header = _header(shop, actor, ask, now=now) | {"expires_at": now + lasting}
    reservations.add(connection, header, _rows(header["id"], ask, judgement))
    held = get_in(shop, connection, header["id"])
    _tell(shop, connection, WebhookEvent.RESERVATION_CREATED, held)
    return Made(held, is_new=True, warnings=judgement.warnings)


def cancel(shop: Shop, actor: Actor, reservation_id: str, *, reason: str = "") -> Held:
    """Let a hold go; cancelling it again is no error.

    Raises:
        RecordNotFound: there is none.
        MoveRefused: it was confirmed, has expired or failed.
    """
    said = reason or f"cancelled by {actor.username}"
    with shop.store.write() as connection:
        held = get_in(shop, connection, reservation_id)
        ended = rule.cancel(_plain(held), reason=said)
        if ended.state is not held.state:
            end(shop, connection, held, state=ended.state, reason=said)
        return get_in(shop, connection, held.id)


def renew(shop: Shop, reservation_id: str, *, minutes: int = rule.DEFAULT_MINUTES) -> Held:
    """Prolong a hold from now on; at most ten times, and never for days on end.

    Raises:
        RecordNotFound: there is none.
        DurationInvalid: not 1 to 1440 minutes.
        MoveRefused, ReservationExpired: it is over.
        RenewalsExhausted: it was renewed too often.
        StaleRecord: somebody renewed or ended it meanwhile.
    """
    with shop.store.write() as connection:
        held = get_in(shop, connection, reservation_id)
        # Whoever takes what ran out holds these first: it is still ours, or it is theirs.
        stock.lock(connection, {(line.item, line.warehouse) for line in held.lines})
        held = get_in(shop, connection, held.id)
        longer = rule.renew(_plain(held), shop.clock.now(), minutes=minutes)
        is_done = reservations.prolong(
            connection, held.id, expires_at=longer.expires_at, renewals=longer.renewals
        )
        if not is_done:
            raise StaleRecord("reservation", held.reference)
        renewed = get_in(shop, connection, held.id)
        _tell(shop, connection, WebhookEvent.RESERVATION_RENEWED, renewed)
        return renewed


def check_confirmable(shop: Shop, held: Held) -> None:
    """Let a hold become its document.

    Raises:
        MoveRefused: it is over.
        ReservationExpired: it ran out; it is marked so.
    """
    now = shop.clock.now()
    try:
        rule.confirm(_plain(held), now)
    except ReservationExpired:
        sweep(shop)
        raise


def end(
    shop: Shop,
    connection: Connection,
    held: Held,
    *,
    state: ReservationState,
    reason: str = "",
    document_id: str | None = None,
) -> None:
    """Move a hold to its end within a transaction.

    Raises:
        StaleRecord: somebody ended it meanwhile.
    """
    moved = reservations.move(
        connection,
        held.id,
        was=ReservationState.PENDING.value,
        state=state.value,
        at=shop.clock.now(),
        reason=reason,
        document_id=document_id,
    )
    if not moved:
        raise StaleRecord("reservation", held.reference)
    if event.is_wanted(shop, connection, ENDED[state]):
        _tell(shop, connection, ENDED[state], get_in(shop, connection, held.id))


def sweep(shop: Shop) -> int:
    """Mark what has run out; returns how many. Overdue holds stopped counting by themselves."""
    with shop.store.write() as connection:
        over = reservations.expire(connection, shop.clock.now())
        told = ((row["id"], _said(held_of(shop, connection, row))) for row in over)
        event.tell_each(shop, connection, WebhookEvent.RESERVATION_EXPIRED, told)
        return len(over)


def _tell(shop: Shop, connection: Connection, kind: WebhookEvent, held: Held) -> None:
    event.tell(shop, connection, kind, subject=held.id, data=_said(held))


def _said(held: Held) -> dict[str, Any]:
    """What other programs hear of a hold."""
    return {
        "reservationId": held.id,
        "externalReferenceId": held.reference,
        "cardCode": held.partner,
        "status": held.state.value,
        "expiresAt": held.expires_at,
        "reason": held.end_reason or None,
        "documentId": held.document_id,
    }


def wants_of(lines: Sequence[AskLine]) -> list[Want]:
    """The lines as stock is asked for them."""
    return [
        Want(
            position=at,
            number=line.number,
            item=line.item,
            warehouse=line.warehouse,
            quantity=line.quantity,
            batches=line.batches,
            is_auto=line.is_auto,
        )
        for at, line in enumerate(lines)
    ]


def line_amount(line: AskLine, currency: str) -> Money:
    """Price x quantity less discount, to the cent, without looking at VAT (contract §2.7)."""
    price = after_discount(line.price, line.discount_percent)
    return Money.rounded(multiply(price, line.quantity), currency)


def _estimated(shop: Shop, ask: Ask) -> Ask:
    """The request with the customer's own name, currency and prices where it is silent.

    Raises:
        CustomerUnusable, PartnerInactive, UnmappedCurrency: nothing can be sold to them like this.
    """
    with shop.store.read() as connection:
        buyer = invoice_price.customer(connection, ask.partner)
        currency = invoice_price.currency_of(shop, buyer, ask.currency)
        lines = tuple(
            replace(line, estimate=_estimate(shop, connection, line, buyer, currency=currency))
            for line in ask.lines
        )
    return replace(ask, currency=currency, partner_name=ask.partner_name or buyer.name, lines=lines)


def _estimate(
    shop: Shop, connection: Connection, line: AskLine, buyer: Partner, *, currency: str
) -> Decimal:
    item = items.find_by_code(connection, line.item) if line.unit_price is None else None
    if item is None:
        return Decimal(0)
    try:
        quoted = price.quote(
            shop, connection, item, partner=buyer, currency=currency, quantity=line.quantity
        )
    except PriceMissing:
        return Decimal(0)
    return quoted.unit_price


def _again(shop: Shop, connection: Connection, reference: str) -> Made:
    row = reservations.by_reference(connection, reference)
    if row is None:
        raise StaleRecord("reservation", reference)
    held = held_of(shop, connection, row)
    if held.state is not ReservationState.PENDING:
        raise DuplicateReference(reference, held.state.value)
    words = f"Reference {reference} was reserved before; this is that reservation."
    return Made(held, is_new=False, warnings=(words,))


def _header(shop: Shop, actor: Actor, ask: Ask, *, now: datetime) -> dict[str, Any]:
    currency = normalise(ask.currency) if ask.currency else shop.rules.currency
    amounts = (line_amount(line, currency) for line in ask.lines)
    return {
        "id": shop.ids.new(),
        "external_reference": ask.reference,
        "source": ask.source,
        "document_type": ask.document_type,
        "partner": ask.partner,
        "partner_name": ask.partner_name,
        "currency": currency,
        "state": ReservationState.PENDING.value,
        "total": sum(amount.minor for amount in amounts),
        "renewals": 0,
        "notes": ask.notes,
        "priority": ask.priority,
        "username": actor.username,
        "created_at": now,
        "extra": {
            "label": ask.label,
            "is_fiscal": ask.is_fiscal,
            "due_date": ask.due_date.isoformat() if ask.due_date else "",
            "sales_person": ask.sales_person,
            "lines": [
                {
                    "number": line.number,
                    "name": line.name,
                    "uom": line.uom,
                    "tax_code": line.tax_code,
                    "is_priced": line.unit_price is not None,
                }
                for line in ask.lines
            ],
        },
    }


def _rows(reservation_id: str, ask: Ask, judgement: Judgement) -> list[dict[str, Any]]:
    rows = []
    for served in judgement.served:
        line = ask.lines[served.want.position]
        for part, (lot, quantity) in enumerate(_parts(served)):
            rows.append(
                {
                    "reservation_id": reservation_id,
                    "line": served.want.position,
                    "part": part,
                    "item": line.item,
                    "warehouse": line.warehouse,
                    "batch": lot,
                    "quantity": quantity,
                    "unit_price": line.price,
                    "discount_percent": line.discount_percent,
                }
            )
    return rows


def _parts(served: Served) -> list[tuple[str, Decimal]]:
    parts = [(row.batch, row.quantity) for row in served.allocations]
    return parts or [("", served.want.quantity)]


def _plain(held: Held) -> Reservation:
    return Reservation(
        id=held.id,
        reference=held.reference,
        state=held.state,
        created_at=held.created_at,
        expires_at=held.expires_at,
        lines=(),
        renewals=held.renewals,
        reason=held.end_reason,
    )
