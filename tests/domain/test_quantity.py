from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.quantity import (
    QuantityInvalid,
    check_quantity,
    from_micro,
    parse_quantity,
    to_micro,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("2", "2"), (" 2.0 ", "2"), ("1.234", "1.234"), (".5", "0.5"), ("100", "100"), ("-1", "-1"),
     ("0", "0"), ("1000000.000001", "1000000.000001"), ("1.0000000", "1")],
)  # fmt: skip
def test_reads_plain_numbers(text: str, plain: str) -> None:
    assert str(parse_quantity(text)) == plain


@pytest.mark.parametrize(
    "text",
    ["", " ", "1e9", "1,5", "+1", "\u0661", "abc", "1.", ".", "1.2.3", "0.0000001", "--1", "1 2"],
)
def test_refuses_everything_else(text: str) -> None:
    with pytest.raises(QuantityInvalid):
        parse_quantity(text)


def check(quantity: str, decimals: int = 0) -> Decimal:
    return check_quantity(Decimal(quantity), uom="each", decimals=decimals, item="BREAD")


def test_accepts_what_the_unit_allows() -> None:
    assert str(check("3.000")) == "3"
    assert str(check("1.234", decimals=3)) == "1.234"
    assert str(check("1E+3")) == "1000"
    assert str(check("1000000")) == "1000000"


@pytest.mark.parametrize(
    ("quantity", "decimals", "why"),
    [
        ("0", 0, "above zero"),
        ("-1", 0, "above zero"),
        ("1000000000", 0, "above 1000000"),
        ("1000000.1", 1, "above 1000000"),
        ("1.5", 0, "whole numbers only"),
        ("1.2345", 3, "at most 3 decimals"),
        ("1.0000001", 6, "more than 6 decimals"),
        ("NaN", 0, "not a number"),
        ("Infinity", 0, "not a number"),
    ],
)
def test_refuses_what_cannot_be_sold(quantity: str, decimals: int, why: str) -> None:
    with pytest.raises(QuantityInvalid) as caught:
        check(quantity, decimals)
    assert why in caught.value.sentence
    assert caught.value.exit_code == 2
    if quantity not in {"NaN", "Infinity", "1.0000001"}:
        assert "BREAD" in caught.value.sentence


@given(st.integers(-(10**18), 10**18))
def test_micro_round_trip_is_plain(micro: int) -> None:
    value = from_micro(micro)
    assert to_micro(value) == micro
    assert "E" not in str(value)
    assert "." not in str(value) or not str(value).endswith("0")


@pytest.mark.parametrize(
    "value", ["0.0000001", "NaN", "-Infinity", "1E+999999", "1." + "0" * 100 + "1", "-1E+16"]
)
def test_micro_refuses_what_it_cannot_hold(value: str) -> None:
    with pytest.raises(QuantityInvalid):
        to_micro(Decimal(value))
