"""Price lists, prices, and special prices for partners, periods and quantities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from pos_app.domain.price import ListPrice, PriceList, SpecialPrice
from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.item_table import chunks
from pos_app.store.schema import BusinessDate, Flag, Id, Micro, autokey, table
from pos_app.store.upsert import upsert

price_lists = table(
    "price_lists",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("is_gross", Flag, nullable=False),
)

prices = table(
    "prices",
    Column("item", Id, primary_key=True),
    Column("price_list", Id, primary_key=True),
    Column("price", Micro, nullable=False),
    Index("prices_by_list", "price_list", "item"),
)

special_prices = table(
    "special_prices",
    autokey(),
    Column("item", Id, nullable=False),
    Column("partner", Id),  # none: for every partner
    Column("price", Micro),
    Column("discount_percent", Micro),
    Column("currency", Text, nullable=False),
    Column("valid_from", BusinessDate),
    Column("valid_to", BusinessDate),
    Column("from_quantity", Micro, nullable=False),
    Column("price_list", Id),  # none: for sales from any list
    Column("is_period", Flag, nullable=False),
    Index("special_prices_by_item", "item"),
)


def lists(connection: Connection) -> list[PriceList]:
    """Every price list, by code."""
    return [PriceList(*row) for row in connection.execute(_LISTS.order_by(price_lists.c.code))]


def list_by_code(connection: Connection, code: str) -> PriceList | None:
    """One price list."""
    row = _LIST.first(connection, {"of_code": code})
    return PriceList(*row) if row else None


def put_lists(connection: Connection, told: Iterable[PriceList]) -> None:
    """Insert or change price lists, not the prices on them."""
    rows = [
        {"code": row.code, "name": row.name, "currency": row.currency, "is_gross": row.is_gross}
        for row in told
    ]
    upsert(connection, price_lists, rows)


def for_item(connection: Connection, item: str) -> list[ListPrice]:
    """The prices of an item on every list that has one."""
    return [ListPrice(*row) for row in _OF_ITEM.all(connection, {"of_item": item})]


def for_items(
    connection: Connection, items: Iterable[str], *, price_list: str | None = None
) -> dict[str, list[ListPrice]]:
    """The prices of several items; an item without any is left out."""
    found: dict[str, list[ListPrice]] = {}
    for chunk in chunks(items):
        told = {"of_items": chunk, "of_list": price_list}
        for row in _OF_ITEMS.all(connection, told):
            found.setdefault(row[0], []).append(ListPrice(*row))
    return found


def page_of_list(
    connection: Connection, price_list: str, *, after: str = "", limit: int
) -> list[ListPrice]:
    """The next prices of one list by item behind `after`; a short page is the last one."""
    query = _PRICES.where(prices.c.price_list == price_list, prices.c.item > after)
    return [
        ListPrice(*row) for row in connection.execute(query.order_by(prices.c.item).limit(limit))
    ]


def count_of_list(connection: Connection, price_list: str) -> int:
    """How many items have a price on a list."""
    query = select(func.count()).where(prices.c.price_list == price_list)
    return int(connection.execute(query).scalar_one())


def put(connection: Connection, told: Iterable[ListPrice]) -> None:
    """Insert or change prices, any number of them."""
    for chunk in chunks(told):
        upsert(connection, prices, [_price_row(price) for price in chunk])


def drop(connection: Connection, items: Iterable[str], *, price_list: str) -> None:
    """Take items off a list: they have no price there any more, which is not a price of zero."""
    rows = [{"of_item": item, "of_list": price_list} for item in items]
    if rows:
        connection.execute(_DROP_PRICE, rows)


def replace_list(connection: Connection, price_list: str, told: Iterable[ListPrice]) -> None:
    """Make these the only prices of a list."""
    connection.execute(delete(prices).where(prices.c.price_list == price_list))
    for chunk in chunks(told):
        connection.execute(_ADD_PRICE, [_price_row(price) for price in chunk])


def specials_for(connection: Connection, item: str) -> list[SpecialPrice]:
    """Every special price of an item, for whomever and whenever; which one counts is a rule."""
    return specials_for_items(connection, [item]).get(item, [])


def specials_for_items(
    connection: Connection, items: Iterable[str]
) -> dict[str, list[SpecialPrice]]:
    """The special prices of several items; an item without any is left out."""
    found: dict[str, list[SpecialPrice]] = {}
    for chunk in chunks(items):
        for row in _SPECIALS_OF.all_mappings(connection, {"of_items": chunk}):
            found.setdefault(row["item"], []).append(SpecialPrice(**row))
    return found


def items_with_specials(connection: Connection) -> list[str]:
    """Every item that has a special price, for whomever."""
    query = select(special_prices.c.item).distinct().order_by(special_prices.c.item)
    return [row.item for row in connection.execute(query)]


def replace_specials(
    connection: Connection, items: Iterable[str], told: Iterable[SpecialPrice]
) -> None:
    """Make these the only special prices of the items named; an item may end up with none."""
    rows = [{"of_item": item} for item in items]
    if rows:
        connection.execute(_DROP_SPECIALS, rows)
    for chunk in chunks(told):
        connection.execute(_ADD_SPECIAL, [_special_row(special) for special in chunk])


def _price_row(price: ListPrice) -> dict[str, Any]:
    return {"item": price.item, "price_list": price.price_list, "price": price.price}


def _special_row(special: SpecialPrice) -> dict[str, Any]:
    return {
        "item": special.item,
        "partner": special.partner,
        "price": special.price,
        "discount_percent": special.discount_percent,
        "currency": special.currency,
        "valid_from": special.valid_from,
        "valid_to": special.valid_to,
        "from_quantity": special.from_quantity,
        "price_list": special.price_list,
        "is_period": special.is_period,
    }


_LISTS = select(price_lists)
_LIST = Prepared(_LISTS.where(price_lists.c.code == bindparam("of_code")))
_PRICES = select(prices)
_OF_ITEM = Prepared(_PRICES.where(prices.c.item == bindparam("of_item")))
_ANY_LIST = bindparam("of_list", type_=Text)
_OF_ITEMS = Prepared(
    _PRICES.where(
        among(prices.c.item, "of_items"),
        prices.c.price_list == func.coalesce(_ANY_LIST, prices.c.price_list),
    )
)
_ADD_PRICE = insert(prices)
_DROP_PRICE = delete(prices).where(
    prices.c.item == bindparam("of_item"), prices.c.price_list == bindparam("of_list")
)
_SPECIALS_OF = Prepared(
    select(*(column for column in special_prices.c if column.name != "id"))
    .where(among(special_prices.c.item, "of_items"))
    .order_by(special_prices.c.id)
)
_DROP_SPECIALS = delete(special_prices).where(special_prices.c.item == bindparam("of_item"))
_ADD_SPECIAL = insert(special_prices)
