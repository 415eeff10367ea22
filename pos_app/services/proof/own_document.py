"""What the built-in books should hold of a document of goods or a promise, read from itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.count import difference
from pos_app.domain.money import Money
from pos_app.domain.movement import MovementKind
from pos_app.domain.proof import Difference, Side
from pos_app.services.ledger import goods, promise
from pos_app.services.posting.count import COUNT, COUNT_POSTING
from pos_app.services.posting.movement import GOODS_ISSUE, GOODS_RECEIPT
from pos_app.services.posting.purchase import PURCHASE_RECEIPT
from pos_app.services.posting.transfer import TRANSFER
from pos_app.services.proof.form import BOOKS
from pos_app.services.shop import Shop
from pos_app.store import count as counts
from pos_app.store import movement as movements
from pos_app.store import purchase as purchases
from pos_app.store import transfer as transfers

Moved = tuple[str, str, Decimal]
"""Item, warehouse, and what comes in; below zero for what leaves."""


class Unclear(Exception):
    """A document is in the books, and is not here to be compared with them."""

    def difference(self, row: RowMapping, *, till: str) -> Difference:
        """The same as a difference of the proof."""
        return Difference(
            code="sap_unclear",
            side=Side.SAP,
            reference=row["reference"],
            kind=row["kind"],
            till=till,
            sentence=f"{row['reference']} is in {BOOKS} and cannot be compared with them: {self}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One entry of the books, as it should be.

    Attributes:
        total: what is owed for it; None where the books alone know what it is worth.
    """

    kind: str
    row_key: str
    day: date
    partner: str = ""
    quantities: dict[str, Decimal] = field(default_factory=dict)
    total: Money | None = None

    @property
    def key(self) -> str:
        """What joins it with its entry."""
        return f"{self.kind} {self.row_key}"


def of_row(shop: Shop, connection: Connection, row: RowMapping) -> tuple[Document, ...]:
    """What a row of the queue became.

    Raises:
        Unclear: its document is gone.
    """
    return _READERS.get(row["kind"], _promise)(shop, connection, row)


def told(moved: Iterable[Moved]) -> dict[str, Decimal]:
    """Quantities by item and place in words, each once; nothing of what comes to nothing."""
    made: dict[str, Decimal] = {}
    for item, warehouse, quantity in moved:
        name = f"{item} in {warehouse}"
        made[name] = made.get(name, Decimal(0)) + quantity
    return {name: quantity.normalize() for name, quantity in made.items() if quantity}


def _promise(shop: Shop, connection: Connection, row: RowMapping) -> tuple[Document, ...]:
    del shop
    found = _there(promise.document(connection, row), row)
    return (_document(row, found["doc_date"], partner=row["partner"]),)


def _count(shop: Shop, connection: Connection, row: RowMapping) -> tuple[Document, ...]:
    found = _there(counts.by_id(connection, row["document_id"]), row)
    day = shop.local(found["counted_at"]).date()
    off = (
        (line["item"], found["warehouse"], difference(line["counted"], line["book"]))
        for line in counts.lines_of(connection, [found["id"]])
    )
    counting = _document(row, day)
    return counting, _document(row, day, moved=off, kind=COUNT_POSTING)


def _receipt(shop: Shop, connection: Connection, row: RowMapping) -> tuple[Document, ...]:
    del shop
    found = _there(purchases.receipt_by_id(connection, row["document_id"]), row)
    order = _there(purchases.by_id(connection, found["purchase_id"]), row)
    arrived = list(goods.arrived(connection, order, found))
    came = _document(
        row,
        found["doc_date"],
        moved=((line["item"], line["warehouse"], line["quantity"]) for line, _net in arrived),
        partner=order["partner"],
        total=sum((net for _line, net in arrived), Money.zero(order["currency"])),
    )
    return (came,)


def _transfer(shop: Shop, connection: Connection, row: RowMapping) -> tuple[Document, ...]:
    del shop
    found = _there(transfers.by_id(connection, row["document_id"]), row)
    lines = transfers.lines_of(connection, [found["id"]])
    return (_document(row, found["doc_date"], moved=_both_ends(lines)),)


def _both_ends(lines: Iterable[RowMapping]) -> Iterator[Moved]:
    for line in lines:
        quantity = line["received"] or Decimal(0)
        yield line["item"], line["from_warehouse"], -quantity
        yield line["item"], line["to_warehouse"], quantity


def _movement(shop: Shop, connection: Connection, row: RowMapping) -> tuple[Document, ...]:
    del shop
    found = _there(movements.by_id(connection, row["document_id"]), row)
    sign = -1 if found["kind"] == MovementKind.ISSUE else 1
    moved = (
        (line["item"], found["warehouse"], line["quantity"] * sign)
        for line in movements.lines_of(connection, [found["id"]])
    )
    return (_document(row, found["doc_date"], moved=moved),)


_READERS: Mapping[str, Callable[[Shop, Connection, RowMapping], tuple[Document, ...]]] = {
    COUNT: _count,
    PURCHASE_RECEIPT: _receipt,
    TRANSFER: _transfer,
    GOODS_ISSUE: _movement,
    GOODS_RECEIPT: _movement,
}


def _document(
    row: RowMapping,
    day: date,
    *,
    moved: Iterable[Moved] = (),
    kind: str = "",
    partner: str = "",
    total: Money | None = None,
) -> Document:
    return Document(
        kind=kind or row["kind"],
        row_key=row["key"],
        day=day,
        partner=partner,
        quantities=told(moved),
        total=total,
    )


def _there(found: RowMapping | None, row: RowMapping) -> RowMapping:
    if found is None:
        raise Unclear(f"there is no {row['kind'].replace('_', ' ')} {row['document_id']}.")
    return found
