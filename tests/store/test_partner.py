"""Partners are found by what people know of them; unknown money stays unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pos_app.domain.money import Money
from pos_app.domain.partner import Partner
from pos_app.store import partner as partners
from pos_app.store.engine import Store

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
CASH = Partner("C0000", "Walk-in customer", "1", "##")
ACME = Partner(
    "C0001",
    "Acme Hardware (Pvt) Ltd",
    "1",
    "USD",
    credit_limit=Money(50_000, "USD"),
    balance=Money(-1_250, "USD"),
    tin="2000123456",
    vat_number="220012345",
    address="12 Samora Machel Avenue, Harare",
    phone="+263 77 212 3456",
    email="accounts@acme.co.zw",
)
BAKER = Partner("C0002", "Baker & Sons", "2", "ZIG", balance=Money(0, "ZIG"), is_active=False)
MILL = Partner("S0001", "Acme Milling", "1", "##", kind="supplier")


@pytest.fixture
def shop(store: Store) -> Store:
    with store.write() as connection:
        partners.put(connection, [CASH, ACME, BAKER, MILL], at=NOW)
    return store


def search(store: Store, text: str, kind: str | None = None, limit: int = 50) -> list[str]:
    with store.read() as connection:
        found = partners.search(connection, text, limit=limit, kind=kind)
    return [partner.code for partner in found]


def test_a_partner_comes_back_as_it_was_put(shop: Store) -> None:
    with shop.read() as connection:
        for partner in (CASH, ACME, BAKER, MILL):
            assert partners.by_code(connection, partner.code) == partner
        assert partners.by_code(connection, "c0001") is None
        assert partners.by_codes(connection, ["C0001", "none"]) == {"C0001": ACME}


def test_a_partner_is_changed_in_place(shop: Store) -> None:
    changed = replace(ACME, name="Zenith", email="", credit_limit=None, balance=None)
    with shop.write() as connection:
        partners.put(connection, [changed], at=NOW)
        assert partners.by_code(connection, "C0001") == changed
        assert partners.count(connection) == 4
    assert search(shop, "zen") == ["C0001"]
    assert search(shop, "acme") == ["S0001"]


def test_a_partner_of_all_currencies_keeps_its_money_s_own(store: Store) -> None:
    partner = replace(CASH, credit_limit=Money(100, "ZIG"), balance=Money(5, "ZIG"))
    with store.write() as connection:
        partners.put(connection, [partner], at=NOW)
        assert partners.by_code(connection, "C0000") == partner


def test_limit_and_balance_in_two_currencies_are_refused(store: Store) -> None:
    partner = replace(ACME, balance=Money(1, "ZIG"))
    with pytest.raises(ValueError, match="two currencies"), store.write() as connection:
        partners.put(connection, [partner], at=NOW)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("acme", ["S0001", "C0001"]),
        ("har ac", ["C0001"]),
        ("c0001", ["C0001"]),
        ("2000123456", ["C0001"]),
        ("0772123456", ["C0001"]),
        ("263772", ["C0001"]),
        ("772 ", ["C0001"]),
        ("accounts", ["C0001"]),
        ("baker", []),
        ("", ["S0001", "C0001", "C0000"]),
        ("' OR 1=1 --", []),
    ],
)
def test_partners_by_what_people_know(shop: Store, text: str, codes: list[str]) -> None:
    found = search(shop, text)
    assert sorted(found) == sorted(codes)


def test_search_by_kind_and_limit(shop: Store) -> None:
    assert search(shop, "acme", kind="customer") == ["C0001"]
    assert search(shop, "", kind="supplier") == ["S0001"]
    assert len(search(shop, "", limit=2)) == 2


def test_pages(shop: Store) -> None:
    with shop.read() as connection:
        assert [row.code for row in partners.page(connection, limit=3)] == [
            "C0000",
            "C0001",
            "C0002",
        ]
        assert [row.code for row in partners.page(connection, after="C0002", limit=3)] == ["S0001"]
        assert [row.code for row in partners.page(connection, limit=9, kind="supplier")] == [
            "S0001"
        ]
        assert partners.count(connection, kind="customer") == 3
