from __future__ import annotations

from typing import Any

import pytest

from sync.errors import Unavailable
from sync.sap.errors import SapRejected
from sync.sap.probe import DOCUMENTS, missing_fields


def test_a_company_with_every_field_misses_none(world: Any) -> None:
    assert missing_fields(world.sl) == ()


def test_l56_fields_a_company_does_not_have_are_named_before_anything_is_posted(
    world: Any,
) -> None:
    sl = world.client(key_field="U_Gone", payment_key_field="U_PayKey", count_key_field="U_Count")
    missing = missing_fields(sl)
    assert {one.set_name for one in missing if one.field == "U_Gone"} == set(DOCUMENTS)
    assert {one.set_name for one in missing if one.field == "U_PayKey"} == {
        "IncomingPayments",
        "VendorPayments",
    }
    assert {one.set_name for one in missing if one.field == "U_Count"} == {
        "InventoryCountings",
        "InventoryPostings",
    }
    assert str(missing[0]) == ("SAP has no field U_Gone on Invoices: create it, or name another.")


def test_a_probe_that_cannot_ask_does_not_say_that_all_is_well(world: Any) -> None:
    world.arm("lookup_fails", "GET Invoices", times=9)
    with pytest.raises(Unavailable):
        missing_fields(world.sl)
    world.arm("lookup_fails", "GET Invoices", code=804, message="No authorisation")
    with pytest.raises(SapRejected):
        missing_fields(world.sl)
