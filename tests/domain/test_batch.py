from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.batch import (
    Allocation,
    Batch,
    BatchNeed,
    BatchNeeded,
    BatchNotFound,
    BatchNotReleased,
    BatchStatus,
    BatchStatusUnknown,
    InsufficientBatch,
    Strategy,
    allocate,
    expired,
    parse_status,
)
from pos_app.domain.quantity import QuantityInvalid
from pos_app.errors import InsufficientStock

DAY = date(2026, 9, 10)


def batch(number: str, quantity: str = "5", **facts: object) -> Batch:
    return Batch("MILK", "SHOP1", number, Decimal(quantity), **facts)  # type: ignore[arg-type]


def need(line: int, quantity: str, chosen: str | None = None) -> BatchNeed:
    return BatchNeed(line, "MILK", "SHOP1", Decimal(quantity), chosen)


def short(rows: tuple[Allocation, ...]) -> list[tuple[int, str, str]]:
    return [(row.line, row.batch, str(row.quantity)) for row in rows]


def test_two_lines_never_take_the_same_units() -> None:
    rows = allocate([need(1, "6"), need(2, "4")], [batch("B1"), batch("B2")], on=DAY)
    assert short(rows) == [(1, "B1", "5"), (1, "B2", "1"), (2, "B2", "4")]
    assert [str(row.available_after) for row in rows] == ["0", "4", "0"]


def test_first_expired_first_out() -> None:
    batches = [
        batch("NONE"),
        batch("LATE", expiry=date(2027, 1, 1)),
        batch("B-OLD", expiry=date(2026, 10, 1), admission=date(2026, 2, 1)),
        batch("A-NEW", expiry=date(2026, 10, 1), admission=date(2026, 3, 1)),
        batch("C-UNKNOWN", expiry=date(2026, 10, 1)),
    ]
    order = [row.batch for row in allocate([need(1, "25")], batches, on=DAY)]
    assert order == ["B-OLD", "A-NEW", "C-UNKNOWN", "LATE", "NONE"]


def test_first_in_first_out() -> None:
    batches = [
        batch("NONE"),
        batch("B", admission=date(2026, 2, 1)),
        batch("A", admission=date(2026, 2, 1)),
        batch("SOON", admission=date(2026, 2, 1), expiry=date(2026, 12, 1)),
        batch("FIRST", admission=date(2026, 1, 1)),
    ]
    rows = allocate([need(1, "25")], batches, strategy=Strategy.FIFO, on=DAY)
    assert [row.batch for row in rows] == ["FIRST", "SOON", "A", "B", "NONE"]


def test_named_batches_are_charged_first() -> None:
    rows = allocate([need(1, "5"), need(2, "5", "b1")], [batch("B1"), batch("B2")], on=DAY)
    assert short(rows) == [(1, "B2", "5"), (2, "B1", "5")]


def test_one_batch_stands_once_on_a_line() -> None:
    rows = allocate([need(1, "2", "B1"), need(1, "3", "B1")], [batch("B1")], on=DAY)
    assert short(rows) == [(1, "B1", "5")]
    assert rows[0].available_after == 0


def test_locked_and_expired_batches_are_passed_over() -> None:
    batches = [
        batch("LOCKED", status=BatchStatus.LOCKED),
        batch("HIDDEN", status=BatchStatus.NOT_ACCESSIBLE),
        batch("OVER", expiry=DAY - timedelta(days=1)),
        batch("EMPTY", "0"),
        batch("TODAY", expiry=DAY),
    ]
    assert short(allocate([need(1, "5")], batches, on=DAY)) == [(1, "TODAY", "5")]
    with pytest.raises(InsufficientStock) as caught:
        allocate([need(1, "6")], batches, on=DAY)
    assert caught.value.details["available"] == "5"
    assert caught.value.details["shortage"] == "1"


def test_an_expired_batch_may_be_named_with_a_warning() -> None:
    rows = allocate([need(1, "1", "OVER")], [batch("OVER", expiry=date(2026, 9, 9))], on=DAY)
    assert expired(rows, on=DAY) == rows
    assert expired(rows, on=date(2026, 9, 9)) == ()


def test_named_batches_must_serve() -> None:
    batches = [batch("B1"), batch("LOCKED", status=BatchStatus.LOCKED)]
    with pytest.raises(BatchNotFound):
        allocate([need(1, "1", "B9")], batches, on=DAY)
    with pytest.raises(BatchNotReleased):
        allocate([need(1, "1", "LOCKED")], batches, on=DAY)
    with pytest.raises(InsufficientBatch) as caught:
        allocate([need(1, "3", "B1"), need(2, "3", "B1")], batches, on=DAY)
    assert caught.value.details["available"] == "2"


def test_by_hand_every_line_names_its_batch() -> None:
    with pytest.raises(BatchNeeded):
        allocate([need(1, "1")], [batch("B1")], strategy=Strategy.MANUAL, on=DAY)
    rows = allocate([need(1, "1", "B1")], [batch("B1")], strategy=Strategy.MANUAL, on=DAY)
    assert short(rows) == [(1, "B1", "1")]


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN"])
def test_needs_are_above_zero(quantity: str) -> None:
    with pytest.raises(QuantityInvalid):
        allocate([need(1, quantity)], [batch("B1")], on=DAY)


def test_warehouses_and_items_do_not_mix() -> None:
    batches = [Batch("MILK", "DEPOT", "B1", Decimal(5)), Batch("JAM", "SHOP1", "B1", Decimal(5))]
    with pytest.raises(InsufficientStock):
        allocate([need(1, "1")], batches, on=DAY)


def test_nothing_needs_nothing() -> None:
    assert allocate([], [batch("B1")], on=DAY) == ()


@pytest.mark.parametrize("text", ["Released", "released", "NOT_ACCESSIBLE", "Not Accessible"])
def test_statuses_are_read_leniently(text: str) -> None:
    assert parse_status(text) in {BatchStatus.RELEASED, BatchStatus.NOT_ACCESSIBLE}


def test_unknown_status_is_refused() -> None:
    with pytest.raises(BatchStatusUnknown):
        parse_status("open")


quantities = st.decimals(min_value="0.001", max_value="50", places=3)


@given(
    st.lists(quantities, max_size=8),
    st.lists(st.tuples(quantities, st.sampled_from([None, "B0", "B1"])), max_size=8),
    st.sampled_from([Strategy.FEFO, Strategy.FIFO]),
)
def test_allocation_is_exact_disjoint_and_all_or_nothing(
    stock: list[Decimal], wanted: list[tuple[Decimal, str | None]], strategy: Strategy
) -> None:
    batches = [
        Batch("MILK", "SHOP1", f"B{at}", quantity, expiry=DAY + timedelta(days=at % 3))
        for at, quantity in enumerate(stock)
    ]
    needs = [
        BatchNeed(at, "MILK", "SHOP1", quantity, chosen)
        for at, (quantity, chosen) in enumerate(wanted)
    ]
    total = sum((quantity for quantity, _ in wanted), Decimal(0))
    try:
        rows = allocate(needs, batches, strategy=strategy, on=DAY)
    except (InsufficientStock, InsufficientBatch, BatchNotFound):
        assert total > sum(stock) or any(chosen for _, chosen in wanted)
        return
    per_line: Counter[int] = Counter()
    per_batch: Counter[str] = Counter()
    for row in rows:
        assert row.quantity > 0
        per_line[row.line] += row.quantity  # type: ignore[assignment]
        per_batch[row.batch] += row.quantity  # type: ignore[assignment]
    assert per_line == {at: quantity for at, (quantity, _) in enumerate(wanted)}
    assert all(per_batch[row.number] <= row.quantity for row in batches)
    assert rows == allocate(needs, list(reversed(batches)), strategy=strategy, on=DAY)
