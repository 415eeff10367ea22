"""Labels: what one unit holds, and barcodes that carry a weight or a price."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.barcode import PriceEmbedded, WeightEmbedded, parse_scan
from pos_app.domain.item import Item
from pos_app.domain.label import (
    Facts,
    LabelCause,
    LabelImpossible,
    cause_of,
    content_of,
    embedded,
    per_measure,
)

STEAK = Item("2001", "Beef rump steak", "kg", 3, "A", is_weighed=True, barcodes=("00042",))
WEIGHT, PRICE = "21IIIIIWWWWWC", "22IIIIIPPPPPC"


@pytest.mark.parametrize(
    ("name", "uom", "content"),
    [
        ("Mazoe Orange Crush 2 l", "each", ("2", "l")),
        ("Gloria Plain Flour 2kg", "each", ("2", "kg")),
        ("Brown bread 700 g", "each", ("0.7", "kg")),
        ("Cola 6 x 330 ml", "each", ("1.98", "l")),
        ("Juice 1,5 LTR", "each", ("1.5", "l")),
        ("Beef rump steak", "kg", ("1", "kg")),
        ("Candles, box of 6", "each", None),
        ("Rice 2 kg and oil 750 ml", "each", None),
        ("Battery 9 V", "each", None),
        ("Water 0 l", "each", None),
        ("Galaxy 5 glasses", "each", None),
    ],
)
def test_what_one_unit_holds(name: str, uom: str, content: tuple[str, str] | None) -> None:
    found = content_of(Item("X", name, uom, 0, "A"))
    assert found == (None if content is None else (Decimal(content[0]), content[1]))


def test_the_price_of_a_measure_is_to_the_cent() -> None:
    assert per_measure(Decimal("1.00"), Decimal("0.7")) == Decimal("1.43")


@given(st.integers(min_value=1, max_value=99_999))
def test_a_weight_that_is_printed_is_the_weight_that_is_scanned(grams: int) -> None:
    weight = Decimal(grams).scaleb(-3)
    code = embedded(STEAK, (WEIGHT, PRICE), weight=weight, price=Decimal(1))
    assert parse_scan(code, (WEIGHT, PRICE)) == WeightEmbedded("00042", weight, code)


@given(st.integers(min_value=1, max_value=99_999))
def test_a_price_that_is_printed_is_the_price_that_is_scanned(cents: int) -> None:
    price = Decimal(cents).scaleb(-2)
    code = embedded(STEAK, (PRICE,), weight=Decimal(1), price=price)
    assert parse_scan(code, (PRICE,)) == PriceEmbedded("00042", price, code)


def test_what_no_mask_can_carry_is_refused() -> None:
    with pytest.raises(LabelImpossible):
        embedded(STEAK, (), weight=Decimal(1), price=Decimal(1))
    with pytest.raises(LabelImpossible):
        embedded(STEAK, (WEIGHT,), weight=Decimal(100), price=Decimal(1))
    with pytest.raises(LabelImpossible):
        embedded(STEAK, (WEIGHT,), weight=Decimal("0.0005"), price=Decimal(1))
    with pytest.raises(LabelImpossible):
        embedded(Item("BEEF", "Beef", "kg", 3, "A"), (WEIGHT,), weight=Decimal(1), price=Decimal(1))


def test_a_weight_too_heavy_for_one_mask_goes_by_price() -> None:
    code = embedded(STEAK, (WEIGHT, PRICE), weight=Decimal(120), price=Decimal("999.99"))
    assert code.startswith("22")


def test_why_a_label_changes() -> None:
    now = Facts(name="Bread", uom="each", barcode="1", prices={"USD": "1"})
    dearer = Facts(name="Bread", uom="each", barcode="1", prices={"USD": "1.1"})
    renamed = Facts(name="Brown bread", uom="each", barcode="1", prices={"USD": "1"})
    assert cause_of(None, now) is LabelCause.NEW
    assert cause_of(now, dearer) is LabelCause.PRICE
    assert cause_of(now, renamed) is LabelCause.TEXT
    assert Facts.from_json(now.to_json()) == now
