"""Before payment is taken: every sale the device or the authority would object to, by name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.currency import UnmappedCurrency
from pos_app.domain.fiscal import SaleNotFileable
from pos_app.domain.sale import Sale
from pos_app.domain.sale_rule import LineWorthless
from pos_app.domain.tax import UnmappedTaxGroup
from pos_app.errors import PosError
from pos_app.services import basket, partner, sale, tender
from pos_app.services.preflight import sale as preflight
from pos_app.store import fiscal as journal
from pos_app.store.engine import Store
from tests import shops
from tests.counter import Counter, counter

ACTOR = shops.actor()


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


def filled(till: Counter, code: str = "MILK", *, customer: str = "") -> Sale:
    buyer = partner.get(till.shop, customer) if customer else None
    made = basket.start(till.shop, ACTOR, partner=buyer)
    return basket.add(till.shop, ACTOR, made, code)


def with_item(made: Sale, **changes: Any) -> Sale:
    line = made.lines[0]
    return replace(made, lines=(replace(line, item=replace(line.item, **changes)),))


def with_buyer(made: Sale, **changes: Any) -> Sale:
    assert made.partner is not None
    return replace(made, partner=replace(made.partner, **changes))


def with_rules(till: Counter, **changes: Any) -> None:
    till.shop = replace(till.shop, rules=replace(till.shop.rules, **changes))


def refused(till: Counter, made: Sale) -> PosError:
    """The refusal, the same before payment and at it; nothing is stored and nobody is asked."""
    with pytest.raises(PosError) as before:
        preflight.check(till.shop, made)
    with pytest.raises(type(before.value)) as at:
        sale.post(till.shop, ACTOR, made, [tender.make(till.shop, "cash", made.total)])
    assert at.value.code == before.value.code
    with till.shop.store.read() as connection:
        assert journal.unsettled(connection) == (0, None)
    assert till.box.log.rows() == []
    return before.value


def test_a_good_sale_passes_and_an_empty_one_is_not_judged(till: Counter) -> None:
    preflight.check(till.shop, filled(till))
    preflight.check(till.shop, basket.start(till.shop, ACTOR))


def test_nothing_is_given_away(till: Counter) -> None:
    """A receipt over nothing is never made: the basket itself refuses such a line."""
    with pytest.raises(LineWorthless):
        filled(till).with_discount(None, Decimal(100))


@pytest.mark.parametrize(
    ("code", "hs_code", "words"),
    [
        ("MILK", "123", "neither 4 nor 8 digits"),
        ("MILK", "123456", "neither 4 nor 8 digits"),
        ("BREAD", "1905", "needs 8 digits"),
        ("BOOK", "4901", "needs 8 digits"),
    ],
)
def test_customs_codes_have_the_lengths_the_authority_wants(
    till: Counter, code: str, hs_code: str, words: str
) -> None:
    """ZIMRA FDMS 7.2, RCPT048."""
    found = refused(till, with_item(filled(till, code), hs_code=hs_code))
    assert isinstance(found, SaleNotFileable)
    assert words in found.sentence
    assert code in found.sentence


def test_four_digits_do_for_taxed_goods(till: Counter) -> None:
    preflight.check(till.shop, with_item(filled(till), hs_code="0401"))


def test_goods_without_a_customs_code_take_the_shops_or_are_not_sold(till: Counter) -> None:
    """ZIMRA FDMS 7.2, RCPT047."""
    bare = with_item(filled(till), hs_code="")
    preflight.check(till.shop, bare)
    with_rules(till, fiscal=replace(till.shop.rules.fiscal, hs_code=""))
    assert "no customs code" in refused(till, bare).sentence
    with_rules(till, seller=replace(till.shop.rules.seller, vat_number=""))
    preflight.check(till.shop, bare)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "x" * 251}, "250 characters"),
        ({"tin": "20001112223"}, "10 digits"),
        ({"vat_number": "2201112220"}, "9 digits"),
        ({"name": " "}, "name and a TIN"),
    ],
)
def test_a_named_buyer_is_whole(till: Counter, change: dict[str, str], words: str) -> None:
    """ZIMRA FDMS 7.2, RCPT043 and the lengths of buyer data."""
    made = with_buyer(filled(till, customer="C0001"), **change)
    assert words in refused(till, made).sentence


def test_l09_an_unmapped_tax_is_refused_and_never_defaulted(till: Counter) -> None:
    """Production lesson L09."""
    made = filled(till)
    with_rules(till, taxes={})
    assert isinstance(refused(till, made), UnmappedTaxGroup)


def test_an_unmapped_currency_is_refused(till: Counter) -> None:
    made = filled(till)
    table = till.shop.rules.currencies
    only = tuple(row for row in table.currencies if row.code != "USD")
    with_rules(till, currencies=type(table)(only))
    with pytest.raises(UnmappedCurrency):
        preflight.check(till.shop, made)


def test_without_a_device_nothing_is_asked(till: Counter) -> None:
    made = with_item(filled(till), hs_code="1")
    with_rules(till, fiscal=replace(till.shop.rules.fiscal, is_required=False))
    preflight.check(till.shop, made)
