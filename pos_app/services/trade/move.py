"""Quotations and sales orders from state to state; approval is where a promise begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.money import Money
from pos_app.domain.move import check_move
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.trade import (
    DELETABLE,
    MOVES,
    RUNS_OUT,
    NotConvertible,
    NotDeletable,
    TradeKind,
    TradeState,
    is_over,
)
from pos_app.domain.webhook import WebhookEvent
from pos_app.errors import RecordNotFound, StaleRecord
from pos_app.services import credit
from pos_app.services.shop import Shop
from pos_app.services.trade import promise, view
from pos_app.services.trade.view import Trade
from pos_app.services.webhook import event as webhook_event
from pos_app.store import audit
from pos_app.store import trade as trades

MAY_APPROVE: Mapping[TradeKind, Permission] = {
    TradeKind.SALES_ORDER: Permission.SALESORDERS_APPROVE,
    TradeKind.QUOTATION: Permission.INVOICES_EDIT,
}
BY_ITSELF = frozenset({TradeState.CONVERTED, TradeState.PARTIALLY_INVOICED})
"""States nobody sets by hand: they say what was made of it."""


def is_by_hand(old: TradeState, new: TradeState) -> bool:
    """Whether somebody may say so; Invoiced only where a part was: the rest is let go."""
    if new is TradeState.INVOICED:
        return old is TradeState.PARTIALLY_INVOICED
    return new not in BY_ITSELF


def approve(shop: Shop, actor: Actor, kind: TradeKind, entry: int) -> Trade:
    """Agree to one; again, it changes nothing.

    Raises:
        RecordNotFound: there is none.
        PermissionMissing: the actor may not, or not at these prices.
        ApprovalNeeded: the customer would owe more than the actor may agree to.
        MoveRefused: it is past that.
    """
    with shop.store.write() as connection:
        row = held(connection, kind, entry)
        if row["state"] != TradeState.APPROVED.value:
            approve_row(shop, connection, actor, row)
    return view.get(shop, row["id"])


def approve_row(
    shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any], *, reason: str = ""
) -> None:
    """Agree to one within a transaction; raises as `approve`, and nothing was written then."""
    kind, old = TradeKind(row["kind"]), TradeState(row["state"])
    check_move(MOVES[kind], old, new=TradeState.APPROVED, kind=kind.spoken)
    require(actor, MAY_APPROVE[kind])
    if row["has_other_prices"]:
        require(actor, Permission.PRODUCTS_MANAGE_PRICES)
    over = None
    if kind is TradeKind.SALES_ORDER:
        over = credit.check(
            shop,
            connection,
            actor,
            partner=row["partner"],
            owed=Money(row["total"], row["currency"]),
            document_id=row["id"],
        )
    now = shop.clock.now()
    values: dict[str, Any] = {"approved_by": actor.username, "approved_at": now}
    details = {"reason": reason} if reason else {}
    if over is not None:
        values |= {"above_limit": over.minor, "limit_currency": over.currency}
        details["above_credit_limit"] = over.label
    shift(shop, connection, actor, row, new=TradeState.APPROVED, values=values, details=details)


def to_state(
    shop: Shop, actor: Actor, kind: TradeKind, entry: int, *, new: TradeState, reason: str = ""
) -> Trade:
    """Bring one into another state by hand; the state it is in already changes nothing.

    Raises:
        RecordNotFound: there is none.
        MoveRefused: not from where it is, or not by hand.
        PermissionMissing, ApprovalNeeded: as `approve`, which going to Approved is.
    """
    with shop.store.write() as connection:
        row = held(connection, kind, entry)
        if new.value != row["state"]:
            _by_hand(shop, connection, actor, row, new=new, reason=reason)
    return view.get(shop, row["id"])


def _by_hand(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    *,
    new: TradeState,
    reason: str,
) -> None:
    kind = TradeKind(row["kind"])
    moves = {move for move in MOVES[kind] if is_by_hand(*move)}
    check_move(moves, TradeState(row["state"]), new=new, kind=kind.spoken)
    if new is TradeState.APPROVED:
        approve_row(shop, connection, actor, row, reason=reason)
        return
    details = {"reason": reason} if reason else {}
    shift(shop, connection, actor, row, new=new, details=details)


def post_to_sap(shop: Shop, actor: Actor, kind: TradeKind, entry: int) -> Trade:
    """Put one on its way to SAP, where it is not; tried anew after a refusal.

    Raises:
        RecordNotFound: there is none.
        NotPostable: it promises nothing.
    """
    with shop.store.write() as connection:
        row = held(connection, kind, entry)
        promise.post_again(shop, actor, row, connection)
        tell(shop, connection, actor, row, "post")
    return view.get(shop, row["id"])


def drop(shop: Shop, actor: Actor, kind: TradeKind, entry: int) -> None:
    """Delete one that promises nothing; its row stays, so that its number explains itself.

    Raises:
        RecordNotFound: there is none.
        NotDeletable: it is to be cancelled instead.
    """
    with shop.store.write() as connection:
        row = held(connection, kind, entry)
        if TradeState(row["state"]) not in DELETABLE[kind]:
            raise NotDeletable(kind, row["number"], row["state"])
        shift(shop, connection, actor, row, new=TradeState.DELETED)


SWEEPER = Actor("", "server", "", frozenset(), kind="server")
"""Who lets things run out."""


def expire(shop: Shop) -> int:
    """Let quotations run out whose last day is over; returns how many did."""
    states = [state.value for state in RUNS_OUT]
    with shop.store.read() as connection:
        if not trades.run_out(connection, states=states, today=shop.today):
            return 0
    with shop.store.write() as connection:
        rows = trades.run_out(connection, states=states, today=shop.today)
        for row in rows:
            shift(shop, connection, SWEEPER, dict(row), new=TradeState.EXPIRED)
    return len(rows)


def check_holds(shop: Shop, row: Mapping[str, Any]) -> None:
    """Refuse to go on with a quotation whose last day is over.

    Raises:
        NotConvertible: it is.
    """
    kind = TradeKind(row["kind"])
    if kind is TradeKind.QUOTATION and is_over(
        TradeState(row["state"]), row["due_date"], shop.today
    ):
        why = f"held until {row['due_date']}: make another one"
        raise NotConvertible(kind, row["number"], why)


def held(connection: Connection, kind: TradeKind, entry: int) -> dict[str, Any]:
    """One by our own number, kept from other writers.

    Raises:
        RecordNotFound: there is none.
    """
    known = trades.by_entry(connection, kind.value, entry)
    row = trades.held(connection, known["id"]) if known else None
    if row is None:
        raise RecordNotFound(kind.spoken, entry)
    return dict(row)


CHANGED = {
    TradeKind.QUOTATION: WebhookEvent.QUOTATION_CHANGED,
    TradeKind.SALES_ORDER: WebhookEvent.SALES_ORDER_CHANGED,
}


def shift(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    *,
    new: TradeState,
    values: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write another state down and say so in the audit chain.

    Raises:
        StaleRecord: somebody was faster.
    """
    told = {"state": new.value, "changed_at": shop.clock.now()} | dict(values or {})
    if not trades.change(connection, row["id"], version=row["version"], values=told):
        raise StaleRecord(TradeKind(row["kind"]).spoken, row["number"])
    promise.follow(shop, connection, actor, row, new=new)
    tell(shop, connection, actor, row, new.value.lower(), was=row["state"], **dict(details or {}))


def tell(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    row: Mapping[str, Any],
    action: str,
    **details: Any,
) -> None:
    """Write into the audit chain what somebody did with one."""
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=f"{row['kind']}.{action}",
        subject=row["number"],
        details=details,
    )
    webhook_event.tell(
        shop,
        connection,
        CHANGED[TradeKind(row["kind"])],
        subject=row["id"],
        data={"number": row["number"], "cardCode": row["partner"], "change": action},
    )
