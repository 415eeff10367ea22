"""Bodies of ``/api/Price`` and ``/api/ExchangeRate``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pos_app.api.wire import Answer


class ItemPrice(Answer):
    """The price of an item on a list."""

    item_code: str
    item_name: str
    price: Decimal
    currency: str
    price_list_num: int | None
    price_list_name: str | None


class ItemPrices(Answer):
    """Prices of all lists."""

    total_count: int
    usd_price_count: int
    zig_price_count: int
    last_synced_at: datetime | None
    prices: list[ItemPrice]


class CustomerPrices(Answer):
    """What one customer pays."""

    total_count: int
    card_code: str
    price_list_num: int | None
    price_list_name: str | None
    currency: str | None
    prices: list[ItemPrice]


class PriceSync(Answer):
    """What a price sync brought."""

    message: str
    count: int
    synced_at: datetime


class ExchangeRateDto(Answer):
    """What one unit of a currency is worth in another."""

    id: int
    from_currency: str
    to_currency: str
    rate: Decimal
    inverse_rate: Decimal
    effective_date: date
    source: str | None
    is_active: bool
    created_at: datetime


class ExchangeRateHistory(Answer):
    """The rates of a pair over the last days, newest first."""

    from_currency: str
    to_currency: str
    history: list[ExchangeRateDto]


class Conversion(Answer):
    """An amount in another currency, unrounded rate, rounded result."""

    amount: Decimal
    from_currency: str
    to_currency: str
    converted_amount: Decimal
    rate: Decimal
