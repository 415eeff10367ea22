"""Every kind of document the queue takes to SAP, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from pos_app.domain.webhook import WebhookEvent
from pos_app.services.posting import (
    consolidation,
    count,
    movement,
    note,
    note_twice,
    payment,
    purchase,
    sale,
    trade,
    trade_open,
    transfer,
)
from pos_app.services.posting.step import AnyStep
from pos_app.services.posting.told import Told, light
from pos_app.services.shop import Shop
from pos_app.services.webhook import event as webhook_event

Planner = Callable[[Shop, Connection, RowMapping], tuple[AnyStep, ...]]
"""What a row of the queue becomes in SAP, read from the document it stands for."""

Teller = Callable[[Shop, Connection, RowMapping, Told], None]
"""Says on the document how far it has come, in the transaction that moves the row."""


Check = Callable[[Shop, Connection, RowMapping], None]
"""Looks, in the transaction that plans a row, whether SAP may get it at all."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document; one whose views read the queue itself needs no teller.

    Attributes:
        check: what must hold before anything of it is planned; raises the rule that is broken.
    """

    plan: Planner
    tell: Teller | None = None
    check: Check | None = None


def tell_trade(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say so on the quotation or order; what was invoiced of it before is not open there."""
    trade.tell(
        shop,
        connection,
        row,
        lamp=told.lamp,
        doc_entry=told.doc_entry,
        doc_num=told.doc_num,
        sap_reason=told.reason,
    )
    if told.lamp == "done":
        trade_open.after_order(shop, connection, row)


def tell_invoice(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say so on the sale; what it took of an order apart from it is not open there any more."""
    light(shop, connection, row, told)
    if told.lamp == "done":
        trade_open.after_invoice(shop, connection, row)


KINDS: Mapping[str, Kind] = {
    sale.INVOICE: Kind(sale.plan, tell_invoice),
    consolidation.CONSOLIDATION: Kind(consolidation.plan, consolidation.tell),
    note.CREDIT_NOTE: Kind(note.plan, light, note_twice.check),
    note.DEBIT_NOTE: Kind(note.plan, light),
    "payment": Kind(payment.plan),
    trade.QUOTATION: Kind(trade.plan, tell_trade),
    trade.SALES_ORDER: Kind(trade.plan, tell_trade),
    trade.END: Kind(trade.plan_end),
    trade_open.OPEN: Kind(trade_open.plan),
    transfer.TRANSFER_REQUEST: Kind(transfer.plan_request),
    transfer.REQUEST_CLOSE: Kind(transfer.plan_close),
    transfer.TRANSFER: Kind(transfer.plan),
    purchase.PURCHASE_ORDER: Kind(purchase.plan),
    purchase.PURCHASE_RECEIPT: Kind(purchase.plan_receipt),
    purchase.PURCHASE_END: Kind(purchase.plan_end),
    count.COUNT: Kind(count.plan, count.tell),
    movement.GOODS_ISSUE: Kind(movement.plan),
    movement.GOODS_RECEIPT: Kind(movement.plan),
}
"""By the word that stands in `postings.kind`."""


def tell(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say on a row's document how far it has come, where anything is to be said."""
    kind = KINDS.get(row["kind"])
    if kind is not None and kind.tell is not None:
        kind.tell(shop, connection, row, told)
    event = _EVENTS.get(told.lamp)
    if event is not None:
        webhook_event.tell(
            shop,
            connection,
            event,
            subject=row["document_id"],
            data={
                "kind": row["kind"],
                "id": row["document_id"],
                "reference": row["reference"],
                "docEntry": told.doc_entry,
                "docNum": told.doc_num,
                "reason": told.reason or None,
            },
        )


_EVENTS = {"done": WebhookEvent.DOCUMENT_POSTED, "review": WebhookEvent.DOCUMENT_REVIEW}
