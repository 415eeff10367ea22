"""A pulse to try the drawer out: it opens without a sale, so it is counted and audited as that."""

from __future__ import annotations

from pos_app.domain.drawer import DrawerCause, OpeningState
from pos_app.services.shop import Shop
from pos_app.store import audit, drawer
from pos_app.store import shift as shifts

REASON = "trying the drawer out"


def note(shop: Shop, username: str) -> None:
    """Write down that a pulse is about to leave, by whoever has borrowed the printer."""
    opening_id, now = shop.ids.new(), shop.clock.now()
    with shop.store.write() as connection:
        opening = {
            "id": opening_id,
            "till": shop.rules.till,
            "shift_id": shifts.open_id(connection, shop.rules.till),
            "cause": DrawerCause.NO_SALE.value,
            "state": OpeningState.SENT.value,
            "username": username,
            "reason": REASON,
            "asked_at": now,
        }
        drawer.add(connection, opening)
        audit.append(
            connection,
            at=now,
            actor=username,
            action="drawer.no_sale",
            subject=opening_id,
            details={"reason": REASON, "approved_by": ""},
        )
