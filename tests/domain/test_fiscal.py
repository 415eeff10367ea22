from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.fiscal import (
    MOVES,
    NOTICED,
    UNSETTLED,
    Backlog,
    Baseline,
    Decision,
    DeviceNow,
    FiscalRequest,
    FiscalState,
    Lookup,
    LookupOutcome,
    Readiness,
    decide,
    device_lines,
    device_price,
)
from pos_app.domain.money import Money, half_up

TOTAL = Money.of("25.99", "USD")
REQUEST = FiscalRequest("22862", "T01-000001", "FiscalInvoice", TOTAL)
BASELINE = Baseline("22862", 100)
IDLE = DeviceNow("22862", 100, is_idle=True)
FOUND = Lookup(
    LookupOutcome.FOUND, "22862", "T01-000001", "fiscalinvoice", TOTAL, global_number=101
)
MISSING = Lookup(LookupOutcome.MISSING)
SILENT = Lookup(LookupOutcome.UNANSWERED)


def ask(lookup: Lookup, now: DeviceNow | None = IDLE, unexplained: int = 0) -> Decision:
    return decide(lookup, REQUEST, baseline=BASELINE, device_now=now, unexplained=unexplained)


def test_a_receipt_that_is_there_is_adopted() -> None:
    assert ask(FOUND) is Decision.ADOPT
    assert ask(FOUND, None) is Decision.ADOPT


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, device_id="3180"),
        replace(FOUND, number="T01-000002"),
        replace(FOUND, receipt_type="CreditNote"),
        replace(FOUND, total=Money.of("25.98", "USD")),
        replace(FOUND, total=Money.of("25.99", "ZIG")),
        replace(FOUND, total=None),
    ],
)
def test_another_receipt_under_our_number_is_disputed(other: Lookup) -> None:
    assert ask(other) is Decision.DISPUTE


def test_a_look_up_that_fails_is_not_a_no() -> None:
    assert ask(SILENT) is Decision.WAIT
    assert ask(SILENT, None) is Decision.WAIT


def test_missing_is_believed_only_of_an_idle_device_that_has_not_moved() -> None:
    assert ask(MISSING) is Decision.RESEND
    assert ask(MISSING, None) is Decision.WAIT
    assert ask(MISSING, replace(IDLE, is_idle=False)) is Decision.WAIT


def test_a_device_that_moved_must_be_explained() -> None:
    moved = replace(IDLE, last_global_number=103)
    assert ask(MISSING, moved, unexplained=0) is Decision.RESEND
    assert ask(MISSING, moved, unexplained=1) is Decision.STOP


def test_another_device_or_one_that_went_back_stops() -> None:
    assert ask(MISSING, replace(IDLE, device_id="3180")) is Decision.STOP
    assert ask(MISSING, replace(IDLE, last_global_number=99)) is Decision.STOP


def test_nothing_leads_from_unknown_to_refused_or_out_of_fiscalised() -> None:
    assert (FiscalState.UNKNOWN, FiscalState.REFUSED) not in MOVES
    assert not any(old is FiscalState.FISCALISED for old, _ in MOVES)
    reachable: set[FiscalState] = {FiscalState.DRAFT}
    seen: set[FiscalState] = set()
    while reachable - seen:
        seen |= reachable
        reachable |= {new for old, new in MOVES if old in seen}
    assert reachable == set(FiscalState)
    for state in UNSETTLED:
        assert (state, FiscalState.FISCALISED) in MOVES
        assert (state, FiscalState.DISPUTED) in MOVES


@pytest.mark.parametrize(
    ("gross", "quantity", "price"),
    [
        ("122.74", "17", "7.22"),
        ("144.34", "20", "7.217"),
        ("59.97", "3", "19.99"),
        ("1.00", "3", "0.333"),
        ("2.00", "3", "0.667"),
        ("1.91", "1.234", "1.55"),
        ("-1.50", "1", "1.50"),
        ("0.00", "5", "0.00"),
        ("2775.00", "0.555", "5000.00"),
    ],
)
def test_prices_the_device_multiplies_back(gross: str, quantity: str, price: str) -> None:
    found = device_price(Money.of(gross, "USD"), Decimal(quantity))
    assert str(found) == price


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**12))
def test_the_device_always_arrives_at_the_line(minor: int, micro: int) -> None:
    gross, quantity = Money(minor, "USD"), Decimal(micro).scaleb(-6)
    pairs = device_lines(gross, quantity)
    assert sum(half_up(part * price, 2) for part, price in pairs) == abs(gross).amount
    assert sum(part for part, _ in pairs) == quantity
    assert len(pairs) <= 2
    for part, price in pairs:
        assert part > 0
        assert price >= 0
        assert half_up(price, 6) == price


def test_a_huge_quantity_takes_two_lines() -> None:
    pairs = device_lines(Money.of("123456.78", "USD"), Decimal(1_000_000))
    assert [str(part) for part, _ in pairs] == ["999999", "1"]


@pytest.mark.parametrize(
    ("waiting", "age", "is_tried", "readiness"),
    [
        (0, timedelta(0), False, Readiness.READY),
        (1, timedelta(seconds=1), False, Readiness.READY),
        (4, NOTICED, False, Readiness.READY),
        (1, NOTICED + timedelta(seconds=1), False, Readiness.DEGRADED),
        (1, timedelta(seconds=1), True, Readiness.DEGRADED),
        (4, timedelta(hours=3), True, Readiness.DEGRADED),
        (5, timedelta(seconds=1), False, Readiness.BLOCKED),
        (1, timedelta(hours=3, seconds=1), False, Readiness.BLOCKED),
        (1, timedelta(hours=-2), False, Readiness.READY),
    ],
)
def test_selling_runs_ahead_of_the_device_so_far_and_no_further(
    waiting: int, age: timedelta, is_tried: bool, readiness: Readiness
) -> None:
    backlog = Backlog(waiting=waiting, age=age, is_tried=is_tried)
    assert backlog.readiness(most=5, hours=3) is readiness


def test_the_strictest_limit_lets_one_receipt_wait_at_a_time() -> None:
    nothing, one = Backlog(waiting=0, age=timedelta(0)), Backlog(waiting=1, age=timedelta(0))
    assert nothing.readiness(most=0, hours=0) is Readiness.READY
    assert one.readiness(most=0, hours=0) is Readiness.BLOCKED
