"""The device is the shop's and files as the settings say, or it is named and sent nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.errors import MapDiffers, RequestInvalid, Unavailable, WrongDevice
from fiscal.messages import FiledTax, PaymentLine
from fiscal.simulator.box import Box
from fiscal.verifier import Expected, TaxMapping, Verifier, tax_differences
from sandbox.fault import Fault
from tests.fiscal.samples import VirtualClock, line, make_box, request

STANDARD = TaxMapping(tax_id="1", code="A", percent=Decimal("15.5"))
ZERO = TaxMapping(tax_id="2", code="B", percent=Decimal(0))
EXEMPT = TaxMapping(tax_id="3", code="C", percent=None)
RIGHT = Expected(
    device_id="99001",
    tin="2000123456",
    vat_number="220123456",
    taxes=(STANDARD, ZERO, EXEMPT),
    currencies=frozenset({"USD", "ZWG"}),
)


@pytest.fixture
def box() -> Box:
    return make_box(VirtualClock())


def driver(box: Box, expected: Expected = RIGHT, verifier: Verifier | None = None) -> Driver:
    return Driver(DirectTransport(box), verifier=verifier or Verifier(expected))


def calls(box: Box) -> list[str]:
    return [row["call"] for row in box.log.rows()]


def test_the_right_device_is_compared_once_per_start(box: Box) -> None:
    verifier = Verifier(RIGHT)
    for _ in range(2):
        driver(box, verifier=verifier).hello()
    assert calls(box).count("GET GetCardDetails") == 1
    box.device.restart()
    driver(box, verifier=verifier).hello()
    assert calls(box).count("GET GetCardDetails") == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"device_id": "99002"}, "its device ID is 99001 where 99002 is expected"),
        ({"tin": "2000999999"}, "its TIN is 2000123456 where 2000999999 is expected"),
        ({"vat_number": "220000000"}, "its VAT number is 220123456"),
    ],
)
def test_another_device_is_named_before_the_first_sale(
    box: Box, wrong: dict[str, Any], words: str
) -> None:
    asking = driver(box, replace(RIGHT, **wrong))
    with pytest.raises(WrongDevice, match=words) as caught:
        asking.hello()
    assert isinstance(caught.value, Unavailable), "a shop waits for it, and nothing was filed"
    assert box.ledger()["receipts"] == []


def test_numbers_are_the_same_however_they_are_written(box: Box) -> None:
    driver(box, replace(RIGHT, tin="2000 123-456", vat_number="0220123456")).hello()


def test_without_expectations_any_device_will_do(box: Box) -> None:
    Driver(DirectTransport(box)).hello()
    assert calls(box) == []


def test_a_card_that_cannot_be_read_is_no_yes(box: Box) -> None:
    box.faults.replace([Fault(do="drop_before", on="GET GetCardDetails")])
    asking = driver(box)
    with pytest.raises(Unavailable):
        asking.hello()
    asking.hello()


@pytest.mark.parametrize(
    "taxes",
    [
        (replace(STANDARD, percent=Decimal(0)), ZERO, EXEMPT),
        (replace(STANDARD, percent=None), ZERO, EXEMPT),
        (replace(STANDARD, percent=Decimal(15)), ZERO, EXEMPT),
    ],
    ids=["zero", "exempt", "another rate today"],
)
def test_what_the_device_has_filed_contradicts_the_settings(
    box: Box, taxes: tuple[TaxMapping, ...]
) -> None:
    driver(box).submit(request("A"))
    asking = driver(box, replace(RIGHT, taxes=taxes))
    with pytest.raises(MapDiffers, match=r"files tax A at 15\.5 % where the settings say"):
        asking.hello()


def test_a_rate_of_another_day_may_have_been_the_law_then(box: Box) -> None:
    clock = box._clock
    driver(box).submit(request("A"))
    clock.sleep(86_400)
    driver(box, replace(RIGHT, taxes=(replace(STANDARD, percent=Decimal(15)),))).hello()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"currencies": frozenset({"ZWG"})}, "no currency USD"),
        ({"taxes": (ZERO, EXEMPT)}, "no tax 1 at 15.5 %"),
        ({"taxes": (replace(STANDARD, percent=Decimal(15)),)}, "no tax 1 at 15.5 %"),
    ],
)
def test_what_the_settings_do_not_name_is_never_sent(
    box: Box, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(RequestInvalid, match=words):
        driver(box, replace(RIGHT, **changed)).submit(request("A"))
    assert calls(box) == []


def test_money_in_a_currency_without_a_name_is_never_sent(box: Box) -> None:
    paid = (
        PaymentLine(currency="USD", amount=Decimal("1.00")),
        PaymentLine(currency="ZAR", amount=Decimal("36.00"), rate=Decimal(18)),
    )
    with pytest.raises(RequestInvalid, match="no currency ZAR"):
        driver(box).submit(request("A", payments=paid))


def test_l09_a_receipt_taxed_otherwise_than_asked_stops_the_next(box: Box) -> None:
    asking = driver(box, verifier=(verifier := Verifier(RIGHT)))
    asking.hello()
    asked = request("A", line(), line(2, tax_id="3"))
    filed = asking.submit(asked)
    assert filed.taxes == (
        FiledTax(code="C", percent=None, sales=Decimal("3.00"), tax=Decimal("0.00")),
        FiledTax(code="A", percent=Decimal("15.5"), sales=Decimal("3.00"), tax=Decimal("0.40")),
    )
    assert list(tax_differences(asked, filed)) == []
    asking.hello()
    wrong = replace(filed, taxes=(replace(filed.taxes[0], sales=Decimal("6.00")),))
    verifier.note(asked, wrong)
    with pytest.raises(MapDiffers, match=r"where 3\.00 was asked for"):
        driver(box, verifier=verifier).hello()


def test_a_receipt_of_another_total_is_not_judged_by_its_taxes(box: Box) -> None:
    asked = request("A")
    filed = driver(box).submit(asked)
    thin = replace(filed, taxes=())
    other = replace(filed, total=Decimal("2.99"))
    assert list(tax_differences(asked, thin)) == list(tax_differences(asked, other)) == []
