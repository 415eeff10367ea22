from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.currency import Rate, RateMissing
from pos_app.domain.money import Money
from pos_app.domain.tender import (
    ChangeNotPossible,
    Settlement,
    Tender,
    TenderInvalid,
    TenderTable,
    TenderTooHigh,
    TenderTooLow,
    TenderType,
    UnmappedTender,
    amount_due_in,
    settle,
)

Types = Mapping[str, TenderType]


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def zig(amount: str) -> Money:
    return Money.of(amount, "ZIG")


def figures(settlement: Settlement) -> list[tuple[str, str]]:
    return [(row.settled.label, row.in_document.label) for row in settlement.settled]


def change(settlement: Settlement) -> list[str]:
    return [money.label for money in settlement.change]


def test_tendered_change_and_settled_stay_apart(tender_types: Types) -> None:
    paid = settle(usd("7.30"), [Tender(tender_types["cash"], usd("10"))])
    assert figures(paid) == [("7.30 USD", "7.30 USD")]
    assert change(paid) == ["2.70 USD"]
    assert paid.paid_in("USD") == usd("10")
    assert paid.opens_drawer


def test_change_of_one_cent(tender_types: Types) -> None:
    paid = settle(usd("7.30"), [Tender(tender_types["cash"], usd("7.31"))])
    assert change(paid) == ["0.01 USD"]


def test_exact_cash_has_no_change(tender_types: Types) -> None:
    paid = settle(usd("7.30"), [Tender(tender_types["cash"], usd("7.30"))])
    assert change(paid) == []
    assert paid.opens_drawer


def test_card_then_cash_in_two_currencies(tender_types: Types, rate: Rate) -> None:
    paid = settle(
        usd("25.99"),
        [
            Tender(tender_types["cash"], usd("20")),
            Tender(tender_types["ecocash"], zig("120"), "MP1"),
            Tender(tender_types["cash"], zig("50")),
        ],
        rate=rate,
    )
    assert figures(paid) == [
        ("20.00 USD", "20.00 USD"),
        ("120.00 ZIG", "4.66 USD"),
        ("34.25 ZIG", "1.33 USD"),
    ]
    assert change(paid) == ["15.75 ZIG"]
    assert paid.paid_in("ZIG") == zig("170")
    assert paid.paid_in("EUR").is_zero


def test_card_alone_leaves_the_drawer_shut(tender_types: Types) -> None:
    paid = settle(usd("5"), [Tender(tender_types["card"], usd("5"))])
    assert not paid.opens_drawer


def test_what_is_due_in_the_other_currency_is_enough(tender_types: Types, rate: Rate) -> None:
    due = zig("10.00")
    assert amount_due_in(due, "USD", rate) == usd("0.39")
    paid = settle(due, [Tender(tender_types["card"], usd("0.39"))], rate=rate)
    assert figures(paid) == [("0.39 USD", "10.00 ZIG")]
    with pytest.raises(TenderTooLow):
        settle(due, [Tender(tender_types["card"], usd("0.38"))], rate=rate)
    with pytest.raises(TenderTooHigh):
        settle(due, [Tender(tender_types["card"], usd("0.40"))], rate=rate)


def test_too_low_says_what_is_missing(tender_types: Types) -> None:
    with pytest.raises(TenderTooLow) as caught:
        settle(usd("7.30"), [Tender(tender_types["cash"], usd("7.29"))])
    assert caught.value.details == {"due": "7.30", "missing": "0.01", "currency": "USD"}
    with pytest.raises(TenderTooLow):
        settle(usd("7.30"), [])


def test_only_cash_may_exceed_what_is_due(tender_types: Types) -> None:
    card, cash = tender_types["card"], tender_types["cash"]
    with pytest.raises(TenderTooHigh):
        settle(usd("7.30"), [Tender(card, usd("7.31"))])
    with pytest.raises(TenderTooHigh):
        settle(usd("7.30"), [Tender(card, usd("5")), Tender(card, usd("5"))])
    with pytest.raises(TenderTooHigh):
        settle(usd("7.30"), [Tender(cash, usd("10")), Tender(cash, usd("1"))])
    with pytest.raises(TenderTooHigh):
        settle(usd("0"), [Tender(cash, usd("1"))])
    paid = settle(usd("7.30"), [Tender(cash, usd("5")), Tender(card, usd("5"))])
    assert figures(paid) == [("2.30 USD", "2.30 USD"), ("5.00 USD", "5.00 USD")]
    assert change(paid) == ["2.70 USD"]


def test_nothing_due_needs_no_tender() -> None:
    assert settle(usd("0"), []) == Settlement(usd("0"), ())


def test_change_comes_from_what_the_drawer_holds(tender_types: Types, rate: Rate) -> None:
    tenders = [Tender(tender_types["cash"], usd("10"))]
    drawer = {"USD": usd("2"), "ZIG": zig("100")}
    paid = settle(usd("7.30"), tenders, rate=rate, drawer=drawer)
    assert change(paid) == ["2.00 USD", "18.03 ZIG"]
    assert figures(paid) == [("7.30 USD", "7.30 USD")]
    paid = settle(usd("7.30"), tenders, rate=rate, drawer={"ZIG": zig("100")})
    assert change(paid) == ["69.53 ZIG"]
    with pytest.raises(ChangeNotPossible) as caught:
        settle(usd("7.30"), tenders, rate=rate, drawer={"USD": usd("2"), "ZIG": zig("18")})
    assert caught.value.details["missing"] == "0.03"
    with pytest.raises(ChangeNotPossible):
        settle(usd("7.30"), tenders, rate=rate, drawer={})
    with pytest.raises(ChangeNotPossible):
        settle(usd("7.30"), tenders, drawer={"USD": usd("2"), "ZIG": zig("100")})


def test_change_in_the_currency_the_customer_wants(tender_types: Types, rate: Rate) -> None:
    cash = tender_types["cash"]
    paid = settle(usd("7.30"), [Tender(cash, usd("10"))], rate=rate, change_currency="ZIG")
    assert change(paid) == ["69.53 ZIG"]
    assert figures(paid) == [("7.30 USD", "7.30 USD")]
    paid = settle(zig("100"), [Tender(cash, usd("5"))], rate=rate, change_currency="ZIG")
    assert change(paid) == ["28.75 ZIG"]
    assert figures(paid) == [("3.88 USD", "100.00 ZIG")]
    with pytest.raises(RateMissing):
        settle(usd("7.30"), [Tender(cash, usd("10"))], change_currency="ZIG")


def test_change_in_whole_pieces_and_the_rest_in_the_other_currency(
    tender_types: Types, rate: Rate
) -> None:
    paid = settle(
        usd("25.99"),
        [Tender(tender_types["cash"], usd("50"))],
        rate=rate,
        smallest={"USD": usd("1")},
    )
    assert change(paid) == ["24.00 USD", "0.26 ZIG"]


def test_a_rest_below_the_other_currencys_cent_is_let_go(tender_types: Types, rate: Rate) -> None:
    paid = settle(
        zig("10.00"),
        [Tender(tender_types["cash"], zig("10.01"))],
        rate=rate,
        drawer={"USD": usd("5")},
    )
    assert change(paid) == []


@pytest.mark.parametrize(
    ("kind", "amount", "reference", "why"),
    [
        ("usd_only", zig("1"), "", "takes USD, not ZIG"),
        ("cash", usd("0"), "", "not above zero"),
        ("cash", usd("-1"), "", "not above zero"),
        ("ecocash", usd("1"), "  ", "needs the reference"),
        ("ecocash", usd("1"), "x" * 101, "too long"),
        ("ecocash", usd("1"), "MP\x1b1", "unreadable"),
    ],
)
def test_tenders_that_cannot_be_taken(
    tender_types: Types, kind: str, amount: Money, reference: str, why: str
) -> None:
    with pytest.raises(TenderInvalid) as caught:
        settle(usd("5"), [Tender(tender_types[kind], amount, reference)])
    assert why in caught.value.sentence


def test_one_confirmation_pays_once(tender_types: Types) -> None:
    twice = [Tender(tender_types["ecocash"], usd("1"), reference) for reference in ("mp1 ", "MP1")]
    with pytest.raises(TenderInvalid):
        settle(usd("2"), twice)


def test_a_tender_worth_nothing_is_refused(tender_types: Types, rate: Rate) -> None:
    with pytest.raises(TenderInvalid):
        settle(usd("5"), [Tender(tender_types["cash"], zig("0.01"))], rate=rate)


def test_a_second_currency_needs_a_rate(tender_types: Types) -> None:
    with pytest.raises(RateMissing):
        settle(usd("5"), [Tender(tender_types["cash"], zig("500"))])


def test_table_of_tenders(tender_types: Types) -> None:
    table = TenderTable(tuple(tender_types.values()))
    assert table.get(" Cash ") is tender_types["cash"]
    with pytest.raises(UnmappedTender):
        table.get("bitcoin")


@pytest.mark.parametrize(("money_type", "means"), [(7, "cash"), (-1, "cash"), (0, "gold")])
def test_types_must_be_known_to_the_neighbours(money_type: int, means: str) -> None:
    with pytest.raises(TenderInvalid):
        TenderType("x", "X", money_type, means, ("USD",))


amounts = st.integers(1, 50_000)
small = st.integers(1, 3_000)
offers = st.lists(
    st.tuples(st.sampled_from(["cash", "card"]), st.sampled_from(["USD", "ZIG"]), small),
    max_size=3,
)


@given(
    asked=st.tuples(st.integers(1, 60_000), st.sampled_from(["USD", "ZIG"])),
    offered=offers,
    micro=st.integers(100_000, 60_000_000),
    held=st.none() | st.fixed_dictionaries({"USD": amounts, "ZIG": amounts}),
    change_currency=st.sampled_from([None, "USD", "ZIG"]),
)
def test_whatever_is_offered_adds_up_or_is_refused(
    tender_types: Types,
    asked: tuple[int, str],
    offered: list[tuple[str, str, int]],
    *,
    micro: int,
    held: dict[str, int] | None,
    change_currency: str | None,
) -> None:
    minor, currency = asked
    due = Money(*asked)
    rate = Rate("USD", "ZIG", Decimal(micro).scaleb(-6), datetime(2026, 9, 1, tzinfo=UTC))
    drawer = None if held is None else {code: Money(some, code) for code, some in held.items()}
    cash = tender_types["cash"]
    tenders = [Tender(tender_types[kind], Money(some, code)) for kind, code, some in offered]
    tenders.append(Tender(cash, amount_due_in(due, "ZIG", rate) + zig("5")))
    try:
        paid = settle(due, tenders, rate=rate, drawer=drawer, change_currency=change_currency)
    except (TenderTooLow, TenderTooHigh, TenderInvalid, ChangeNotPossible):
        return
    assert sum(row.in_document.minor for row in paid.settled) == due.minor
    assert [row.tender for row in paid.settled] == tenders
    for row in paid.settled:
        assert Money.zero(row.settled.currency) <= row.settled <= row.tender.money
        assert row.tender.type.gives_change or row.settled == row.tender.money
    given_back = {money.currency: money for money in paid.change}
    assert len(given_back) == len(paid.change)
    for code, money in given_back.items():
        assert money.minor > 0
        assert drawer is None or money <= drawer[code]
    cent = max(Decimal(1), rate.rate, 1 / rate.rate)
    worth = Decimal(0)
    flows = [(1, tender.money) for tender in tenders] + [(-1, money) for money in paid.change]
    for sign, flow in flows:
        exact = Decimal(flow.minor)
        if flow.currency != currency:
            exact = exact / rate.rate if currency == "USD" else exact * rate.rate
        worth += sign * exact
    assert abs(worth - minor) <= 2 * cent, "nobody gains or loses more than rounding"


@given(st.integers(1, 10**7), st.integers(1, 10**9), st.sampled_from(["USD", "ZIG"]))
def test_paying_the_amount_due_always_suffices(
    tender_types: Types, minor: int, micro: int, currency: str
) -> None:
    rate = Rate("USD", "ZIG", Decimal(micro).scaleb(-6), datetime(2026, 9, 1, tzinfo=UTC))
    due = Money(minor, currency)
    other = "ZIG" if currency == "USD" else "USD"
    enough = amount_due_in(due, other, rate)
    paid = settle(due, [Tender(tender_types["card"], enough)], rate=rate)
    assert paid.settled[0].in_document == due
    assert paid.change == ()
