"""Batches per warehouse: quantity, status and expiry, which Items do not tell (lesson L45)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.batch import parse_status
from pos_app.services.master.fetch import Fetch, Told, tell
from pos_app.services.master.guard import check_shrink
from pos_app.store import item as items
from pos_app.store import rebase, stock, warehouse
from pos_app.store.schema import to_microseconds
from sync.sap.batch_stock import batch_quantities, batch_quantities_of
from sync.sap.master_rows import BatchRow

Lots = dict[str, list[BatchRow]]
LotFacts = tuple[str, Decimal, str, date | None, date | None]
"""Batch number, quantity, status, expiry and admission."""


def lots(fetch: Fetch) -> Told:
    """Batches of every active warehouse, whole or those of the items documents touched."""
    with fetch.shop.store.read() as connection:
        places = [place.code for place in warehouse.every(connection) if place.is_active]
        moved = [
            item.code
            for item in items.find_by_codes(connection, sorted(fetch.moved.items)).values()
            if item.is_batch_managed
        ]
    received = changed = 0
    for code in places:
        told = _whole(fetch, code) if fetch.is_whole else _of_items(fetch, code, moved)
        received += told.rows
        changed += told.changed
    return Told(received, changed)


def _whole(fetch: Fetch, code: str) -> Told:
    read_at = to_microseconds(fetch.shop.clock.now())
    told = _by_item(batch_quantities(fetch.sap, code))
    count = sum(map(len, told.values()))
    with fetch.shop.store.write() as connection:
        had = _known(stock.batches_in(connection, code))
        check_shrink(
            "batches",
            sum(map(len, had.values())),
            count,
            is_accepted=fetch.accepts_shrink,
            may_be_empty=True,
        )
        lately = rebase.unreached(connection, code)
        wanted = sorted(had.keys() | told.keys())
        fresh = [item for item in wanted if item in lately or _differs(had, told, item)]
        return Told(count, _store(fetch, connection, code, fresh, told=told, read_at=read_at))


def _of_items(fetch: Fetch, code: str, moved: Sequence[str]) -> Told:
    read_at = to_microseconds(fetch.shop.clock.now())
    told = {item: list(batch_quantities_of(fetch.sap, code, item)) for item in moved}
    with fetch.shop.store.write() as connection:
        had = _known(stock.batches_of(connection, [(item, code) for item in moved]))
        lately = rebase.unreached(connection, code)
        fresh = [item for item in moved if item in lately or _differs(had, told, item)]
        changed = _store(fetch, connection, code, fresh, told=told, read_at=read_at)
    return Told(sum(map(len, told.values())), changed)


def _store(
    fetch: Fetch,
    connection: Connection,
    code: str,
    fresh: Sequence[str],
    *,
    told: Lots,
    read_at: int,
) -> int:
    rebase.rebase_batches(
        connection,
        [((item, code), read_at) for item in fresh],
        [_row(fetch, lot, read_at) for item in fresh for lot in told.get(item, ())],
    )
    return tell(connection, [("stock", f"{item}|{code}") for item in fresh])


def _by_item(told: Iterable[BatchRow]) -> Lots:
    found: Lots = {}
    for lot in told:
        found.setdefault(lot.item_code, []).append(lot)
    return found


def _known(told: Iterable[RowMapping]) -> dict[str, set[LotFacts]]:
    """What SAP last told of each batch; one it has no more of is none."""
    known: dict[str, set[LotFacts]] = {}
    for row in told:
        if row["base"]:
            facts = (row["batch"], row["base"], row["status"], row["expiry"], row["admission"])
            known.setdefault(row["item"], set()).add(facts)
    return known


def _differs(had: Mapping[str, set[LotFacts]], told: Lots, item: str) -> bool:
    return had.get(item, set()) != set(map(_facts, told.get(item, ())))


def _facts(lot: BatchRow) -> LotFacts:
    return lot.batch, lot.quantity, parse_status(lot.status).value, lot.expiry, lot.admitted


def _row(fetch: Fetch, lot: BatchRow, read_at: int) -> dict[str, Any]:
    return {
        "item": lot.item_code,
        "warehouse": lot.warehouse,
        "batch": lot.batch,
        "base": lot.quantity,
        "base_seq": read_at,
        "status": parse_status(lot.status).value,
        "expiry": lot.expiry,
        "admission": lot.admitted,
        "manufactured": None,
        "changed_at": fetch.shop.clock.now(),
    }
