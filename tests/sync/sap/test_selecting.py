"""Every read says which properties it wants, and every body keeps the lengths SAP keeps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.sap import company, day, goods_day, master, moved
from sync.sap.batch_stock import batch_quantities
from sync.sap.body import LENGTHS
from sync.sap.documents import post_invoice, post_payment
from sync.sap.entered import numbered
from sync.sap.goods import goods, goods_by_code
from sync.sap.goods_documents import post_transfer
from sync.sap.probe import missing_fields
from sync.sap.simulator.schema import load_schema
from tests.sync.sap.conftest import DAY
from tests.sync.sap.test_goods_documents import transfer

LOCAL = "USD"
BANKS = {"BankCode", "Branch", "AccounttNum", "InventoryOffsetIncreaseAccount",
         "InventoryOffsetDecreaseAccount"}  # fmt: skip
"""What the client keeps shorter than the simulator asks for."""


def every_read(sl: Any) -> Iterable[Iterable[Any]]:
    yield goods(sl)
    yield goods_by_code(sl, ["MILK1"])
    for kind in (
        master.partners, master.price_lists, master.special_prices, master.vat_groups,
        master.warehouses, master.accounts, master.cost_centres, master.payment_terms,
        master.currencies, master.unit_groups,
    ):  # fmt: skip
        yield kind(sl)
    yield master.partners_by_code(sl, ["C0001"])
    yield batch_quantities(sl, "SHOP1")
    yield day.sales(sl, DAY, local_currency=LOCAL)
    yield day.sales_by_entry(sl, "Invoices", [1], local_currency=LOCAL)
    yield day.payments(sl, DAY, local_currency=LOCAL)
    yield goods_day.goods(sl, DAY, local_currency=LOCAL)
    yield goods_day.goods_by_entry(sl, "StockTransfers", [1], local_currency=LOCAL)
    yield numbered(sl, "Invoices", 100001, key="k-1")
    yield moved.newest(sl)
    yield moved.since(sl, dict.fromkeys(moved.newest(sl), 0)).items
    yield missing_fields(sl)
    yield company.user_fields(sl, "OINV")


def test_no_read_leaves_out_which_properties_it_wants(local: Any, make: Any) -> None:
    posted = post_invoice(local.sl, make.invoice("k-1"))
    post_payment(local.sl, make.payment(posted, "1.00"))
    post_transfer(local.sl, transfer())
    before = len(local.gate.log.rows())
    for rows in every_read(local.sl):
        list(rows)
    assert len(local.gate.log.rows()) > before + 30
    assert local.unselected() == []


def test_client_and_simulator_know_the_same_lengths() -> None:
    theirs = load_schema({}).lengths
    shared = LENGTHS.keys() & theirs.keys()
    assert {name: LENGTHS[name] for name in shared} == {name: theirs[name] for name in shared}
    assert LENGTHS.keys() - shared == BANKS | {"DistributionRule"}
