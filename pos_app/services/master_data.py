"""Fetch from SAP what tills sell from: each kind read whole first, then stored in one transaction.

A read that fails leaves the former copy in place (production lesson L40); a copy that shrinks
implausibly is refused. Only what really changed enters the feed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.batch import parse_status
from pos_app.domain.item import Item
from pos_app.domain.price import ListPrice
from pos_app.errors import PosError, RuleBroken
from pos_app.services import master_row
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import currency, feed, rebase, setting, stock, tax, warehouse
from pos_app.store import item as items
from pos_app.store import partner as partners
from pos_app.store import price as prices
from pos_app.store.schema import to_microseconds
from sync.errors import SyncError
from sync.sap import company, master
from sync.sap.batch_stock import batch_quantities
from sync.sap.client import ServiceLayer
from sync.sap.master_rows import BatchRow, StockRow

SHRINK_MOST = Decimal("0.2")
SHRINK_FREE = 10
FETCHED = "sap.fetched_at"
ITEMS_PER_READ = 500

Changes = list[tuple[str, str]]
LotFacts = tuple[str, Decimal, str, date | None, date | None]
"""Batch number, quantity, status, expiry and admission."""


class ImplausibleShrink(RuleBroken):
    """SAP shows far fewer records than before; the former copy stays."""

    code = "implausible_shrink"

    def __init__(self, kind: str, before: int, now: int) -> None:
        super().__init__(
            f"SAP shows {now} {kind} where there were {before}: "
            "check SAP, the former copy stays in use.",
            kind=kind,
            before=before,
            now=now,
        )


def pull(shop: Shop, sap: ServiceLayer, *, hs_field: str, every: timedelta) -> Worked:
    """Fetch everything once and say when to do so again.

    One kind that fails does not stop the others; the first problem is told.
    """
    now = shop.clock.now()
    last = fetched_at(shop)
    if last is not None and now < last + every:
        return Worked(next_at=last + every)
    problems: list[str] = []
    done = 0
    for fetch in _kinds(hs_field):
        try:
            done += fetch(shop, sap)
        except (PosError, SyncError) as error:
            problems.append(str(error))
    if not problems:
        with shop.store.write() as connection:
            setting.write(connection, FETCHED, now.isoformat())
        return Worked(done=done, next_at=now + every)
    return Worked(done=done, next_at=now + min(every, timedelta(seconds=10)), problem=problems[0])


def fetched_at(shop: Shop) -> datetime | None:
    """When everything was last fetched without a problem."""
    with shop.store.read() as connection:
        told = setting.read(connection, FETCHED)
    return datetime.fromisoformat(told) if told else None


def _kinds(hs_field: str) -> Sequence[Callable[[Shop, ServiceLayer], int]]:
    def goods(shop: Shop, sap: ServiceLayer) -> int:
        return _items(shop, sap, hs_field)

    return (
        _taxes, _places, _accounts, _lists, goods, _prices, _specials, _partners, _rates, _stock,
    )  # fmt: skip


def _taxes(shop: Shop, sap: ServiceLayer) -> int:
    rows = [row for row in master.vat_groups(sap) if row.is_output and row.active]
    groups = [group for row in rows for group in master_row.tax_groups(shop, row)]
    with shop.store.write() as connection:
        known = set(tax.groups(connection))
        fresh = [group for group in groups if group not in known]
        tax.put(connection, fresh)
        return _tell(connection, [("tax_group", group.code) for group in fresh])


def _places(shop: Shop, sap: ServiceLayer) -> int:
    told = [
        warehouse.Warehouse(row.code, row.name, city=row.city, is_active=row.active)
        for row in master.warehouses(sap)
    ]
    with shop.store.write() as connection:
        known = set(warehouse.every(connection))
        fresh = [place for place in told if place not in known]
        warehouse.put(connection, fresh)
        return _tell(connection, [("warehouse", place.code) for place in fresh])


def _accounts(shop: Shop, sap: ServiceLayer) -> int:
    accounts = [
        warehouse.Account(
            row.code,
            row.name,
            kind="cash" if row.is_cash else "other",
            currency=row.currency or "",
            is_active=row.active,
        )
        for row in master.accounts(sap)
    ]
    centres = [
        warehouse.CostCentre(row.code, row.name, row.dimension, is_active=row.active)
        for row in master.cost_centres(sap)
    ]
    with shop.store.write() as connection:
        warehouse.put_accounts(connection, accounts)
        warehouse.put_cost_centres(connection, centres)
    return 0


def _lists(shop: Shop, sap: ServiceLayer) -> int:
    told = [master_row.price_list(shop, row) for row in master.price_lists(sap) if row.active]
    with shop.store.write() as connection:
        currency.put(connection, shop.rules.currencies.currencies)
        known = set(prices.lists(connection))
        fresh = [row for row in told if row not in known]
        prices.put_lists(connection, fresh)
        return _tell(connection, [("price_list", row.code) for row in fresh])


def _items(shop: Shop, sap: ServiceLayer, hs_field: str) -> int:
    extra = (hs_field,) if hs_field in company.user_fields(sap, "OITM") else ()
    told = {
        row.code: master_row.item(row, hs_field=hs_field) for row in master.items(sap, extra=extra)
    }
    with shop.store.read() as connection:
        known = {goods.code: goods for goods in _every_item(connection)}
    _check_shrink("items", len(known), len(told))
    gone = [
        replace(goods, is_active=False)
        for code, goods in known.items()
        if code not in told and goods.is_active
    ]
    fresh = [goods for code, goods in told.items() if not _same(known.get(code), goods)] + gone
    with shop.store.write() as connection:
        items.put(connection, fresh, at=shop.clock.now())
        return _tell(connection, [("item", goods.code) for goods in fresh])


def _every_item(connection: Connection) -> Iterable[Item]:
    after = ""
    while page := items.page(connection, after=after, limit=ITEMS_PER_READ):
        yield from page
        after = page[-1].code


def _same(known: Item | None, told: Item) -> bool:
    return known is not None and replace(known, barcodes=tuple(sorted(known.barcodes))) == replace(
        told, barcodes=tuple(sorted(told.barcodes))
    )


def _prices(shop: Shop, sap: ServiceLayer) -> int:
    """Prices of SAP's lists; an item that has none any more is not sold at its former one."""
    with shop.store.read() as connection:
        lists = [row.code for row in prices.lists(connection) if row.code.isdecimal()]
    rows = map(master_row.list_price, master.prices(sap, [int(code) for code in lists]))
    told = _by_place(rows)
    with shop.store.read() as connection:
        known = _by_place(row for code in lists for row in prices.every_of_list(connection, code))
    _check_shrink("prices", len(known), len(told))
    lost = known.keys() - told.keys()
    fresh = [row for place, row in told.items() if known.get(place) != row]
    with shop.store.write() as connection:
        for code in lists:
            gone = sorted(item for item, price_list in lost if price_list == code)
            prices.drop(connection, gone, price_list=code)
        prices.put(connection, fresh)
        changed = {row.item for row in fresh} | {item for item, _ in lost}
        return _tell(connection, [("price", item) for item in sorted(changed)])


def _by_place(rows: Iterable[ListPrice]) -> dict[tuple[str, str], ListPrice]:
    return {(row.item, row.price_list): row for row in rows}


def _specials(shop: Shop, sap: ServiceLayer) -> int:
    """Special prices that could not be read leave the known ones in force (lesson L63)."""
    told: dict[str, list[Any]] = {}
    for row in master.special_prices(sap):
        told.setdefault(row.item_code, []).extend(master_row.special_prices(shop, row))
    with shop.store.read() as connection:
        before = prices.items_with_specials(connection)
        known = prices.specials_for_items(connection, {*before, *told})
    _check_shrink("special prices", sum(map(len, known.values())), sum(map(len, told.values())))
    changed = [
        item
        for item in sorted({*before, *told})
        if set(told.get(item, ())) != set(known.get(item, ()))
    ]
    with shop.store.write() as connection:
        prices.replace_specials(
            connection, changed, [row for item in changed for row in told.get(item, ())]
        )
        return _tell(connection, [("special_price", item) for item in changed])


def _partners(shop: Shop, sap: ServiceLayer) -> int:
    told = [master_row.partner(shop, row) for row in master.partners(sap)]
    with shop.store.read() as connection:
        known = partners.by_codes(connection, [row.code for row in told])
        count = partners.count(connection)
    _check_shrink("partners", count, len(told))
    fresh = [row for row in told if known.get(row.code) != row]
    with shop.store.write() as connection:
        partners.put(connection, fresh, at=shop.clock.now())
        return _tell(connection, [("partner", row.code) for row in fresh])


def _rates(shop: Shop, sap: ServiceLayer) -> int:
    told_by = company.company(sap)
    changes: Changes = []
    for known in shop.rules.currencies.currencies:
        if known.sap_code == told_by.local_currency:
            continue
        told = company.rate(sap, known.sap_code, shop.today)
        rate = master_row.rate(shop, told_by, known.code, told)
        with shop.store.write() as connection:
            newest = currency.newest_rate(connection, rate.base, rate.quote)
            # The same figure on another day is news: its age is what people look at.
            is_news = newest is None or newest.rate != rate.rate or newest.at.date() != shop.today
            if is_news and currency.add_rate(connection, rate, source="sap"):
                changes.append(("rate", f"{rate.base}|{rate.quote}"))
    with shop.store.write() as connection:
        return _tell(connection, changes)


def _stock(shop: Shop, sap: ServiceLayer) -> int:
    """Stock shown = SAP's figure less our own documents that figure does not contain yet."""
    with shop.store.read() as connection:
        places = [place.code for place in warehouse.every(connection) if place.is_active]
    done = 0
    for code in places:
        read_at = to_microseconds(shop.clock.now())
        told = list(master.stock(sap, code))
        lots: dict[str, list[BatchRow]] = {}
        for lot in batch_quantities(sap, code):
            lots.setdefault(lot.item_code, []).append(lot)
        done += _rebase(shop, code, told, lots, read_at=read_at)
    return done


def _rebase(
    shop: Shop,
    code: str,
    told: Sequence[StockRow],
    lots: dict[str, list[BatchRow]],
    *,
    read_at: int,
) -> int:
    with shop.store.write() as connection:
        known = stock.of_places(connection, [(row.item_code, code) for row in told])
        had = _by_item(connection, code)
        _check_shrink("batches", sum(map(len, had.values())), sum(map(len, lots.values())))
        lately = rebase.unreached(connection, code)
        fresh = [
            row
            for row in told
            if row.item_code in lately
            or not _is_known(known.get((row.item_code, code)), row)
            or had.get(row.item_code, set()) != set(map(_lot_facts, lots.get(row.item_code, ())))
        ]
        rebase.rebase(connection, [_place(shop, row, read_at) for row in fresh])
        in_batches = had.keys() | lots.keys()
        managed = [row.item_code for row in fresh if row.item_code in in_batches]
        rebase.rebase_batches(
            connection,
            [((item, code), read_at) for item in managed],
            [_lot(shop, lot, read_at) for item in managed for lot in lots.get(item, ())],
        )
        changes = [("stock", f"{row.item_code}|{code}") for row in fresh]
        return _tell(connection, changes)


def _is_known(row: Any, told: StockRow) -> bool:
    if row is None:
        return False
    figures = (row["base"], row["committed"], row["ordered"])
    return bool(figures == (told.in_stock, told.committed, told.ordered))


def _by_item(connection: Connection, code: str) -> dict[str, set[LotFacts]]:
    """What SAP last told of each batch of a warehouse; one it has no more of is none."""
    known: dict[str, set[LotFacts]] = {}
    for row in stock.batches_in(connection, code):
        if row["base"]:
            facts = (row["batch"], row["base"], row["status"], row["expiry"], row["admission"])
            known.setdefault(row["item"], set()).add(facts)
    return known


def _lot_facts(lot: BatchRow) -> LotFacts:
    return lot.batch, lot.quantity, parse_status(lot.status).value, lot.expiry, lot.admitted


def _place(shop: Shop, row: StockRow, read_at: int) -> dict[str, Any]:
    return {
        "item": row.item_code,
        "warehouse": row.warehouse,
        "base": row.in_stock,
        "base_seq": read_at,
        "committed": row.committed,
        "ordered": row.ordered,
        "changed_at": shop.clock.now(),
    }


def _lot(shop: Shop, lot: BatchRow, read_at: int) -> dict[str, Any]:
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
        "changed_at": shop.clock.now(),
    }


def _check_shrink(kind: str, before: int, now: int) -> None:
    if before - now > max(before * SHRINK_MOST, Decimal(SHRINK_FREE)):
        raise ImplausibleShrink(kind, before, now)


def _tell(connection: Connection, changes: Changes) -> int:
    if changes:
        feed.changed_all(connection, changes)
    return len(changes)
