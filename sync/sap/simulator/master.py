"""Creating and changing master data through the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.functions import change_query, create_query
from sync.sap.simulator.money import number
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.table import Key, Row
from sync.sap.simulator.using import is_used

EDITABLE = frozenset(
    {"Items", "BusinessPartners", "Warehouses", "PriceLists", "SpecialPrices", "VatGroups",
     "ChartOfAccounts", "ProfitCenters", "DistributionRules", "Currencies", "CreditCards",
     "BarCodes", "BatchNumberDetails"}
)  # fmt: skip
NUMBERED = frozenset({"BarCodes", "BatchNumberDetails"})
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "BarCodes": ("ItemNo", "Barcode"),
    "BatchNumberDetails": ("ItemCode", "Batch"),
    "VatGroups": ("VatGroups_Lines",),
}
"""What a set's rows cannot be without, beside their key."""

FILLED: Mapping[str, Mapping[str, Any]] = {
    "Items": {"ItemsGroupCode": 100, "Valid": "tYES", "Frozen": "tNO"},
    "BusinessPartners": {"CardType": "cCustomer", "Currency": "##", "PriceListNum": 1},
    "PriceLists": {"Factor": 1, "IsGrossPrice": "tNO", "Active": "tYES"},
    "SpecialPrices": {"Price": 0, "PriceListNum": 0, "DiscountPercent": 0, "Valid": "tYES"},
    "VatGroups": {"Category": "bovcOutputTax", "Inactive": "tNO"},
    "DistributionRules": {"Active": "tYES"},
    "ProfitCenters": {"Active": "tYES", "InWhichDimension": 1},
    "BarCodes": {"UoMEntry": -1},
    "BatchNumberDetails": {"Status": "bdsStatus_Released"},
    "Warehouses": {"Inactive": "tNO"},
}
"""What SAP fills in where nothing, or null, was sent."""

STAMPED = frozenset({"Items", "BusinessPartners"})
EXISTS = "This entry already exists in the following tables (ODBC -2035)"


def create_master(
    books: Books, set_name: str, body: Mapping[str, Any], *, today: date
) -> tuple[Row, Change]:
    """A new row of master data; raises Refusal when it exists or the set is not for that."""
    if set_name == "SQLQueries":
        change = create_query(books, body)
        return change.put[0][1], change
    if set_name not in EDITABLE:
        raise Refusal(-5006, f"This sandbox does not create {set_name}")
    table = books.tables[set_name]
    row = dict(body)
    if set_name in NUMBERED:
        row[table.key[0]] = books.next_entry(set_name)
    if any(row.get(name) is None for name in table.key):
        raise Refusal(-5002, f"{' and '.join(table.key)} must not be empty")
    if table.get(table.key_of(row)) is not None:
        raise Refusal(-2035, EXISTS)
    _complete(books, set_name, row)
    change = Change()
    _take_prices(books, row, change)
    if set_name in STAMPED:
        row |= {"CreateDate": today.isoformat(), "UpdateDate": today.isoformat()}
    change.put.append((set_name, row))
    return row, change


def change_master(
    books: Books, set_name: str, key: Key, body: Mapping[str, Any], *, today: date
) -> Change:
    """Replace the sent properties; raises Refusal for an unknown key or a set of documents.

    Read-only properties are ignored, as SAP does.
    """
    if set_name == "SQLQueries":
        return change_query(books, key, body)
    if set_name not in EDITABLE:
        raise Refusal(-1029, f"This sandbox does not change {set_name}")
    old = books.row(set_name, key)
    if old is None:
        raise no_match()
    own = books.tables[set_name].key
    row = {**old, **{name: value for name, value in body.items() if name not in own}}
    _complete(books, set_name, row)
    change = Change()
    _take_prices(books, row, change)
    if set_name in STAMPED:
        row["UpdateDate"] = today.isoformat()
    change.put.append((set_name, row))
    return change


def delete_master(books: Books, set_name: str, key: Key) -> Change:
    """A change without the row; raises Refusal for documents, which are cancelled instead."""
    if set_name not in EDITABLE:
        raise Refusal(-5006, "This action is not supported")
    row = books.row(set_name, key)
    if row is None:
        raise no_match()
    if is_used(books, set_name, row):
        raise Refusal(-10, f"Record is used by transactions and cannot be removed  [{set_name}]")
    parts = [row[name] for name in books.tables[set_name].key]
    return Change(remove=[(set_name, parts)])


def _complete(books: Books, set_name: str, row: Row) -> None:
    """Fill in what SAP fills in; raises Refusal for what it cannot."""
    for name in REQUIRED.get(set_name, ()):
        if not row.get(name):
            raise Refusal(-5002, f"{name} must not be empty")
    for name, value in FILLED.get(set_name, {}).items():
        if row.get(name) is None:
            row[name] = value
    if set_name == "PriceLists" and row.get("BasePriceList") is None:
        row["BasePriceList"] = row["PriceListNo"]
    if set_name == "VatGroups":
        _check_rates(row)
    if set_name == "SpecialPrices":
        row["SpecialPriceDataAreas"] = row.get("SpecialPriceDataAreas") or []
    if set_name == "BatchNumberDetails":
        _check_batch(books, row)


def _check_rates(row: Row) -> None:
    for line in row["VatGroups_Lines"]:
        if line.get("Effectivefrom") is None or line.get("Rate") is None:
            raise Refusal(-5002, "A rate needs a day and a percentage  [VatGroups_Lines]")


def _check_batch(books: Books, row: Row) -> None:
    if books.row("Items", row["ItemCode"]) is None:
        raise no_match()
    known = books.batch_entries.get((row["ItemCode"], row["Batch"]))
    if known not in (None, row["DocEntry"]):
        raise Refusal(-2035, EXISTS)
    if row.get("SystemNumber") is None:
        row["SystemNumber"] = row["DocEntry"]


def _take_prices(books: Books, row: Row, change: Change) -> None:
    """Prices live beside the item, since every item has one row per list."""
    for price in row.pop("ItemPrices", None) or ():
        listed = books.row("PriceLists", price.get("PriceList"))
        if listed is None:
            raise no_match()
        amount = number(price, "Price")
        currency = price.get("Currency") or listed.get("DefaultPrimeCurrency")
        place = (row["ItemCode"], listed["PriceListNo"])
        change.price.append((*place, amount, currency or books.company.local_currency))
    row.pop("ItemWarehouseInfoCollection", None)
    for barcode in row.pop("ItemBarCodeCollection", None) or ():
        _take_barcode(books, row, barcode, change)


def _take_barcode(books: Books, row: Row, barcode: Mapping[str, Any], change: Change) -> None:
    known = books.tables["BarCodes"].having("ItemNo", row["ItemCode"]) or []
    if any(old["Barcode"] == barcode.get("Barcode") for old in known):
        return
    entry = books.next_entry("BarCodes") + len(change.put)
    added = {"AbsEntry": entry, "ItemNo": row["ItemCode"], "Barcode": barcode.get("Barcode")}
    change.put.append(("BarCodes", {"UoMEntry": -1, **added}))
