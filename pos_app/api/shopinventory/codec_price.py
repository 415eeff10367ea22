"""From our words to the contract's: price lists and grouped prices."""

from __future__ import annotations

from collections.abc import Sequence

from pos_app.api.shopinventory.codec import list_number
from pos_app.api.shopinventory.schemas.price_list import (
    GroupedPrice,
    GroupedPrices,
    ListedPrice,
    PriceListDto,
    PriceLists,
    PricesOfList,
)
from pos_app.domain.price import PriceList
from pos_app.services.price_book import BookPrice, CustomerBook
from pos_app.services.price_list_book import ByCurrency, Listed


def lists(found: Sequence[PriceList]) -> PriceLists:
    """Every price list."""
    rows = [
        PriceListDto(
            list_num=list_number(row),
            list_name=row.name,
            base_price_list=None,
            currency=row.currency,
            is_active=True,
            is_gross_price=row.is_gross,
            factor=None,
            rounding_method=None,
        )
        for row in found
    ]
    return PriceLists(total_count=len(rows), price_lists=rows)


def of_list(listed: Listed) -> PricesOfList:
    """Every price on one list."""
    return _prices(listed.price_list, [on_list(row) for row in listed.prices])


def on_list(row: BookPrice) -> ListedPrice:
    """One item on one list."""
    return ListedPrice(
        item_code=row.item,
        item_name=row.name,
        foreign_name=None,
        price=row.price,
        price_list_num=list_number(row.price_list),
        price_list_name=row.price_list.name,
        currency=row.price_list.currency,
    )


def of_customer(book: CustomerBook) -> PricesOfList:
    """What one customer pays."""
    rows = [
        on_list(BookPrice(item.code, item.name, quote.unit_price, book.price_list))
        for item, quote in book.quotes
    ]
    return _prices(book.price_list, rows)


def grouped(found: Sequence[ByCurrency]) -> GroupedPrices:
    """Every item with its prices by currency."""
    return GroupedPrices(total_items=len(found), items=[of_item(row) for row in found])


def of_item(row: ByCurrency) -> GroupedPrice:
    """One item with its prices by currency."""
    return GroupedPrice(
        item_code=row.item.code,
        item_name=row.item.name,
        usd_price=row.prices.get("USD"),
        zig_price=row.prices.get("ZIG"),
    )


def _prices(price_list: PriceList, rows: list[ListedPrice]) -> PricesOfList:
    return PricesOfList(
        total_count=len(rows),
        price_list_num=list_number(price_list),
        price_list_name=price_list.name,
        currency=price_list.currency,
        prices=rows,
    )
