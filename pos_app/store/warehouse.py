"""Warehouses, and the accounts and cost centres documents are booked to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Column, Connection, Integer, Text, bindparam, select

from pos_app.store.fast import Prepared
from pos_app.store.schema import BusinessDate, Flag, Id, Minor, table
from pos_app.store.upsert import upsert

warehouses = table(
    "warehouses",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("is_active", Flag, nullable=False),
)

accounts = table(
    "accounts",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # at_Revenues | at_Expenses | at_Other
    Column("currency", Text, nullable=False),
    Column("balance", Minor, nullable=False),
    Column("is_active", Flag, nullable=False),
)

cost_centres = table(
    "cost_centres",
    Column("code", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("is_active", Flag, nullable=False),
    Column("valid_from", BusinessDate),
    Column("valid_to", BusinessDate),
)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place that holds stock."""

    code: str
    name: str
    street: str = ""
    city: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """A general ledger account; `balance` in minor units of its currency."""

    code: str
    name: str
    kind: str
    currency: str
    balance: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CostCentre:
    """A cost centre in one of five dimensions."""

    code: str
    name: str
    dimension: int
    is_active: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


def every(connection: Connection) -> list[Warehouse]:
    """Every warehouse, by code."""
    rows = connection.execute(select(warehouses).order_by(warehouses.c.code))
    return [Warehouse(*row) for row in rows]


def by_code(connection: Connection, code: str) -> Warehouse | None:
    """One warehouse, active or not."""
    row = _BY_CODE.first(connection, {"of_code": code})
    return Warehouse(*row) if row else None


def put(connection: Connection, told: Iterable[Warehouse]) -> None:
    """Insert or change warehouses."""
    upsert(connection, warehouses, [asdict(warehouse) for warehouse in told])


def every_account(connection: Connection, *, kind: str | None = None) -> list[Account]:
    """Every account, by code."""
    query = select(accounts).order_by(accounts.c.code)
    if kind is not None:
        query = query.where(accounts.c.kind == kind)
    return [Account(*row) for row in connection.execute(query)]


def account_by_code(connection: Connection, code: str) -> Account | None:
    """One account."""
    row = connection.execute(select(accounts).where(accounts.c.code == code)).first()
    return Account(*row) if row else None


def put_accounts(connection: Connection, told: Iterable[Account]) -> None:
    """Insert or change accounts."""
    upsert(connection, accounts, [asdict(account) for account in told])


def every_cost_centre(connection: Connection, *, dimension: int | None = None) -> list[CostCentre]:
    """Every cost centre, by code."""
    query = select(cost_centres).order_by(cost_centres.c.code)
    if dimension is not None:
        query = query.where(cost_centres.c.dimension == dimension)
    return [CostCentre(*row) for row in connection.execute(query)]


def cost_centre_by_code(connection: Connection, code: str) -> CostCentre | None:
    """One cost centre."""
    row = connection.execute(select(cost_centres).where(cost_centres.c.code == code)).first()
    return CostCentre(*row) if row else None


def put_cost_centres(connection: Connection, told: Iterable[CostCentre]) -> None:
    """Insert or change cost centres."""
    upsert(connection, cost_centres, [asdict(centre) for centre in told])


_BY_CODE = Prepared(select(warehouses).where(warehouses.c.code == bindparam("of_code")))
