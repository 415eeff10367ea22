"""Accounts and cost centres as other programs read them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pos_app.domain.money import Money
from pos_app.errors import InvalidInput, RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import warehouse
from pos_app.store.warehouse import Account, CostCentre

__all__ = [
    "AccountKindInvalid",
    "CostCentre",
    "DimensionInvalid",
    "Listed",
    "centre",
    "centres",
    "every",
    "one",
]

DIMENSIONS = range(1, 6)
KINDS = ("at_Revenues", "at_Expenses", "at_Other")


class AccountKindInvalid(InvalidInput):
    """A kind of account nobody keeps."""

    code = "account_type_invalid"

    def __init__(self, kind: str) -> None:
        super().__init__(f"There are no accounts of type {kind[:30]}: use {', '.join(KINDS)}.")


class DimensionInvalid(InvalidInput):
    """A dimension of cost centres that does not exist."""

    code = "dimension_invalid"

    def __init__(self, dimension: int) -> None:
        super().__init__(f"There is no dimension {dimension}: use 1 to 5.")


@dataclass(frozen=True, slots=True)
class Listed:
    """An account with its balance, in SAP's local currency."""

    account: Account
    balance: Decimal


def every(shop: Shop, *, kind: str | None = None) -> list[Listed]:
    """Every account, or those of one kind, by code.

    Raises:
        AccountKindInvalid: no such kind.
    """
    known = {name.lower(): name for name in KINDS}
    if kind is not None and kind.lower() not in known:
        raise AccountKindInvalid(kind)
    with shop.store.read() as connection:
        found = warehouse.every_account(connection, kind=known[kind.lower()] if kind else None)
    return [_listed(shop, account) for account in found]


def one(shop: Shop, code: str) -> Listed:
    """One account.

    Raises:
        RecordNotFound: there is none of this code.
    """
    with shop.store.read() as connection:
        found = warehouse.account_by_code(connection, code)
    if found is None:
        raise RecordNotFound("account", code)
    return _listed(shop, found)


def centres(shop: Shop, *, dimension: int | None = None) -> list[CostCentre]:
    """Every cost centre, or those of one dimension, by code.

    Raises:
        DimensionInvalid: not 1 to 5.
    """
    if dimension is not None and dimension not in DIMENSIONS:
        raise DimensionInvalid(dimension)
    with shop.store.read() as connection:
        return warehouse.every_cost_centre(connection, dimension=dimension)


def centre(shop: Shop, code: str) -> CostCentre:
    """One cost centre.

    Raises:
        RecordNotFound: there is none of this code.
    """
    with shop.store.read() as connection:
        found = warehouse.cost_centre_by_code(connection, code)
    if found is None:
        raise RecordNotFound("cost centre", code)
    return found


def _listed(shop: Shop, account: Account) -> Listed:
    return Listed(account, Money(account.balance, shop.rules.sap.local_currency).amount)
