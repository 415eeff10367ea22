"""Terms of payment as SAP keeps them: by when a partner pays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Column, Connection, Integer, Text, select

from pos_app.store.schema import table
from pos_app.store.upsert import upsert

payment_terms = table(
    "payment_terms",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("months", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Due so many months and days after the document's day."""

    number: int
    name: str
    days: int
    months: int


def every(connection: Connection) -> list[PaymentTerms]:
    """All of them, by number."""
    rows = connection.execute(select(payment_terms).order_by(payment_terms.c.number))
    return [PaymentTerms(*row) for row in rows]


def by_number(connection: Connection, number: int) -> PaymentTerms | None:
    """One of them."""
    query = select(payment_terms).where(payment_terms.c.number == number)
    row = connection.execute(query).first()
    return None if row is None else PaymentTerms(*row)


def put(connection: Connection, told: Iterable[PaymentTerms]) -> None:
    """Insert or change terms of payment."""
    upsert(connection, payment_terms, [asdict(terms) for terms in told])
