"""What the hub calls out beside notifications: written with its cause, heard at every process."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pos_app.domain.hub import LIFE
from pos_app.services import hub as calls
from pos_app.services import stock_snapshot
from pos_app.services.notification.feed import Calls
from pos_app.services.posting import work as posting_work
from pos_app.store import hub as rows
from tests.api.house import OTHER, WAREHOUSE, House
from tests.api.test_desktop_sale import DAY, SALES, ask
from tests.api.test_notification import connected, hub_of

STOCK = "/api/DesktopIntegration/stock"


@pytest.fixture
def day(house: House) -> Any:
    """A shop that consolidates and looks at the stock of two warehouses in the morning."""
    usual = house.shop.rules
    sap = replace(usual.sap, consolidates=True)
    stock = replace(usual.stock, monitored=(WAREHOUSE, OTHER))
    object.__setattr__(house.shop, "rules", replace(usual, sap=sap, stock=stock))
    yield house
    object.__setattr__(house.shop, "rules", usual)


def test_what_happens_is_called_out_at_every_process(day: House) -> None:
    here, there = Calls(day.shop), Calls(day.shop)
    assert here.new() == there.new() == []
    admin = day.as_role()
    with connected(day, "Cashier") as cashier:

        def heard() -> list[tuple[str, dict[str, Any]]]:
            found = here.new()
            assert found == there.new()
            hub_of(day).call(found)
            told = [json.loads(cashier.receive_text().rstrip("\x1e")) for _ in found]
            return [(one["target"], one["arguments"][0]) for one in told]

        admin.post(f"{STOCK}/fetch-daily")
        stock_snapshot.work(day.shop)
        steps = heard()
        assert [(name, one.get("status"), one.get("completedCount")) for name, one in steps] == [
            ("StockFetchProgress", "Started", 0),
            ("StockFetchProgress", "InProgress", 1),
            ("StockFetchProgress", "Complete", 2),
            ("StockSnapshotUpdated", None, None),
        ]
        assert steps[2][1]["completedWarehouses"] == sorted([WAREHOUSE, OTHER])
        assert steps[3][1]["warehouseCount"] == 2

        assert admin.post(SALES, ask("R-1", amountPaid=0)).status_code == 400
        made = admin.post(SALES, ask("R-1")).json()
        assert admin.post(SALES, ask("R-1")).status_code == 200
        [(name, said)] = heard()
        assert name == "DesktopSaleCreated", "once: what was refused or repeated is no sale"
        assert (said["id"], said["externalReferenceId"]) == (made["saleId"], "R-1")
        assert (said["totalAmount"], said["currency"]) == (4.34, "USD")

        admin.post(DAY + "/consolidate", {"consolidationDate": "2026-11-02"})
        assert heard() == []
        posting_work.work(day.shop, None, owner="w")
        [(name, said)] = heard()
        assert name == "ConsolidationCompleted"
        assert said == {
            "consolidationDate": "2026-11-02",
            "totalSales": 1,
            "successCount": 1,
            "failCount": 0,
        }


def test_calls_are_kept_for_an_hour(quick: House) -> None:
    quick.as_role().post(SALES, ask("R-1"))
    for seconds, left in ((0, 1), (LIFE.total_seconds() + 1, 0)):
        quick.clock.sleep(seconds)
        calls.forget(quick.shop)
        with quick.shop.store.read() as connection:
            assert len(rows.after(connection, 0, limit=9)) == left
