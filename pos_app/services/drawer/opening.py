"""Ask for the drawer: a row in the transaction of what it is opened for, a pulse after it."""

from __future__ import annotations

from sqlalchemy import Connection

from pos_app.domain.drawer import DrawerCause, OpeningState
from pos_app.domain.permission import Actor, Permission, require
from pos_app.domain.shift import ShiftNotOpen
from pos_app.services.shop import Shop
from pos_app.store import drawer
from pos_app.store import shift as shifts


def open_for(
    shop: Shop,
    connection: Connection,
    cause: DrawerCause,
    *,
    username: str,
    shift_id: str | None,
    document_id: str | None = None,
) -> None:
    """Ask for the drawer where the settings open it for this; the printer's holder sends the pulse.

    Args:
        shop: the till.
        connection: the transaction of what it is opened for.
        cause: what that is.
        username: who does it.
        shift_id: the open shift.
        document_id: the sale or note.
    """
    if shop.rules.has_drawer and cause in shop.rules.drawer.causes:
        ask(
            shop,
            connection,
            shop.ids.new(),
            cause=cause,
            username=username,
            shift_id=shift_id,
            document_id=document_id,
        )


def open_to_count(shop: Shop, actor: Actor) -> None:
    """Open the drawer to be counted at the end of a shift, where the settings open it for that.

    Raises:
        ShiftNotOpen: there is nothing to count.
    """
    require(actor, Permission.SHIFT_CLOSE)
    with shop.store.write() as connection:
        shift_id = shifts.open_id(connection, shop.rules.till)
        if shift_id is None:
            raise ShiftNotOpen(shop.rules.till)
        open_for(shop, connection, DrawerCause.SHIFT, username=actor.username, shift_id=shift_id)


def ask(
    shop: Shop,
    connection: Connection,
    opening_id: str,
    *,
    cause: DrawerCause,
    username: str,
    shift_id: str | None,
    document_id: str | None = None,
    reason: str = "",
    approved_by: str = "",
) -> None:
    """Ask for the drawer, whatever the settings say; raises UniqueViolation for a known id."""
    drawer.add(
        connection,
        {
            "id": opening_id,
            "till": shop.rules.till,
            "shift_id": shift_id,
            "cause": cause.value,
            "state": OpeningState.ASKED.value,
            "document_id": document_id,
            "username": username,
            "reason": reason,
            "approved_by": approved_by,
            "asked_at": shop.clock.now(),
        },
    )
