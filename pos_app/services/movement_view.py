"""Goods issues and receipts as they are read, with what SAP knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.movement import MovementKind
from pos_app.errors import RecordNotFound
from pos_app.services import goods
from pos_app.services.goods import Way
from pos_app.services.invoice_view import FIRST_OWN
from pos_app.services.posting.movement import GOODS_ISSUE, GOODS_RECEIPT
from pos_app.services.shop import Shop
from pos_app.store import movement as movements
from pos_app.store import queue, stock

STEPS = {MovementKind.ISSUE: GOODS_ISSUE, MovementKind.RECEIPT: GOODS_RECEIPT}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementLine:
    """One line; quantities are never negative."""

    line: int
    item: str
    name: str
    uom: str
    quantity: Decimal
    unit_cost: Decimal | None
    lots: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Goods that left or came in.

    Attributes:
        entry: our own number, from `FIRST_OWN` on, for ever.
        transfer_id: the transfer whose difference this names.
    """

    id: str
    entry: int
    number: str
    kind: MovementKind
    warehouse: str
    reason: str
    doc_date: date
    comments: str
    reference: str
    transfer_id: str | None
    created_by: str
    created_at: datetime
    way: Way
    lines: tuple[MovementLine, ...]

    @property
    def doc_entry(self) -> int:
        """SAP's number once it is there, ours until then."""
        return self.way.doc_entry or self.entry


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the movements wanted, and how many there are."""

    total: int
    movements: tuple[Movement, ...]


def get(shop: Shop, movement_id: str) -> Movement:
    """One movement by its identity; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, movements.by_id(connection, movement_id), movement_id)


def by_number(shop: Shop, kind: MovementKind, number: int) -> Movement:
    """One movement by SAP's DocEntry or our own number; raises RecordNotFound."""
    with shop.store.read() as connection:
        if number > FIRST_OWN:
            row = movements.by_entry(connection, number - FIRST_OWN)
        else:
            known = queue.document_of(connection, kinds=[STEPS[kind]], doc_entry=number)
            row = movements.by_id(connection, known) if known else None
        return _only(connection, row if row and row["kind"] == kind else None, number)


def page(
    shop: Shop,
    kind: MovementKind,
    *,
    warehouse: str | None = None,
    since: date | None = None,
    until: date | None = None,
    offset: int,
    limit: int,
) -> Page:
    """A page of the movements of a kind, from the newest back."""
    with shop.store.read() as connection:
        total, rows = movements.page(
            connection,
            kind,
            warehouse=warehouse,
            since=since,
            until=until,
            offset=offset,
            limit=limit,
        )
        return Page(total, tuple(_views(connection, rows)))


def _only(connection: Connection, row: RowMapping | None, name: object) -> Movement:
    if row is None:
        raise RecordNotFound("goods movement", name)
    return _views(connection, [row])[0]


def _views(connection: Connection, rows: Sequence[RowMapping]) -> list[Movement]:
    lines: dict[str, list[MovementLine]] = {}
    moved = {row["id"]: stock.moves_of(connection, row["id"]) for row in rows}
    for line in movements.lines_of(connection, moved):
        own = [move for move in moved[line["movement_id"]] if move["line"] == line["line"]]
        lines.setdefault(line["movement_id"], []).append(_line(line, own))
    ways = goods.ways(connection, [row["id"] for row in rows], kinds=STEPS.values())
    return [
        Movement(
            id=row["id"],
            entry=FIRST_OWN + row["entry"],
            number=row["number"],
            kind=MovementKind(row["kind"]),
            warehouse=row["warehouse"],
            reason=row["reason"],
            doc_date=row["doc_date"],
            comments=row["comments"],
            reference=row["reference"] or "",
            transfer_id=row["transfer_id"],
            created_by=row["created_by"],
            created_at=row["created_at"],
            way=ways.get(row["id"], Way()),
            lines=tuple(lines.get(row["id"], ())),
        )
        for row in rows
    ]


def _line(line: RowMapping, own: Sequence[RowMapping]) -> MovementLine:
    return MovementLine(
        line=line["line"],
        item=line["item"],
        name=line["name"],
        uom=line["uom"],
        quantity=line["quantity"],
        unit_cost=line["unit_cost"],
        lots=tuple((move["batch"], abs(move["quantity"])) for move in own if move["batch"]),
    )
