"""Tax groups come back with every date they changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pos_app.domain.tax import TaxGroup, TaxKind, TaxTable
from pos_app.store import tax as taxes
from pos_app.store.engine import Store

STANDARD = TaxGroup(
    code="STD",
    name="Standard",
    kind=TaxKind.STANDARD,
    percent=Decimal("15.5"),
    fiscal_tax_id="517",
    fiscal_code="C",
    sap_vat_group="O01",
    valid_from=date(2026, 1, 1),
)
EXEMPT = replace(STANDARD, code="EX", kind=TaxKind.EXEMPT, percent=None)
ZERO = replace(STANDARD, code="Z", kind=TaxKind.ZERO, percent=Decimal(0))
OLD = replace(STANDARD, percent=Decimal(15), valid_from=date(2023, 1, 1))


def test_groups_by_date(store: Store) -> None:
    with store.write() as connection:
        taxes.put(connection, [STANDARD, EXEMPT, ZERO, OLD])
        found = taxes.groups(connection)
    assert found == [EXEMPT, OLD, STANDARD, ZERO]
    assert TaxTable(tuple(found)).on("STD", date(2025, 12, 31)).percent == 15


def test_exempt_is_not_zero(store: Store) -> None:
    with store.write() as connection:
        taxes.put(connection, [EXEMPT, ZERO])
        assert [group.percent for group in taxes.groups(connection)] == [None, Decimal(0)]


def test_a_group_of_the_same_date_is_changed(store: Store) -> None:
    with store.write() as connection:
        taxes.put(connection, [STANDARD])
        taxes.put(connection, [replace(STANDARD, percent=Decimal(16))])
        assert [group.percent for group in taxes.groups(connection)] == [Decimal(16)]
