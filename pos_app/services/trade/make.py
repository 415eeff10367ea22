"""Quotations and sales orders made and changed; what they promise begins with their approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor
from pos_app.domain.trade import EDITABLE, VALID_FOR, NotEditable, TradeKind, TradeState
from pos_app.errors import InvalidInput, NotAllowed, RecordNotFound, ReferenceConflict, StaleRecord
from pos_app.services import document
from pos_app.services.shop import Shop
from pos_app.services.trade import move, offer, view
from pos_app.services.trade.asked import AskedLine, AskedTrade
from pos_app.services.trade.view import Trade
from pos_app.store import setting
from pos_app.store import trade as trades
from pos_app.store.fault import UniqueViolation

WEB, MOBILE = "Web", "Mobile"


class ClientRequestMissing(InvalidInput):
    """What comes from a handset is told apart from its repetition by the handset's own key."""

    code = "client_request_missing"

    def __init__(self) -> None:
        super().__init__("An order of source Mobile needs its clientRequestId: send one per order.")


class NotRepriced(InvalidInput):
    """Another price is no reason for other goods."""

    code = "not_repriced"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Repricing {number} may change prices and discounts alone: leave customer, currency, "
            "items and quantities as they are.",
            number=number,
        )


def create(
    shop: Shop,
    actor: Actor,
    asked: AskedTrade,
    *,
    document_id: str | None = None,
    allowed: Sequence[str] = (),
) -> Trade:
    """Make one: a draft, or as its source asks.

    ``Web`` has it approved at once where its maker may, and left Pending where they may not;
    ``Mobile`` leaves it Pending.

    Args:
        shop: the server.
        actor: who makes it.
        asked: what is asked for.
        document_id: identity, when the request has one; again, it gives the first answer.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        ReferenceConflict: the client's key belongs to one of another content.
        ReferenceForgotten: it was used before these books were restored.
        ClientRequestMissing: it comes from a handset without its key.
        InvalidInput, RuleBroken, NotAllowed: it cannot be made like that.
    """
    if asked.source == MOBILE and not asked.client_request:
        raise ClientRequestMissing
    trade_id = document.identity(shop, asked.kind.value, asked.client_request, document_id)
    try:
        with shop.store.write() as connection:
            known = _known(connection, asked, trade_id)
            if known is None:
                _add(shop, connection, actor, asked, trade_id=trade_id, allowed=allowed)
    except UniqueViolation:
        # The same request was faster on another connection.
        with shop.store.read() as connection:
            known = _known(connection, asked, trade_id)
        if known is None:
            raise
    return view.get(shop, known["id"] if known else trade_id)


def change(
    shop: Shop,
    actor: Actor,
    entry: int,
    asked: AskedTrade,
    *,
    version: str = "",
    allowed: Sequence[str] = (),
) -> Trade:
    """Replace everything it says, while nobody has agreed to it.

    Args:
        shop: the server.
        actor: who changes it.
        entry: our own number.
        asked: what it says from now on.
        version: as it was read; empty to take whatever there is.
        allowed: warehouses the actor is assigned to; empty is every one.

    Raises:
        RecordNotFound: there is none.
        NotEditable: it is approved, closed or gone.
        StaleRecord: somebody changed it meanwhile.
        InvalidInput, RuleBroken, NotAllowed: it cannot be like that.
    """
    kind = asked.kind
    with shop.store.write() as connection:
        row = move.held(connection, kind, entry)
        if version and version != str(row["version"]):
            raise StaleRecord(kind.spoken, row["number"])
        if TradeState(row["state"]) not in EDITABLE[kind]:
            raise NotEditable(kind, row["number"], row["state"])
        rewrite(shop, connection, actor, row, asked, allowed=allowed)
        move.tell(shop, connection, actor, row, "change")
    return view.get(shop, row["id"])


def reprice(
    shop: Shop, actor: Actor, entry: int, asked: AskedTrade, *, allowed: Sequence[str] = ()
) -> Trade:
    """Give a quotation other prices or discounts, and nothing else another content.

    Raises:
        NotRepriced: customer, currency, items or quantities would change.
        RecordNotFound, NotEditable, InvalidInput, RuleBroken, NotAllowed: as `change`.
    """
    with shop.store.write() as connection:
        row = _unpromised(connection, entry)
        lines = trades.lines_of(connection, [row["id"]])
        was = [(line["item"], line["quantity"]) for line in lines]
        wanted = [(line.item, line.quantity) for line in asked.lines]
        same_currency = asked.currency in {"", row["currency"]}
        if asked.partner != row["partner"] or not same_currency or was != wanted:
            raise NotRepriced(row["number"])
        kept = replace(asked_of(row, lines), lines=asked.lines)
        rewrite(
            shop,
            connection,
            actor,
            row,
            replace(kept, discount_percent=asked.discount_percent),
            allowed=allowed,
        )
        move.tell(shop, connection, actor, row, "reprice")
    return view.get(shop, row["id"])


def retax(shop: Shop, actor: Actor, entry: int, *, allowed: Sequence[str] = ()) -> Trade:
    """Take the VAT of a quotation's items anew, as it is today.

    Raises:
        RecordNotFound, NotEditable, RuleBroken, NotAllowed: as `change`.
    """
    with shop.store.write() as connection:
        row = _unpromised(connection, entry)
        asked = asked_of(row, trades.lines_of(connection, [row["id"]]))
        rewrite(shop, connection, actor, row, asked, allowed=allowed)
        move.tell(shop, connection, actor, row, "retax")
    return view.get(shop, row["id"])


def _unpromised(connection: Connection, entry: int) -> dict[str, Any]:
    kind = TradeKind.QUOTATION
    row = move.held(connection, kind, entry)
    if row["state"] not in {TradeState.DRAFT.value, TradeState.PENDING.value}:
        raise NotEditable(kind, row["number"], row["state"])
    return row


def asked_of(row: Mapping[str, Any], lines: Sequence[RowMapping]) -> AskedTrade:
    """What one says now, as if it were asked for."""
    return AskedTrade(
        kind=TradeKind(row["kind"]),
        **{name: row[name] for name in _KEPT},
        lines=tuple(
            AskedLine(
                item=line["item"],
                quantity=line["quantity"],
                unit_price=line["unit_price"],
                discount_percent=line["discount_percent"],
                warehouse=line["warehouse"],
                batch=line["batch"],
            )
            for line in lines
        ),
    )


_KEPT = (
    "partner", "currency", "discount_percent", "due_date", "reference", "contact", "comments",
    "terms", "ship_to", "bill_to", "warehouse", "sales_person", "sales_person_name", "details",
)  # fmt: skip


def rewrite(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    asked: AskedTrade,
    *,
    allowed: Sequence[str] = (),
) -> None:
    """Price it anew as asked, and keep its number, state and origin.

    Raises:
        StaleRecord: somebody was faster.
        InvalidInput, RuleBroken, NotAllowed: it cannot be like that.
    """
    priced = offer.price(shop, connection, actor, asked, trade_id=row["id"], allowed=allowed)
    values = _words(shop, asked) | priced.figures | {"changed_at": shop.clock.now()}
    # Source and key belong to the making of it, not to what it says.
    for name in ("source", "client_request"):
        values.pop(name)
    if not trades.change(connection, row["id"], version=row["version"], values=values):
        raise StaleRecord(row["kind"], row["number"])
    trades.replace_lines(connection, row["id"], priced.lines)


def _known(connection: Connection, asked: AskedTrade, trade_id: str) -> RowMapping | None:
    kind, key = asked.kind, asked.client_request
    row = trades.by_client_request(connection, kind.value, key) if key else None
    row = row or trades.by_id(connection, trade_id)
    if row is None:
        document.check_forgotten(connection, kind.value, key)
        return None
    if row["content_hash"] != document.content_hash(asked.text):
        raise ReferenceConflict(key or trade_id)
    if row["state"] == TradeState.DELETED.value:
        raise RecordNotFound(kind.spoken, row["number"])
    return row


def _add(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    asked: AskedTrade,
    *,
    trade_id: str,
    allowed: Sequence[str],
) -> None:
    priced = offer.price(shop, connection, actor, asked, trade_id=trade_id, allowed=allowed)
    row = header(shop, connection, actor, kind=asked.kind, trade_id=trade_id)
    row |= _words(shop, asked) | priced.figures
    row["content_hash"] = document.content_hash(asked.text)
    row["state"] = (TradeState.PENDING if asked.source else TradeState.DRAFT).value
    trades.add(connection, row, priced.lines)
    move.tell(shop, connection, actor, row, "create", total_minor=row["total"])
    if asked.source == WEB:
        try:
            move.approve_row(shop, connection, actor, row)
        except NotAllowed:
            # Somebody who may agrees to it later; it stays Pending.
            return


def header(
    shop: Shop, connection: Connection, actor: Actor, *, kind: TradeKind, trade_id: str
) -> dict[str, Any]:
    """What every new one begins with, its number from the series of the day."""
    now, today = shop.clock.now(), shop.today
    count = setting.next_number(connection, f"{kind.value}:{today.isoformat()}")
    return {
        "id": trade_id,
        "kind": kind.value,
        "number": f"{kind.prefix}-{today:%Y%m%d}-{count:04d}",
        "version": 1,
        "doc_date": today,
        "created_by": actor.username,
        "created_at": now,
        "changed_at": now,
    }


def _words(shop: Shop, asked: AskedTrade) -> dict[str, Any]:
    due = asked.due_date
    if due is None and asked.kind is TradeKind.QUOTATION:
        due = shop.today + VALID_FOR
    return {
        "due_date": due,
        "contact": asked.contact,
        "reference": asked.reference,
        "comments": asked.comments,
        "terms": asked.terms,
        "ship_to": asked.ship_to,
        "bill_to": asked.bill_to,
        "sales_person": asked.sales_person,
        "sales_person_name": asked.sales_person_name,
        "source": asked.source or WEB,
        "details": dict(asked.details),
        "client_request": asked.client_request or None,
    }
