"""Setting text in columns: words and amounts stay whole, nothing is too long."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.amount import money, plain_number, price
from printing.clean import clean, columns
from printing.document import Align, Cell, Columns, Row, Rule, Size, Text
from printing.errors import InexactAmount, TooWide
from printing.lines import aligned, lines_of, wrap

WIDTHS = st.sampled_from((24, 32, 42, 48))


def test_breaks_between_words() -> None:
    assert wrap("one two three four", 9) == ["one two", "three", "four"]


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert wrap("a " + "x" * 10, 4) == ["a", "xxxx", "xxxx", "xx"]


def test_nothing_is_still_a_line() -> None:
    assert wrap("   ", 10) == [""]


def test_amount_goes_below_when_it_does_not_fit_beside() -> None:
    block = Columns("Potatoes washed", "1234.50 A")
    assert lines_of(block, 20, clean) == ["Potatoes washed", "           1234.50 A"]


def test_amount_stands_beside_the_last_line_of_the_left() -> None:
    block = Columns("Potatoes washed and sorted", "9.00", indent=2)
    assert lines_of(block, 20, clean) == ["  Potatoes washed", "  and sorted    9.00"]


def test_an_amount_never_touches_what_is_left_of_it() -> None:
    assert lines_of(Columns("abcd", "1.00"), 9, clean) == ["abcd 1.00"]
    assert lines_of(Columns("abcd", "1.00"), 8, clean) == ["abcd", "    1.00"]


def test_an_amount_wider_than_the_paper_is_refused() -> None:
    with pytest.raises(TooWide, match="needs 11 columns, this printer has 10"):
        lines_of(Columns("x", "12345678.90"), 10, clean)


def test_wide_letters_take_two_columns() -> None:
    assert lines_of(Text("abcd efgh", size=Size.WIDE), 16, clean) == ["abcd", "efgh"]


def test_row_refuses_what_does_not_fit() -> None:
    row = Row((Cell("abc", 3), Cell("1.00", 5, Align.RIGHT)))
    assert lines_of(row, 9, clean) == ["abc  1.00"]
    with pytest.raises(TooWide):
        lines_of(row, 8, clean)
    with pytest.raises(TooWide):
        lines_of(Row((Cell("abcd", 3),)), 9, clean)


def test_rule_is_as_wide_as_the_paper() -> None:
    assert lines_of(Rule("*"), 5, clean) == ["*****"]


def test_alignment() -> None:
    assert aligned("ab", Align.CENTRE, 6) == "  ab"
    assert aligned("ab", Align.RIGHT, 6) == "    ab"
    assert aligned("abcdefg", Align.RIGHT, 6) == "abcdefg"


@given(st.text(max_size=120), WIDTHS)
def test_no_line_is_longer_than_the_paper(text: str, width: int) -> None:
    lines = lines_of(Text(text), width, clean)
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


@given(st.text(max_size=80), st.decimals(-999999, 999999, places=2), WIDTHS)
def test_amounts_are_never_broken(text: str, amount: Decimal, width: int) -> None:
    lines = lines_of(Columns(text, money(amount)), width, clean)
    assert lines[-1].removesuffix(money(amount))[-1:] in {" ", ""}
    assert lines[-1].endswith(money(amount))
    assert columns(lines[-1]) == width
    assert all(columns(line) <= width for line in lines)


def test_money_is_cents_exact() -> None:
    assert money(Decimal("1")) == "1.00"
    assert money(Decimal("-0.00")) == "0.00"
    assert money(Decimal("-1.10")) == "-1.10"
    assert money(Decimal("1E+2")) == "100.00"
    for wrong in ("1.005", "NaN", "Infinity"):
        with pytest.raises(InexactAmount):
            money(Decimal(wrong))


def test_prices_and_quantities_keep_their_digits() -> None:
    assert price(Decimal("1.081081")) == "1.081081"
    assert price(Decimal("5")) == "5.00"
    assert price(Decimal("-2.5000")) == "-2.50"
    assert plain_number(Decimal("0.555000")) == "0.555"
    assert plain_number(Decimal("1E+2")) == "100"
    assert plain_number(Decimal("-0.0")) == "0"


def test_clean_drops_what_could_harm() -> None:
    assert clean("a\x1bp\x00b\x9bc") == "apbc"
    assert clean("safe\u202egpj.exe") == "safegpj.exe"
    assert clean("tab\tline\nend") == "tab line end"
    assert clean("\ue000\ud800") == "??"
    assert clean("e\u0301") == "é"
    assert clean("z" + "\u0321" * 20) == "z" + "\u0321" * 3
