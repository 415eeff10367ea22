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

EDITABLE = frozenset(
    {"Items", "BusinessPartners", "Warehouses", "PriceLists", "SpecialPrices", "VatGroups",
     "ChartOfAccounts", "ProfitCenters", "DistributionRules", "Currencies", "CreditCards",
     "BarCodes", "BatchNumberDetails"}
)  # fmt: skip
NUMBERED = frozenset({"BarCodes", "BatchNumberDetails"})
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
    parts = [row[name] for name in books.tables[set_name].key]
    return Change(remove=[(set_name, parts)])


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
