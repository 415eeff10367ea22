"""Park a basket and take it up again: its goods stay reserved until the reservation runs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.sale import Sale, SaleState
from pos_app.errors import RecordNotFound, StaleRecord
from pos_app.services import reservation, snapshot
from pos_app.services.batch import StockInvalid
from pos_app.services.reservation import Ask, AskLine
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import partner as partners
from pos_app.store import prompt as prompts
from pos_app.store import reservation as reservations
from pos_app.store import sale as sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A parked basket as the recall list shows it.

    Attributes:
        reserved_until: until when its goods are kept; None when they are not.
    """

    id: str
    username: str
    note: str
    partner: str
    total: Money
    line_count: int
    held_at: datetime
    reserved_until: datetime | None

    @property
    def is_reserved(self) -> bool:
        """Whether its goods are still kept for it."""
        return self.reserved_until is not None


def hold(shop: Shop, actor: Actor, sale: Sale, *, note: str = "") -> Held:
    """Park a basket; what stock there is for it is reserved, and the list says when it is not.

    Raises:
        SaleEmpty, SaleClosed: there is nothing to park.
    """
    require(actor, Permission.SALE_HOLD)
    parked = sale.moved(SaleState.HELD)
    kept = _reserve(shop, actor, parked)
    now = shop.clock.now()
    row = {
        "id": parked.id,
        "till": shop.rules.till,
        "username": actor.username,
        "state": "held",
        "note": note.strip()[:200],
        "partner": parked.partner.code if parked.partner else "",
        "currency": parked.currency,
        "total": parked.total.minor,
        "line_count": len(parked.lines),
        "basket": snapshot.write(parked),
        "reservation_id": kept,
        "held_at": now,
        "changed_at": now,
    }
    with shop.store.write() as connection:
        sales.hold(connection, row)
        details = {"total": str(parked.total), "note": row["note"], "reserved": bool(kept)}
        _audit(shop, connection, actor, action="sale.hold", sale=parked.id, details=details)
    return next(entry for entry in list_held(shop) if entry.id == parked.id)


def list_held(shop: Shop) -> list[Held]:
    """The baskets parked on this till, oldest first."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        rows = sales.held(connection, shop.rules.till)
        return [_held(connection, row, now) for row in rows]


def recall(shop: Shop, actor: Actor, held_id: str) -> Sale:
    """Take a parked basket up again, at the prices it was parked with; only one hand gets it.

    Raises:
        RecordNotFound: there is no such basket.
        StaleRecord: somebody else took it a moment ago.
    """
    require(actor, Permission.SALE_HOLD)
    now = shop.clock.now()
    with shop.store.write() as connection:
        row = sales.held_by_id(connection, held_id)
        if row is None:
            raise RecordNotFound("parked sale", held_id)
        if not sales.move_held(connection, held_id, state="recalled", was="held", at=now):
            raise StaleRecord("parked sale", held_id)
        partner = partners.by_code(connection, row["partner"]) if row["partner"] else None
        _audit(shop, connection, actor, action="sale.recall", sale=held_id, details={})
    return snapshot.read(row["basket"], partner)


def discard(shop: Shop, actor: Actor, held_id: str, *, reason: str) -> None:
    """Give a parked basket up; its goods are free again.

    Raises:
        StaleRecord: it is no longer parked.
    """
    require(actor, Permission.SALE_VOID)
    now = shop.clock.now()
    with shop.store.write() as connection:
        if not sales.move_held(connection, held_id, state="voided", was="held", at=now):
            raise StaleRecord("parked sale", held_id)
        reservations.release_for(connection, held_id, now, reason=reason)
        prompts.leave(connection, held_id, now)
        details = {"reason": reason}
        _audit(shop, connection, actor, action="sale.discard", sale=held_id, details=details)


def _reserve(shop: Shop, actor: Actor, sale: Sale) -> str | None:
    """Reserve the basket's goods; None when there are not enough, which parking does not stop."""
    now = shop.clock.now()
    ask = Ask(
        reference=f"hold:{sale.id}:{now.isoformat()}",
        source=shop.rules.till,
        partner=sale.partner.code if sale.partner else "",
        currency=sale.currency,
        minutes=shop.rules.hold_minutes,
        lines=tuple(
            AskLine(
                number=line.number,
                item=line.item.code,
                warehouse=sale.warehouse,
                quantity=line.quantity,
                unit_price=line.quote.unit_price,
                batches=((line.batch, line.quantity),) if line.batch else (),
            )
            for line in sale.lines
        ),
    )
    try:
        with shop.store.write() as connection:
            # Parked again: what it kept before must not stand in its own way.
            reservations.release_for(connection, sale.id, now, reason="parked again")
            made = reservation.make(shop, connection, actor, ask)
            reservations.belong(connection, made.held.id, sale.id)
    except StockInvalid:
        return None
    return made.held.id


def _held(connection: Connection, row: RowMapping, now: datetime) -> Held:
    kept = None
    if row["reservation_id"]:
        found = reservations.by_id(connection, row["reservation_id"])
        if found is not None and found["state"] == "Pending" and found["expires_at"] > now:
            kept = found["expires_at"]
    return Held(
        id=row["id"],
        username=row["username"],
        note=row["note"],
        partner=row["partner"],
        total=Money(row["total"], row["currency"]),
        line_count=row["line_count"],
        held_at=row["held_at"],
        reserved_until=kept,
    )


def _audit(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    *,
    action: str,
    sale: str,
    details: Mapping[str, object],
) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=actor.username,
        action=action,
        subject=sale,
        details=dict(details),
    )
