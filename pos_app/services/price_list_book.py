"""Price lists one by one, and what an item costs on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain.currency import UnmappedCurrency, normalise
from pos_app.domain.item import Item, ItemUnknown
from pos_app.domain.permission import Actor
from pos_app.domain.price import PriceList
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services import price_book
from pos_app.services.price_book import BookPrice, Synced
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import price as prices

CHUNK = 2000


class CurrencyInvalid(InvalidInput):
    """Prices are kept in two currencies only."""

    code = "currency_invalid"

    def __init__(self, currency: str) -> None:
        super().__init__(f"There are no prices in {currency[:10]}: use USD or ZIG.")


@dataclass(frozen=True, slots=True)
class Listed:
    """Every price on one list."""

    price_list: PriceList
    prices: tuple[BookPrice, ...]


@dataclass(frozen=True, slots=True)
class ByCurrency:
    """What an item costs on the shop's own list of each currency; absent where it is on none."""

    item: Item
    prices: Mapping[str, Decimal]


def lists(shop: Shop) -> list[PriceList]:
    """Every price list, by code."""
    with shop.store.read() as connection:
        return prices.lists(connection)


def of_list(shop: Shop, code: str) -> Listed:
    """Every price on one list, by item.

    Raises:
        RecordNotFound: there is no such list.
    """
    with shop.store.read() as connection:
        listed = _list(connection, code)
        found: list[BookPrice] = []
        after = ""
        while page := prices.page_of_list(connection, code, after=after, limit=CHUNK):
            known = items.find_by_codes(connection, [row.item for row in page])
            found += [
                BookPrice(row.item, known[row.item].name, row.price, listed)
                for row in page
                if row.item in known
            ]
            after = page[-1].item
        return Listed(listed, tuple(found))


def on_list(shop: Shop, code: str, *, item: str) -> BookPrice:
    """What one item costs on one list.

    Raises:
        RecordNotFound: there is no such list, or the item has no price on it.
        ItemUnknown: there is no such item.
    """
    with shop.store.read() as connection:
        listed = _list(connection, code)
        found = _item(connection, item)
        for row in prices.for_item(connection, item):
            if row.price_list == code:
                return BookPrice(item, found.name, row.price, listed)
    raise RecordNotFound("price", f"{item} on list {code}")


def of_currency(shop: Shop, currency: str) -> price_book.Book:
    """Every price on every list of one currency.

    Raises:
        CurrencyInvalid: neither USD nor ZIG.
    """
    try:
        wanted = normalise(currency)
    except UnmappedCurrency:
        raise CurrencyInvalid(currency) from None
    book = price_book.every(shop)
    kept = tuple(row for row in book.prices if row.price_list.currency == wanted)
    return price_book.Book(kept, book.synced_at)


def grouped(shop: Shop) -> list[ByCurrency]:
    """What each item costs in each currency; an item without any price is left out."""
    by_item: dict[str, dict[str, Decimal]] = {}
    with shop.store.read() as connection:
        for currency, code in shop.rules.price_lists.items():
            after = ""
            while page := prices.page_of_list(connection, code, after=after, limit=CHUNK):
                for row in page:
                    by_item.setdefault(row.item, {})[currency] = row.price
                after = page[-1].item
        known = items.find_by_codes(connection, sorted(by_item))
    return [ByCurrency(known[code], by_item[code]) for code in sorted(by_item) if code in known]


def of_item(shop: Shop, code: str) -> ByCurrency:
    """What one item costs in each currency.

    Raises:
        ItemUnknown: there is no such item.
    """
    own = {code: currency for currency, code in shop.rules.price_lists.items()}
    with shop.store.read() as connection:
        item = _item(connection, code)
        found = {
            own[row.price_list]: row.price
            for row in prices.for_item(connection, code)
            if row.price_list in own
        }
    return ByCurrency(item, found)


def sync(
    shop: Shop, actor: Actor, fetch: Callable[[], object] | None, *, code: str | None = None
) -> Synced:
    """Fetch the prices now, and say how many a list has then, or how many lists there are.

    Raises:
        RecordNotFound: there is no such list.
        NoSource, RemoteUnavailable: as `price_book.sync`.
    """
    if code is not None:
        with shop.store.read() as connection:
            _list(connection, code)
    synced = price_book.sync(shop, actor, fetch)
    with shop.store.read() as connection:
        if code is None:
            return Synced(len(prices.lists(connection)), synced.at)
        return Synced(prices.count_of_list(connection, code), synced.at)


def _list(connection: Connection, code: str) -> PriceList:
    found = prices.list_by_code(connection, code)
    if found is None:
        raise RecordNotFound("price list", code)
    return found


def _item(connection: Connection, code: str) -> Item:
    found = items.find_by_code(connection, code)
    if found is None:
        raise ItemUnknown(code)
    return found
