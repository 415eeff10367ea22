"""Documents of programs that do not wait: made at once, posted to SAP when it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.domain.posting import PostingState
from pos_app.domain.reservation import ReservationState
from pos_app.errors import Conflict, RecordNotFound
from pos_app.services import invoice, invoice_view, reservation, reservation_view
from pos_app.services.invoice_order import Line, Order, Origin
from pos_app.services.invoice_view import Booked, Fiscal, Invoice
from pos_app.services.reservation import Ask
from pos_app.services.reservation_view import Held
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import posting_claim, queue
from pos_app.store import reservation as reservations
from pos_app.store import sale as sales
from pos_app.store.fault import UniqueViolation


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Where a document stands on its way to SAP."""

    queue_id: int
    reference: str
    reservation_id: str | None
    partner: str
    state: PostingState
    attempts: int
    attempts_max: int
    reason: str
    booked: Booked
    fiscal: Fiscal
    source: str
    warehouse: str
    total: Money
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None
    waited: timedelta

    @property
    def is_complete(self) -> bool:
        """Whether SAP has it."""
        return self.state is PostingState.COMPLETED

    @property
    def is_failed(self) -> bool:
        """Whether somebody or something has to try again."""
        return self.state in {PostingState.FAILED, PostingState.REQUIRES_REVIEW}

    @property
    def can_retry(self) -> bool:
        """Whether it will be tried again by itself."""
        return self.state is PostingState.FAILED and self.attempts < self.attempts_max

    @property
    def can_cancel(self) -> bool:
        """Whether it may still be taken out of the queue."""
        return self.state is PostingState.PENDING


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
        document_id=shop.ids.new(),
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
    allowed: Sequence[str] = (),
) -> Confirmed:
    """Make an invoice now and let SAP hear of it later; its goods are taken, not only held.

    Raises:
        AlreadyQueued: the reference was used before.
        StockInvalid, PriceUnusable and the like: as for an invoice; nothing is kept.
    """
    document_id = shop.ids.new()
    order = _order_of_ask(ask, heading)
    sale = invoice.priced(
        shop, actor, order, Origin(document_id=document_id, allowed=tuple(allowed))
    )
    try:
        with shop.store.write() as connection:
            if reservations.by_reference(connection, ask.reference) is not None:
                raise AlreadyQueued(ask.reference)
            held = reservation.make(shop, connection, actor, ask).held
            origin = Origin(document_id=document_id, reservation=held.id, reference=ask.reference)
            # The hold has chosen the batches; the invoice takes those.
            chosen = replace(order, lines=_with_batches(order.lines, held))
            invoice.post(shop, connection, actor, sale, order=chosen, origin=origin)
            reservation.end(
                shop,
                connection,
                held,
                state=ReservationState.CONFIRMED,
                document_id=document_id,
            )
    except UniqueViolation:
        raise AlreadyQueued(ask.reference) from None
    return Confirmed(reservation_view.get(shop, held.id), invoice_view.get(shop, document_id))


def status(shop: Shop, key: str) -> Queued:
    """Where a document stands, by its number in the queue, its reference or its reservation.

    Raises:
        RecordNotFound: nothing in the queue goes by that name.
    """
    with shop.store.read() as connection:
        row = _find(connection, key)
        if row is None:
            raise RecordNotFound("queued invoice", key)
        return _queued(shop, connection, row)


def waiting(shop: Shop) -> tuple[int, timedelta]:
    """How many documents are on their way to SAP, and for how long the oldest has been."""
    with shop.store.read() as connection:
        count, oldest = posting_claim.waiting(connection)
    return count, shop.clock.now() - oldest if oldest is not None else timedelta()


def _find(connection: Connection, key: str) -> RowMapping | None:
    if key.isascii() and key.isdecimal() and len(key) <= 18:
        found = queue.by_id(connection, int(key))
        if found is not None:
            return found
    known = queue.by_reference(connection, key)
    if known is not None:
        return known
    held = reservations.by_id(connection, key)
    if held is None or held["document_id"] is None:
        return None
    return queue.of_documents(connection, [held["document_id"]]).get(held["document_id"])


def _queued(shop: Shop, connection: Connection, row: RowMapping) -> Queued:
    document_id = row["document_id"]
    header = sales.by_id(connection, document_id)
    known = sales.status_of(connection, [document_id]).get(document_id)
    filed = journal.by_sale(connection, document_id)
    state = PostingState(row["state"])
    is_waiting = state in {PostingState.PENDING, PostingState.FAILED}
    return Queued(
        queue_id=row["queue_id"],
        reference=row["reference"],
        reservation_id=row["reservation_id"],
        partner=row["partner"],
        state=state,
        attempts=row["attempts"],
        attempts_max=row["attempts_max"],
        reason=row["reason"],
        booked=invoice_view.booked_of(known) if known else Booked(),
        fiscal=invoice_view.fiscal_of(filed) if filed else Fiscal(),
        source=row["source"],
        warehouse=header["warehouse"] if header else "",
        total=Money(row["total"], row["currency"]),
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        next_at=row["try_at"] if is_waiting else None,
        waited=(row["ended_at"] or shop.clock.now()) - row["created_at"],
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


def _order_of_ask(ask: Ask, heading: Heading) -> Order:
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
        lines=tuple(
            Line(
                item=line.item,
                quantity=line.quantity,
                warehouse=line.warehouse,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                batches=line.batches,
                is_auto=line.is_auto,
            )
            for line in ask.lines
        ),
    )


def _with_batches(lines: Sequence[Line], held: Held) -> tuple[Line, ...]:
    return tuple(
        replace(line, batches=kept.batches) for line, kept in zip(lines, held.lines, strict=True)
    )
