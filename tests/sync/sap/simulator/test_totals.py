from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sap.simulator.totals import LineTotals, Priced, add_up, extract, round_to

CENT = Decimal("0.01")
RATES = {"O01": Decimal("15.5"), "O0": Decimal(0), "O02": Decimal(15)}


def priced(quantity: str, price: str, group: str = "O01", *, gross: bool = True) -> Priced:
    return Priced(
        quantity=Decimal(quantity),
        price=Decimal(price),
        is_gross=gross,
        vat_group=group,
        rate=RATES[group],
    )


lines = st.builds(
    priced,
    st.decimals("0.001", "500", places=3).map(str),
    st.decimals("0", "999", places=6).map(str),
    st.sampled_from(sorted(RATES)),
    gross=st.booleans(),
)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


@settings(deadline=None)
@given(st.lists(lines, min_size=1, max_size=12), st.booleans())
def test_every_line_and_every_sum_holds_to_the_cent(chosen: list[Priced], by_group: bool) -> None:
    totals = add_up(chosen, decimals=2, by_group=by_group)
    for total in totals:
        assert total.net + total.vat == total.gross
        assert total.gross == cents(total.gross)


@settings(deadline=None)
@given(st.lists(lines, min_size=1, max_size=12))
def test_gross_lines_give_the_total_the_customer_saw(chosen: list[Priced]) -> None:
    chosen = [line for line in chosen if line.is_gross]
    totals = add_up(chosen, decimals=2, by_group=True)
    seen = sum((cents(line.quantity * line.price) for line in chosen), Decimal(0))
    assert sum((total.gross for total in totals), Decimal(0)) == seen


@settings(deadline=None)
@given(st.lists(lines, min_size=1, max_size=12))
def test_vat_is_taken_once_per_group(chosen: list[Priced]) -> None:
    chosen = [line for line in chosen if line.is_gross]
    totals = add_up(chosen, decimals=2, by_group=True)
    gross: dict[str, Decimal] = defaultdict(Decimal)
    vat: dict[str, Decimal] = defaultdict(Decimal)
    for line, total in zip(chosen, totals, strict=True):
        gross[line.vat_group] += total.gross
        vat[line.vat_group] += total.vat
    for group, amount in gross.items():
        rate = RATES[group]
        assert vat[group] == cents(amount * rate / (100 + rate))
        assert rate or not vat[group]


@pytest.mark.parametrize(
    ("quantity", "price", "gross", "vat"),
    [
        ("100", "1.99", "199.00", "26.71"),
        ("1.234", "3.45", "4.26", "0.57"),
        ("3", "0.333333", "1.00", "0.13"),
        ("2.5", "0.5", "1.25", "0.17"),
        ("1", "0.005", "0.01", "0.00"),
    ],
)
def test_named_cases(quantity: str, price: str, gross: str, vat: str) -> None:
    [total] = add_up([priced(quantity, price)], decimals=2, by_group=True)
    assert (str(total.gross), str(total.vat)) == (gross, vat)


def test_line_vat_and_group_vat_differ_where_they_should() -> None:
    three = [priced("1", "0.10")] * 3
    by_line = add_up(three, decimals=2, by_group=False)
    by_group = add_up(three, decimals=2, by_group=True)
    assert sum(total.vat for total in by_line) == Decimal("0.03")
    assert sum(total.vat for total in by_group) == Decimal("0.04")
    assert by_group[0] == LineTotals(Decimal("0.08"), Decimal("0.02"), Decimal("0.10"))


def test_net_prices_get_vat_on_top() -> None:
    [total] = add_up([priced("2", "1.50", gross=False)], decimals=2, by_group=True)
    assert (total.net, total.vat, total.gross) == (3, Decimal("0.47"), Decimal("3.47"))


def test_rounding_is_half_away_from_zero() -> None:
    assert round_to(Decimal("0.005"), 2) == Decimal("0.01")
    assert round_to(Decimal("-0.005"), 2) == Decimal("-0.01")
    assert extract(Decimal("115.50"), Decimal("15.5"), 2) == Decimal("15.50")
