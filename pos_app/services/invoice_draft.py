"""Draft invoices: priced, changeable, without any effect on stock until they are confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.batch import Strategy
from pos_app.domain.permission import Actor
from pos_app.domain.sale import Sale
from pos_app.errors import Conflict, StaleRecord
from pos_app.services import document, invoice, invoice_view
from pos_app.services.invoice_order import Line, Order, Origin
from pos_app.services.invoice_view import Invoice
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import invoice as invoices
from pos_app.store.fault import UniqueViolation


class NotADraft(Conflict):
    """A posted invoice is changed by a credit note, never by editing it."""

    code = "not_a_draft"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Invoice {number} is posted and cannot be changed: make a credit note instead.",
            docEntry=number,
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
    """Keep an invoice open for changes; it takes no stock and no number from the till's series.

    Raises:
        DuplicateOrder: the caller's order was invoiced, or drafted, before.
        CustomerUnusable, PriceUnusable and the like: as for an invoice.
    """
    identity = invoice.identity_of(shop, order.van_order, document_id)
    origin = Origin(document_id=identity, allowed=tuple(allowed))
    sale = invoice.priced(shop, actor, order, origin)
    now = shop.clock.now()
    with _once(order), shop.store.write() as connection:
        known = invoices.held(connection, identity)
        if known is None or not (is_again or identity == document_id):
            invoice.check_order(connection, order.van_order)
            row = _row(shop, actor, order, sale)
            invoices.add(connection, row | {"created_by": actor.username, "created_at": now})
            _tell(shop, connection, actor, action="invoice.draft", subject=origin.document_id)
    return invoice_view.get(shop, origin.document_id)


def change(
    shop: Shop, actor: Actor, number: int, order: Order, *, allowed: Sequence[str] = ()
) -> Invoice:
    """Replace everything a draft says.

    Raises:
        RecordNotFound: there is no such invoice.
        NotADraft: it is posted.
    """
    known = _draft(shop, number)
    origin = Origin(document_id=known.id, allowed=tuple(allowed))
    sale = invoice.priced(shop, actor, order, origin)
    with _once(order), shop.store.write() as connection:
        invoice.check_order(connection, order.van_order, draft=known.id)
        row = _row(shop, actor, order, sale)
        if not invoices.change(connection, known.id, was=invoices.DRAFT, values=row):
            raise StaleRecord("invoice", number)
        _tell(shop, connection, actor, action="invoice.change", subject=known.id)
    return invoice_view.get(shop, known.id)


def drop(shop: Shop, actor: Actor, number: int) -> None:
    """Delete a draft.

    Raises:
        RecordNotFound: there is no such invoice.
        NotADraft: it is posted.
    """
    known = _draft(shop, number)
    with shop.store.write() as connection:
        if not invoices.drop_draft(connection, known.id):
            raise StaleRecord("invoice", number)
        _tell(shop, connection, actor, action="invoice.delete", subject=known.id)


def confirm(
    shop: Shop,
    actor: Actor,
    number: int,
    *,
    is_fiscal: bool = True,
    allowed: Sequence[str] = (),
) -> Invoice:
    """Post a draft, at the prices of now.

    Raises:
        RecordNotFound: there is no such invoice.
        NotADraft: it is posted already.
        StaleRecord: somebody changed, dropped or posted it meanwhile.
        StockInvalid, PriceUnusable and the like: as for an invoice; it stays a draft.
    """
    known = _draft(shop, number)
    with shop.store.read() as connection:
        row = invoices.by_id(connection, known.id)
    if row is None or row["draft"] is None:
        raise StaleRecord("invoice", number)
    order = replace(_order(row["draft"]["order"]), is_fiscal=is_fiscal)
    origin = Origin(document_id=known.id, allowed=tuple(allowed))
    sale = invoice.priced(shop, actor, order, origin)
    with shop.store.write() as connection:
        # What was priced above is posted only where the draft still says the same.
        held = invoices.held(connection, known.id)
        if held is None or held["draft"] != row["draft"]:
            raise StaleRecord("invoice", number)
        invoice.post(shop, connection, actor, sale, order=order, origin=origin)
    return invoice_view.get(shop, known.id)


@contextmanager
def _once(order: Order) -> Iterator[None]:
    """Say who was faster when two write down one order at the same moment."""
    try:
        yield
    except UniqueViolation as error:
        raise StaleRecord("order", order.van_order) from error


def _draft(shop: Shop, number: int) -> Invoice:
    found = invoice_view.by_number(shop, number)
    if found.status != invoices.DRAFT:
        raise NotADraft(found.doc_entry)
    return found


def _row(shop: Shop, actor: Actor, order: Order, sale: Sale) -> dict[str, Any]:
    partner = sale.partner
    header = {
        "id": sale.id,
        "partner": partner.code if partner else "",
        "partner_name": partner.name if partner else "",
        "warehouse": sale.warehouse,
        "currency": sale.currency,
        "business_date": sale.business_date,
        "username": actor.username,
    }
    row = invoice.invoice_row(order, header, now=shop.clock.now())
    del row["created_by"]
    return row | {
        "state": invoices.DRAFT,
        "total": sale.total.minor,
        "paid": 0,
        "draft": {
            "order": _order_data(order),
            "vat": sale.vat.minor,
            "is_gross": sale.is_gross,
            "lines": _lines(sale, order),
        },
    }


def _lines(sale: Sale, order: Order) -> list[dict[str, Any]]:
    rows = []
    for row, line in zip(document.line_rows(sale), order.lines, strict=True):
        rows.append(
            {
                "number": row["line"] - 1,
                "item": row["item"],
                "name": row["name"],
                "quantity": format(row["quantity"], "f"),
                "unit_price": format(row["unit_price"], "f"),
                "discount_percent": format(row["discount_percent"], "f"),
                "warehouse": line.warehouse,
                "uom": row["uom"],
                "tax_group": row["tax_group"],
                "net": row["net"],
                "vat": row["vat"],
                "gross": row["gross"],
            }
        )
    return rows


def _order_data(order: Order) -> dict[str, Any]:
    return {
        "partner": order.partner,
        "currency": order.currency,
        "doc_date": order.doc_date.isoformat() if order.doc_date else None,
        "due_date": order.due_date.isoformat() if order.due_date else None,
        "num_at_card": order.num_at_card,
        "comments": order.comments,
        "van_order": order.van_order,
        "sales_person": order.sales_person,
        "strategy": order.strategy.value,
        "source": order.source,
        "lines": [
            {
                "item": line.item,
                "quantity": format(line.quantity, "f"),
                "warehouse": line.warehouse,
                "unit_price": None if line.unit_price is None else format(line.unit_price, "f"),
                "discount_percent": format(line.discount_percent, "f"),
                "batches": [[lot, format(part, "f")] for lot, part in line.batches],
                "is_auto": line.is_auto,
            }
            for line in order.lines
        ],
    }


def _order(data: Mapping[str, Any]) -> Order:
    return Order(
        partner=data["partner"],
        currency=data["currency"],
        doc_date=date.fromisoformat(data["doc_date"]) if data["doc_date"] else None,
        due_date=date.fromisoformat(data["due_date"]) if data["due_date"] else None,
        num_at_card=data["num_at_card"],
        comments=data["comments"],
        van_order=data["van_order"],
        sales_person=data["sales_person"],
        strategy=Strategy(data["strategy"]),
        source=data["source"],
        lines=tuple(
            Line(
                item=line["item"],
                quantity=Decimal(line["quantity"]),
                warehouse=line["warehouse"],
                unit_price=None if line["unit_price"] is None else Decimal(line["unit_price"]),
                discount_percent=Decimal(line["discount_percent"]),
                batches=tuple((lot, Decimal(part)) for lot, part in line["batches"]),
                is_auto=line["is_auto"],
            )
            for line in data["lines"]
        ),
    )


def _tell(shop: Shop, connection: Connection, actor: Actor, *, action: str, subject: str) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=subject,
        details={},
    )
