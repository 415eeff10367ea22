"""Special prices from SAP to the till: the price of a line is the one SAP itself would take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from pos_app.services import partner
from pos_app.services.master import pull as master
from pos_app.services.master.pull import ALL_NOW
from pos_app.services.shop import Shop
from pos_app.store import price
from pos_app.store.engine import Store
from sync.sap import company
from tests import office, shops
from tests.office import Office

TODAY = date(2026, 11, 2)
PERIOD = {
    "from": "2026-11-01",
    "to": "2026-11-30",
    "price": "1.70",
    "quantities": [
        {"quantity": "10", "price": "1.60"},
        {"quantity": "24", "discount": "25"},
    ],
}
AGREED = {"item": "MILK", "partner": "C0001", "price": "1.80", "currency": "USD"}
ON_LIST = {"item": "MILK", "partner": "*1", "price": "1.90", "currency": "USD"}
OTHER_LIST = ON_LIST | {"partner": "*2", "price": "0.50"}


def opened(store: Store, *specials: dict[str, Any]) -> Office:
    """A shop that has fetched from a SAP with these special prices."""
    made = office.office(store, books=office.company(special_prices=list(specials)))
    assert pull(made) == ""
    return made


def pull(made: Office) -> str:
    made.shop.clock.sleep(3600)
    return master.pull(made.shop, made.sap, hs_field="U_HSCode", rhythm=ALL_NOW).problem


def asked(shop: Shop, quantity: str = "1", customer: str = "C0001") -> tuple[Decimal, str]:
    """The price of milk in a basket, and why."""
    made = Office(shop, None, None).fill("MILK", quantity=quantity, customer=customer)  # type: ignore[arg-type]
    quote = made.lines[0].quote
    return quote.unit_price, quote.explanation


def test_l65_period_and_quantity_prices_reach_the_till(store: Store) -> None:
    shop = opened(store, AGREED | {"periods": [PERIOD]}).shop
    assert asked(shop, "9") == (Decimal("1.7"), "special price for C0001 until 2026-11-30")
    assert asked(shop, "10") == (Decimal("1.6"), "special price for C0001 from 10 until 2026-11-30")
    cheaper, why = asked(shop, "24")
    assert cheaper == Decimal("1.4925")
    assert why == "25 % off list Retail USD for C0001 from 24 until 2026-11-30"


@pytest.mark.parametrize(
    "specials",
    [
        [],
        [AGREED],
        [ON_LIST],
        [ON_LIST, AGREED],
        [OTHER_LIST],
        [AGREED | {"periods": [PERIOD]}],
        [AGREED | {"price": "0", "periods": [PERIOD | {"price": "0", "discount": "10"}]}],
        [AGREED | {"periods": [PERIOD | {"from": "2026-11-03"}]}],
        [AGREED | {"from": "2026-11-03", "periods": [PERIOD]}],
        [AGREED | {"to": "2026-11-01", "periods": [PERIOD | {"to": None}]}],
        [AGREED | {"price": "0", "discount": "0"}],
        [ON_LIST | {"periods": [PERIOD]}, AGREED],
    ],
)
def test_our_price_is_the_one_sap_would_take(store: Store, specials: list[dict[str, Any]]) -> None:
    made = opened(store, *specials)
    for customer, quantity in product(("C0000", "C0001"), ("1", "9", "10", "23", "24")):
        told, _ = company.own_price(
            made.sap, "MILK", customer, day=TODAY, quantity=Decimal(quantity)
        )
        assert asked(made.shop, quantity, customer)[0] == told


def test_l53_a_special_price_ends_at_midnight_without_sap(store: Store) -> None:
    shop = opened(store, AGREED | {"to": TODAY.isoformat()}).shop
    assert asked(shop)[0] == Decimal("1.8")
    shop.clock.sleep(24 * 3600)
    assert asked(shop)[0] == Decimal("1.99")


def test_l63_special_prices_that_vanish_all_at_once_stay_in_force(store: Store) -> None:
    """Fewer special prices than there are overcharge customers."""
    many = [AGREED | {"partner": f"*{number}"} for number in range(1, 30)]
    made = opened(store, *many)
    made.gate.core.load(office.company(special_prices=many[:1]))
    assert "1 special prices where there were 29" in pull(made)
    with made.shop.store.read() as connection:
        assert len(price.specials_for(connection, "MILK")) == len(many)


def test_a_customer_without_an_agreement_pays_the_list(store: Store) -> None:
    made = opened(store, AGREED)
    assert partner.get(made.shop, "C0000").code == "C0000"
    assert asked(made.shop, customer="C0000") == (Decimal("1.99"), "list Retail USD")
    assert shops.MORNING.date() == TODAY
