"""Price lists as a whole, and everything one customer pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain import price as rule
from pos_app.domain.currency import document_currency
from pos_app.domain.item import Item
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Actor
from pos_app.domain.price import ListPrice, PriceList, PriceMissing, PriceQuote
from pos_app.errors import RecordNotFound, Unavailable
from pos_app.services import price
from pos_app.services.master import pull as master
from pos_app.services.shop import Shop
from pos_app.store import audit, setting
from pos_app.store import item as items
from pos_app.store import partner as partners
from pos_app.store import price as prices
from pos_app.store.item import ItemFilter

ONE = Decimal(1)
CHUNK = 2000
SYNCED_AT = "prices_synced_at"


class NoSource(Unavailable):
    """There is nowhere to fetch prices from."""

    code = "no_price_source"

    def __init__(self) -> None:
        super().__init__("This server fetches no prices: connect it to SAP in its settings.")


@dataclass(frozen=True, slots=True)
class BookPrice:
    """The price of an item on a list."""

    item: str
    name: str
    price: Decimal
    price_list: PriceList


@dataclass(frozen=True, slots=True)
class Book:
    """Every price on every list, and when they were last fetched."""

    prices: tuple[BookPrice, ...]
    synced_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerBook:
    """Everything one customer pays; an item without a price is absent."""

    partner: Partner
    price_list: PriceList
    quotes: tuple[tuple[Item, PriceQuote], ...]


@dataclass(frozen=True, slots=True)
class Synced:
    """How many prices there are after a fetch, and when that was."""

    count: int
    at: datetime


def every(shop: Shop) -> Book:
    """Every price on every list."""
    with shop.store.read() as connection:
        found: list[BookPrice] = []
        for listed in prices.lists(connection):
            for page in _pages(connection, listed.code):
                known = items.find_by_codes(connection, [row.item for row in page])
                found += [
                    BookPrice(row.item, known[row.item].name, row.price, listed)
                    for row in page
                    if row.item in known
                ]
        return Book(tuple(found), _synced_at(connection))


def for_customer(shop: Shop, code: str, *, only: Sequence[str] = ()) -> CustomerBook:
    """What a customer pays for every active item, or for some.

    Raises:
        RecordNotFound: there is no such customer.
        UnmappedCurrency: the customer's currency has no list.
    """
    with shop.store.read() as connection:
        partner = partners.by_code(connection, code)
        if partner is None:
            raise RecordNotFound("customer", code)
        own = prices.list_by_code(connection, partner.price_list)
        currency = own.currency if own else document_currency(partner.currency, shop.rules.currency)
        price_list = price.list_for(shop, connection, partner=partner, currency=currency)
        quotes: list[tuple[Item, PriceQuote]] = []
        for page in _items(connection, only):
            quotes += _quoted(shop, connection, page, partner=partner, price_list=price_list)
        return CustomerBook(partner, price_list, tuple(quotes))


def sync(shop: Shop, actor: Actor, fetch: Callable[[], object] | None) -> Synced:
    """Fetch the prices now.

    Args:
        shop: the server.
        actor: who wants it.
        fetch: brings the prices; None where there is nowhere to fetch from.

    Raises:
        NoSource: there is nowhere to fetch from.
        RemoteUnavailable: SAP cannot be reached.
    """
    if fetch is None:
        raise NoSource
    fetch()
    count, now = len(every(shop).prices), shop.clock.now()
    with shop.store.write() as connection:
        setting.write(connection, SYNCED_AT, now.isoformat())
        audit.append(
            connection,
            at=now,
            actor=actor.username,
            action="price.sync",
            subject="prices",
            details={"count": count},
        )
    return Synced(count, now)


def _synced_at(connection: Connection) -> datetime | None:
    told = [setting.read(connection, name) for name in (SYNCED_AT, master.FETCHED)]
    return max((datetime.fromisoformat(text) for text in told if text), default=None)


def _pages(connection: Connection, price_list: str) -> Iterator[list[ListPrice]]:
    after = ""
    while page := prices.page_of_list(connection, price_list, after=after, limit=CHUNK):
        yield page
        after = page[-1].item


def _items(connection: Connection, only: Sequence[str]) -> Iterator[list[Item]]:
    if only:
        found = items.find_by_codes(connection, only)
        yield [found[code] for code in sorted(found)]
        return
    after = ""
    active = ItemFilter(is_active=True)
    while page := items.page(connection, after=after, limit=CHUNK, only=active):
        yield page
        after = page[-1].code


def _quoted(
    shop: Shop,
    connection: Connection,
    page: Sequence[Item],
    *,
    partner: Partner,
    price_list: PriceList,
) -> list[tuple[Item, PriceQuote]]:
    codes = [item.code for item in page]
    listed = prices.for_items(connection, codes, price_list=price_list.code)
    specials = prices.specials_for_items(connection, codes)
    found = []
    for item in page:
        try:
            quoted = rule.quote(
                item,
                partner,
                price_list=price_list,
                prices=listed.get(item.code, ()),
                specials=specials.get(item.code, ()),
                quantity=ONE,
                on=shop.today,
            )
        except PriceMissing:
            continue
        if quoted.unit_price > 0:
            found.append((item, quoted))
    return found
