"""On what terms goods are sold: special prices, partners, and the rate of the day."""

from __future__ import annotations

from collections.abc import Iterator

from pos_app.domain.price import SpecialPrice
from pos_app.services.master import row as rows
from pos_app.services.master.fetch import Changes, Fetch, Told, tell
from pos_app.services.master.guard import check_shrink
from pos_app.services.master.heard import CHANGED, NEW, customers, new_prices
from pos_app.store import currency
from pos_app.store import partner as partners_store
from pos_app.store import price as prices
from sync.sap import company, master
from sync.sap.master_rows import PartnerRow


def specials(fetch: Fetch) -> Told:
    """Special prices that could not be read leave the known ones in force (lesson L63)."""
    told: dict[str, list[SpecialPrice]] = {}
    received = 0
    for row in master.special_prices(fetch.sap):
        received += 1
        told.setdefault(row.item_code, []).extend(rows.special_prices(fetch.shop, row))
    with fetch.shop.store.read() as connection:
        before = prices.items_with_specials(connection)
        known = prices.specials_for_items(connection, {*before, *told})
    check_shrink(
        "special prices",
        sum(map(len, known.values())),
        sum(map(len, told.values())),
        is_accepted=fetch.accepts_shrink,
        may_be_empty=True,
    )
    changed = [
        item
        for item in sorted({*before, *told})
        if set(told.get(item, ())) != set(known.get(item, ()))
    ]
    with fetch.shop.store.write() as connection:
        fresh = [row for item in changed for row in told.get(item, ())]
        prices.replace_specials(connection, changed, fresh)
        new_prices(fetch.shop, connection, changed)
        changes = [("special_price", item) for item in changed]
        return Told(received, tell(connection, changes))


def partners(fetch: Fetch) -> Told:
    """Customers and suppliers with what they owe, may owe, and the list they buy from."""
    told = {row.code: rows.partner(fetch.shop, row) for row in _partner_rows(fetch)}
    with fetch.shop.store.read() as connection:
        known = partners_store.by_codes(connection, list(told))
        count = partners_store.count(connection)
    if fetch.is_whole:
        check_shrink("partners", count, len(told), is_accepted=fetch.accepts_shrink)
    fresh = [row for row in told.values() if known.get(row.code) != row]
    with fetch.shop.store.write() as connection:
        partners_store.put(connection, fresh, at=fetch.shop.clock.now())
        customers(fetch.shop, connection, [row for row in fresh if row.code not in known], NEW)
        customers(fetch.shop, connection, [row for row in fresh if row.code in known], CHANGED)
        return Told(len(told), tell(connection, [("partner", row.code) for row in fresh]))


def _partner_rows(fetch: Fetch) -> Iterator[PartnerRow]:
    seen = set()
    for row in master.partners(fetch.sap, fetch.since):
        seen.add(row.code)
        yield row
    if not fetch.is_whole:
        yield from master.partners_by_code(fetch.sap, sorted(fetch.moved.partners - seen))


def rates(fetch: Fetch) -> Told:
    """The rate of the day; the same figure on another day is news, since people look at its age."""
    shop = fetch.shop
    about = company.company(fetch.sap)
    changes: Changes = []
    foreign = [
        one for one in shop.rules.currencies.currencies if one.sap_code != about.local_currency
    ]
    for known in foreign:
        told = company.rate(fetch.sap, known.sap_code, shop.today)
        rate = rows.rate(shop, about, known.code, told)
        with shop.store.write() as connection:
            newest = currency.newest_rate(connection, rate.base, rate.quote)
            is_news = newest is None or newest.rate != rate.rate or newest.at.date() != shop.today
            if is_news and currency.add_rate(connection, rate, source="sap"):
                changes.append(("rate", f"{rate.base}|{rate.quote}"))
    with shop.store.write() as connection:
        return Told(len(foreign), tell(connection, changes))
