"""Batches as a document may take them: what is on hand less what others have reserved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, func, select, tuple_

from pos_app.domain.batch import Batch, BatchStatus
from pos_app.store.reservation import reservation_lines, reservations
from pos_app.store.stock import Place, batches_of

NOTHING = Decimal(0)


def free(
    connection: Connection, places: Iterable[Place], at: datetime, *, reservation: str = ""
) -> list[Batch]:
    """Every batch at these places with the quantity that is free to take."""
    wanted = sorted(set(places))
    held = _reserved(connection, wanted, at, reservation)
    return [
        Batch(
            item=row["item"],
            warehouse=row["warehouse"],
            number=row["batch"],
            quantity=row["on_hand"]
            - held.get((row["item"], row["warehouse"], row["batch"]), NOTHING),
            status=BatchStatus(row["status"]),
            expiry=row["expiry"],
            admission=row["admission"],
        )
        for row in batches_of(connection, wanted)
    ]


def _reserved(
    connection: Connection, places: list[Place], at: datetime, reservation: str
) -> dict[tuple[str, str, str], Decimal]:
    lines = reservation_lines.c
    query = (
        select(lines.item, lines.warehouse, lines.batch, func.sum(lines.quantity))
        .join(reservations, reservations.c.id == lines.reservation_id)
        .where(
            tuple_(lines.item, lines.warehouse).in_(places),
            lines.batch != "",
            reservations.c.state == "Pending",
            reservations.c.expires_at > at,
            reservations.c.id != reservation,
        )
        .group_by(lines.item, lines.warehouse, lines.batch)
    )
    return {
        (item, warehouse, batch): quantity
        for item, warehouse, batch, quantity in connection.execute(query)
    }
