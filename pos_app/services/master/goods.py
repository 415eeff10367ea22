"""Items, their barcodes, prices, stock and levels: one read of SAP's Items for all of them.

Pages are compared with the books as they come and only what differs is put aside, so that memory
stays flat; nothing is stored before the last page has come (production lesson L40).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.item import Item
from pos_app.domain.price import ListPrice
from pos_app.errors import PosError
from pos_app.services.master import row as rows
from pos_app.services.master.fetch import Changes, Fetch, Told, tell
from pos_app.services.master.guard import check_shrink
from pos_app.services.master.spill import Spill
from pos_app.store import item as items
from pos_app.store import level as levels
from pos_app.store import price as prices
from pos_app.store import rebase, stock, warehouse
from pos_app.store.item import BarcodeUse, ItemFilter
from pos_app.store.level import Level
from pos_app.store.schema import to_microseconds
from sync.sap import company, master
from sync.sap.goods import goods as read_goods
from sync.sap.goods import goods_by_code
from sync.sap.master_rows import GoodsRow, StockRow, Unit

PER_PAGE = 500


@dataclass(slots=True)
class News:
    """What differs on one page of items."""

    items: list[Item] = field(default_factory=list)
    uses: list[BarcodeUse] = field(default_factory=list)
    prices: list[ListPrice] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)


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
    with Spill[News]() as spill:
        for page, read_at in _pages(fetch, survey):
            with fetch.shop.store.read() as connection:
                spill.add(_compare(fetch, connection, survey, page, read_at=read_at))
        changed = _store(fetch, survey, spill)
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
    read_at: int,
) -> News:
    codes = [row.item.code for row in page]
    survey.codes.update(codes)
    news = News()
    _compare_items(fetch, connection, survey, page, news=news)
    _compare_prices(connection, survey, page, news=news)
    places = [row for goods in page for row in goods.stock if row.warehouse in survey.places]
    survey.place_count += len(places)
    _compare_places(fetch, connection, survey, places, news=news, read_at=read_at)
    known = levels.of_items(connection, codes)
    told = map(rows.level, places)
    news.levels += [one for one in told if known.get((one.item, one.warehouse)) != one]
    return news


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
            news.items.append(told)
            news.uses += uses


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
    news.prices += [one for place, one in told.items() if known.get(place) != one]
    news.lost += sorted(known.keys() - told.keys())


def _compare_places(
    fetch: Fetch,
    connection: Connection,
    survey: Survey,
    told: Sequence[StockRow],
    *,
    news: News,
    read_at: int,
) -> None:
    """Stock shown = SAP's figure less our own documents that figure does not contain yet."""
    known = stock.of_places(connection, [(row.item_code, row.warehouse) for row in told])
    for row in told:
        old = known.get((row.item_code, row.warehouse))
        figures = (row.in_stock, row.committed, row.ordered)
        is_known = old is not None and (old["base"], old["committed"], old["ordered"]) == figures
        if is_known and row.item_code not in survey.lately[row.warehouse]:
            continue
        news.places.append(
            {
                "item": row.item_code,
                "warehouse": row.warehouse,
                "base": row.in_stock,
                "base_seq": read_at,
                "committed": row.committed,
                "ordered": row.ordered,
                "changed_at": fetch.shop.clock.now(),
            }
        )


def _store(fetch: Fetch, survey: Survey, spill: Spill[News]) -> int:
    """Items first; a price or place that cannot be believed does not hold the others back."""
    changed = _store_items(fetch, survey, spill)
    problem: PosError | None = None
    for part in (_store_prices, _store_places):
        try:
            changed += part(fetch, survey, spill)
        except PosError as error:
            problem = problem or error
    if problem is not None:
        raise problem
    return changed


def _store_items(fetch: Fetch, survey: Survey, spill: Spill[News]) -> int:
    with fetch.shop.store.write() as connection:
        gone: list[Item] = []
        if fetch.is_whole:
            in_use = list(_items_in_use(connection))
            _check(fetch, "items", len(in_use), len(survey.codes))
            gone = [replace(one, is_active=False) for one in in_use if one.code not in survey.codes]
            survey.gone = [one.code for one in gone]
        changes: Changes = []
        for news in spill:
            items.put(connection, news.items, at=fetch.shop.clock.now(), uses=news.uses)
            changes += [("item", one.code) for one in news.items]
        items.put(connection, gone, at=fetch.shop.clock.now())
        return tell(connection, changes + [("item", one.code) for one in gone])


def _items_in_use(connection: Connection) -> Iterator[Item]:
    after, only = "", ItemFilter(is_active=True)
    while page := items.page(connection, after=after, limit=PER_PAGE, only=only):
        yield from page
        after = page[-1].code


def _store_prices(fetch: Fetch, survey: Survey, spill: Spill[News]) -> int:
    """An item that has no price in SAP any more is not sold at its former one."""
    with fetch.shop.store.write() as connection:
        if fetch.is_whole:
            known = sum(prices.count_of_list(connection, code) for code in survey.lists)
            _check(fetch, "prices", known, survey.price_count)
        changes: Changes = [("price", item) for item in survey.gone]
        for code in survey.lists:
            prices.drop(connection, survey.gone, price_list=code)
        for news in spill:
            for code in survey.lists:
                lost = [item for item, price_list in news.lost if price_list == code]
                prices.drop(connection, lost, price_list=code)
            prices.put(connection, news.prices)
            changed = {one.item for one in news.prices} | {item for item, _ in news.lost}
            changes += [("price", item) for item in sorted(changed)]
        return tell(connection, changes)


def _store_places(fetch: Fetch, survey: Survey, spill: Spill[News]) -> int:
    with fetch.shop.store.write() as connection:
        if fetch.is_whole:
            _check(fetch, "places of stock", levels.count(connection), survey.place_count)
        changes: Changes = []
        for news in spill:
            rebase.rebase(connection, news.places)
            levels.put(connection, news.levels)
            changes += [("stock", f"{row['item']}|{row['warehouse']}") for row in news.places]
        return tell(connection, changes)


def _check(fetch: Fetch, kind: str, before: int, now: int) -> None:
    check_shrink(kind, before, now, is_accepted=fetch.accepts_shrink, may_be_empty=kind != "items")
