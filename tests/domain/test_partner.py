from __future__ import annotations

from dataclasses import replace

import pytest

from pos_app.domain.money import CurrencyMismatch, Money
from pos_app.domain.partner import (
    Partner,
    PartnerInactive,
    check_active,
    credit_available,
)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


LIMITED = Partner("C1", "Tariro Stores", "RETAIL", "USD", usd("100"), usd("80"))


def test_one_rule_for_credit() -> None:
    assert credit_available(LIMITED) == usd("20")
    assert credit_available(LIMITED, unposted=usd("15")) == usd("5")


def test_no_limit_and_unknown_balance_are_different() -> None:
    assert credit_available(replace(LIMITED, credit_limit=None)) is None
    assert credit_available(replace(LIMITED, balance=None)) == usd("0")


def test_credit_is_in_the_limits_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        credit_available(LIMITED, unposted=Money(1, "ZIG"))


def test_frozen_partners() -> None:
    assert check_active(LIMITED) is LIMITED
    with pytest.raises(PartnerInactive):
        check_active(replace(LIMITED, is_active=False))
