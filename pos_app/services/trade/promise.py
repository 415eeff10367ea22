"""What SAP is told of quotations and orders: that they are promised, and that they are over.

A shop without SAP has the same queue: its own books give them their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.permission import Actor
from pos_app.domain.posting import FINAL, PostingState
from pos_app.domain.trade import (
    EDITABLE,
    PROMISED,
    PartlyInvoiced,
    PromiseInDoubt,
    TradeKind,
    TradeState,
    is_given_up,
    is_promise_over,
)
from pos_app.errors import Conflict
from pos_app.services.posting.queueing import enqueue
from pos_app.services.posting.review import put_back
from pos_app.services.posting.trade import ENDING, UNHEARD, end, queueing
from pos_app.services.posting.view import TROUBLED
from pos_app.services.shop import Shop
from pos_app.services.trade import view
from pos_app.services.trade.view import Trade
from pos_app.store import posting, queue
from pos_app.store import trade as trades

POLL_SECONDS = 0.05


class NotPostable(Conflict):
    """SAP is told only of what was promised."""

    code = "not_postable"

    def __init__(self, number: str, why: str) -> None:
        super().__init__(f"{number} cannot be posted in SAP: {why}.", number=number, reason=why)


def follow(
    shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any], *, new: TradeState
) -> None:
    """Queue what another state means in SAP or in our books, in the transaction that brings it.

    Raises:
        PromiseInDoubt: it would be open for changes while SAP may hold it as it was.
        PartlyInvoiced: it would be open for changes and invoices name its lines.
    """
    kind = TradeKind(row["kind"])
    if new in EDITABLE[kind] and trades.invoices_of(connection, [row["id"]]):
        raise PartlyInvoiced(row["number"])
    if new is TradeState.APPROVED:
        _promise(shop, connection, actor, row)
    elif is_promise_over(kind, new) and row.get("sap_key"):
        if is_given_up(kind, new) and _withdrawn(shop, connection, actor, row):
            return
        if new in EDITABLE[kind] and _is_taken_out(connection, row):
            trades.book(connection, row["id"], UNHEARD)
            return
        end(shop, connection, row)


def _promise(shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any]) -> None:
    known = row.get("sap_key")
    if known and posting.by_key(connection, known + ENDING) is None:
        return
    # Promised again after its end, it is another document there.
    key = f"{row['id']}-{row['version']}"
    told = queueing(row, kind=row["kind"], key=key, by=actor.username)
    enqueue(shop, connection, told)
    fresh = {"in_sap": "pending", "sap_key": key, "sap_reason": ""}
    trades.book(connection, row["id"], fresh | {"doc_entry": None, "doc_num": None})


def _withdrawn(shop: Shop, connection: Connection, actor: Actor, row: Mapping[str, Any]) -> bool:
    """Whether SAP was never told, and is not told any more."""
    promised = posting.by_key(connection, row["sap_key"])
    words = f"Given up by {actor.username} before SAP heard of it."
    if promised is None or not queue.withdraw(
        connection, promised["queue_id"], at=shop.clock.now(), reason=words
    ):
        return False
    trades.book(connection, row["id"], UNHEARD)
    return True


def _is_taken_out(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Whether somebody took it out of the queue; else SAP holds it and no other may follow yet.

    Raises:
        PromiseInDoubt: SAP has not said yet what became of it.
    """
    promised = posting.by_key(connection, row["sap_key"])
    state = PostingState(promised["state"]) if promised else PostingState.CANCELLED
    if state not in FINAL:
        raise PromiseInDoubt(TradeKind(row["kind"]), row["number"])
    return state is PostingState.CANCELLED


def post_again(shop: Shop, actor: Actor, row: Mapping[str, Any], connection: Connection) -> None:
    """See to it that one is on its way: queued, or tried again after somebody looked.

    Raises:
        NotPostable: it promises nothing, or was taken out of the queue.
    """
    kind, number = TradeKind(row["kind"]), row["number"]
    if TradeState(row["state"]) not in PROMISED:
        raise NotPostable(number, f"the {kind.spoken} is {row['state']}: approve it first")
    promised = posting.by_key(connection, row["sap_key"]) if row["sap_key"] else None
    if promised is None:
        _promise(shop, connection, actor, row)
    elif queue.is_out(promised):
        why = "somebody has taken it out of the queue: take it back and approve it anew"
        raise NotPostable(number, why)
    elif promised["state"] in TROUBLED:
        put_back(shop, connection, promised)


def booked(shop: Shop, made: Trade, *, seconds: float) -> Trade:
    """Give SAP, or the built-in books, a moment: as it is once booked, or when the time is up."""
    end = shop.clock.now() + timedelta(seconds=seconds)
    while made.booked.state == "pending" and shop.clock.now() < end:
        shop.clock.sleep(POLL_SECONDS)
        made = view.get(shop, made.id)
    return made
