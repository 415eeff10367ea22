from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.currency import Rate
from pos_app.domain.money import Money
from pos_app.domain.move import MoveRefused
from pos_app.domain.partner import Partner
from pos_app.domain.quantity import QuantityInvalid
from pos_app.domain.sale import (
    LineUnknown,
    Sale,
    SaleClosed,
    SaleEmpty,
    SaleFull,
    SaleLine,
    SaleState,
)
from pos_app.domain.sale_rule import (
    DiscountInvalid,
    LineNumberTaken,
    LineWorthless,
    PriceBasisMismatch,
)

MakeLine = Callable[..., SaleLine]
MakeSale = Callable[..., Sale]

# (price, quantity, discount, amount): the device multiplies the same way
AMOUNTS = [
    ("7.22", "17", "0", "122.74"),
    ("7.217", "20", "0", "144.34"),
    ("7.22", "20", "0", "144.40"),
    ("1.005", "2", "0", "2.01"),
    ("1.005", "1", "0", "1.01"),
    ("19.99", "3", "0", "59.97"),
    ("5000", "0.555", "0", "2775.00"),
    ("1.99", "100", "0", "199.00"),
    ("3.45", "1.234", "0", "4.26"),
    ("0.333333", "3", "0", "1.00"),
    ("9.99", "1", "33.33", "6.66"),
    ("24.99", "100", "5", "2374.05"),
    ("3.50", "1", "5.714286", "3.30"),
    ("999999.999999", "1000000", "0", "999999999999.00"),
]


@pytest.mark.parametrize(("price", "quantity", "discount", "amount"), AMOUNTS)
def test_line_amounts(
    make_line: MakeLine, price: str, quantity: str, discount: str, amount: str
) -> None:
    line = make_line(price, quantity, discount=discount)
    assert str(line.amount) == amount
    assert line.discount == line.full_amount - line.amount


def test_l10_a_mixed_basket_adds_up(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(
        make_line("1.50", "2", discount="10"),
        make_line("0.99", group="zero"),
        make_line("5.00", group="exempt"),
    )
    assert [str(row.gross) for row in sale.taxes] == ["5.00", "0.99", "2.70"]
    assert (str(sale.total), str(sale.vat), str(sale.net)) == ("8.69", "0.36", "8.33")
    assert [(str(row.net), str(row.vat), str(row.gross)) for row in sale.lines_with_tax] == [
        ("2.34", "0.36", "2.70"),
        ("0.99", "0.00", "0.99"),
        ("5.00", "0.00", "5.00"),
    ]


def test_l10_net_list_puts_vat_on_top_once_per_group(
    make_line: MakeLine, make_sale: MakeSale
) -> None:
    sale = make_sale(
        make_line("25.99", "10", is_gross=False), make_line("0.03", is_gross=False), is_gross=False
    )
    assert (str(sale.net), str(sale.vat), str(sale.total)) == ("259.93", "40.29", "300.22")
    shares = sale.lines_with_tax
    assert [str(row.net) for row in shares] == ["259.90", "0.03"]
    assert sum(row.gross.minor for row in shares) == sale.total.minor


def test_an_empty_sale_is_zero(make_sale: MakeSale) -> None:
    sale = make_sale()
    assert sale.total == sale.vat == sale.net == Money.zero("USD")
    assert sale.taxes == ()
    assert sale.lines_with_tax == ()
    assert sale.last_line is None
    assert sale.is_empty


def test_lines_keep_their_numbers(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line(), make_line("2.00"), make_line("3.00"))
    assert [line.number for line in sale.lines] == [1, 2, 3]
    shorter = sale.without_line(3).without_line(1)
    assert [line.number for line in shorter.lines] == [2]
    assert [line.number for line in shorter.with_line(make_line()).lines] == [2, 4]
    assert [line.number for line in shorter.with_line(make_line()).renumbered().lines] == [1, 2]
    assert sale.renumbered() is sale
    assert len(sale.lines) == 3, "a snapshot never changes"
    last = sale.last_line
    assert last is not None
    assert last.number == 3
    with pytest.raises(LineUnknown):
        shorter.line(1)
    with pytest.raises(LineUnknown):
        shorter.without_line(1)


def test_a_given_number_is_kept_but_never_doubled(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line(number=7), make_line())
    assert [line.number for line in sale.lines] == [7, 8]
    with pytest.raises(LineNumberTaken):
        sale.with_line(make_line(number=7))


def test_quantity_may_bring_another_price(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line("3.40"))
    cheaper = replace(sale.lines[0].quote, unit_price=Decimal("3.00"), rule="special")
    assert str(sale.with_quantity(1, Decimal(10)).total) == "34.00"
    assert str(sale.with_quantity(1, Decimal(10), quote=cheaper).total) == "30.00"
    assert str(sale.with_quantity(1, Decimal("2.000")).lines[0].quantity) == "2"


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "1.5"])
def test_impossible_quantities(make_line: MakeLine, make_sale: MakeSale, quantity: str) -> None:
    with pytest.raises(QuantityInvalid):
        make_sale(make_line("1.00", quantity, decimals=0))
    sale = make_sale(make_line("1.00", decimals=0))
    with pytest.raises(QuantityInvalid):
        sale.with_quantity(1, Decimal(quantity))


def test_discount_on_a_line_and_on_the_sale(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line("10.00"), make_line("20.00"))
    assert str(sale.with_discount(2, Decimal(10)).total) == "28.00"
    whole = sale.with_discount(2, Decimal(50)).with_discount(None, Decimal(10))
    assert str(whole.total) == "27.00"
    later = whole.with_line(make_line("10.00"))
    assert str(later.total) == "36.00"
    own = later.with_line(make_line("10.00", discount="50"))
    assert str(own.total) == "41.00"
    assert str(whole.with_discount(1, Decimal(0)).total) == "28.00"
    assert str(whole.with_discount(None, Decimal(0)).total) == "30.00"


@pytest.mark.parametrize("percent", ["-1", "100.01", "NaN", "Infinity"])
def test_impossible_discounts(make_line: MakeLine, make_sale: MakeSale, percent: str) -> None:
    sale = make_sale(make_line())
    with pytest.raises(DiscountInvalid):
        sale.with_discount(1, Decimal(percent))
    with pytest.raises(DiscountInvalid):
        sale.with_discount(None, Decimal(percent))


def test_nothing_is_given_away_by_accident(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line("1.00"))
    with pytest.raises(LineWorthless):
        sale.with_discount(1, Decimal(100))
    with pytest.raises(LineWorthless):
        make_sale(make_line("0"))
    with pytest.raises(LineWorthless):
        make_sale(make_line("1.00", "0.004"))
    assert str(make_sale(make_line("0.01")).total) == "0.01"
    free = make_sale(make_line("0", is_free=True), make_line("1.00"))
    assert str(free.total) == "1.00"
    assert [str(row.gross) for row in free.lines_with_tax] == ["0.00", "1.00"]
    assert str(make_sale(make_line("0", is_free=True)).lines_with_tax[0].gross) == "0.00"


def test_one_currency_and_one_kind_of_list(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line())
    with pytest.raises(PriceBasisMismatch):
        sale.with_line(make_line(currency="ZIG"))
    with pytest.raises(PriceBasisMismatch):
        sale.with_line(make_line(is_gross=False))
    with pytest.raises(PriceBasisMismatch):
        sale.with_quote(1, make_line(currency="ZIG").quote)


def test_another_partner_brings_other_prices(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line("3.50"), make_line("1.00"))
    partner = Partner("C1", "Tariro Stores", "RETAIL", "USD")
    quote = replace(sale.lines[0].quote, unit_price=Decimal("3.30"), rule="special")
    changed = sale.with_partner(partner, quotes={1: quote})
    assert changed.partner is partner
    assert str(changed.total) == "4.30"
    assert sale.with_partner(partner).total == sale.total
    with pytest.raises(LineUnknown):
        sale.with_partner(partner, quotes={9: quote})


def test_batch_price_and_rate_of_a_sale(
    make_line: MakeLine, make_sale: MakeSale, rate: Rate
) -> None:
    sale = make_sale(make_line("3.50"))
    assert sale.with_batch(1, "B1").lines[0].batch == "B1"
    override = replace(sale.lines[0].quote, unit_price=Decimal(3), rule="override")
    assert str(sale.with_quote(1, override).total) == "3.00"
    assert sale.with_rate(rate).rate is rate


def test_a_sale_is_full_at_500_lines(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(*[make_line("1.00")] * 500)
    assert str(sale.total) == "500.00"
    with pytest.raises(SaleFull):
        sale.with_line(make_line())


def test_states_and_moves(make_line: MakeLine, make_sale: MakeSale) -> None:
    sale = make_sale(make_line())
    held = sale.moved(SaleState.HELD)
    posted = held.moved(SaleState.OPEN).moved(SaleState.POSTED)
    assert sale.moved(SaleState.VOIDED).state is SaleState.VOIDED
    for state in SaleState:
        with pytest.raises(MoveRefused):
            posted.moved(state)
    with pytest.raises(MoveRefused):
        held.moved(SaleState.POSTED)
    with pytest.raises(SaleEmpty):
        make_sale().moved(SaleState.POSTED)
    with pytest.raises(SaleEmpty):
        make_sale().moved(SaleState.HELD)
    assert make_sale().moved(SaleState.VOIDED).is_empty


def test_only_an_open_sale_changes(make_line: MakeLine, make_sale: MakeSale, rate: Rate) -> None:
    held = make_sale(make_line()).moved(SaleState.HELD)
    quote = held.lines[0].quote
    changes: tuple[Callable[[], Sale], ...] = (
        lambda: held.with_line(make_line()),
        lambda: held.with_quantity(1, Decimal(2)),
        lambda: held.with_discount(1, Decimal(2)),
        lambda: held.with_discount(None, Decimal(2)),
        lambda: held.with_quote(1, quote),
        lambda: held.with_batch(1, "B"),
        lambda: held.without_line(1),
        lambda: held.with_partner(None),
        lambda: held.with_rate(rate),
    )
    for change in changes:
        with pytest.raises(SaleClosed):
            change()


lines_of = st.lists(
    st.tuples(
        st.decimals(min_value="0.05", max_value="9999", places=6),
        st.decimals(min_value="0.5", max_value="99", places=3),
        st.sampled_from(["standard", "zero", "exempt"]),
        st.decimals(min_value=0, max_value=60, places=6),
    ),
    min_size=1,
    max_size=12,
)


@given(lines_of, st.booleans())
def test_l11_every_figure_agrees_to_the_cent(
    make_line: MakeLine,
    make_sale: MakeSale,
    rows: list[tuple[Decimal, Decimal, str, Decimal]],
    is_gross: bool,
) -> None:
    sale = make_sale(
        *(
            make_line(str(price), str(quantity), group=group, discount=str(off), is_gross=is_gross)
            for price, quantity, group, off in rows
        ),
        is_gross=is_gross,
    )
    shares = sale.lines_with_tax
    assert sale.net + sale.vat == sale.total
    for name in ("net", "vat", "gross"):
        by_line = sum(getattr(row, name).minor for row in shares)
        by_group = sum(getattr(row, name).minor for row in sale.taxes)
        assert by_line == by_group == getattr(sale, "total" if name == "gross" else name).minor
    for row in shares:
        assert row.net + row.vat == row.gross
        assert row.vat.minor >= 0
        assert row.line.amount == (row.gross if is_gross else row.net)
    assert [row.line for row in shares] == list(sale.lines)


def test_adding_to_a_long_basket_takes_microseconds(
    make_line: MakeLine, make_sale: MakeSale
) -> None:
    sale = make_sale(*[make_line(f"{n + 1}.99") for n in range(60)])
    assert sale.total.minor
    line = make_line("1.99")
    best = 1.0
    for _ in range(50):
        started = perf_counter()
        longer = sale.with_line(line)
        assert longer.total.minor
        best = min(best, perf_counter() - started)
    assert best < 0.000_5
