"""Quotations, orders and requests in the books: they move nothing, and get their number and day."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping

from pos_app.services.ledger.planned import Planned
from pos_app.services.posting.purchase import PURCHASE_ORDER
from pos_app.services.posting.step import CannotPlan
from pos_app.services.posting.transfer import TRANSFER_REQUEST
from pos_app.services.shop import Shop
from pos_app.store import purchase as purchases
from pos_app.store import trade as trades
from pos_app.store import transfer_request as requests


def plan(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """The number of a promise, on its own day.

    Raises:
        CannotPlan: there is no such document.
    """
    del shop
    found = document(connection, row)
    if found is None:
        raise CannotPlan(f"The books hold no {row['kind']} {row['document_id']}.")
    yield Planned(
        kind=row["kind"],
        key=row["key"],
        partner=row["partner"],
        booked_on=found["doc_date"],
        lines=(),
    )


def document(connection: Connection, row: RowMapping) -> RowMapping | None:
    """The quotation, order or request a row of the queue stands for, deleted or not."""
    document_id = row["document_id"]
    if row["kind"] == PURCHASE_ORDER:
        return purchases.by_id(connection, document_id)
    if row["kind"] == TRANSFER_REQUEST:
        return requests.by_id(connection, document_id)
    return trades.ever(connection, document_id)
