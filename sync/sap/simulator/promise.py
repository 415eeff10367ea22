"""What open documents hold: goods promised to customers, awaited from suppliers, being counted.

Derived from the documents themselves, row by row, so that nothing has to be settled twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)
Held = tuple[str, str, Decimal, Decimal]
"""Item, warehouse, quantity committed, quantity ordered; in inventory units."""


def held_by(set_name: str, row: Mapping[str, Any]) -> Iterator[Held]:
    """What one document commits and orders while it is open."""
    if row.get("DocumentStatus") != "bost_Open":
        return
    if set_name in ("Orders", "PurchaseOrders"):
        for line in row["DocumentLines"]:
            if line["ItemCode"] is None or line.get("LineStatus") == "bost_Close":
                continue
            left = _left(line)
            is_sale = set_name == "Orders"
            place = (line["ItemCode"], line["WarehouseCode"])
            yield (*place, left, ZERO) if is_sale else (*place, ZERO, left)
    elif set_name == "InventoryTransferRequests":
        for line in row["StockTransferLines"]:
            left = _left(line)
            yield line["ItemCode"], line["FromWarehouseCode"], left, ZERO
            yield line["ItemCode"], line["WarehouseCode"], ZERO, left


def frozen_by(set_name: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Items and warehouses an open counting keeps still."""
    if set_name != "InventoryCountings" or row.get("DocumentStatus") != "cdsOpen":
        return
    for line in row["InventoryCountingLines"]:
        if line.get("Freeze") == "tYES" and line["LineStatus"] == "clsOpen":
            yield line["ItemCode"], line["WarehouseCode"]


def _left(line: Mapping[str, Any]) -> Decimal:
    """What is open of a line, in inventory units."""
    quantity = Decimal(line["Quantity"])
    share = Decimal(line.get("InventoryQuantity") or quantity) / quantity
    return Decimal(line.get("RemainingOpenQuantity") or 0) * share
