"""Lines of documents: item, unit, warehouse, account, and the goods they move."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.goods import active_item, warehouse_of
from sync.sap.simulator.kind import MOVED_BY_BASE
from sync.sap.simulator.money import number
from sync.sap.simulator.movement import Movement
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.table import Row

RULES = ("CostingCode", "CostingCode2", "CostingCode3", "CostingCode4", "CostingCode5")
NO_UNIT = "Unit of measure is not defined for the item  [UoMEntry]"


def document_line(books: Books, line: Mapping[str, Any], place: int) -> Row:
    """A line as it is stored, before its price; raises Refusal."""
    item = active_item(books, line.get("ItemCode"))
    quantity = number(line, "Quantity") if "Quantity" in line else Decimal(1)
    if quantity <= 0:
        raise Refusal(
            -5002, f"Quantity must be above zero  [DocumentLines.Quantity][line: {place}]"
        )
    for name in RULES:
        check_rule(books, line.get(name), name)
    check_account(books, line.get("AccountCode"), "AccountCode")
    return {
        **line,
        "LineNum": place,
        "ItemDescription": line.get("ItemDescription") or item.get("ItemName"),
        "Quantity": quantity,
        "InventoryQuantity": quantity * factor_of(books, item, line),
        "RemainingOpenQuantity": quantity,
        "WarehouseCode": warehouse_of(books, line, item),
        "LineStatus": "bost_Open",
        "BatchNumbers": list(line.get("BatchNumbers") or ()),
    }


def factor_of(books: Books, item: Row, line: Mapping[str, Any]) -> Decimal:
    """How many inventory units one unit of a line is; raises Refusal for a foreign unit."""
    unit = line.get("UoMEntry")
    if unit in (None, -1):
        return Decimal(1)
    group = books.row("UnitOfMeasurementGroups", item.get("UoMGroupEntry", -1)) or {}
    for row in group.get("UoMGroupDefinitionCollection", ()):
        if row["AlternateUoM"] == unit:
            return number(row, "BaseQuantity") / number(row, "AlternateQuantity")
    raise Refusal(-5002, NO_UNIT)


def check_rule(books: Books, code: Any, name: str) -> None:
    """Refuse a distribution rule that is unknown or inactive."""
    if code:
        rule = books.row("DistributionRules", code)
        if rule is None or rule["Active"] == "tNO":
            raise Refusal(-5002, f"Distribution rule '{code}' is not valid  [{name}]")


def check_account(books: Books, code: Any, name: str) -> None:
    """Refuse an account that is unknown or inactive; none at all is SAP's own choice."""
    if not code:
        return
    row = books.row("ChartOfAccounts", code)
    if row is None:
        raise Refusal(-5002, f"Account '{code}' is not valid  [{name}]")
    if row.get("ActiveAccount") == "tNO":
        raise Refusal(-5002, f"Account '{code}' is not active  [{name}]")


def movements(books: Books, set_name: str, lines: list[Row], goods: int) -> list[Movement]:
    """What the lines move; `goods` is 1 for in, -1 for out, 0 for nothing.

    A line that follows a document which has moved its goods moves them no more.
    """
    if not goods:
        return []
    moved = MOVED_BY_BASE.get(set_name, frozenset())
    return [
        Movement(
            item=books.row("Items", line["ItemCode"]) or {},
            warehouse=line["WarehouseCode"],
            quantity=goods * number(line, "InventoryQuantity"),
            batches=tuple(line.get("BatchNumbers") or ()),
            serials=tuple(line.get("SerialNumbers") or ()),
            bins=tuple(line.get("DocumentLinesBinAllocations") or ()),
            line=place,
        )
        for place, line in enumerate(lines)
        if line["ItemCode"] is not None
        and line.get("WithoutInventoryMovement") != "tYES"
        and line.get("BaseType") not in moved
    ]
