from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.barcode import (
    CheckDigitWrong,
    MaskInvalid,
    PlainCode,
    PriceEmbedded,
    Scan,
    ScanInvalid,
    WeightEmbedded,
    candidates,
    parse_mask,
    parse_scan,
    unknown,
)
from pos_app.domain.gs1 import Gs1Invalid, Gs1Scan
from pos_app.domain.gtin import check_digit, expand_upc_e, has_valid_check
from pos_app.domain.item import ItemUnknown
from pos_app.errors import PosError

MASKS = ("21IIIIIWWWWWC", "22IIIIIPPPPPC", "28IIIIXPPPPPC")

# published examples of each symbology
VALID = ["4006381333931", "96385074", "036000291452", "00012345600012", "6001234567899"]


def with_check(body: str) -> str:
    return body + check_digit(body)


@pytest.mark.parametrize("code", VALID)
def test_check_digits(code: str) -> None:
    assert has_valid_check(code)
    assert parse_scan(code) == PlainCode(code)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    scan = parse_scan(wrong)
    assert scan == PlainCode(wrong, expected_check=code[-1])
    error = unknown(PlainCode(wrong, expected_check=code[-1]))
    assert isinstance(error, CheckDigitWrong)
    assert f"its check digit is {code[-1]}" in error.sentence


@given(st.text("0123456789", min_size=7, max_size=13), st.integers(1, 9))
def test_a_check_digit_finds_every_single_wrong_digit(body: str, shift: int) -> None:
    code = with_check(body)
    for at in range(len(code)):
        digit = str((int(code[at]) + shift) % 10)
        assert not has_valid_check(code[:at] + digit + code[at + 1 :])


@pytest.mark.parametrize("code", ["BREAD", "1001", "12345678901", "PRD-001/a", "123456789012345"])
def test_codes_of_the_shop_need_no_check_digit(code: str) -> None:
    scan = parse_scan(f" {code}\r\n")
    assert scan == PlainCode(code)
    assert isinstance(unknown(PlainCode(code)), ItemUnknown)


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234558", "012345000058"),
    ],
)
def test_upc_e_expands(upc_e: str, upc_a: str) -> None:
    expanded = expand_upc_e(upc_e[:7] + upc_a[-1])
    assert expanded == upc_a
    assert has_valid_check(upc_a)


def test_a_upc_e_is_a_right_code_although_no_ean_8() -> None:
    assert not has_valid_check("04252614")
    assert parse_scan("04252614") == PlainCode("04252614")


def test_what_is_no_upc_e() -> None:
    assert expand_upc_e("24252614") == ""
    assert expand_upc_e("04252615") == ""
    assert expand_upc_e("0425261") == ""


def test_candidates_cover_the_same_gtin() -> None:
    upc_a = "036000291452"
    assert candidates(upc_a) == (upc_a, "0036000291452", "00036000291452")
    assert candidates("0036000291452") == ("0036000291452", upc_a, "00036000291452")
    assert set(candidates("00036000291452")) == set(candidates(upc_a))
    assert "042100005264" in candidates("04252614")
    assert "96385074" in candidates("0000096385074")
    assert candidates("4006381333931") == ("4006381333931", "04006381333931")


@pytest.mark.parametrize("code", ["BREAD", "036000291453", "1001", ""])
def test_what_is_no_gtin_has_only_itself(code: str) -> None:
    assert candidates(code) == (code,)


@given(st.text("0123456789", min_size=11, max_size=12))
def test_every_candidate_leads_back(body: str) -> None:
    code = with_check(body)
    for other in candidates(code):
        assert code in candidates(other)


def test_weight_label() -> None:
    code = with_check("211234501234")
    assert parse_scan(code, MASKS) == WeightEmbedded("12345", Decimal("1.234"), code)


def test_price_label() -> None:
    code = with_check("220004200399")
    assert parse_scan(code, MASKS) == PriceEmbedded("00042", Decimal("3.99"), code)
    ignored = with_check("281234700399")
    assert parse_scan(ignored, MASKS) == PriceEmbedded("1234", Decimal("3.99"), ignored)


def test_label_with_a_wrong_check_digit_is_named() -> None:
    code = with_check("211234501234")
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    with pytest.raises(CheckDigitWrong) as caught:
        parse_scan(wrong, MASKS)
    assert caught.value.details == {"scanned": wrong, "expected": code[-1]}


def test_label_of_nothing_is_refused() -> None:
    with pytest.raises(ScanInvalid):
        parse_scan(with_check("211234500000"), MASKS)


def test_masks_set_their_decimals_and_may_lack_a_check_digit() -> None:
    assert parse_scan("2512340150", ("25IIIIWWWW/2",)) == WeightEmbedded(
        "1234", Decimal("1.50"), "2512340150"
    )
    assert parse_scan("2512340150", ("25IIIIPPPP/0",)) == PriceEmbedded(
        "1234", Decimal("150"), "2512340150"
    )


def test_other_codes_pass_the_masks_by() -> None:
    assert parse_scan("4006381333931", MASKS) == PlainCode("4006381333931")
    assert parse_scan("21ABCDE12345C", MASKS) == PlainCode("21ABCDE12345C")


@pytest.mark.parametrize(
    "mask", ["", "21", "IIIIIWWWWW", "21WWWWWC", "21IIIII", "21IIIWWIIWWC", "21IIIIIWWPPPC",
             "21IIIIICWWWWW", "21IIIIIWWWWWC/7", "21IIIIIWWWWWC/", "21iiiiiwwwwwc"],
)  # fmt: skip
def test_masks_are_checked(mask: str) -> None:
    with pytest.raises(MaskInvalid):
        parse_mask(mask)


@pytest.mark.parametrize("text", ["", "  ", "\r\n", "a\x00b", "a\tb", "x" * 257, "a\x1b[31m"])
def test_what_cannot_be_a_code(text: str) -> None:
    with pytest.raises(ScanInvalid):
        parse_scan(text)


def test_symbology_prefix_is_taken_off() -> None:
    assert parse_scan("]E04006381333931") == PlainCode("4006381333931")
    assert parse_scan("]A0BREAD") == PlainCode("BREAD")


def test_gs1_through_the_front_door() -> None:
    gtin = with_check("0600123456789")
    scan = parse_scan(f"]C101{gtin}10LOT7\x1d3103001500", MASKS)
    assert isinstance(scan, Gs1Scan)
    assert (scan.gtin, scan.batch, scan.weight) == (gtin, "LOT7", Decimal("1.500"))


def test_gs1_with_a_wrong_gtin_is_named() -> None:
    gtin = with_check("0600123456789")
    wrong = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
    with pytest.raises(CheckDigitWrong):
        parse_scan(f"]C101{wrong}")


def test_unmarked_text_that_only_looks_like_gs1_stays_a_plain_code() -> None:
    gtin = with_check("0600123456789")
    assert isinstance(parse_scan(f"01{gtin}17270131"), Gs1Scan)
    assert parse_scan(f"01{gtin}9") == PlainCode(f"01{gtin}9")
    with pytest.raises(Gs1Invalid):
        parse_scan(f"]C101{gtin}9")


def outcome(text: str) -> Scan | PosError:
    try:
        return parse_scan(text, MASKS)
    except (ScanInvalid, CheckDigitWrong, Gs1Invalid) as error:
        return error


@given(st.text(max_size=60) | st.text("0123456789()\x1d]C1dAB", max_size=60))
def test_any_text_is_a_scan_or_a_clear_refusal(text: str) -> None:
    found = outcome(text)
    if isinstance(found, PlainCode):
        assert found.code in text
    elif isinstance(found, PosError):
        assert found.exit_code == 2
    else:
        assert found.scanned in text
