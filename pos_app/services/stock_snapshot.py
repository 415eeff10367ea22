"""The morning's stock of a warehouse, and what is left of it, for programs that sell from it.

There is one stock (contract 2.10): a snapshot keeps what lay there, and what is left follows from
the shop's own moves since and from what was told of SAP's transfers. It stops nobody from selling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping

from pos_app.domain.hub import HubCall
from pos_app.errors import Conflict, InvalidInput, RecordNotFound
from pos_app.services import hub
from pos_app.services.shop import Shop
from pos_app.store import setting, warehouse
from pos_app.store import stock_snapshot as store
from pos_app.store.fault import UniqueViolation

NOTHING = Decimal(0)
TRIES = 2
LAST_DAY, TURN = "stock_snapshot.last_day", "stock_snapshot:turn"
OUT, IN = "OUT", "IN"


class SnapshotNotReady(Conflict):
    """It is being taken, or could not be."""

    code = "snapshot_not_ready"

    def __init__(self, place: str, day: date, why: str) -> None:
        super().__init__(
            f"The stock of warehouse {place} of {day} is not there yet: {why}", warehouse=place
        )


class NotToday(InvalidInput):
    """Only what lies there now can be counted."""

    code = "snapshot_not_today"

    def __init__(self, day: date, today: date) -> None:
        super().__init__(f"The stock of {day} cannot be taken on {today}: leave the date out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """One batch; the number is empty for an item without batches."""

    number: str
    expiry: date | None
    original: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One item: in the morning, what transfers changed since, and what is left."""

    item: str
    name: str
    original: Decimal
    transferred: Decimal
    available: Decimal
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A warehouse on a business date."""

    day: date
    warehouse: str
    status: str
    goods: tuple[Goods, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer that was booked in SAP."""

    item: str
    source: str
    destination: str
    quantity: Decimal
    doc_entry: int | None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What a transfer changed in a warehouse."""

    warehouse: str
    direction: str
    quantity: Decimal
    available: Decimal


def ask(shop: Shop, *, day: date | None = None, places: Sequence[str] = ()) -> tuple[str, ...]:
    """Want today's snapshots; those taken before stay as they are, failed ones are tried again.

    Args:
        shop: the server.
        day: today, or nothing.
        places: warehouses; none are all that are monitored.

    Raises:
        NotToday: another day.
        RecordNotFound: there is no such warehouse.
    """
    today = shop.today
    if day not in (None, today):
        raise NotToday(day or today, today)
    wanted = tuple(dict.fromkeys(places)) or shop.rules.stock.monitored
    with shop.store.write() as connection:
        for place in wanted:
            if place not in shop.rules.stock.monitored:
                _check(connection, place)
            store.ask(connection, today, place, shop.clock.now())
        _progress(shop, connection, today, place=next(iter(wanted), ""))
    return wanted


def due(shop: Shop) -> None:
    """Want the snapshots of the monitored warehouses once the morning's time has come."""
    rules = shop.rules.stock
    local = shop.local(shop.clock.now())
    if not rules.monitored or local.time() < rules.snapshot_at:
        return
    day = local.date().isoformat()
    with shop.store.read() as connection:
        if setting.read(connection, LAST_DAY) == day:
            return
    ask(shop)
    with shop.store.write() as connection:
        setting.write(connection, LAST_DAY, day)


def work(shop: Shop) -> int:
    """Take every snapshot that is wanted; of several processes each takes others. Returns how many.

    One that fails is tried once more at the next look, and then stands as failed with its reason.
    """
    with shop.store.read() as connection:
        wanted = store.pending(connection)
    done = 0
    for row in wanted:
        with shop.store.write() as connection:
            tries = row["tries"] + 1
            try:
                _check(connection, row["warehouse"])
                values = {"status": store.COMPLETE, "taken_at": shop.clock.now(), "problem": ""}
            except RecordNotFound as error:
                status = store.FAILED if tries >= TRIES else store.PENDING
                values = {"status": status, "problem": error.sentence}
            is_ours = store.move(connection, dict(row), values | {"tries": tries})
            if is_ours and values["status"] == store.COMPLETE:
                store.take(connection, row["day"], row["warehouse"])
                done += 1
            if is_ours and values["status"] != store.PENDING:
                _progress(shop, connection, row["day"], place=row["warehouse"], is_step=True)
    return done


def _progress(
    shop: Shop, connection: Connection, day: date, *, place: str, is_step: bool = False
) -> None:
    """Say how many of the day's snapshots are taken, and, at the last, that all of them are.

    Of two taken at once the second waits here, so that one of them is the last.
    """
    setting.next_number(connection, TURN)
    rows = store.of_day(connection, day)
    over = [row["warehouse"] for row in rows if row["status"] != store.PENDING]
    is_complete = len(over) == len(rows)
    status = "Complete" if is_complete else "InProgress" if is_step else "Started"
    data: hub.Data = {
        "completedCount": len(over),
        "totalCount": len(rows),
        "currentWarehouse": place,
        "status": status,
        "completedWarehouses": over,
    }
    hub.call(shop, connection, HubCall.STOCK_FETCH_PROGRESS, data)
    if is_complete:
        _updated(shop, connection, day, warehouses=len(rows))


def _updated(shop: Shop, connection: Connection, day: date, *, warehouses: int) -> None:
    data: hub.Data = {
        "snapshotDate": day.isoformat(),
        "warehouseCount": warehouses,
        "totalItemCount": store.count_of_day(connection, day),
    }
    hub.call(shop, connection, HubCall.STOCK_SNAPSHOT_UPDATED, data)


def local(shop: Shop, place: str, *, day: date | None = None) -> Snapshot:
    """A snapshot and what is left of it; of a day that is over, at its end.

    Raises:
        RecordNotFound: there is none of that day.
        SnapshotNotReady: it is being taken, or could not be.
    """
    with shop.store.read() as connection:
        return _local(shop, connection, place, day or shop.today)


def adjust(shop: Shop, told: Transfer) -> tuple[Adjusted, ...]:
    """Take a transfer of SAP into today's snapshots: out of one by what expires first, into one.

    Told of again, it changes nothing; so does a transfer this shop made itself, which is in its
    own moves, and a warehouse without a snapshot of today.
    """
    try:
        with shop.store.write() as connection:
            if told.doc_entry is not None and store.is_ours(connection, told.doc_entry):
                return ()
            ways = ((told.source, OUT), (told.destination, IN))
            made = [_adjust(shop, connection, told, place, way) for place, way in ways]
            changed = sum(one is not None for one in made)
            if changed:
                _updated(shop, connection, shop.today, warehouses=changed)
    except UniqueViolation:
        return ()
    return tuple(one for one in made if one is not None)


def _check(connection: Connection, place: str) -> None:
    if warehouse.by_code(connection, place) is None:
        raise RecordNotFound("warehouse", place)


def _local(shop: Shop, connection: Connection, place: str, day: date) -> Snapshot:
    row = store.of(connection, day, place)
    if row is None:
        raise RecordNotFound("stock snapshot", f"{place} of {day}")
    if row["status"] != store.COMPLETE:
        raise SnapshotNotReady(place, day, row["problem"] or "ask again in a moment.")
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(shop.rules.zone))
    moved = store.moved_since(connection, place, row["taken_at"], min(end, shop.clock.now()))
    changes: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    transferred: defaultdict[str, Decimal] = defaultdict(Decimal)
    for move in moved:
        changes[move["item"]][move["batch"]] += move["quantity"]
        if move["document_kind"] == "transfer":
            transferred[move["item"]] += move["quantity"]
    for event in store.events_of(connection, day, place):
        changes[event["item"]][event["batch"]] += event["quantity"]
        transferred[event["item"]] += event["quantity"]
    return Snapshot(
        day=day,
        warehouse=place,
        status=row["status"],
        goods=tuple(_goods(store.rows_of(connection, day, place), changes, transferred)),
    )


Changes = dict[str, defaultdict[str, Decimal]]
"""How much more or less there is, by item and batch."""


def _goods(
    rows: Iterable[RowMapping],
    changes: Changes,
    transferred: dict[str, Decimal],
) -> Iterable[Goods]:
    """Items of the morning, and those that came in since."""
    lots: defaultdict[str, list[Lot]] = defaultdict(list)
    names: dict[str, str] = {}
    for row in rows:
        names[row["item"]] = row["name"] or ""
        change = changes.get(row["item"], defaultdict(Decimal)).pop(row["batch"], NOTHING)
        lots[row["item"]].append(
            Lot(
                number=row["batch"],
                expiry=row["expiry"],
                original=row["quantity"],
                available=row["quantity"] + change,
            )
        )
    for item, left in changes.items():
        lots[item] += [
            Lot(number=batch, expiry=None, original=NOTHING, available=change)
            for batch, change in left.items()
        ]
    for item, mine in sorted(lots.items()):
        yield Goods(
            item=item,
            name=names.get(item, ""),
            original=sum((lot.original for lot in mine), NOTHING),
            transferred=transferred.get(item, NOTHING),
            available=sum((lot.available for lot in mine), NOTHING),
            lots=tuple(mine),
        )


def _adjust(
    shop: Shop, connection: Connection, told: Transfer, place: str, way: str
) -> Adjusted | None:
    row = store.of(connection, shop.today, place)
    if row is None or row["status"] != store.COMPLETE:
        return None
    number = shop.ids.new() if told.doc_entry is None else told.doc_entry
    key = f"{shop.today.isoformat()}|{told.item}|{place}|{number}|{way}"
    if store.is_told(connection, key):
        return None
    found = _local(shop, connection, place, shop.today).goods
    known = next((goods for goods in found if goods.item == told.item), None)
    lots = known.lots if known else ()
    parts = _out(lots, told.quantity) if way == OUT else _in(lots, told.quantity)
    shared = {
        "key": key,
        "day": shop.today,
        "warehouse": place,
        "item": told.item,
        "told_at": shop.clock.now(),
    }
    store.tell(
        connection,
        [{**shared, "batch": batch, "quantity": change} for batch, change in parts.items()],
    )
    change = sum(parts.values(), NOTHING)
    return Adjusted(place, way, abs(change), (known.available if known else NOTHING) + change)


def _out(lots: Sequence[Lot], quantity: Decimal) -> dict[str, Decimal]:
    """What expires first goes first; what nobody has comes off the last, so that it shows."""
    parts: dict[str, Decimal] = {}
    left = quantity
    for lot in lots:
        part = min(max(lot.available, NOTHING), left)
        if part:
            parts[lot.number] = -part
            left -= part
    if left:
        last = lots[-1].number if lots else ""
        parts[last] = parts.get(last, NOTHING) - left
    return parts


def _in(lots: Sequence[Lot], quantity: Decimal) -> dict[str, Decimal]:
    return {lots[0].number if lots else "": quantity}
