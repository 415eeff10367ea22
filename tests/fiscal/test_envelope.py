"""Answers as boxes really give them, whatever the case and shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal import envelope
from fiscal.envelope import EnvelopeInvalid

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("code", "is_success", "is_refusal"),
    [
        ("1", True, False),
        (" 1 ", True, False),
        (1, True, False),
        ("0", False, True),
        (0, False, True),
        ("-1", False, False),
        ("", False, False),
        ("Success", False, False),
        (None, False, False),
        (True, False, False),
        ("01", False, False),
        ([1], False, False),
    ],
)
def test_only_code_one_is_success_and_only_zero_a_refusal(
    code: object, is_success: bool, is_refusal: bool
) -> None:
    read = envelope.read({"Code": code, "Message": "Success"})
    assert (read.is_success, read.is_refusal) == (is_success, is_refusal)


@pytest.mark.parametrize("key", ["QRcode", "QRCode", "qrCode", "QRCODE"])
def test_case_of_keys_does_not_matter(key: str) -> None:
    assert envelope.read({"code": "1", key: " q "}).qr == "q"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", None),
        (None, None),
        ("nothing", None),
        ("{broken", None),
        ({}, None),
        ([], None),
        (7, None),
        ({"A": 1}, {"A": 1}),
        ('{"A": 1}', {"A": 1}),
        (' [{"A": 1}]', [{"A": 1}]),
    ],
)
def test_data_is_an_object_a_list_or_nothing(data: object, expected: object) -> None:
    assert envelope.read({"Code": "1", "Data": data}).data == expected


def test_rows_and_object_never_fail() -> None:
    rows = envelope.read({"Code": "1", "Data": [1, {"InvoiceNumber": "A"}, None]})
    assert rows.rows == [{"invoicenumber": "A"}]
    assert rows.object == {}
    assert envelope.read({"Code": "1"}).rows == []


def test_what_the_box_adds_is_kept_apart() -> None:
    read = envelope.read({"Code": "1", "ReceiptGlobalNo": "12", "DeviceSerial": "S"})
    assert read.extra["receiptglobalno"] == "12"
    assert read.device_serial == "S"


@pytest.mark.parametrize("answer", [None, [], "1", 1, {}, {"Message": "Success"}])
def test_what_is_no_envelope_is_refused(answer: object) -> None:
    with pytest.raises(EnvelopeInvalid):
        envelope.read(answer)


@given(st.dictionaries(st.text(max_size=8), JSON), JSON, JSON)
def test_any_object_with_a_code_is_read(rest: dict[str, Any], code: Any, data: Any) -> None:
    read = envelope.read({**rest, "Code": code, "Data": data})
    assert not (read.is_success and read.is_refusal)
    assert isinstance(read.object, dict)
    assert isinstance(read.rows, list)


@pytest.mark.parametrize(
    ("value", "number"),
    [("12", 12), (12, 12), (" 7 ", 7), ("x", None), ("", None), (None, None), ("1.5", None),
     ("-1", None), ("٣", None)],
)  # fmt: skip
def test_whole_numbers(value: object, number: int | None) -> None:
    assert envelope.whole(value) == number
