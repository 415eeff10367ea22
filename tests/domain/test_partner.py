from __future__ import annotations

from dataclasses import replace

import pytest

from pos_app.domain.money import CurrencyMismatch, Money
from pos_app.domain.partner import (
    CreditLimitExceeded,
    Partner,
    PartnerInactive,
    check_active,
    check_credit,
    credit_available,
)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


LIMITED = Partner("C1", "Tariro Stores", "RETAIL", "USD", usd("100"), usd("80"))


def test_one_rule_for_credit() -> None:
    assert credit_available(LIMITED) == usd("20")
    assert credit_available(LIMITED, unposted=usd("15")) == usd("5")
    check_credit(LIMITED, usd("5"), unposted=usd("15"))
    with pytest.raises(CreditLimitExceeded) as caught:
        check_credit(LIMITED, usd("10"), unposted=usd("15"))
    assert caught.value.details["available"] == "5.00"


def test_no_limit_and_unknown_balance_are_different() -> None:
    check_credit(replace(LIMITED, credit_limit=None), usd("1000000"))
    unknown = replace(LIMITED, balance=None)
    assert credit_available(unknown) == usd("0")
    with pytest.raises(CreditLimitExceeded):
        check_credit(unknown, usd("0.01"))


def test_credit_is_in_the_limits_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        check_credit(LIMITED, Money(1, "ZIG"))


def test_frozen_partners() -> None:
    assert check_active(LIMITED) is LIMITED
    with pytest.raises(PartnerInactive):
        check_active(replace(LIMITED, is_active=False))
