"""Batches as a document may take them: what is on hand less what others have reserved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, tuple_, type_coerce

from pos_app.domain.batch import Batch, BatchStatus
from pos_app.store.fast import Prepared
from pos_app.store.schema import Micro
from pos_app.store.stock import Lot, Place, batches, held
from pos_app.store.upsert import add_new

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


def carry(connection: Connection, lots: Iterable[Lot], at: datetime) -> None:
    """Make a row for batches that are new to a warehouse, with the dates known of them elsewhere.

    Goods are the same goods wherever they stand: a batch that moves keeps its last day.
    """
    wanted = sorted({lot for lot in lots if lot[2]})
    row = batches.c
    for item, warehouse, number in wanted:
        same = (row.item == item) & (row.batch == number)
        told = (row.status, row.expiry, row.admission, row.manufactured)
        query = select(row.warehouse, *told).where(same).order_by(row.warehouse)
        known = connection.execute(query).mappings().all()
        if not known or any(one["warehouse"] == warehouse for one in known):
            continue
        new = {"item": item, "warehouse": warehouse, "batch": number} | _EMPTY
        add_new(
            connection,
            batches,
            new
            | {name: known[0][name] for name in ("status", "expiry", "admission", "manufactured")}
            | {"changed_at": at},
        )


def bear(connection: Connection, lot: Lot, *, expiry: date | None, at: datetime) -> None:
    """Make a batch that comes in, unless it is known here; a known one keeps its last day.

    Goods that came in with another day than the batch has are a matter for people: the first word
    stands, as in SAP.
    """
    item, warehouse, number = lot
    carry(connection, [lot], at)
    row = {"item": item, "warehouse": warehouse, "batch": number, "status": "Released"}
    add_new(connection, batches, row | _EMPTY | {"expiry": expiry, "changed_at": at})


def on_hand(connection: Connection, lot: Lot) -> Decimal | None:
    """What is on hand of one batch; None when nobody told of it here."""
    row = batches.c
    here = (row.item == lot[0], row.warehouse == lot[1], row.batch == lot[2])
    found: Decimal | None = connection.execute(select(row.on_hand).where(*here)).scalar()
    return found


def expiries(connection: Connection, lots: Iterable[Lot]) -> dict[Lot, date | None]:
    """The last day of each of these batches that is known."""
    row = batches.c
    key = tuple_(row.item, row.warehouse, row.batch)
    query = select(row.item, row.warehouse, row.batch, row.expiry).where(key.in_(sorted(lots)))
    return {(one.item, one.warehouse, one.batch): one.expiry for one in connection.execute(query)}


_EMPTY = {"on_hand": Decimal(0), "base": Decimal(0), "base_seq": 0}


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
