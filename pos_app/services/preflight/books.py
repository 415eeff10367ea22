"""What our own data lacks for today: rate, prices, taxes, the walk-in customer, the warehouse."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from pos_app.clock import business_date
from pos_app.domain.preflight import Problem
from pos_app.services import rate
from pos_app.services.shop import Shop
from pos_app.store import partner as partners
from pos_app.store import preflight as store
from pos_app.store import price as prices
from pos_app.store import tax as taxes
from pos_app.store import warehouse as warehouses

SHOWN = 5
"""Codes named in one sentence."""


def look(shop: Shop) -> list[Problem]:
    """Everything that would stop or spoil a sale today."""
    with shop.store.read() as connection:
        return [
            *_rate(shop, connection),
            *_prices(shop, connection),
            *_taxes(shop, connection),
            *_places(shop, connection),
        ]


def _rate(shop: Shop, connection: Connection) -> Iterator[Problem]:
    if len(shop.rules.currencies.currencies) < 2:
        return
    newest, pair = rate.current(shop, connection), f"{rate.BASE} to {rate.QUOTE}"
    if newest is None:
        words = f"There is no rate of {pair}: enter one, or nothing is sold in two currencies."
        yield Problem(code="rate_unknown", subject=pair, sentence=words)
        return
    since = business_date(newest.at, shop.rules.zone)
    if since < shop.today:
        words = f"The rate of {pair} is of {since}: look whether it still holds, or enter today's."
        yield Problem(code="rate_old", subject=pair, sentence=words)


def _prices(shop: Shop, connection: Connection) -> Iterator[Problem]:
    lists = shop.rules.price_lists
    known = {row.code for row in prices.lists(connection)}
    for currency, code in lists.items():
        if code not in known:
            words = f"Price list {code} for {currency} is not known here: correct the settings."
            yield Problem(code="price_list_unknown", subject=code, sentence=words)
    count, codes = store.unpriced(connection, lists.values(), limit=SHOWN)
    if count:
        more = "" if count <= len(codes) else f" and {count - len(codes)} more"
        words = f"Without a price: {', '.join(codes)}{more}. Price them, or they cannot be sold."
        yield Problem(code="price_missing", subject=codes[0], sentence=words)


def _taxes(shop: Shop, connection: Connection) -> Iterator[Problem]:
    """Every tax group in use has a rate of today, and the device's agrees (lesson L09)."""
    today: dict[str, object] = {}
    for group in taxes.groups(connection):
        if group.valid_from <= shop.today:
            today[group.code] = group.percent
    for code in sorted(store.taxes_in_use(connection)):
        if code not in today:
            words = f"Tax group {code} of goods on sale has no rate today: enter it."
            yield Problem(code="tax_unknown", subject=code, sentence=words)
        elif shop.rules.fiscal.is_required and code not in shop.rules.taxes:
            words = (
                f"Tax group {code} has no tax of the fiscal device in the settings: its goods "
                "cannot be sold before it has one."
            )
            yield Problem(code="tax_unmapped", subject=code, sentence=words)
        elif code in shop.rules.taxes and shop.rules.taxes[code].percent != today[code]:
            words = (
                f"Tax group {code} is {today[code]} % today and {shop.rules.taxes[code].percent} "
                "% in the settings of the fiscal device: find out which is right."
            )
            yield Problem(code="tax_differs", subject=code, sentence=words)


def _places(shop: Shop, connection: Connection) -> Iterator[Problem]:
    buyer = partners.by_code(connection, shop.rules.walk_in)
    if buyer is None or not buyer.is_active:
        words = f"Customer {shop.rules.walk_in} of the settings is unknown or blocked: correct one."
        yield Problem(code="walk_in_unusable", subject=shop.rules.walk_in, sentence=words)
    known = {row.code: row.is_active for row in warehouses.every(connection)}
    for code in (shop.rules.warehouse, shop.rules.damaged_warehouse):
        if code and known and not known.get(code):
            words = f"Warehouse {code} of the settings is unknown or not active: correct one."
            yield Problem(code="warehouse_unusable", subject=code, sentence=words)
