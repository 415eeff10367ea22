"""Currencies and the exchange rates between them; a rate once stored is never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, Text, bindparam, select

from pos_app.domain.currency import Currency, Rate
from pos_app.store.fast import Prepared, Record
from pos_app.store.schema import Id, Instant, Micro, table
from pos_app.store.upsert import add_new, upsert

currencies = table(
    "currencies",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("fiscal_code", Text, nullable=False),
    Column("sap_code", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
)

exchange_rates = table(
    "exchange_rates",
    Column("base", Id, primary_key=True),
    Column("quote", Id, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("rate", Micro, nullable=False),
    Column("source", Text, nullable=False),  # sap | server | hand
)


@dataclass(frozen=True, slots=True)
class StoredRate:
    """A rate and who said so."""

    rate: Rate
    source: str


def every(connection: Connection) -> list[Currency]:
    """Every currency, by code."""
    rows = connection.execute(select(currencies).order_by(currencies.c.code))
    return [
        Currency(
            code=row.code,
            name=row.name,
            fiscal_code=row.fiscal_code,
            sap_code=row.sap_code,
            decimals=row.decimals,
        )
        for row in rows
    ]


def put(connection: Connection, told: Iterable[Currency]) -> None:
    """Insert or change currencies."""
    rows = [
        {
            "code": currency.code,
            "name": currency.name,
            "fiscal_code": currency.fiscal_code,
            "sap_code": currency.sap_code,
            "decimals": currency.decimals,
        }
        for currency in told
    ]
    upsert(connection, currencies, rows)


def add_rate(connection: Connection, rate: Rate, *, source: str) -> bool:
    """Store a rate; False when one of this pair and moment is there already."""
    row = {"base": rate.base, "quote": rate.quote, "at": rate.at, "rate": rate.rate}
    return add_new(connection, exchange_rates, row | {"source": source})


def newest_rate(connection: Connection, base: str, quote: str) -> Rate | None:
    """The rate with the latest moment, even if that is still to come."""
    row = _NEWEST_RATE.first_mapping(connection, {"of_base": base, "of_quote": quote})
    return _rate(row).rate if row else None


def rate_at(connection: Connection, base: str, quote: str, moment: datetime) -> Rate | None:
    """The rate that was valid at a moment: the newest that began by then."""
    query = _NEWEST.where(exchange_rates.c.at <= moment)
    row = connection.execute(query, {"of_base": base, "of_quote": quote}).mappings().first()
    return _rate(row).rate if row else None


def rates(
    connection: Connection, base: str, quote: str, *, limit: int, before: datetime | None = None
) -> list[StoredRate]:
    """The rates of a pair from the newest back."""
    query = _OF_PAIR.limit(limit)
    if before is not None:
        query = query.where(exchange_rates.c.at < before)
    rows = connection.execute(query, {"of_base": base, "of_quote": quote}).mappings()
    return [_rate(row) for row in rows]


def _rate(row: Record) -> StoredRate:
    rate = Rate(base=row["base"], quote=row["quote"], rate=row["rate"], at=row["at"])
    return StoredRate(rate, row["source"])


_OF_PAIR = (
    select(exchange_rates)
    .where(
        exchange_rates.c.base == bindparam("of_base"),
        exchange_rates.c.quote == bindparam("of_quote"),
    )
    .order_by(exchange_rates.c.at.desc())
)
_NEWEST = _OF_PAIR.limit(1)
_NEWEST_RATE = Prepared(_NEWEST)
