"""Batches as a document may take them: what is on hand less what others have reserved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, type_coerce

from pos_app.domain.batch import Batch, BatchStatus
from pos_app.store.fast import Prepared
from pos_app.store.schema import Micro
from pos_app.store.stock import Place, batches, held

_MOST = 40
"""How many places one statement asks for."""


def free(
    connection: Connection, places: Iterable[Place], at: datetime, *, reservation: str = ""
) -> list[Batch]:
    """Every batch at these places with the quantity that is free to take."""
    wanted = sorted(set(places))
    return [
        Batch(
            item=row["item"],
            warehouse=row["warehouse"],
            number=row["batch"],
            quantity=row["on_hand"] - row["held"],
            status=BatchStatus(row["status"]),
            expiry=row["expiry"],
            admission=row["admission"],
        )
        for first in range(0, len(wanted), _MOST)
        for row in _found(connection, wanted[first : first + _MOST], at, reservation)
    ]


def _found(
    connection: Connection, places: list[Place], at: datetime, reservation: str
) -> list[dict[str, Any]]:
    told: dict[str, Any] = {"p_at": at, "p_exclude": reservation}
    for number, (item, warehouse) in enumerate(places):
        told |= {f"item_{number}": item, f"warehouse_{number}": warehouse}
    return _at(len(places)).all_mappings(connection, told)


@cache
def _at(count: int) -> Prepared:
    """The batches at so many places, by item, warehouse and number."""
    row = batches.c
    places = (
        and_(
            row.item == bindparam(f"item_{number}"),
            row.warehouse == bindparam(f"warehouse_{number}"),
        )
        for number in range(count)
    )
    columns = (
        row.item,
        row.warehouse,
        row.batch,
        row.on_hand,
        row.status,
        row.expiry,
        row.admission,
    )
    held_here = type_coerce(held(batches), Micro).label("held")
    return Prepared(select(*columns, held_here).where(or_(*places)).order_by(*batches.primary_key))
