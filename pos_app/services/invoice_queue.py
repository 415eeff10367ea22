"""Documents of programs that do not wait: made at once, posted to SAP when it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pos_app.domain.batch import Strategy
from pos_app.domain.permission import Actor
from pos_app.domain.reservation import ReservationState
from pos_app.errors import Conflict
from pos_app.services import document, invoice, invoice_view, reservation, reservation_view
from pos_app.services.invoice_order import Line, Order, Origin
from pos_app.services.invoice_view import Invoice
from pos_app.services.reservation import Ask
from pos_app.services.reservation_view import Held
from pos_app.services.shop import Shop
from pos_app.store import queue
from pos_app.store import reservation as reservations
from pos_app.store.fault import UniqueViolation

KIND = "reservation"
"""Reservations and queued invoices share one name space of references."""


class AlreadyQueued(Conflict):
    """The caller's reference was queued or reserved before."""

    code = "already_queued"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"Reference {reference} was queued before: ask for its status.", reference=reference
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the invoice of a reservation says beside its goods."""

    doc_date: date | None = None
    due_date: date | None = None
    num_at_card: str = ""
    comments: str = ""
    sales_person: int | None = None
    is_fiscal: bool = True


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A reservation and the invoice it became."""

    held: Held
    invoice: Invoice


def confirm(
    shop: Shop,
    actor: Actor,
    reservation_id: str,
    heading: Heading,
    *,
    allowed: Sequence[str] = (),
) -> Confirmed:
    """Turn a hold into its invoice, with the very batches it held.

    Raises:
        RecordNotFound: there is no such reservation.
        MoveRefused, ReservationExpired: it is over.
        StockInvalid, PriceUnusable and the like: as for an invoice; the hold stays.
    """
    held = reservation_view.get(shop, reservation_id)
    reservation.check_confirmable(shop, held)
    order = _order_of(held, heading)
    origin = Origin(
        document_id=document.named(shop, KIND, held.reference),
        reservation=held.id,
        reference=held.reference,
        allowed=tuple(allowed),
    )
    sale = invoice.priced(shop, actor, order, origin)
    with shop.store.write() as connection:
        # Ended first: of two who confirm at once the second waits here, and is refused.
        reservation.end(
            shop,
            connection,
            held,
            state=ReservationState.CONFIRMED,
            document_id=origin.document_id,
        )
        invoice.post(shop, connection, actor, sale, order=order, origin=origin)
    return Confirmed(
        reservation_view.get(shop, held.id), invoice_view.get(shop, origin.document_id)
    )


def enqueue(
    shop: Shop,
    actor: Actor,
    ask: Ask,
    heading: Heading,
    *,
    document_id: str | None = None,
    is_again: bool = False,
    allowed: Sequence[str] = (),
) -> Confirmed:
    """Make an invoice now and let SAP hear of it later; its goods are taken, not only held.

    Args:
        shop: the server.
        actor: who makes it.
        ask: the goods, and the reference they go by.
        heading: what else the invoice says.
        document_id: identity of the invoice, where its caller has not named it by the reference;
            asked again it gives the first answer.
        is_again: an earlier try of the same request may have made it; then, the first answer.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        AlreadyQueued: the reference was used before.
        ReferenceForgotten: it was before these books were restored.
        StockInvalid, PriceUnusable and the like: as for an invoice; nothing is kept.
    """
    invoice_id = document_id or document.named(shop, KIND, ask.reference)
    known = _made(shop, invoice_id) if document_id or is_again else None
    if known is not None:
        return known
    order = order_of_ask(ask, heading)
    sale = invoice.priced(
        shop, actor, order, Origin(document_id=invoice_id, allowed=tuple(allowed))
    )
    try:
        with shop.store.write() as connection:
            if reservations.by_reference(connection, ask.reference) is not None:
                raise AlreadyQueued(ask.reference)
            held = reservation.make(shop, connection, actor, ask).held
            origin = Origin(document_id=invoice_id, reservation=held.id, reference=ask.reference)
            # The hold has chosen the batches; the invoice takes those.
            chosen = replace(order, lines=_with_batches(order.lines, held))
            invoice.post(shop, connection, actor, sale, order=chosen, origin=origin)
            reservation.end(
                shop,
                connection,
                held,
                state=ReservationState.CONFIRMED,
                document_id=invoice_id,
            )
    except UniqueViolation:
        raise AlreadyQueued(ask.reference) from None
    return Confirmed(reservation_view.get(shop, held.id), invoice_view.get(shop, invoice_id))


def _made(shop: Shop, document_id: str) -> Confirmed | None:
    """What an earlier try of the same request made, of which its caller never heard."""
    with shop.store.read() as connection:
        row = queue.of_documents(connection, [document_id]).get(document_id)
    if row is None or not row["reservation_id"]:
        return None
    return Confirmed(
        reservation_view.get(shop, row["reservation_id"]), invoice_view.get(shop, document_id)
    )


def _order_of(held: Held, heading: Heading) -> Order:
    return Order(
        partner=held.partner,
        currency=held.currency,
        doc_date=heading.doc_date,
        due_date=heading.due_date or held.due_date,
        num_at_card=heading.num_at_card or held.reference,
        comments=heading.comments or held.notes,
        sales_person=(held.sales_person if heading.sales_person is None else heading.sales_person),
        is_fiscal=heading.is_fiscal,
        source=held.source,
        priority=held.priority,
        lines=tuple(
            Line(
                item=line.item,
                quantity=line.quantity,
                warehouse=line.warehouse,
                unit_price=line.unit_price if line.is_priced else None,
                discount_percent=line.discount_percent,
                batches=line.batches,
            )
            for line in held.lines
        ),
    )


def order_of_ask(
    ask: Ask, heading: Heading, *, strategy: Strategy = Strategy.FEFO, is_auto: bool = True
) -> Order:
    """The invoice such a request is for; ``is_auto`` false lets no line choose its batches."""
    return Order(
        partner=ask.partner,
        currency=ask.currency,
        doc_date=heading.doc_date,
        due_date=heading.due_date,
        num_at_card=heading.num_at_card or ask.reference,
        comments=heading.comments,
        sales_person=heading.sales_person,
        is_fiscal=heading.is_fiscal,
        source=ask.source,
        priority=ask.priority,
        strategy=strategy,
        lines=tuple(
            Line(
                item=line.item,
                quantity=line.quantity,
                warehouse=line.warehouse,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                batches=line.batches,
                is_auto=is_auto and line.is_auto,
            )
            for line in ask.lines
        ),
    )


def _with_batches(lines: Sequence[Line], held: Held) -> tuple[Line, ...]:
    return tuple(
        replace(line, batches=kept.batches) for line, kept in zip(lines, held.lines, strict=True)
    )
