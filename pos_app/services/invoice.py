"""Invoices made at the server: one transaction for document, stock, batches and the way to SAP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.domain.sale import Sale, SaleState
from pos_app.domain.tender import Settlement
from pos_app.errors import Conflict, InvalidInput, ReferenceConflict, StaleRecord
from pos_app.services import (
    batch,
    credit,
    document,
    fiscal_request,
    invoice_price,
    invoice_told,
    invoice_view,
)
from pos_app.services.batch import Judgement, StockInvalid
from pos_app.services.invoice_order import Order, Origin, wants_of
from pos_app.services.invoice_view import Invoice
from pos_app.services.posting.queueing import enqueue_sale
from pos_app.services.shop import Shop
from pos_app.store import audit, feed, setting, stock
from pos_app.store import fiscal as journal
from pos_app.store import invoice as invoices
from pos_app.store import item as items
from pos_app.store import sale as sales
from pos_app.store.fault import UniqueViolation
from pos_app.store.stock import Move

POLL_SECONDS = 0.05


class DuplicateOrder(Conflict):
    """An invoice was made for this order of the caller's before."""

    code = "duplicate_order"

    def __init__(self, order: str, number: int) -> None:
        super().__init__(
            f"Order {order} was invoiced before, as document {number}: look that one up.",
            u_Van_saleorder=order,
            docNum=number,
        )


class DatesInvalid(InvalidInput):
    """An invoice cannot be due before it is made."""

    code = "dates_invalid"

    def __init__(self, made: date, due: date) -> None:
        super().__init__(
            f"The due date {due} lies before the document date {made}: correct one of them.",
            made=made,
            due=due,
        )


def create(
    shop: Shop,
    actor: Actor,
    order: Order,
    *,
    document_id: str | None = None,
    is_again: bool = False,
    allowed: Sequence[str] = (),
) -> Invoice:
    """Make an invoice: it exists when this returns, whatever SAP or the device do afterwards.

    Args:
        shop: the server.
        actor: who makes it.
        order: what is asked for.
        document_id: identity of the document, when the request has one; asked again with the same
            content it gives the first answer.
        is_again: an earlier try of the same request may have made it.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        ReferenceConflict: the identity belongs to an invoice of another content.
        DuplicateOrder: the caller's order was invoiced before.
        ReferenceForgotten: it was, and these books have forgotten the invoice.
        StockInvalid: some lines cannot be served; it names each.
        ApprovalNeeded: the customer would owe more than the actor may agree to.
        WarehouseNotYours, CustomerUnusable, PriceUnusable, UnmappedTaxGroup: it cannot be made.
    """
    identity = identity_of(shop, order.van_order, document_id)
    origin = Origin(document_id=identity, allowed=tuple(allowed))
    is_mine = is_again or identity == document_id
    known = _known(shop, order, identity) if is_mine else None
    if known is not None:
        return known
    sale = priced(shop, actor, order, origin)
    try:
        with shop.store.write() as connection:
            post(shop, connection, actor, sale, order=order, origin=origin)
    except UniqueViolation:
        # The same request, or the same order, was faster on another connection.
        known = _known(shop, order, identity) if is_mine else None
        if known is None:
            with shop.store.read() as connection:
                check_order(connection, order.van_order)
            raise
        return known
    return invoice_view.get(shop, origin.document_id)


def identity_of(shop: Shop, order: str, document_id: str | None) -> str:
    """What an invoice is called for ever, in SAP, too: after the caller's order, where it has one.

    A draft may have had this order, and another one since; it keeps its identity.
    """
    if not order:
        return document_id or shop.ids.new()
    named = document.named(shop, "invoice", order)
    with shop.store.read() as connection:
        row = invoices.by_id(connection, named)
    is_others = row is not None and row["van_order"] != order
    return document_id or shop.ids.new() if is_others else named


def booked(shop: Shop, made: Invoice, *, seconds: float) -> Invoice:
    """Give SAP, or the built-in books, a moment: the invoice once booked, or at the end of it."""
    end = shop.clock.now() + timedelta(seconds=seconds)
    while made.booked.state == "pending" and shop.clock.now() < end:
        shop.clock.sleep(POLL_SECONDS)
        made = invoice_view.get(shop, made.id)
    return made


def priced(shop: Shop, actor: Actor, order: Order, origin: Origin) -> Sale:
    """The order as a sale with today's prices and taxes, before anything is taken.

    Raises:
        WarehouseNotYours, DatesInvalid, CustomerUnusable, PriceUnusable, UnmappedTaxGroup, and
        whatever a sale refuses.
    """
    made = order.doc_date or shop.today
    if order.due_date is not None and order.due_date < made:
        raise DatesInvalid(made, order.due_date)
    places = [line.warehouse for line in order.lines]
    invoice_price.check_places(actor, places, origin.allowed)
    with shop.store.read() as connection:
        return invoice_price.sale_of(shop, connection, actor, order, sale_id=origin.document_id)


def post(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    sale: Sale,
    *,
    order: Order,
    origin: Origin,
    paid: Settlement | None = None,
) -> None:
    """Write the document, take the goods and queue it for SAP, all within one transaction.

    Args:
        shop: the server.
        connection: the transaction.
        actor: who makes it.
        sale: the order with prices and taxes.
        order: what is asked for.
        origin: where it comes from.
        paid: what was handed over for it; None for an invoice to be paid later.

    Raises:
        DuplicateOrder, StockInvalid: nothing was written.
        ApprovalNeeded: the customer would owe more than the actor may agree to.
    """
    check_order(connection, order.van_order, draft=sale.id)
    due = paid or Settlement(due=sale.total, settled=())
    over = credit.check(
        shop,
        connection,
        actor,
        partner=order.partner,
        owed=due.owed,
        document_id=sale.id,
        agreed=origin.agreed,
    )
    judgement = _judged(shop, connection, order, origin)
    final = sale.renumbered().moved(SaleState.POSTED)
    now = shop.clock.now()
    moves = _moves(final, judgement)
    header = _header(shop, connection, actor, final, order=order, now=now, paid=due)
    stock.take(connection, moves, now, reservation=origin.reservation)
    sales.add(
        connection,
        header=header | {"reference": origin.sale_reference or None},
        lines=_lines(final, order),
        tenders=document.tender_rows(final.id, due),
        change=document.change_rows(final.id, due),
    )
    _enter(connection, header, order, now=now, paid=(final.total - due.owed).minor)
    _file(shop, connection, final, header)
    if over is not None:
        invoices.mark_above_limit(connection, final.id, over)
    invoice_told.created(shop, connection, header)
    if not due.owed.minor:
        invoice_told.paid(shop, connection, final.id)
    _note(connection, actor, header, moves, now=now, over=over)
    enqueue_sale(
        shop,
        connection,
        sale_id=final.id,
        source=order.source,
        reference=origin.reference or header["receipt"],
        reservation_id=origin.reservation or None,
        priority=-order.priority,
    )


def _judged(shop: Shop, connection: Connection, order: Order, origin: Origin) -> Judgement:
    wants = wants_of(order)
    stock.lock(connection, batch.places_of(wants))
    judgement = batch.judge(
        shop,
        connection,
        wants,
        strategy=order.strategy,
        reservation=origin.reservation,
        ordered=origin.ordered,
    )
    if not judgement.is_valid:
        raise StockInvalid(judgement.problems)
    return judgement


def check_order(connection: Connection, van_order: str, *, draft: str = "") -> None:
    """Refuse a caller's order that was invoiced before, or is drafted but for this draft.

    Raises:
        DuplicateOrder: it was.
        ReferenceForgotten: it was before these books were restored.
    """
    known = invoices.by_van_order(connection, van_order) if van_order else None
    if known is None:
        document.check_forgotten(connection, "invoice", van_order)
        return
    if known["id"] != draft or known["state"] != invoices.DRAFT:
        status = sales.status_of(connection, [known["id"]]).get(known["id"])
        raise DuplicateOrder(van_order, invoice_view.number_of(known, status))


def _known(shop: Shop, order: Order, document_id: str) -> Invoice | None:
    with shop.store.read() as connection:
        row = invoices.by_id(connection, document_id)
    if row is None:
        return None
    if row["content_hash"] != document.content_hash(order.text):
        raise ReferenceConflict(document_id)
    return invoice_view.get(shop, document_id)


def _header(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    sale: Sale,
    *,
    order: Order,
    now: datetime,
    paid: Settlement,
) -> dict[str, Any]:
    number = setting.next_number(connection, f"receipt:{shop.rules.till}")
    return document.header_row(
        sale,
        paid,
        actor=actor,
        receipt=f"{shop.rules.till}-{number:06d}",
        number=number,
        posted_at=now,
        extra={
            "origin": "api",
            "shift_id": None,
            "reference": None,
            "content_hash": document.content_hash(order.text),
            "business_date": order.doc_date or shop.today,
            "notes": order.comments,
            "is_fiscal": shop.rules.fiscal.is_required and order.is_fiscal,
        },
    )


def _lines(sale: Sale, order: Order) -> list[dict[str, Any]]:
    rows = document.line_rows(sale)
    for row, line in zip(rows, order.lines, strict=True):
        row["warehouse"] = line.warehouse
    return rows


def _moves(sale: Sale, judgement: Judgement) -> list[Move]:
    moves = []
    for served in judgement.served:
        want = served.want
        parts = [(row.batch, row.quantity) for row in served.allocations]
        for lot, quantity in parts or [("", want.quantity)]:
            moves.append(
                Move(
                    document_kind="sale",
                    document_id=sale.id,
                    line=want.position + 1,
                    item=want.item,
                    warehouse=want.warehouse,
                    batch=lot,
                    quantity=-quantity,
                )
            )
    return moves


def _enter(
    connection: Connection, header: dict[str, Any], order: Order, *, now: datetime, paid: int
) -> None:
    """Give the document its number here; a draft keeps the one it has."""
    row = invoice_row(order, header, now=now) | {
        "state": invoices.POSTED,
        "total": header["total"],
        "paid": paid,
        "draft": None,
    }
    if invoices.held(connection, header["id"]) is None:
        invoices.add(connection, row | {"created_at": now})
    else:
        moved = invoices.change(connection, header["id"], was=invoices.DRAFT, values=row)
        if not moved:
            raise StaleRecord("invoice", header["id"])


def invoice_row(order: Order, header: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """What an invoice says beside its amounts."""
    return {
        "id": header["id"],
        "source": order.source,
        "partner": header["partner"],
        "partner_name": header["partner_name"],
        "warehouse": header["warehouse"],
        "currency": header["currency"],
        "doc_date": header["business_date"],
        "due_date": order.due_date,
        "num_at_card": order.num_at_card,
        "van_order": order.van_order or None,
        "comments": order.comments,
        "sales_person": order.sales_person,
        "fiscalize": order.is_fiscal,
        "content_hash": document.content_hash(order.text),
        "created_by": header["username"],
        "changed_at": now,
    }


def _file(shop: Shop, connection: Connection, sale: Sale, header: dict[str, Any]) -> None:
    """Leave the intent to sign it, where it is to be filed."""
    if header["is_fiscal"]:
        request = fiscal_request.for_sale(shop, sale, header)
        row = fiscal_request.intent(shop, header, request, header["posted_at"])
        journal.add(connection, row)


def _note(
    connection: Connection,
    actor: Actor,
    header: dict[str, Any],
    moves: Sequence[Move],
    *,
    now: datetime,
    over: Money | None,
) -> None:
    """Tell those who watch: searches, the audit chain, and last the tills."""
    items.sold(connection, header["warehouse"], sorted({move.item for move in moves}), now)
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action="invoice.post",
        subject=header["receipt"],
        details={
            "sale": header["id"],
            "total_minor": header["total"],
            "currency": header["currency"],
            "partner": header["partner"],
        }
        | ({} if over is None else {"above_credit_limit": over.label}),
    )
    places = sorted({f"{move.item}|{move.warehouse}" for move in moves})
    feed.changed_all(connection, [("stock", place) for place in places])
