"""Bodies of price lists, below ``/api/Price`` and ``/api/DesktopIntegration/prices``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pos_app.api.wire import Answer


class PriceListDto(Answer):
    """One price list."""

    list_num: int | None
    list_name: str
    base_price_list: str | None
    currency: str
    is_active: bool
    is_gross_price: bool
    factor: Decimal | None
    rounding_method: str | None


class PriceLists(Answer):
    """Every price list."""

    total_count: int
    price_lists: list[PriceListDto]


class ListedPrice(Answer):
    """What an item costs on a list, or a customer pays for it."""

    item_code: str
    item_name: str
    foreign_name: str | None
    price: Decimal
    price_list_num: int | None
    price_list_name: str | None
    currency: str


class PricesOfList(Answer):
    """Every price on one list."""

    total_count: int
    price_list_num: int | None
    price_list_name: str | None
    currency: str
    prices: list[ListedPrice]


class GroupedPrice(Answer):
    """What an item costs in each currency; null where it has no price."""

    item_code: str
    item_name: str
    usd_price: Decimal | None
    zig_price: Decimal | None


class GroupedPrices(Answer):
    """Every item that has a price."""

    total_items: int
    items: list[GroupedPrice]


class ListSync(Answer):
    """What a sync of one list brought."""

    message: str
    count: int
    price_list_num: int | None
    synced_at: datetime
