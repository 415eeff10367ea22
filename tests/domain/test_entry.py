from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.entry import (
    Code,
    Correct,
    Entry,
    EntryInvalid,
    NextQuantity,
    Nothing,
    Quick,
    Repeat,
    Search,
    SetQuantity,
    parse_entry,
)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("", Nothing()),
        ("   ", Nothing()),
        ("6001234567899", Code("6001234567899")),
        (" PRD-001 ", Code("PRD-001")),
        ("-1", Code("-1")),
        ("010600\x1d10AB", Code("010600\x1d10AB")),
        ("3*", NextQuantity(Decimal(3))),
        ("1.5*", NextQuantity(Decimal("1.5"))),
        (".5*", NextQuantity(Decimal("0.5"))),
        ("3*6001234567899", Code("6001234567899", Decimal(3))),
        ("3 * 600", Code("3 * 600")),
        ("3* 600", Code("600", Decimal(3))),
        ("0.250*MEAT", Code("MEAT", Decimal("0.25"))),
        ("A*B", Code("A*B")),
        ("*5", SetQuantity(Decimal(5))),
        ("* 2.5", SetQuantity(Decimal("2.5"))),
        ("/milk", Search("milk")),
        ("/", Search("")),
        ("2*/long life", Search("long life", Decimal(2))),
        ("-", Correct()),
        ("2-", Correct(2)),
        ("12-", Correct(12)),
        ("!", Repeat()),
        ("3*!", Repeat(Decimal(3))),
        ("@4", Quick(4)),
        ("@", Code("@")),
        ("50% [/] off", Code("50% [/] off")),
        ("x" * 200, Code("x" * 200)),
    ],
)
def test_what_a_cashier_types(text: str, entry: Entry) -> None:
    assert parse_entry(text) == entry


@pytest.mark.parametrize(
    "text",
    ["*", "**", "*x", "*0", "0*", "0*600", "3*4*", "3*4*600", "3**", "0-", "00-", "3*-", "3*2-",
     "3*@1", "a\x00b", "a\nb", "x" * 201, "*1e3", "*-1", "1.1234567*", "6001234567899*2",
     "1..2*", ".*", "*\u0663"],
)  # fmt: skip
def test_what_cannot_be_understood(text: str) -> None:
    with pytest.raises(EntryInvalid) as caught:
        parse_entry(text)
    assert len(caught.value.sentence) < 200


@given(st.text(max_size=30) | st.text("0123456789*-/!@. ", max_size=12))
def test_every_text_is_an_entry_or_a_clear_refusal(text: str) -> None:
    try:
        entry = parse_entry(text)
    except EntryInvalid:
        assert text.strip()
        return
    quantity = getattr(entry, "quantity", None)
    assert quantity is None or quantity > 0
    assert isinstance(entry, Entry)
