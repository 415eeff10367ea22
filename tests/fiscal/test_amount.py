"""Amounts as the authority rounds and writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.amount import (
    added_tax,
    cents,
    decimals,
    included_tax,
    line_total,
    money_text,
    percent_text,
    plain,
    price_text,
)
from tests.fiscal.samples import vectors


@pytest.mark.parametrize("vector", vectors("cents"), ids=lambda vector: vector["value"])
def test_cents(vector: dict[str, Any]) -> None:
    assert cents(Decimal(vector["value"])) == vector["cents"]


@pytest.mark.parametrize("vector", vectors("tax"), ids=lambda vector: vector["sales"])
def test_tax_inside_a_gross_amount_or_on_top_of_a_net_one(vector: dict[str, Any]) -> None:
    tax_of = included_tax if vector["is_inclusive"] else added_tax
    assert tax_of(Decimal(vector["sales"]), Decimal(vector["percent"])) == Decimal(vector["tax"])


def test_each_line_is_rounded_before_they_are_added() -> None:
    one = line_total(Decimal(1), Decimal("1.005"))
    assert (one + one, line_total(Decimal(2), Decimal("1.005"))) == (
        Decimal("2.02"),
        Decimal("2.01"),
    )


def test_exempt_has_no_tax() -> None:
    assert included_tax(Decimal("10.00"), None) == Decimal("0.00")
    assert added_tax(Decimal("10.00"), None) == Decimal("0.00")


@pytest.mark.parametrize("vector", vectors("lines"), ids=lambda vector: vector["price"])
def test_line_total(vector: dict[str, Any]) -> None:
    total = line_total(Decimal(vector["quantity"]), Decimal(vector["price"]))
    assert total == Decimal(vector["total"])


@pytest.mark.parametrize("vector", vectors("percents"), ids=lambda vector: str(vector["value"]))
def test_percent_text(vector: dict[str, Any]) -> None:
    percent = None if vector["value"] is None else Decimal(vector["value"])
    assert percent_text(percent) == vector["text"]


@pytest.mark.parametrize(
    ("value", "price", "shortest"),
    [
        ("1.5", "1.50", "1.5"),
        ("7.217", "7.217", "7.217"),
        ("100", "100.00", "100"),
        ("1E+2", "100.00", "100"),
        ("0.000001", "0.000001", "0.000001"),
        ("-0", "0.00", "0"),
        ("3.100000", "3.10", "3.1"),
    ],
)
def test_texts(value: str, price: str, shortest: str) -> None:
    assert price_text(Decimal(value)).replace("-", "") == price
    assert plain(Decimal(value)) == shortest


@given(st.decimals(-(10**12), 10**12, places=6))
def test_plain_text_is_the_number_and_nothing_longer(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert decimals(value) <= 6
    assert cents(value) == int(money_text(value).replace(".", ""))
