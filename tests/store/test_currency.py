"""Rates are found by moment; none is ever changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pos_app.domain.currency import Currency, Rate
from pos_app.store import currency as currencies
from pos_app.store.engine import Store

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def a_rate(rate: str, at: datetime) -> Rate:
    return Rate("USD", "ZIG", Decimal(rate), at)


def test_currencies(store: Store) -> None:
    zig = Currency("ZIG", "Zimbabwe Gold", "ZWG", "ZiG")
    usd = Currency("USD", "US dollar", "USD", "$", 2)
    with store.write() as connection:
        currencies.put(connection, [zig, usd])
        currencies.put(connection, [zig])
        assert currencies.every(connection) == [usd, zig]


def test_the_newest_rate_and_that_of_a_moment(store: Store) -> None:
    first, second = a_rate("26.5", NOW - 2 * DAY), a_rate("26.812345", NOW)
    with store.write() as connection:
        assert currencies.newest_rate(connection, "USD", "ZIG") is None
        assert currencies.add_rate(connection, second, source="sap")
        assert currencies.add_rate(connection, first, source="hand")
        assert currencies.newest_rate(connection, "USD", "ZIG") == second
        assert currencies.newest_rate(connection, "ZIG", "USD") is None
        assert currencies.rate_at(connection, "USD", "ZIG", NOW - DAY) == first
        assert currencies.rate_at(connection, "USD", "ZIG", NOW) == second
        assert currencies.rate_at(connection, "USD", "ZIG", NOW - 3 * DAY) is None
        told = currencies.rates(connection, "USD", "ZIG", limit=9)
        assert [(row.rate, row.source) for row in told] == [(second, "sap"), (first, "hand")]
        earlier = currencies.rates(connection, "USD", "ZIG", limit=9, before=NOW)
        assert [row.rate for row in earlier] == [first]


def test_a_rate_is_never_changed(store: Store) -> None:
    with store.write() as connection:
        assert currencies.add_rate(connection, a_rate("26.5", NOW), source="sap")
        assert not currencies.add_rate(connection, a_rate("99", NOW), source="hand")
        assert currencies.newest_rate(connection, "USD", "ZIG") == a_rate("26.5", NOW)
