"""Goods issues and receipts: goods that leave or come in for a reason, with its account in SAP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.batch import Strategy
from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.domain.movement import MovementKind, reason_of
from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import InvalidInput, ReferenceConflict
from pos_app.services import batch, document, goods, invoice_price, movement_view
from pos_app.services.batch import StockInvalid, Want
from pos_app.services.movement_view import Movement
from pos_app.services.posting.movement import GOODS_ISSUE, GOODS_RECEIPT
from pos_app.services.posting.queueing import Queueing, enqueue
from pos_app.services.shop import Shop
from pos_app.store import audit, setting, stock
from pos_app.store import batch as batches
from pos_app.store import movement as movements
from pos_app.store.fault import UniqueViolation
from pos_app.store.stock import Move

KINDS = {MovementKind.ISSUE: GOODS_ISSUE, MovementKind.RECEIPT: GOODS_RECEIPT}
PREFIX = {MovementKind.ISSUE: "GI", MovementKind.RECEIPT: "GR"}


class BatchesWanted(InvalidInput):
    """Goods of a batch-managed item come in without saying which batch they are."""

    code = "batches_wanted"

    def __init__(self, item: str, why: str) -> None:
        super().__init__(f"Item {item} is kept in batches: {why}.", item=item)


class BatchesNotWanted(InvalidInput):
    """Batches are named of an item that has none."""

    code = "batches_not_wanted"

    def __init__(self, item: str) -> None:
        super().__init__(f"Item {item} is not kept in batches: leave the batches out.", item=item)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLot:
    """So much of a batch that comes in."""

    batch: str
    quantity: Decimal
    expiry: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line.

    Attributes:
        batches: what leaves of each batch; none lets the shop choose.
        lots: what comes in of each batch.
        unit_cost: of goods that come in; None leaves it to SAP.
    """

    item: str
    quantity: Decimal
    batches: tuple[tuple[str, Decimal], ...] = ()
    lots: tuple[NewLot, ...] = ()
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Goods that are to leave or come in.

    Attributes:
        reference: the caller's own, unique for ever where it is not empty.
        transfer_id: the transfer whose difference this names.
    """

    kind: MovementKind
    warehouse: str
    reason: str
    lines: tuple[Line, ...]
    doc_date: date | None = None
    comments: str = ""
    reference: str = ""
    program: str = "API"
    transfer_id: str | None = None

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        return document.canonical(
            {
                "head": [self.kind.value, self.warehouse, self.reason, str(self.doc_date)],
                "words": [self.comments, self.reference],
                "lines": [
                    [
                        line.item,
                        format(line.quantity.normalize(), "f"),
                        [[lot, format(part.normalize(), "f")] for lot, part in line.batches],
                        [
                            [lot.batch, format(lot.quantity.normalize(), "f"), str(lot.expiry)]
                            for lot in line.lots
                        ],
                        str(line.unit_cost and line.unit_cost.normalize()),
                    ]
                    for line in self.lines
                ],
            }
        )


def book(
    shop: Shop,
    actor: Actor,
    asked: Asked,
    *,
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> Movement:
    """Let goods leave or come in; the books show it when this returns, SAP hears of it later.

    Args:
        shop: the server.
        actor: who does it.
        asked: what, where and why.
        document_id: identity of the document, when the request has one.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        PermissionMissing, WarehouseNotYours: the actor may not.
        ReasonUnknown, WarehouseInvalid, ItemsUnknown, BatchesWanted: it cannot be made.
        StockInvalid: some goods are not there; it names each.
        ReferenceForgotten: its reference was used before these books were restored.
        ReferenceConflict: its identity or reference belongs to another content.
    """
    require(actor, Permission.STOCK_ADJUST, Permission.INVENTORY_ADJUST)
    invoice_price.check_places(actor, [asked.warehouse], allowed)
    movement_id = document.identity(shop, "movement", asked.reference, document_id)
    known = _known(shop, asked, movement_id)
    if known is not None:
        return known
    try:
        with shop.store.write() as connection:
            moves = post(shop, connection, actor, asked, movement_id=movement_id)
            goods.tell_tills(connection, moves)
    except UniqueViolation:
        # The same request was faster on another connection.
        known = _known(shop, asked, movement_id)
        if known is None:
            raise
        return known
    return movement_view.get(shop, movement_id)


def post(
    shop: Shop, connection: Connection, actor: Actor, asked: Asked, *, movement_id: str
) -> list[Move]:
    """Write the document, move its goods and queue it, all within one transaction.

    Returns:
        Its moves, of which the caller tells the tills at the end of the transaction.

    Raises:
        ReasonUnknown, WarehouseInvalid, ItemsUnknown, BatchesWanted, StockInvalid: as `book`.
    """
    reason_of(shop.rules.stock.reasons, asked.reason, kind=asked.kind)
    goods.check_warehouses(connection, [asked.warehouse])
    known = goods.known_items(connection, [(line.item, line.quantity) for line in asked.lines])
    stock.lock(connection, [(line.item, asked.warehouse) for line in asked.lines])
    parts = (
        _leaving(shop, connection, asked)
        if asked.kind is MovementKind.ISSUE
        else _arriving(connection, asked, known, now=shop.clock.now())
    )
    moves = moves_of(asked, parts, movement_id=movement_id)
    goods.book(connection, moves, shop.clock.now())
    record(shop, connection, actor, asked, movement_id=movement_id)
    return moves


def moves_of(asked: Asked, parts: Iterable[Part], *, movement_id: str) -> list[Move]:
    """What a document of these parts moves."""
    return [
        Move(
            document_kind=asked.kind.value,
            document_id=movement_id,
            line=position,
            item=asked.lines[position].item,
            warehouse=asked.warehouse,
            batch=lot,
            quantity=quantity,
        )
        for position, lot, quantity in parts
    ]


def record(
    shop: Shop, connection: Connection, actor: Actor, asked: Asked, *, movement_id: str
) -> None:
    """Write the document, queue it for SAP and note the deed; its moves are the caller's."""
    now = shop.clock.now()
    known = goods.known_items(connection, [(line.item, line.quantity) for line in asked.lines])
    header = _header(shop, connection, actor, asked, movement_id=movement_id, now=now)
    movements.add(connection, header, _lines(asked, known, movement_id))
    queued = Queueing(
        kind=KINDS[asked.kind],
        document_id=movement_id,
        reference=asked.reference or header["number"],
        source=asked.program,
        total=Money.zero(shop.rules.currency),
        created_by=actor.username,
    )
    enqueue(shop, connection, queued)
    goods.tell_adjusted(shop, connection, header, kind=asked.kind.value)
    audit.append(
        connection,
        at=now,
        actor=actor.username,
        action=f"stock.{asked.kind.value}",
        subject=header["number"],
        details={
            "movement": movement_id,
            "warehouse": asked.warehouse,
            "reason": header["reason"],
            "lines": goods.told((line.item, line.quantity) for line in asked.lines),
        },
    )


Part = tuple[int, str, Decimal]
"""Position of the line, batch, quantity; out is negative."""


def _leaving(shop: Shop, connection: Connection, asked: Asked) -> list[Part]:
    wants = [
        Want(
            position=position,
            number=position,
            item=line.item,
            warehouse=asked.warehouse,
            quantity=line.quantity,
            batches=line.batches,
        )
        for position, line in enumerate(asked.lines)
    ]
    judgement = batch.judge(shop, connection, wants, strategy=Strategy.FEFO)
    if not judgement.is_valid:
        raise StockInvalid(judgement.problems)
    return [
        (served.want.position, lot, -quantity)
        for served in judgement.served
        for lot, quantity in (
            [(row.batch, row.quantity) for row in served.allocations]
            or [("", served.want.quantity)]
        )
    ]


def _arriving(
    connection: Connection, asked: Asked, known: Mapping[str, Item], *, now: datetime
) -> list[Part]:
    parts: list[Part] = []
    for position, line in enumerate(asked.lines):
        lots = checked_lots(known[line.item], line.quantity, line.lots)
        for lot in lots:
            batches.bear(
                connection, (line.item, asked.warehouse, lot.batch), expiry=lot.expiry, at=now
            )
        parts += [(position, lot.batch, lot.quantity) for lot in lots] or [
            (position, "", line.quantity)
        ]
    return parts


def checked_lots(item: Item, quantity: Decimal, lots: Sequence[NewLot]) -> tuple[NewLot, ...]:
    """The batches of goods that come in, each once.

    Raises:
        BatchesWanted: batches are missing or do not sum to the line.
        BatchesNotWanted: the item has none.
    """
    if not item.is_batch_managed:
        if lots:
            raise BatchesNotWanted(item.code)
        return ()
    merged: dict[str, NewLot] = {}
    for lot in lots:
        old = merged.get(lot.batch)
        merged[lot.batch] = (
            lot if old is None else replace(old, quantity=old.quantity + lot.quantity)
        )
    if sum((lot.quantity for lot in merged.values()), goods.NOTHING) != quantity:
        raise BatchesWanted(item.code, f"name batches that sum to {quantity:f}")
    return tuple(merged.values())


def _known(shop: Shop, asked: Asked, movement_id: str) -> Movement | None:
    with shop.store.read() as connection:
        row = movements.by_id(connection, movement_id)
        if row is None and asked.reference:
            row = movements.by_reference(connection, asked.reference)
        if row is None:
            document.check_forgotten(connection, "movement", asked.reference)
    if row is None:
        return None
    if row["content_hash"] != document.content_hash(asked.text):
        raise ReferenceConflict(asked.reference or movement_id)
    return movement_view.get(shop, row["id"])


def _header(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: Asked,
    *,
    movement_id: str,
    now: datetime,
) -> dict[str, Any]:
    prefix = PREFIX[asked.kind]
    return {
        "id": movement_id,
        "number": f"{prefix}-{setting.next_number(connection, f'movement:{prefix}'):06d}",
        "kind": asked.kind.value,
        "source": asked.program,
        "reference": asked.reference or None,
        "transfer_id": asked.transfer_id,
        "warehouse": asked.warehouse,
        "reason": reason_of(shop.rules.stock.reasons, asked.reason, kind=asked.kind).code,
        "doc_date": asked.doc_date or shop.today,
        "comments": asked.comments,
        "content_hash": document.content_hash(asked.text),
        "created_by": actor.username,
        "created_at": now,
    }


def _lines(asked: Asked, known: Mapping[str, Item], movement_id: str) -> list[dict[str, Any]]:
    return [
        {
            "movement_id": movement_id,
            "line": position,
            "item": line.item,
            "name": known[line.item].name,
            "uom": known[line.item].uom,
            "quantity": line.quantity,
            "unit_cost": line.unit_cost,
        }
        for position, line in enumerate(asked.lines)
    ]
