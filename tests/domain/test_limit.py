from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pos_app.domain.limit import (
    UNITS,
    Approval,
    ApprovalMismatch,
    ApprovalNeeded,
    ApproverNotAllowed,
    Limit,
    ReasonMissing,
    Rule,
    allowed,
    approve,
    check,
)
from pos_app.domain.permission import Actor, effective

AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
LIMITS = (
    Limit(Rule.LINE_DISCOUNT, "Cashier", Decimal(5)),
    Limit(Rule.LINE_DISCOUNT, "Manager", Decimal(30)),
    Limit(Rule.REFUND, "Cashier", Decimal(20), "USD"),
    Limit(Rule.REFUND, "Cashier", Decimal(500), "ZIG"),
    Limit(Rule.REFUND, "Manager", None),
    Limit(Rule.QUANTITY, "Cashier", Decimal(99)),
)
CASHIER = Actor("u1", "rudo", "Cashier", effective("Cashier"))
MANAGER = Actor("u2", "farai", "Manager", effective("Manager"))
ADMIN = Actor("u3", "root", "Admin", effective("Admin"))


def ask(
    asked: str, *, rule: Rule = Rule.LINE_DISCOUNT, currency: str = "", **facts: object
) -> Approval | None:
    known: dict[str, object] = {"role": "Cashier", "limits": LIMITS, "sale_id": "s1"}
    return check(rule, Decimal(asked), currency=currency, **(known | facts))  # type: ignore[arg-type]


def yes(asked: str, *, approver: Actor = MANAGER, rule: Rule = Rule.LINE_DISCOUNT) -> Approval:
    return approve(
        rule,
        Decimal(asked),
        approver=approver,
        cashier=CASHIER,
        limits=LIMITS,
        sale_id="s1",
        reason=" damaged ",
        at=AT,
    )


def test_within_the_limit_nobody_is_asked() -> None:
    assert ask("5") is None
    assert ask("99", rule=Rule.QUANTITY) is None
    assert ask("10000", role="Admin") is None
    assert ask("100000", rule=Rule.REFUND, role="Manager", currency="USD") is None


def test_above_it_somebody_must_approve() -> None:
    with pytest.raises(ApprovalNeeded) as caught:
        ask("10")
    assert caught.value.details == {
        "rule": "discount.line", "asked": "10", "allowed": "5", "unit": "%",
    }  # fmt: skip
    assert "10 % is above your limit of 5 %" in caught.value.sentence
    with pytest.raises(ApprovalNeeded) as caught:
        ask("20.01", rule=Rule.REFUND, currency="USD")
    assert "20.01 USD is above your limit of 20 USD" in caught.value.sentence
    with pytest.raises(ApprovalNeeded) as caught:
        ask("100", rule=Rule.QUANTITY)
    assert "100 is above your limit of 99" in caught.value.sentence


def test_limits_of_amounts_count_in_their_currency() -> None:
    assert ask("400", rule=Rule.REFUND, currency="ZIG") is None
    with pytest.raises(ApprovalNeeded):
        ask("400", rule=Rule.REFUND, currency="USD")


def test_what_is_not_set_is_not_allowed() -> None:
    assert allowed(Rule.VOID_SALE, "Cashier", limits=LIMITS) == 0
    assert allowed(Rule.VOID_SALE, "Admin", limits=LIMITS) is None
    with pytest.raises(ApprovalNeeded) as caught:
        ask("1", rule=Rule.DRAWER_OPEN)
    assert caught.value.sentence == (
        "Opening the drawer is not yours to do: ask a manager to approve it."
    )
    with pytest.raises(ApprovalNeeded) as caught:
        ask("5.10", rule=Rule.VOID_SALE, currency="USD")
    assert "Cancelling a sale of 5.10 USD is not yours to do" in caught.value.sentence


def test_an_approval_is_for_one_rule_one_amount_one_sale() -> None:
    approval = yes("10")
    assert (approval.approver, approval.reason) == ("farai", "damaged")
    assert ask("10", approval=approval) is approval
    assert ask("4", approval=approval) is None
    for other in (
        replace(approval, rule=Rule.SALE_DISCOUNT),
        replace(approval, amount=Decimal(11)),
        replace(approval, sale_id="s2"),
        replace(approval, currency="USD"),
    ):
        with pytest.raises(ApprovalMismatch):
            ask("10", approval=other)


def test_who_may_approve() -> None:
    with pytest.raises(ApproverNotAllowed, match="own request"):
        yes("10", approver=CASHIER)
    other = replace(CASHIER, user_id="u9", username="tino")
    with pytest.raises(ApproverNotAllowed, match="permission"):
        yes("10", approver=other)
    with pytest.raises(ApproverNotAllowed, match="limit is 30"):
        yes("31", approver=MANAGER)
    assert yes("31", approver=ADMIN).amount == 31
    assert yes("30", approver=MANAGER).amount == 30


def test_an_approval_has_a_reason() -> None:
    with pytest.raises(ReasonMissing):
        approve(
            Rule.LINE_DISCOUNT,
            Decimal(10),
            approver=MANAGER,
            cashier=CASHIER,
            limits=LIMITS,
            sale_id="s1",
            reason="  ",
            at=AT,
        )


@pytest.mark.parametrize("rule", list(Rule))
def test_every_rule_has_a_unit_and_words(rule: Rule) -> None:
    assert rule in UNITS
    with pytest.raises(ApprovalNeeded) as caught:
        ask("1000", rule=rule, limits=(), currency="USD")
    assert caught.value.sentence.endswith("ask a manager to approve it.")
    with pytest.raises(ApprovalMismatch) as mismatch:
        ask("1000", rule=rule, limits=(), currency="USD", approval=yes("1"))
    assert mismatch.value.details == {"rule": rule.value}
