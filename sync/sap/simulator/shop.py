"""A shop's master data from one JSON file, or a folder of CSV files, into the simulated company.

Every number may be a JSON number or, better, a decimal string. Dates are ``yyyy-mm-dd``. Only
``code``-like keys are required; unknown keys are refused, so that a typing error is not an
empty catalogue. The file is one object::

    {"company":       {settings of `sync.sap.simulator.company.Company`},
     "currencies":    [{"code": "ZiG", "name": "…", "iso": "ZWG", "decimals": 2}],
     "rates":         [{"currency": "ZiG", "date": "2026-08-20", "rate": "26.79"}],
     "vat_groups":    [{"code": "O01", "name": "…", "input": false, "inactive": false,
                        "rates": [{"from": "2023-01-01", "rate": "15.5"}]}],
     "branches":      [{"number": 1, "name": "…", "main": true, "disabled": false}],
     "warehouses":    [{"code": "SHOP1", "name": "…", "city": "…", "inactive": false,
                        "bins": ["A1", "A2"], "allots": false, "branch": 1}],
     "accounts":      [{"code": "1110", "name": "…", "currency": "USD", "cash": true,
                        "active": true}],
     "cost_centres":  [{"code": "SHOP1", "name": "…", "dimension": 1, "active": true}],
     "credit_cards":  [{"code": 1, "name": "…", "account": "1130"}],
     "payment_terms": [{"number": 1, "name": "30 days", "days": 30, "months": 0}],
     "price_lists":   [{"number": 1, "name": "…", "gross": true, "currency": "USD",
                        "base": 1, "factor": "1", "active": true}],
     "items":         [{"code": "MILK1", "name": "…", "foreign_name": "…", "group": 100,
                        "barcode": "6001…", "barcodes": ["…", {"code": "…", "unit": "BOX12"}],
                        "uom_group": "MILK", "vat_group": "O01",
                        "purchase_vat_group": "I01", "uom": "EA", "warehouse": "SHOP1",
                        "inventory": true, "batch_managed": true, "active": true,
                        "updated": "2026-08-01", "prices": {"1": "1.99", "2": "53.30"},
                        "stock": {"SHOP1": "40"},
                        "batches": [{"number": "B240801", "expiry": "2026-09-01",
                                     "manufactured": "…", "admitted": "…", "status": "released",
                                     "quantities": {"SHOP1": "40"}}],
                        "serials": {"SHOP1": ["SN1", "SN2"]},
                        "minimum": {"SHOP1": "10"}, "cost": "1.10",
                        "fields": {"U_HSCode": "…"}}],
     "partners":      [{"code": "C0001", "name": "…", "kind": "customer", "currency": "##",
                        "price_list": 1, "vat_number": "…", "tin": "…", "phone": "…",
                        "email": "…", "credit_limit": "500", "balance": "0", "discount": "0",
                        "active": true, "updated": "2026-08-01", "fields": {}}],
     "special_prices": [{"item": "MILK1", "partner": "C0001", "price": "1.79",
                        "currency": "USD", "price_list": 1, "discount": "0", "from": "…",
                        "to": "…", "periods": [{"from": "…", "to": "…", "price": "1.69",
                        "discount": "0", "currency": "USD",
                        "quantities": [{"quantity": "10", "price": "1.60"}]}]}],
     "uom_groups":    [{"code": "MILK", "name": "…", "base": "EA", "units": [{"unit": "BOX12",
                        "quantity": "1", "base_quantity": "12"}]}]}

A rate without ``date`` stands for every day without its own. The stock of a batch-managed item
is the sum of its batches, that of an item with serial numbers their count; giving both, with
another sum, is refused. Of the places (``bins``) of a warehouse the first takes what names none.
A company with branches wants one in every document, and that of its warehouses.
``fields`` holds further properties under SAP's own names. A price list without prices in its own
currency takes the local one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sync.sap import decimal_json
from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.company import Company, CompanyInvalid
from sync.sap.simulator.csv_shop import read_folder
from sync.sap.simulator.serials import ONE, serial_row
from sync.sap.simulator.shop_rows import (
    ShopInvalid,
    SmallRow,
    account,
    barcode_rows,
    batch_row,
    bin_location,
    branch,
    cost_centre,
    credit_card,
    currency,
    decimal,
    item_row,
    known,
    partner,
    payment_terms,
    price_list,
    special_price,
    user_field_rows,
    vat_group,
    warehouse,
)
from sync.sap.simulator.table import Row
from sync.sap.simulator.units import Units

__all__ = ["ShopInvalid", "books_of", "read_shop"]

SMALL_SETS: Mapping[str, tuple[str, SmallRow]] = {
    "branches": ("BusinessPlaces", branch),
    "currencies": ("Currencies", currency),
    "vat_groups": ("VatGroups", vat_group),
    "warehouses": ("Warehouses", warehouse),
    "accounts": ("ChartOfAccounts", account),
    "cost_centres": ("ProfitCenters", cost_centre),
    "credit_cards": ("CreditCards", credit_card),
    "payment_terms": ("PaymentTermsTypes", payment_terms),
    "price_lists": ("PriceLists", price_list),
    "special_prices": ("SpecialPrices", special_price),
}
ALWAYS: Mapping[str, tuple[Row, ...]] = {
    "Users": ({"InternalKey": 1, "UserCode": "manager", "UserName": "Manager", "Locked": "tNO"},),
    "BusinessPartnerGroups": (
        {"Code": 100, "Name": "Customers", "Type": "bbpgt_CustomerGroup"},
        {"Code": 101, "Name": "Suppliers", "Type": "bbpgt_VendorGroup"},
    ),
}
"""What every company has from the start."""

PARTS = frozenset({"company", "rates", "items", "partners", "uom_groups", *SMALL_SETS})


def read_shop(path: Path) -> Mapping[str, Any]:
    """The shop of a JSON file or of a folder of CSV files; raises ShopInvalid when it is none."""
    if path.is_dir():
        return read_folder(path)
    try:
        data = decimal_json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ShopInvalid(str(path), f"cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise ShopInvalid(str(path), "is not a JSON object")
    return data


def books_of(data: Mapping[str, Any]) -> Books:
    """New books holding this shop.

    Raises:
        ShopInvalid: names the part and what is wrong with it.
    """
    known("the shop", data, PARTS)
    try:
        return _books_of(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ShopInvalid("an entry", f"cannot be read ({error!r})") from error


def _books_of(data: Mapping[str, Any]) -> Books:
    try:
        company = Company().with_changes(data.get("company", {}))
    except CompanyInvalid as error:
        raise ShopInvalid("company", str(error)) from error
    books = Books(company)
    for part, (set_name, build) in SMALL_SETS.items():
        _load_small(books, set_name, (build(entry) for entry in data.get(part, ())))
    _load_small(books, "UserFieldsMD", user_field_rows(company))
    for set_name, rows in ALWAYS.items():
        _load_small(books, set_name, map(dict, rows))
    _check_branches(books)
    _add_distribution_rules(books)
    _add_bins(books, data.get("warehouses", ()))
    books.apply(Change(rate=[_rate(entry) for entry in data.get("rates", ())]))
    _load_items(books, data.get("items", ()), Units(books, data.get("uom_groups", ())))
    _load_partners(books, data.get("partners", ()))
    return books


def _check_branches(books: Books) -> None:
    for row in books.tables["Warehouses"].rows():
        of = row.get("BusinessPlaceID")
        if of is not None and books.row("BusinessPlaces", of) is None:
            raise ShopInvalid(f"warehouse {row['WarehouseCode']}", f"has the unknown branch {of}")


def _load_small(books: Books, set_name: str, rows: Iterable[Row]) -> None:
    table = books.tables[set_name]
    for row in rows:
        table.put(row)


def _add_distribution_rules(books: Books) -> None:
    """Every cost centre has a rule of its own name, which is what document lines take."""
    for centre in list(books.tables["ProfitCenters"].rows()):
        rule = {
            "FactorCode": centre["CenterCode"],
            "FactorDescription": centre["CenterName"],
            "InWhichDimension": centre["InWhichDimension"],
            "Active": centre["Active"],
            "TotalFactor": Decimal(100),
        }
        books.tables["DistributionRules"].put(rule)


def _add_bins(books: Books, entries: Iterable[Mapping[str, Any]]) -> None:
    """The places of a warehouse; the first is where goods go that name none."""
    for entry in entries:
        for code in entry.get("bins", ()):
            place = bin_location(books.next_entry("BinLocations"), entry["code"], str(code))
            books.tables["BinLocations"].put(place)
            books.tables["Warehouses"].get(entry["code"]).setdefault(  # type: ignore[union-attr]
                "DefaultBin", place["AbsEntry"]
            )


def _rate(entry: Mapping[str, Any]) -> tuple[str, str, Decimal]:
    known("a rate", entry, {"currency", "date", "rate"})
    return entry["currency"], entry.get("date") or "", decimal("a rate", entry["rate"])


def _load_items(books: Books, entries: Iterable[Mapping[str, Any]], units: Units) -> None:
    tables = books.tables
    currencies = {
        row["PriceListNo"]: row.get("DefaultPrimeCurrency") or books.company.local_currency
        for row in tables["PriceLists"].rows()
    }
    for entry in entries:
        row = item_row(entry)
        code = row["ItemCode"]
        _check_fields(books, "Items", f"item {code}", entry)
        if "uom_group" in entry:
            row["UoMGroupEntry"] = units.group(code, entry["uom_group"])
        tables["Items"].put(row)
        first = len(tables["BarCodes"]) + 1
        for barcode in barcode_rows(row, entry, first, unit=units.unit):
            tables["BarCodes"].put(barcode)
        books.prices[code] = _prices(code, entry.get("prices", {}), currencies)
        _load_stock(books, code, entry)


def _prices(
    code: str, given: Mapping[str, Any], currencies: Mapping[int, str]
) -> dict[int, tuple[Decimal, str]]:
    prices = {}
    for number, price in given.items():
        place = int(number)
        if place not in currencies:
            raise ShopInvalid(f"item {code}", f"has a price in the unknown list {number}")
        prices[place] = (decimal(code, price), currencies[place])
    return prices


def _load_stock(books: Books, code: str, entry: Mapping[str, Any]) -> None:
    levels: dict[str, Decimal] = {}
    for batch in entry.get("batches", ()):
        row = batch_row(code, entry, batch, len(books.tables["BatchNumberDetails"]) + 1)
        books.apply(Change(put=[("BatchNumberDetails", row)]))
        held = {
            place: decimal(code, quantity)
            for place, quantity in batch.get("quantities", {}).items()
        }
        books.batch_stock[row["DocEntry"]] = held
        for place, quantity in held.items():
            levels[place] = levels.get(place, ZERO) + quantity
    for place, pieces in _load_serials(books, code, entry).items():
        levels[place] = levels.get(place, ZERO) + pieces
    given = {place: decimal(code, quantity) for place, quantity in entry.get("stock", {}).items()}
    if levels and given and given != levels:
        raise ShopInvalid(f"item {code}", "has stock that differs from the sum of its batches")
    _check_warehouses(books, code, levels or given)
    books.stock[code] = levels or given
    for place, quantity in books.stock[code].items():
        default = (books.row("Warehouses", place) or {}).get("DefaultBin")
        if default is not None:
            books.bin_stock[default, code] = quantity


def _load_serials(books: Books, code: str, entry: Mapping[str, Any]) -> dict[str, Decimal]:
    """Pieces with a number of their own, and how many each warehouse holds."""
    held = {}
    for place, serials in entry.get("serials", {}).items():
        for serial in serials:
            number = books.next_entry("SerialNumberDetails")
            row = serial_row(number, code, str(serial), name=entry.get("name", code))
            books.apply(Change(put=[("SerialNumberDetails", row)], serial=[(number, place, ONE)]))
        held[place] = Decimal(len(serials))
    return held


def _check_warehouses(books: Books, code: str, levels: Mapping[str, Decimal]) -> None:
    for place in levels:
        if books.row("Warehouses", place) is None:
            raise ShopInvalid(f"item {code}", f"has stock in the unknown warehouse {place}")


def _check_fields(books: Books, set_name: str, place: str, entry: Mapping[str, Any]) -> None:
    owner = books.schema.entity_set(set_name)
    for name in entry.get("fields", ()):
        if books.schema.property_type(owner, name) is None:
            raise ShopInvalid(place, f"has the field {name}, which {set_name} does not have")


def _load_partners(books: Books, entries: Iterable[Mapping[str, Any]]) -> None:
    for entry in entries:
        row = partner(entry)
        _check_fields(books, "BusinessPartners", f"partner {row['CardCode']}", entry)
        books.tables["BusinessPartners"].put(row)
        try:
            balance = Decimal(str(entry.get("balance", 0)))
        except InvalidOperation as error:
            raise ShopInvalid(f"partner {row['CardCode']}", "has no readable balance") from error
        if balance:
            books.balances[row["CardCode"]] = balance
