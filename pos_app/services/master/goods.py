"""Items, their barcodes, prices, stock and levels: one read of SAP's Items for all of them.

Pages are compared with the books as they come and only what differs is put aside, so that memory
stays flat; nothing is stored before the last page has come (production lesson L40).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from itertools import starmap
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.item import Item
from pos_app.domain.price import ListPrice
from pos_app.errors import PosError
from pos_app.services.master import row as rows
from pos_app.services.master.fetch import Changes, Fetch, Told, tell
from pos_app.services.master.guard import check_shrink
from pos_app.services.master.heard import new_prices
from pos_app.services.master.spill import Spill
from pos_app.store import catalogue, rebase, stock, warehouse
from pos_app.store import item as items
from pos_app.store import level as levels
from pos_app.store import price as prices
from pos_app.store.item import BarcodeUse, ItemFilter
from pos_app.store.level import Level
from pos_app.store.schema import to_microseconds
from sync.sap import company, master
from sync.sap.goods import goods as read_goods
from sync.sap.goods import goods_by_code
from sync.sap.master_rows import GoodsRow, StockRow, Unit

PER_PAGE = 500


ITEM_FIELDS, USE_FIELDS, PRICE_FIELDS, LEVEL_FIELDS = (
    attrgetter(*(one.name for one in fields(kind))) for kind in (Item, BarcodeUse, ListPrice, Level)
)
"""Records put aside are plain tuples of their fields, which cost a fraction to write and read."""

Records = list[tuple[Any, ...]]


@dataclass(slots=True)
class News:
    """What differs on the pages of items: what they are, what they cost, where they lie."""

    items: Spill[tuple[Records, Records]] = field(default_factory=Spill)
    prices: Spill[tuple[Records, list[tuple[str, str]]]] = field(default_factory=Spill)
    places: Spill[tuple[list[dict[str, Any]], Records]] = field(default_factory=Spill)

    def close(self) -> None:
        """Let go of the files."""
        for part in (self.items, self.prices, self.places):
            part.close()


@dataclass(slots=True)
class Survey:
    """What one read needs to know beforehand, and what it has seen so far."""

    lists: frozenset[str]
    places: frozenset[str]
    lately: Mapping[str, set[str]]
    units: Mapping[tuple[int, int], Unit]
    extra: tuple[str, ...]
    codes: set[str] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    price_count: int = 0
    place_count: int = 0
    flaws: list[str] = field(default_factory=list)


def goods(fetch: Fetch) -> Told:
    """Items with barcodes, prices, stock and levels, whole or what changed.

    Raises:
        ImplausibleShrink: far fewer items, prices or places than before; what is plausible is kept.
    """
    survey = _survey(fetch)
    with closing(News()) as news:
        for page, read_at in _pages(fetch, survey):
            with fetch.shop.store.read() as connection:
                _compare(fetch, connection, survey, page, news=news, read_at=read_at)
        changed = _store(fetch, survey, news)
    return Told(len(survey.codes), changed, tuple(survey.flaws))


def _survey(fetch: Fetch) -> Survey:
    extra = fetch.hs_field if fetch.hs_field in company.user_fields(fetch.sap, "OITM") else ""
    units = {
        (group.number, unit.entry): unit
        for group in master.unit_groups(fetch.sap)
        for unit in group.units
    }
    with fetch.shop.store.read() as connection:
        places = frozenset(place.code for place in warehouse.every(connection) if place.is_active)
        return Survey(
            # SAP's lists have numbers; a shop may have others of its own.
            frozenset(row.code for row in prices.lists(connection) if row.code.isdecimal()),
            places,
            {code: rebase.unreached(connection, code) for code in places},
            units,
            (extra,) if extra else (),
        )


def _pages(fetch: Fetch, survey: Survey) -> Iterator[tuple[Sequence[GoodsRow], int]]:
    """Pages of items, each with a moment before SAP was asked for it, in microseconds."""
    reading = read_goods(fetch.sap, fetch.since, extra=survey.extra)
    while True:
        asked_at = to_microseconds(fetch.shop.clock.now())
        page = next(reading, None)
        if page is None:
            break
        yield page, asked_at
    moved = () if fetch.is_whole else sorted(fetch.moved.items - survey.codes)
    for start in range(0, len(moved), PER_PAGE):
        asked_at = to_microseconds(fetch.shop.clock.now())
        wanted = moved[start : start + PER_PAGE]
        yield list(goods_by_code(fetch.sap, wanted, extra=survey.extra)), asked_at


def _compare(
    fetch: Fetch,
    connection: Connection,
    survey: Survey,
    page: Sequence[GoodsRow],
    *,
    news: News,
    read_at: int,
) -> None:
    survey.codes.update(row.item.code for row in page)
    _compare_items(fetch, connection, survey, page, news=news)
    _compare_prices(connection, survey, page, news=news)
    told = [row for goods in page for row in goods.stock if row.warehouse in survey.places]
    survey.place_count += len(told)
    places = _changed_places(fetch, connection, survey, told, read_at=read_at)
    changed = _changed_levels(connection, told)
    if places or changed:
        news.places.add((places, changed))


def _compare_items(
    fetch: Fetch,
    connection: Connection,
    survey: Survey,
    page: Sequence[GoodsRow],
    *,
    news: News,
) -> None:
    codes = [row.item.code for row in page]
    known = items.find_by_codes(connection, codes)
    known_uses = items.uses_of_items(connection, codes)
    fresh: Records = []
    fresh_uses: Records = []
    for row in page:
        told = rows.item(row.item, hs_field=fetch.hs_field)
        uses, unknown = rows.barcode_uses(row.item, told, survey.units)
        survey.flaws += [
            f"Barcode {barcode} of item {told.code} is of a unit no group explains: left out."
            for barcode in unknown
        ]
        old = known.get(told.code)
        same = old is not None and replace(old, barcodes=()) == replace(told, barcodes=())
        uses.sort(key=lambda use: use.barcode)
        if not same or uses != known_uses.get(told.code, []):
            fresh.append(ITEM_FIELDS(told))
            fresh_uses += map(USE_FIELDS, uses)
    if fresh:
        news.items.add((fresh, fresh_uses))


def _compare_prices(
    connection: Connection, survey: Survey, page: Sequence[GoodsRow], *, news: News
) -> None:
    told = {
        (one.item, one.price_list): one
        for row in page
        for one in map(rows.list_price, row.prices)
        if one.price_list in survey.lists
    }
    survey.price_count += len(told)
    known = {
        (one.item, one.price_list): one
        for rows_of_item in prices.for_items(connection, [row.item.code for row in page]).values()
        for one in rows_of_item
        if one.price_list in survey.lists
    }
    fresh = [PRICE_FIELDS(one) for place, one in told.items() if known.get(place) != one]
    lost = sorted(known.keys() - told.keys())
    if fresh or lost:
        news.prices.add((fresh, lost))


def _changed_levels(connection: Connection, told: Sequence[StockRow]) -> Records:
    """Levels that differ; one that nobody keeps is not stored at all."""
    known = levels.of_items(connection, {row.item_code for row in told})
    changed = []
    for row in told:
        one, old = rows.level(row), known.get((row.item_code, row.warehouse))
        if old != one and (old is not None or one.minimum or one.cost):
            changed.append(LEVEL_FIELDS(one))
    return changed


def _changed_places(
    fetch: Fetch,
    connection: Connection,
    survey: Survey,
    told: Sequence[StockRow],
    *,
    read_at: int,
) -> list[dict[str, Any]]:
    """Stock shown = SAP's figure less our own documents that figure does not contain yet."""
    known = stock.of_places(connection, [(row.item_code, row.warehouse) for row in told])
    changed = []
    now = fetch.shop.clock.now()
    for row in told:
        old = known.get((row.item_code, row.warehouse))
        figures = (row.in_stock, row.committed, row.ordered)
        is_known = old is not None and (old["base"], old["committed"], old["ordered"]) == figures
        if is_known and row.item_code not in survey.lately[row.warehouse]:
            continue
        changed.append(
            {
                "item": row.item_code,
                "warehouse": row.warehouse,
                "base": row.in_stock,
                "base_seq": read_at,
                "committed": row.committed,
                "ordered": row.ordered,
                "changed_at": now,
            }
        )
    return changed


def _store(fetch: Fetch, survey: Survey, news: News) -> int:
    """Items first; a price or place that cannot be believed does not hold the others back."""
    changed = _store_items(fetch, survey, news)
    problem: PosError | None = None
    for part in (_store_prices, _store_places):
        try:
            changed += part(fetch, survey, news)
        except PosError as error:
            problem = problem or error
    if problem is not None:
        raise problem
    return changed


def _store_items(fetch: Fetch, survey: Survey, news: News) -> int:
    with closing(Spill[Changes]()) as changes, fetch.shop.store.write() as connection:
        gone: list[Item] = []
        if fetch.is_whole:
            in_use = items.count(connection, only=ItemFilter(is_active=True))
            _check(fetch, "items", in_use, len(survey.codes))
            gone = [
                replace(one, is_active=False)
                for one in _items_in_use(connection)
                if one.code not in survey.codes
            ]
            survey.gone = [one.code for one in gone]
        for told, told_uses in news.items:
            goods, uses = starmap(Item, told), starmap(BarcodeUse, told_uses)
            items.put(connection, goods, at=fetch.shop.clock.now(), uses=uses)
            changes.add([("item", row[0]) for row in told])
        items.put(connection, gone, at=fetch.shop.clock.now())
        changes.add([("item", one.code) for one in gone])
        return _tell_all(connection, changes)


def _tell_all(connection: Connection, changes: Spill[Changes]) -> int:
    """Last of all, since the head of the feed is the last lock a transaction takes."""
    return sum(tell(connection, page) for page in changes)


def _items_in_use(connection: Connection) -> Iterator[Item]:
    after, only = "", ItemFilter(is_active=True)
    while page := items.page(connection, after=after, limit=PER_PAGE, only=only):
        yield from page
        after = page[-1].code


def _store_prices(fetch: Fetch, survey: Survey, news: News) -> int:
    """An item that has no price in SAP any more is not sold at its former one."""
    with closing(Spill[Changes]()) as changes, fetch.shop.store.write() as connection:
        if fetch.is_whole:
            known = sum(prices.count_of_list(connection, code) for code in survey.lists)
            _check(fetch, "prices", known, survey.price_count)
        changes.add([("price", item) for item in survey.gone])
        new_prices(fetch.shop, connection, survey.gone)
        for code in survey.lists:
            prices.drop(connection, survey.gone, price_list=code)
        for told, lost in news.prices:
            for code in survey.lists if lost else ():
                gone = [item for item, price_list in lost if price_list == code]
                prices.drop(connection, gone, price_list=code)
            prices.put(connection, starmap(ListPrice, told))
            changed = sorted({row[0] for row in told} | {item for item, _ in lost})
            new_prices(fetch.shop, connection, changed)
            changes.add([("price", item) for item in changed])
        return _tell_all(connection, changes)


def _store_places(fetch: Fetch, survey: Survey, news: News) -> int:
    with closing(Spill[Changes]()) as changes, fetch.shop.store.write() as connection:
        if fetch.is_whole:
            known = sum(catalogue.count_in_use(connection, code) for code in survey.places)
            _check(fetch, "places of stock", known, survey.place_count)
        for places, told in news.places:
            rebase.rebase(connection, places)
            levels.put(connection, starmap(Level, told))
            changes.add([("stock", f"{row['item']}|{row['warehouse']}") for row in places])
        return _tell_all(connection, changes)


def _check(fetch: Fetch, kind: str, before: int, now: int) -> None:
    check_shrink(kind, before, now, is_accepted=fetch.accepts_shrink, may_be_empty=kind != "items")
