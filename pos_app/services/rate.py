"""The exchange rate between the shop's two currencies, and how old it is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from pos_app.domain.currency import Rate
from pos_app.services.shop import Shop
from pos_app.store import currency as currencies

BASE, QUOTE = "USD", "ZIG"


def current(shop: Shop, connection: Connection) -> Rate | None:
    """The newest rate, or None when the shop never had one; it is frozen into each sale."""
    del shop
    return currencies.newest_rate(connection, BASE, QUOTE)


def age(shop: Shop, rate: Rate) -> timedelta:
    """How long ago the rate was set."""
    return shop.clock.now() - rate.at
