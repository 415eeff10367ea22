"""The moving average: no value appears or is lost, whatever order goods come and go in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.valuation import Held, Load, added, at_average, load_of, split, taken

D = Decimal


def held(quantity: str, value: int, cost: str = "0", unvalued: str = "0") -> Held:
    return Held(quantity=D(quantity), value=value, cost=D(cost), unvalued=D(unvalued))


@pytest.mark.parametrize(
    ("before", "quantity", "value", "expected"),
    [
        # Two prices make an average; what names no cost is counted and dilutes nothing.
        (held("100", 5000, "0.5"), "100", 11000, (held("200", 16000, "0.8"), 11000, 0)),
        (held("0", 0), "3", 100, (held("3", 100, "0.333333"), 100, 0)),
        (held("10", 1000, "1"), "5", None, (held("10", 1000, "1", "5"), 0, 0)),
        (held("0", 0, unvalued="50"), "10", 1100, (held("10", 1100, "1.1", "50"), 1100, 0)),
        # Sold before it came: at the last average, or at no known cost; the rest is cost of sales.
        (held("-4", -400, "1"), "10", 1500, (held("6", 900, "1.5"), 1300, 200)),
        (held("-4", -400, "1"), "2", 300, (held("-2", -200, "1.5"), 200, 100)),
        (held("0", 0, unvalued="-4"), "10", 1500, (held("6", 900, "1.5"), 900, 600)),
    ],
)
def test_goods_come_in(
    before: Held, quantity: str, value: int | None, expected: tuple[Held, int, int]
) -> None:
    change = added(before, D(quantity), value)
    assert (change.after, change.value, change.late) == expected


@pytest.mark.parametrize(
    ("before", "quantity", "after", "by"),
    [
        (held("3", 100, "0.333333"), "1", held("2", 67, "0.333333"), -33),
        (held("3", 100, "0.333333"), "3", held("0", 0, "0.333333"), -100),
        # What has no value leaves first; below nothing it leaves at the last average, if any.
        (held("10", 1000, "1", "5"), "8", held("7", 700, "1"), -300),
        (held("2", 200, "1"), "5", held("-3", -300, "1"), -500),
        (held("0", 0), "5", held("0", 0, unvalued="-5"), 0),
    ],
)
def test_goods_leave(before: Held, quantity: str, after: Held, by: int) -> None:
    change = taken(before, D(quantity))
    assert (change.after, change.value, change.late) == (after, by, 0)


def test_the_average_is_asked_for_where_nobody_names_a_cost() -> None:
    assert at_average(held("10", 1234, "1.234"), D(2)) == 247
    assert at_average(held("0", 0), D(2)) is None


def test_what_leaves_arrives_elsewhere_with_all_it_is_worth() -> None:
    before = held("3", 100, "0.333333", "2")
    loads = load_of(before, taken(before, D(4)))
    assert loads == (Load(D(2), 67), Load(D(2), None))
    first, rest = split(loads, D(1))
    assert (first, rest) == ([Load(D(1), 34)], [Load(D(1), 33), Load(D(2), None)])
    assert split(rest, D(3)) == (rest, [])


MOVES = st.lists(
    st.tuples(
        st.integers(-9_000_000, 9_000_000).filter(bool), st.one_of(st.none(), st.integers(0, 9999))
    ),
    max_size=20,
)


@given(MOVES)
def test_quantities_and_values_add_up_and_nothing_is_worth_anything_when_nothing_is_left(
    moves: list[tuple[int, int | None]],
) -> None:
    now, came, count = Held(), 0, D(0)
    for micro, value in moves:
        quantity = D(micro).scaleb(-6)
        change = taken(now, -quantity) if micro < 0 else added(now, quantity, value)
        assert change.value + change.late == (change.value if micro < 0 else value or 0)
        assert change.after.value == now.value + change.value
        now, count = change.after, count + quantity
        came += change.value
        assert (now.value, now.in_all) == (came, count)
        assert now.quantity or not now.value
        assert (now.value > 0) <= (now.quantity > 0)
