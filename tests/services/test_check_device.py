"""The journal against the device: each difference is named, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.simulator.assembly import memory_device
from pos_app.errors import DeviceUnavailable
from pos_app.services.check import device, ledger
from pos_app.services.check.device import _spread
from pos_app.store.engine import Store
from tests.counter import Counter, counter


@pytest.fixture
def till(store: Store) -> Counter:
    made = counter(store)
    for code in ("MILK", "BREAD", "BOOK"):
        made.sell(code)
    assert made.file().waiting == 0
    return made


def codes(till: Counter, **how: Any) -> set[str]:
    return {row.code for row in device.compare(till.shop, till.driver, **how)}


def change(till: Counter, values: str, number: str = "T01-000002") -> None:
    with till.shop.store.write() as connection:
        connection.exec_driver_sql(f"UPDATE fiscal_journal SET {values} WHERE number = '{number}'")


def test_a_clean_journal_agrees_and_nothing_is_written(till: Counter) -> None:
    before = till.box.ledger()
    seen: list[tuple[int, int]] = []
    found = device.compare(till.shop, till.driver, seen=lambda *at: seen.append(at))
    assert found == []
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert till.box.ledger() == before
    assert ledger.compare(till.shop, before) == []


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ("receipt_counter = 9", "counter"),
        ("qr = 'https://x/1'", "QR data"),
        ("verification_code = 'AAAA'", "verification code"),
        ("filed_at = '2026-11-02T00:00:00'", "date"),
        ("device_id = '7'", "device"),
    ],
)
def test_each_difference_is_named(till: Counter, values: str, word: str) -> None:
    change(till, values)
    found = device.compare(till.shop, till.driver)
    assert {row.code for row in found} == {"device_differs"}
    assert f"has {word} " in found[0].sentence
    assert found[0].subject == "T01-000002"


def test_what_only_one_side_has_is_named(till: Counter) -> None:
    change(till, "number = 'T01-000009'")
    assert codes(till) == {"device_lacks_receipt"}
    assert {row.code for row in ledger.compare(till.shop, till.box.ledger())} == {
        "ledger_lacks_receipt",
        "ledger_has_more",
    }


def test_a_refused_receipt_the_device_has_is_named(till: Counter) -> None:
    change(till, "state = 'refused'")
    assert codes(till) == {"device_has_refused"}


def test_a_device_that_was_set_back_is_named(till: Counter) -> None:
    till.driver = Driver(DirectTransport(memory_device(till.shop.clock)))
    assert codes(till) == {"device_lacks_receipt", "device_set_back"}


def test_a_device_that_stops_answering_concludes_nothing(till: Counter) -> None:
    till.breaks("drop_before", "GET GetInvoice", after=1, times=9)
    with pytest.raises(DeviceUnavailable):
        device.compare(till.shop, till.driver)


def test_a_record_that_contradicts_itself_is_named(till: Counter) -> None:
    till.breaks("qr_empty", "GET GetInvoice", times=1)
    assert codes(till) == {"device_record_unreadable"}


def test_a_spot_check_ends_with_the_newest(till: Counter) -> None:
    assert _spread(list(range(10)), 3) == [3, 6, 9]  # type: ignore[arg-type, comparison-overlap]
    change(till, "qr = 'x'", "T01-000003")
    assert codes(till, most=1) == {"device_differs"}


def test_a_broken_chain_and_another_number_are_named(till: Counter) -> None:
    committed = till.box.ledger()
    committed["receipts"][1]["previous_hash"] = "x"
    change(till, "receipt_global_no = 7", "T01-000003")
    found = {row.code for row in ledger.compare(till.shop, committed)}
    assert found >= {"device_chain", "ledger_differs"}
