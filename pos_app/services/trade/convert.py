"""What follows: a quotation becomes a sales order, an order becomes invoices, each thing once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.domain.trade import (
    CONVERTIBLE,
    EDITABLE,
    FulfilledTooMuch,
    NotConvertible,
    Part,
    TradeKind,
    TradeState,
    after_both,
    parts_left,
)
from pos_app.errors import StaleRecord
from pos_app.services import invoice, invoice_price, invoice_view
from pos_app.services.invoice_order import Line, Order, Origin
from pos_app.services.invoice_view import Invoice
from pos_app.services.shop import Shop
from pos_app.services.trade import make, move, view
from pos_app.services.trade.view import Trade
from pos_app.store import invoice as invoices
from pos_app.store import trade as trades
from pos_app.store.fault import UniqueViolation

_Lines = Mapping[int, RowMapping]
"""The lines of an order by their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedInvoice:
    """The invoice an order is to become.

    Attributes:
        parts: how much of which lines; empty for all that is left.
        num_at_card: the customer's number; empty for that of the order.
        reference: the caller's own key, unique for ever where it is not empty.
        source: which program asks.
    """

    parts: tuple[Part, ...] = ()
    doc_date: date | None = None
    due_date: date | None = None
    num_at_card: str = ""
    comments: str = ""
    sales_person: int | None = None
    is_fiscal: bool = True
    reference: str = ""
    source: str = "API"


def to_order(shop: Shop, actor: Actor, entry: int, *, document_id: str | None = None) -> Trade:
    """Turn a quotation into a sales order in Draft, at the very figures that were quoted.

    A quotation nobody has agreed to yet is approved with it, where the actor may.

    Args:
        shop: the server.
        actor: who converts.
        entry: the quotation, by our own number.
        document_id: identity of the order, when the request has one; again, the first answer.

    Raises:
        RecordNotFound: there is none.
        NotConvertible: it was converted before, was given up, or does not hold any more.
        PermissionMissing: it needs an approval the actor may not give.
    """
    order_id = document_id or shop.ids.new()
    with shop.store.write() as connection:
        row = move.held(connection, TradeKind.QUOTATION, entry)
        known = trades.by_id(connection, order_id)
        if known is None or known["base_id"] != row["id"]:
            _convert(shop, connection, actor, row, order_id=order_id)
    return view.get(shop, order_id)


def _convert(
    shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any], *, order_id: str
) -> None:
    kind = TradeKind.QUOTATION
    move.check_holds(shop, row)
    if TradeState(row["state"]) in EDITABLE[kind] | {TradeState.PENDING}:
        move.approve_row(shop, connection, actor, row)
        row = move.held(connection, kind, row["entry"])
    _check_convertible(row)
    order = _ordered(shop, connection, actor, row, trade_id=order_id)
    details = {"into": order["number"]}
    move.shift(shop, connection, actor, row, new=TradeState.CONVERTED, details=details)


def _ordered(
    shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any], *, trade_id: str
) -> dict[str, Any]:
    kind = TradeKind.SALES_ORDER
    order: dict[str, Any] = {
        name: value
        for name, value in row.items()
        if name not in {"entry", "client_request", "sap_key"}
    }
    order |= make.header(shop, connection, actor, kind=kind, trade_id=trade_id)
    order |= {
        "state": TradeState.DRAFT.value,
        "base_id": row["id"],
        "due_date": None,
        "has_other_prices": False,
        "in_sap": "",
        "doc_entry": None,
        "doc_num": None,
        "sap_reason": "",
        "approved_by": None,
        "approved_at": None,
    }
    lines = [
        dict(line) | {"trade_id": trade_id} for line in trades.lines_of(connection, [row["id"]])
    ]
    trades.add(connection, order, lines)
    move.tell(shop, connection, actor, order, "create", base=row["number"])
    return order


def to_invoice(
    shop: Shop,
    actor: Actor,
    entry: int,
    asked: AskedInvoice,
    *,
    document_id: str | None = None,
    is_again: bool = False,
    allowed: Sequence[str] = (),
) -> Invoice:
    """Invoice an order, whole or in part, at its agreed prices, in one transaction.

    Args:
        shop: the server.
        actor: who invoices.
        entry: the order, by our own number.
        asked: how much of it, and what the invoice says.
        document_id: identity of the invoice, when the request has one; again, the first answer.
        is_again: an earlier try of the same request may have made it.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        RecordNotFound: there is no such order.
        NotConvertible: it is not approved, or nothing of it is left.
        DuplicateOrder: the caller's reference was used before.
        FulfilledTooMuch: more than is left of a line.
        StockInvalid: some lines cannot be served; it names each.
        ApprovalNeeded: further above the customer's credit limit than was agreed to.
        WarehouseNotYours, CustomerUnusable, PriceUnusable, UnmappedTaxGroup: it cannot be made.
    """
    invoice_id = invoice.identity_of(shop, asked.reference, document_id)
    is_mine = is_again or invoice_id == document_id
    origin = Origin(document_id=invoice_id, reference=asked.reference, allowed=tuple(allowed))
    try:
        with shop.store.write() as connection:
            row = move.held(connection, TradeKind.SALES_ORDER, entry)
            if not is_mine or invoices.by_id(connection, invoice_id) is None:
                _check_convertible(row)
                _invoiced(shop, connection, actor, row, asked=asked, origin=origin)
    except UniqueViolation:
        # The caller's reference was used for another order at the same moment.
        with shop.store.read() as connection:
            invoice.check_order(connection, asked.reference)
        raise
    return invoice_view.get(shop, invoice_id)


def _check_convertible(row: Mapping[str, Any]) -> None:
    kind = TradeKind(row["kind"])
    if TradeState(row["state"]) not in CONVERTIBLE[kind]:
        raise NotConvertible(
            kind, row["number"], f"is {row['state']}, and only an approved one may"
        )


def _invoiced(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    *,
    asked: AskedInvoice,
    origin: Origin,
) -> None:
    lines = {line["line"]: line for line in trades.lines_of(connection, [row["id"]])}
    left = {number: line["quantity"] - line["fulfilled"] for number, line in lines.items()}
    parts = parts_left(row["number"], left, asked.parts)
    order = _order(row, lines, parts, asked)
    places = [line.warehouse for line in order.lines]
    invoice_price.check_places(actor, places, origin.allowed)
    offer = invoice_price.offer_of(shop, connection, actor, order, sale_id=origin.document_id)
    if offer.sale.is_gross != row["is_gross"]:
        why = "was priced on a list that treated VAT differently: make another one"
        raise NotConvertible(TradeKind.SALES_ORDER, row["number"], why)
    above = row["above_limit"]
    agreed = Money(above, row["limit_currency"]) if above else None
    origin = replace(origin, ordered=_committed(row, lines), agreed=agreed)
    invoice.post(shop, connection, actor, offer.sale, order=order, origin=origin)
    fulfil(shop, connection, actor, row, invoice_id=origin.document_id, parts=parts)


def fulfil(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    *,
    invoice_id: str,
    parts: Sequence[Part],
) -> None:
    """Count on an order what an invoice took of it, line by line, and move it on.

    Raises:
        FulfilledTooMuch: a line has less left; nothing was written.
        StaleRecord: somebody was faster.
    """
    for part in parts:
        if not trades.fulfil(connection, row["id"], part.line, part.quantity):
            raise FulfilledTooMuch(row["number"], part.line, asked=part.quantity, left=Decimal(0))
    trades.link(
        connection,
        [
            {
                "invoice_id": invoice_id,
                "invoice_line": at,
                "trade_id": row["id"],
                "line": part.line,
                "quantity": part.quantity,
            }
            for at, part in enumerate(parts, start=1)
        ],
    )
    rest = sum(
        line["quantity"] - line["fulfilled"] for line in trades.lines_of(connection, [row["id"]])
    )
    new = TradeState.PARTIALLY_INVOICED if rest else TradeState.INVOICED
    details = {"invoice": invoice_id}
    if new.value == row["state"]:
        if not trades.change(
            connection, row["id"], version=row["version"], values={"changed_at": shop.clock.now()}
        ):
            raise StaleRecord(row["kind"], row["number"])
        move.tell(shop, connection, actor, row, new.value.lower(), **details)
        return
    move.shift(shop, connection, actor, row, new=new, details=details)


def _order(
    row: Mapping[str, Any],
    lines: Mapping[int, RowMapping],
    parts: Sequence[Part],
    asked: AskedInvoice,
) -> Order:
    return Order(
        partner=row["partner"],
        currency=row["currency"],
        doc_date=asked.doc_date,
        due_date=asked.due_date,
        num_at_card=asked.num_at_card or row["reference"] or row["number"],
        comments=asked.comments or f"Order {row['number']}",
        sales_person=row["sales_person"] if asked.sales_person is None else asked.sales_person,
        is_fiscal=asked.is_fiscal,
        van_order=asked.reference,
        source=asked.source,
        is_agreed=True,
        lines=tuple(_line(row, lines[part.line], part) for part in parts),
    )


def _line(row: Mapping[str, Any], line: RowMapping, part: Part) -> Line:
    return Line(
        item=line["item"],
        quantity=part.quantity,
        warehouse=line["warehouse"],
        unit_price=line["unit_price"],
        discount_percent=after_both(line["discount_percent"], row["discount_percent"]),
        batches=((line["batch"], part.quantity),) if line["batch"] else (),
    )


def _committed(
    row: Mapping[str, Any], lines: Mapping[int, RowMapping]
) -> dict[tuple[str, str], Decimal]:
    """What the order holds back in the books of SAP for itself; nothing while it is not there."""
    if row["in_sap"] != "done":
        return {}
    found: dict[tuple[str, str], Decimal] = {}
    for line in lines.values():
        place = (line["item"], line["warehouse"])
        left = line["quantity"] - line["fulfilled"]
        found[place] = found.get(place, Decimal(0)) + left
    return found
