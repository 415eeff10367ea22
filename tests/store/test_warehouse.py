"""Warehouses, accounts and cost centres."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pos_app.store import warehouse as places
from pos_app.store.engine import Store
from pos_app.store.warehouse import Account, CostCentre, Warehouse

MAIN = Warehouse("W1", "Main", "1 First Street", "Harare")
OLD = Warehouse("W0", "Old", is_active=False)
CASH = Account("110", "Cash USD", "at_Other", "USD", -1_000)
SALES = Account("400", "Sales", "at_Revenues", "USD", is_active=False)
FRONT = CostCentre("CC1", "Front", 1, valid_from=date(2026, 1, 1))
BACK = CostCentre("CC2", "Back", 2, is_active=False, valid_to=date(2026, 12, 31))


def test_warehouses(store: Store) -> None:
    with store.write() as connection:
        places.put(connection, [MAIN, OLD])
        places.put(connection, [replace(MAIN, city="Mutare")])
        assert places.every(connection) == [OLD, replace(MAIN, city="Mutare")]
        assert places.by_code(connection, "W0") == OLD
        assert places.by_code(connection, "W9") is None


def test_accounts(store: Store) -> None:
    with store.write() as connection:
        places.put_accounts(connection, [SALES, CASH])
        assert places.every_account(connection) == [CASH, SALES]
        assert places.every_account(connection, kind="at_Revenues") == [SALES]
        assert places.account_by_code(connection, "110") == CASH
        assert places.account_by_code(connection, "999") is None


def test_cost_centres(store: Store) -> None:
    with store.write() as connection:
        places.put_cost_centres(connection, [BACK, FRONT])
        assert places.every_cost_centre(connection) == [FRONT, BACK]
        assert places.every_cost_centre(connection, dimension=2) == [BACK]
        assert places.cost_centre_by_code(connection, "CC1") == FRONT
        assert places.cost_centre_by_code(connection, "CC9") is None


def test_putting_nothing_is_fine(store: Store) -> None:
    with store.write() as connection:
        places.put(connection, [])
        places.put_accounts(connection, [])
        places.put_cost_centres(connection, [])
        assert places.every(connection) == []
