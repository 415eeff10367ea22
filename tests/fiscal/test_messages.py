"""Requests keep their one text; a receipt knows its day's base."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.fiscal_day import settle_day
from fiscal.messages import Buyer, Filed, ForeignOriginal, ReceiptRequest
from tests.fiscal.samples import line, request

TEXT = st.text(max_size=20)


def filed(**facts: object) -> Filed:
    values = {
        "number": "T01-000001",
        "device_id": "99001",
        "device_serial": "S",
        "qr": "q",
        "verification_code": "c",
        "verification_link": "",
        "receipt_global_no": 20,
        "receipt_counter": 3,
        "fiscal_day": None,
        "filed_at": "2026-10-05T08:00:00",
        "kind": "invoice",
        "currency": "USD",
        "total": Decimal("1.00"),
        "raw": {},
    }
    return Filed(**(values | facts))  # type: ignore[arg-type]


@given(TEXT, TEXT, st.decimals("0.000001", "9999", places=6), st.sampled_from(["1", "2", "3"]))
def test_request_survives_its_text(name: str, branch: str, price: Decimal, tax_id: str) -> None:
    asked = request(
        "T01-000001",
        line(price=str(price), tax_id=tax_id, name=name),
        branch=branch,
        buyer=Buyer(name=name, tin="2000000001"),
        foreign=ForeignOriginal(device_id="1", receipt_global_no=2, fiscal_day_no=3),
    )
    assert ReceiptRequest.from_json(asked.to_json()) == asked
    assert ReceiptRequest.from_json(asked.to_json()).digest == asked.digest


def test_equal_requests_have_equal_texts() -> None:
    short = request("A", line(price="1.5", quantity="2"))
    long = request("A", line(price="1.500000", quantity="2.0"))
    assert short == long
    assert short.to_json() == long.to_json()
    assert short.digest != request("A", line(price="1.51", quantity="2")).digest


def test_text_of_a_request_is_known() -> None:
    text = request("T01-000001").to_json()
    assert text.startswith('{"branch":"","buyer":null,"cashier":"rudo","comment":"Counter sale"')
    assert '"quantity":"2"' in text
    assert '"price":"1.5"' in text


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"lines":1}'])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        ReceiptRequest.from_json(text)


def test_day_base_and_completeness() -> None:
    assert filed().day_base == 17
    assert filed(receipt_counter=None).day_base is None
    assert filed().is_complete
    for gap in ("qr", "verification_code", "number"):
        assert not filed(**{gap: ""}).is_complete
    for gap in ("receipt_global_no", "receipt_counter", "total", "filed_at"):
        assert not filed(**{gap: None}).is_complete


def test_fiscal_day_is_recovered_only_when_proven() -> None:
    assert settle_day(filed(fiscal_day=4), baseline_day=9).fiscal_day == 4
    assert settle_day(filed(), baseline_day=None, known={17: 6}).fiscal_day == 6
    assert settle_day(filed(device_day=7), baseline_day=7).fiscal_day == 7
    assert settle_day(filed(device_day=8), baseline_day=7).fiscal_day is None
    assert settle_day(filed(), baseline_day=None).fiscal_day is None
