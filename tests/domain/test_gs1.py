from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pos_app.domain.gs1 import FNC1, Gs1Invalid, is_marked_gs1, may_be_gs1, parse_gs1

GTIN = "06001234567899"


def test_fixed_and_variable_fields_in_any_order() -> None:
    scan = parse_gs1(f"]d210LOT-7{FNC1}01{GTIN}1727022821SN1{FNC1}3012{FNC1}3103001500")
    assert scan.gtin == GTIN
    assert scan.batch == "LOT-7"
    assert scan.serial == "SN1"
    assert scan.count == 12
    assert scan.weight == Decimal("1.500")


def test_expiry_beats_best_before_and_day_00_is_the_last() -> None:
    assert parse_gs1(f"01{GTIN}17270131").expiry == date(2027, 1, 31)
    assert parse_gs1(f"01{GTIN}15280200").expiry == date(2028, 2, 29)
    assert parse_gs1(f"01{GTIN}1528020017270131").expiry == date(2027, 1, 31)
    assert parse_gs1(f"01{GTIN}").expiry is None


@pytest.mark.parametrize("value", ["271301", "270230", "27AB01"])
def test_dates_that_do_not_exist(value: str) -> None:
    with pytest.raises(Gs1Invalid):
        parse_gs1(f"01{GTIN}17{value}")


def test_weight_places_follow_the_identifier() -> None:
    assert parse_gs1(f"01{GTIN}3100000002").weight == Decimal(2)
    assert parse_gs1(f"01{GTIN}3102001234").weight == Decimal("12.34")


def test_prices() -> None:
    assert parse_gs1(f"01{GTIN}3922399").price == Decimal("3.99")
    scan = parse_gs1(f"01{GTIN}3932840399{FNC1}10X")
    assert (scan.price, scan.currency, scan.batch) == (Decimal("3.99"), "840", "X")
    assert parse_gs1(f"01{GTIN}39010250").price == Decimal("25.0")
    assert parse_gs1(f"01{GTIN}").price is None


def test_content_and_count_of_a_box() -> None:
    scan = parse_gs1(f"02{GTIN}3724")
    assert (scan.gtin, scan.count) == (GTIN, 24)


def test_brackets_as_printed_under_the_code() -> None:
    scan = parse_gs1(f"(01){GTIN}(17)270131(10)A(414)1234567890128")
    assert (scan.gtin, scan.batch, scan.expiry) == (GTIN, "A", date(2027, 1, 31))


def test_unneeded_fields_are_stepped_over() -> None:
    scan = parse_gs1(
        f"{FNC1}00123456789012345675414123456789012801{GTIN}240REF{FNC1}7003270131{FNC1}10B"
    )
    assert (scan.gtin, scan.batch) == (GTIN, "B")


@pytest.mark.parametrize(
    "code",
    [
        "01123",
        f"01{GTIN}17",
        f"01{GTIN}1727",
        f"01{GTIN}10",
        f"01{GTIN}10{'X' * 21}",
        f"01{GTIN}5512",
        f"01{GTIN}3",
        f"01{GTIN}30AB",
        f"01{GTIN}310300150A",
        f"01{GTIN}3932840",
        f"01{GTIN}01{GTIN[:-1]}0",
        f"0112345{FNC1}78901234",
        "10LOT",
        "01ABCDEFGHIJKLMN",
        f"(01){GTIN}(17)2701",
        f"(01){GTIN}x(10)",
        f"(01){GTIN}(1)A",
        f"(01){GTIN}(550)A",
        "(01)",
        "]C1",
    ],
)
def test_torn_codes_are_named(code: str) -> None:
    with pytest.raises(Gs1Invalid) as caught:
        parse_gs1(code)
    assert caught.value.code == "gs1_invalid"


# identifiers of fixed length, with the digits their value has
FIXED = {
    "00": 18, "02": 14, "03": 14, "04": 16, "11": 6, "12": 6, "13": 6, "14": 6, "16": 6, "18": 6,
    "19": 6, "20": 2, "410": 13, "414": 13, "3103": 6, "3202": 6, "3301": 6, "3400": 6, "3515": 6,
    "3609": 6,
}  # fmt: skip

# identifiers that run up to FNC1, with the longest value
VARIABLE = {"10": 20, "21": 20, "22": 20, "90": 30, "91": 90, "99": 90, "240": 90, "400": 90,
            "427": 90, "7003": 90, "8020": 90}  # fmt: skip


@pytest.mark.parametrize(("identifier", "length"), FIXED.items())
def test_fixed_fields_end_by_themselves(identifier: str, length: int) -> None:
    value = "0" * (length - 1) + "1"
    assert parse_gs1(f"{identifier}{value}01{GTIN}10B").batch == "B"
    with pytest.raises(Gs1Invalid):
        parse_gs1(f"01{GTIN}{identifier}{value[1:]}")


@pytest.mark.parametrize(("identifier", "longest"), VARIABLE.items())
def test_variable_fields_run_up_to_the_separator(identifier: str, longest: int) -> None:
    value = "X" * longest
    assert parse_gs1(f"{identifier}{value}{FNC1}01{GTIN}").gtin == GTIN
    assert parse_gs1(f"01{GTIN}{identifier}{value}").gtin == GTIN
    with pytest.raises(Gs1Invalid):
        parse_gs1(f"01{GTIN}{identifier}X{value}")


def test_counts_have_at_most_eight_digits() -> None:
    assert parse_gs1(f"01{GTIN}3012345678").count == 12345678
    assert parse_gs1(f"02{GTIN}3712345678").count == 12345678
    for identifier in ("30", "37"):
        with pytest.raises(Gs1Invalid):
            parse_gs1(f"01{GTIN}{identifier}123456789")


def test_the_same_field_twice_is_no_contradiction() -> None:
    assert parse_gs1(f"01{GTIN}01{GTIN}").gtin == GTIN


def test_how_gs1_is_recognised() -> None:
    assert is_marked_gs1("]C1anything")
    assert is_marked_gs1("(01)1")
    assert is_marked_gs1(f"10A{FNC1}21B")
    assert not is_marked_gs1(f"01{GTIN}")
    assert may_be_gs1(f"01{GTIN}")
    assert not may_be_gs1(f"01{GTIN[:-1]}0")
    assert not may_be_gs1("0112345")
