"""What may not leave, because the device would refuse it or silently change it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from fiscal.errors import RequestInvalid
from fiscal.messages import Buyer, ForeignOriginal, PaymentLine, ReceiptRequest
from fiscal.request_check import check
from tests.fiscal.samples import line, request

GOOD = request()
ONE = GOOD.lines[0]


def with_line(**changes: object) -> ReceiptRequest:
    return replace(GOOD, lines=(replace(ONE, **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "good",
    [
        GOOD,
        request("C", kind="credit", original="T01-000001"),
        request("T", line(tax_id="3"), line(2, tax_id="2", price="0.000001", quantity="0.555")),
        request("B", buyer=Buyer(name="Chipo Stores", tin="2000000009")),
        request("Z", currency="ZWG"),
    ],
    ids=lambda good: good.number,
)
def test_good_requests_pass(good: ReceiptRequest) -> None:
    check(good)


FOREIGN = ForeignOriginal(device_id="1", receipt_global_no=2, fiscal_day_no=3)
BAD: list[tuple[ReceiptRequest, str]] = [
    (replace(GOOD, number=""), "number is blank"),
    (replace(GOOD, number=" A"), "blanks around"),
    (replace(GOOD, number="A\n"), "blanks around"),
    (replace(GOOD, number=".."), "step in a path"),
    (replace(GOOD, number="A" * 40), "longer than 39"),
    (replace(GOOD, currency="ZIG"), "'ZIG' is not a currency code"),
    (replace(GOOD, currency="ZiG"), "'ZiG' is not a currency code"),
    (replace(GOOD, comment="  "), "comment is blank"),
    (replace(GOOD, kind="credit"), "must name its original"),
    (replace(GOOD, original_number="A"), "an invoice has no original"),
    (replace(GOOD, foreign=FOREIGN), "an invoice has no original"),
    (replace(GOOD, buyer=Buyer(name=" ")), "buyer has no name"),
    (replace(GOOD, buyer=Buyer(name="x" * 251)), "the name of its buyer is longer than 250"),
    (replace(GOOD, buyer=Buyer(name="A", tin="2" * 11)), "the TIN of its buyer is longer than 10"),
    (
        replace(GOOD, buyer=Buyer(name="A", vat_number="2" * 10)),
        "VAT number of its buyer is",
    ),
    (replace(GOOD, lines=()), "has 0 lines"),
    (replace(GOOD, lines=(ONE,) * 501), "has 501 lines"),
    (replace(GOOD, total=Decimal("3.01")), "add up to 3.00"),
    (replace(GOOD, tax=Decimal("3.01")), "not a part of its total"),
    (replace(GOOD, tax=Decimal("-0.01")), "not a part of its total"),
    (replace(GOOD, payments=()), "has no payment"),
    (replace(GOOD, payments=(PaymentLine(currency="USD", amount=Decimal(-1)),)), "negative"),
    (replace(GOOD, payments=(PaymentLine(currency="USD", amount=Decimal(2)),)), "payments add up"),
    (with_line(name=" "), "line 1 has no name"),
    (with_line(name="x" * 201), "longer than 200"),
    (with_line(tax_id="A"), "no tax id"),
    (with_line(tax_id=""), "no tax id"),
    (with_line(quantity=Decimal(0)), "quantity and a price above zero"),
    (with_line(price=Decimal("-1.5")), "quantity and a price above zero"),
    (request("F", line(price="0")), "quantity and a price above zero"),
    (with_line(price=Decimal("1.5000001")), "more than 6 decimals"),
    (with_line(amount=Decimal("2.99")), "the device will compute"),
]


@pytest.mark.parametrize(("bad", "why"), BAD, ids=lambda entry: entry if type(entry) is str else "")
def test_bad_requests_are_named(bad: ReceiptRequest, why: str) -> None:
    with pytest.raises(RequestInvalid, match="cannot be sent") as caught:
        check(bad)
    assert why in str(caught.value)
    assert not caught.value.is_duplicate
    assert not caught.value.is_about_device
