"""A shift on paper: the figures of the books, blind where the count is, COPY the second time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pos_app.domain.money import Money
from pos_app.domain.permission import Permission
from pos_app.domain.shift import MovementKind, parse_counts
from pos_app.services import shift, shift_paper
from pos_app.services.fiscal_paper import PrinterMissing
from pos_app.store.engine import Store
from tests import shops
from tests.counter import Counter, counter


@pytest.fixture
def till(store: Store) -> Counter:
    return counter(store)


def papers(till: Counter, word: str) -> list[str]:
    while till.print().done:
        pass
    return [text for text in till.papers() if word in text]


def amount_of(text: str, name: str) -> Decimal:
    (line,) = [line for line in text.splitlines() if line.strip().startswith(name)]
    return Decimal(line.split()[-1])


def test_the_close_says_what_the_books_say(till: Counter) -> None:
    shop, actor = till.shop, shops.actor()
    opened = shift.current(shop)
    assert opened is not None
    posted = till.sell("MILK", "BREAD", amount="20.00")
    shift.move(shop, actor, MovementKind.PAID_OUT, Money.of("1.00", "USD"), reason="Ice")
    shift.move(shop, actor, MovementKind.LOAN, Money.of("5.00", "USD"), reason="Change")
    closed = shift.close_shift(shop, actor, parse_counts("USD:20=2,USD:1=3"))
    shift_paper.print_shift(shop, actor, opened.id)
    shift_paper.print_shift(shop, actor, opened.id)
    first, second = papers(till, "SHIFT CLOSE")
    assert "COPY" not in first
    assert "*** COPY 1 ***" in second
    (cash,) = [
        row for row in closed.balances if row.currency == "USD" and row.tender_type == "cash"
    ]
    assert cash.counted is not None
    usd = first.split("TENDERS")[1].split("\nUSD")[1].split("\nZIG")[0]
    assert amount_of(usd, "Expected") == cash.expected.amount
    assert amount_of(usd, "Counted") == cash.counted.amount == Decimal("43.00")
    assert "20 x 2" in usd
    assert "1 x 3" in usd
    assert amount_of(usd, "Cash taken") == Decimal("20.00")
    assert amount_of(usd, "Change given") == posted.total.amount - Decimal("20.00")
    assert amount_of(usd, "Paid out") == Decimal("-1.00")
    assert amount_of(usd, "From the safe") == Decimal("5.00")
    told = sum(
        (
            amount_of(usd, name)
            for name in ("Float", "Cash taken", "Change given", "Paid out", "From the safe")
            if name in usd
        ),
        Decimal(0),
    )
    assert told == cash.expected.amount
    assert amount_of(first, "Sales USD (1)") == posted.total.amount


def test_an_x_stays_blind_for_who_may_not_see_the_drawer(till: Counter) -> None:
    shop = till.shop
    opened = shift.current(shop)
    assert opened is not None
    till.sell("MILK")
    assert not shops.actor().may(Permission.SALE_APPROVE)
    shift_paper.print_shift(shop, shops.actor(), opened.id)
    shift_paper.print_shift(shop, shops.actor("manager"), opened.id)
    hidden, shown = papers(till, "SHIFT X REPORT")
    assert "Expected" not in hidden
    assert "Sales USD (1)" in hidden
    assert "Expected" in shown
    assert "not counted" in shown
    assert "COPY" not in hidden + shown


def test_cash_that_moves_gets_a_slip(till: Counter) -> None:
    money = Money.of("800.00", "USD")
    reason = "Over the limit \x1bp\x00 \u202e"
    shift_paper.print_move(till.shop, shops.actor(), MovementKind.PICKUP, money, reason=reason)
    (slip,) = papers(till, "CASH PICKUP")
    assert "800.00" in slip
    assert "Over the limit p" in slip
    assert slip.count("____") >= 2


def test_a_till_without_a_printer_says_so(till: Counter) -> None:
    shop = replace(till.shop, rules=replace(till.shop.rules, printers=()))
    opened = shift.current(shop)
    assert opened is not None
    with pytest.raises(PrinterMissing):
        shift_paper.print_shift(shop, shops.actor(), opened.id)
    money = Money.of("1.00", "USD")
    made = shift_paper.print_move(shop, shops.actor(), MovementKind.PICKUP, money, reason="x")
    assert made is None
