"""Every kind of document the queue takes to SAP, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from pos_app.services.posting import (
    count,
    movement,
    note,
    payment,
    purchase,
    sale,
    trade,
    transfer,
)
from pos_app.services.posting.step import AnyStep
from pos_app.services.shop import Shop
from pos_app.store import feed
from pos_app.store import sale as sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far a document has come.

    Attributes:
        lamp: ``pending``, ``unknown``, ``review`` or ``done``.
        doc_entry, doc_num: what SAP calls its first document, once that is done.
        reason: why it is not done; empty when it is.
    """

    lamp: str
    doc_entry: int | None = None
    doc_num: int | None = None
    reason: str = ""


Planner = Callable[[Shop, Connection, RowMapping], tuple[AnyStep, ...]]
"""What a row of the queue becomes in SAP, read from the document it stands for."""

Teller = Callable[[Shop, Connection, RowMapping, Told], None]
"""Says on the document how far it has come, in the transaction that moves the row."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document; one whose views read the queue itself needs no teller."""

    plan: Planner
    tell: Teller | None = None


def light(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say so on the sale's lamp, here and on its till."""
    sales.set_status(
        connection,
        sale_id=row["document_id"],
        in_sap=told.lamp,
        at=shop.clock.now(),
        doc_entry=told.doc_entry,
        doc_num=told.doc_num,
        reason=told.reason,
    )
    feed.changed(connection, "sale_status", row["document_id"])


def tell_trade(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say so on the quotation or order."""
    trade.tell(
        shop,
        connection,
        row,
        lamp=told.lamp,
        doc_entry=told.doc_entry,
        doc_num=told.doc_num,
        sap_reason=told.reason,
    )


KINDS: Mapping[str, Kind] = {
    sale.INVOICE: Kind(sale.plan, light),
    note.CREDIT_NOTE: Kind(note.plan, light),
    note.DEBIT_NOTE: Kind(note.plan, light),
    "payment": Kind(payment.plan),
    trade.QUOTATION: Kind(trade.plan, tell_trade),
    trade.SALES_ORDER: Kind(trade.plan, tell_trade),
    trade.END: Kind(trade.plan_end),
    transfer.TRANSFER_REQUEST: Kind(transfer.plan_request),
    transfer.REQUEST_CLOSE: Kind(transfer.plan_close),
    transfer.TRANSFER: Kind(transfer.plan),
    purchase.PURCHASE_ORDER: Kind(purchase.plan),
    purchase.PURCHASE_RECEIPT: Kind(purchase.plan_receipt),
    purchase.PURCHASE_END: Kind(purchase.plan_end),
    count.COUNT: Kind(count.plan),
    movement.GOODS_ISSUE: Kind(movement.plan),
    movement.GOODS_RECEIPT: Kind(movement.plan),
}
"""By the word that stands in `postings.kind`."""


def tell(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say on a row's document how far it has come, where anything is to be said."""
    kind = KINDS.get(row["kind"])
    if kind is not None and kind.tell is not None:
        kind.tell(shop, connection, row, told)
