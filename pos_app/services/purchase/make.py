"""Purchase orders made, changed, approved, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain import partner as partner_rules
from pos_app.domain.item import Item
from pos_app.domain.money import Money
from pos_app.domain.move import check_move
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.purchase import (
    DELETABLE,
    MOVES,
    Line,
    NotADraft,
    PurchaseState,
    Totals,
    totals,
)
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import InvalidInput, RecordNotFound, ReferenceConflict
from pos_app.services import document, goods
from pos_app.services.posting import queueing
from pos_app.services.posting.purchase import ENDING, PURCHASE_END, PURCHASE_ORDER
from pos_app.services.posting.queueing import Queueing
from pos_app.services.purchase import view
from pos_app.services.purchase.asked import AskedPurchase
from pos_app.services.purchase.view import Purchase
from pos_app.services.shop import Shop
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit, queue, setting
from pos_app.store import partner as partners
from pos_app.store import purchase as purchases
from pos_app.store.fault import UniqueViolation


class SupplierUnusable(InvalidInput):
    """Nothing can be ordered from this partner."""

    code = "supplier_unusable"

    def __init__(self, partner: str, why: str) -> None:
        super().__init__(f"Supplier {partner} {why}: choose another supplier.", partner=partner)


class PlaceMissing(InvalidInput):
    """Nobody said where ordered goods are to arrive."""

    code = "warehouse_missing"

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Line {line} names no warehouse and the order neither: say where the goods arrive.",
            line=line,
        )


def create(
    shop: Shop,
    actor: Actor,
    asked: AskedPurchase,
    *,
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> Purchase:
    """Make a draft of an order; a warehouse nobody named is the actor's first.

    Raises:
        PermissionMissing: the actor may not.
        SupplierUnusable, PartnerInactive, UnmappedCurrency, WarehouseInvalid, PlaceMissing,
            ItemsUnknown, QuantityInvalid: it makes no sense.
        ReferenceConflict: its identity belongs to an order of another content.
    """
    require(actor, Permission.PURCHASING_CREATE)
    purchase_id = document_id or shop.ids.new()
    digest = document.content_hash(asked.text)
    try:
        with shop.store.write() as connection:
            known = purchases.by_id(connection, purchase_id)
            if known is None:
                _add(shop, connection, actor, asked, purchase_id=purchase_id, allowed=allowed)
            elif known["content_hash"] != digest:
                raise ReferenceConflict(purchase_id)
    except UniqueViolation:
        # The same request was faster on another connection.
        return view.get(shop, purchase_id)
    return view.get(shop, purchase_id)


def change(
    shop: Shop,
    actor: Actor,
    entry: int,
    asked: AskedPurchase,
    *,
    state: PurchaseState | None = None,
    allowed: Sequence[str] = (),
) -> Purchase:
    """Put other content into a draft, and move it on where a state is named.

    Raises:
        PermissionMissing: the actor may not.
        RecordNotFound, NotADraft: there is nothing to change.
        MoveRefused: it cannot go where it is sent.
        and what `create` raises.
    """
    require(actor, Permission.PURCHASING_EDIT)
    with shop.store.write() as connection:
        row = held(connection, entry)
        if row["state"] != PurchaseState.DRAFT:
            raise NotADraft(row["number"], row["state"], "changed")
        values, lines = _content(shop, connection, asked, row["id"], allowed)
        purchases.rewrite(connection, row["id"], values, lines)
        _note(shop, connection, actor, row, action="purchase.change", total=values["total"])
        if state is not None and state is not PurchaseState.DRAFT:
            _move(shop, connection, actor, held(connection, entry), state=state)
    return view.by_entry(shop, entry)


def to_state(
    shop: Shop, actor: Actor, entry: int, state: PurchaseState, *, comments: str | None = None
) -> Purchase:
    """Move an order by hand; raises PermissionMissing, RecordNotFound, MoveRefused."""
    require(actor, Permission.PURCHASING_EDIT, Permission.PURCHASING_APPROVE)
    with shop.store.write() as connection:
        row = held(connection, entry)
        _move(shop, connection, actor, row, state=state)
        if comments is not None:
            purchases.change(connection, row["id"], {"comments": comments})
    return view.by_entry(shop, entry)


def drop(shop: Shop, actor: Actor, entry: int) -> None:
    """Delete a draft or a cancelled order; its row stays and explains the number.

    Raises:
        PermissionMissing, RecordNotFound, NotADraft: it cannot be.
    """
    require(actor, Permission.PURCHASING_DELETE)
    with shop.store.write() as connection:
        row = held(connection, entry)
        if row["state"] not in DELETABLE:
            raise NotADraft(row["number"], row["state"], "deleted")
        values = {"is_deleted": True, "changed_at": shop.clock.now()}
        purchases.change(connection, row["id"], values)
        _note(shop, connection, actor, row, action="purchase.delete", total=row["total"])


def held(connection: Connection, entry: int) -> RowMapping:
    """An order nobody else changes meanwhile; raises RecordNotFound."""
    row = purchases.held(connection, entry)
    if row is None or row["is_deleted"]:
        raise RecordNotFound("purchase order", entry)
    return row


def _move(
    shop: Shop, connection: Connection, actor: Actor, row: RowMapping, *, state: PurchaseState
) -> None:
    was = PurchaseState(row["state"])
    if state is PurchaseState.APPROVED:
        require(actor, Permission.PURCHASING_APPROVE)
    by_hand = MOVES - {
        (PurchaseState.APPROVED, PurchaseState.PARTIALLY_RECEIVED),
        (PurchaseState.APPROVED, PurchaseState.RECEIVED),
    }
    check_move(by_hand, was, new=state, kind="purchase order")
    now = shop.clock.now()
    values: dict[str, Any] = {"state": state.value, "changed_at": now}
    if state is PurchaseState.APPROVED:
        values |= {"approved_by": actor.username, "approved_at": now}
        _enqueue(shop, connection, actor, row, kind=PURCHASE_ORDER)
        webhook_event.tell(
            shop,
            connection,
            WebhookEvent.PURCHASE_APPROVED,
            subject=row["id"],
            data={"number": row["number"], "cardCode": row["partner"], "by": actor.username},
        )
    elif was in {PurchaseState.APPROVED, PurchaseState.PARTIALLY_RECEIVED}:
        _end(shop, connection, actor, row)
    purchases.change(connection, row["id"], values)
    action = f"purchase.{state.value.lower()}"
    _note(shop, connection, actor, row, action=action, total=row["total"])


def _end(shop: Shop, connection: Connection, actor: Actor, row: RowMapping) -> None:
    """Nothing more comes of it: out of the queue if SAP never heard of it, else ended there.

    What arrived of it is booked on it, so then SAP hears of it whatever happens.
    """
    queued = queue.of_kind(connection, row["id"], PURCHASE_ORDER)
    if queued is None or queue.is_out(queued):
        return
    words = f"Ended by {actor.username} before SAP heard of it."
    now = shop.clock.now()
    is_needed = bool(purchases.receipts_of(connection, row["id"]))
    if is_needed or not queue.withdraw(connection, queued["queue_id"], at=now, reason=words):
        _enqueue(shop, connection, actor, row, kind=PURCHASE_END, key=row["id"] + ENDING)


def _enqueue(
    shop: Shop, connection: Connection, actor: Actor, row: RowMapping, *, kind: str, key: str = ""
) -> None:
    queued = Queueing(
        kind=kind,
        document_id=row["id"],
        key=key,
        reference=row["number"],
        source="API",
        partner=row["partner"],
        total=Money(row["total"], row["currency"]),
        created_by=actor.username,
    )
    queueing.enqueue(shop, connection, queued)


def _add(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedPurchase,
    *,
    purchase_id: str,
    allowed: Sequence[str],
) -> None:
    values, lines = _content(shop, connection, asked, purchase_id, allowed)
    now = shop.clock.now()
    header = values | {
        "id": purchase_id,
        "number": _number(shop, connection),
        "state": PurchaseState.DRAFT.value,
        "is_deleted": False,
        "doc_date": shop.today,
        "created_by": actor.username,
        "created_at": now,
    }
    purchases.add(connection, header, lines)
    _note(shop, connection, actor, header, action="purchase.create", total=header["total"])


def _number(shop: Shop, connection: Connection) -> str:
    """``PO-yyyyMMdd-NNNN``, anew each day."""
    day = f"{shop.today:%Y%m%d}"
    return f"PO-{day}-{setting.next_number(connection, f'purchase:{day}'):04d}"


def _content(
    shop: Shop,
    connection: Connection,
    asked: AskedPurchase,
    purchase_id: str,
    allowed: Sequence[str],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = partners.by_code(connection, asked.partner)
    if found is None:
        raise SupplierUnusable(asked.partner, "does not exist")
    if found.kind != "supplier":
        raise SupplierUnusable(asked.partner, f"is a {found.kind}")
    supplier = partner_rules.check_active(found)
    currency = shop.rules.currencies.get(asked.currency or shop.rules.currency).code
    places = _places(asked, allowed)
    goods.check_warehouses(connection, places)
    known = goods.known_items(connection, [(line.item, line.quantity) for line in asked.lines])
    priced = _priced(asked, currency)
    values = _figures(priced, asked, currency, now=shop.clock.now()) | {
        "partner": supplier.code,
        "partner_name": supplier.name,
        "warehouse": asked.warehouse or places[0],
    }
    return values, _lines(asked, known, priced, purchase_id=purchase_id, places=places)


def _places(asked: AskedPurchase, allowed: Sequence[str]) -> list[str]:
    usual = asked.warehouse or (allowed[0] if allowed else "")
    found = [line.warehouse or usual for line in asked.lines]
    for position, place in enumerate(found):
        if not place:
            raise PlaceMissing(position)
    return found


def _priced(asked: AskedPurchase, currency: str) -> Totals:
    lines = [
        Line(
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            tax_percent=line.tax_percent,
        )
        for line in asked.lines
    ]
    return totals(lines, discount_percent=asked.discount_percent, currency=currency)


def _figures(
    priced: Totals, asked: AskedPurchase, currency: str, *, now: datetime
) -> dict[str, Any]:
    return {
        "reference": asked.reference,
        "currency": currency,
        "discount_percent": asked.discount_percent,
        "subtotal": priced.subtotal.minor,
        "discount": priced.discount.minor,
        "tax": priced.tax.minor,
        "total": priced.total.minor,
        "due_date": asked.due_date,
        "comments": asked.comments,
        "buyer_code": asked.buyer_code,
        "buyer_name": asked.buyer_name,
        "ship_to": asked.ship_to,
        "bill_to": asked.bill_to,
        "content_hash": document.content_hash(asked.text),
        "changed_at": now,
    }


def _lines(
    asked: AskedPurchase,
    known: Mapping[str, Item],
    priced: Totals,
    *,
    purchase_id: str,
    places: Sequence[str],
) -> list[dict[str, Any]]:
    return [
        {
            "purchase_id": purchase_id,
            "line": position,
            "item": line.item,
            "name": line.name or known[line.item].name,
            "uom": known[line.item].uom,
            "warehouse": places[position],
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "discount_percent": line.discount_percent,
            "tax_percent": line.tax_percent,
            "net": priced.lines[position].net.minor,
            "batch": line.batch,
        }
        for position, line in enumerate(asked.lines)
    ]


def _note(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: RowMapping | Mapping[str, Any],
    *,
    action: str,
    total: int,
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=row["number"],
        details={"purchase": row["id"], "partner": row["partner"], "total_minor": total},
    )
