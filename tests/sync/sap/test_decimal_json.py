from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sap.decimal_json import dumps, loads

numbers = st.decimals(allow_nan=False, allow_infinity=False, places=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(numbers)
def test_every_digit_survives(number: Decimal) -> None:
    assert dumps([number]) == f"[{number:f}]"
    assert loads(dumps([number])) == [number]


@given(values)
def test_what_is_written_is_json_and_reads_back(value: object) -> None:
    text = dumps(value)
    json.loads(text)
    assert loads(text) == value


def test_no_float_comes_in_or_goes_out() -> None:
    assert type(loads("1.10")) is Decimal
    assert str(loads("1.10")) == "1.10"
    for wrong in (1.5, Decimal("NaN"), Decimal("Infinity"), object()):
        with pytest.raises(TypeError):
            dumps({"Price": wrong})
    with pytest.raises(ValueError, match="NaN"):
        loads("NaN")
