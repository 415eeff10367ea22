"""One entry of a shop file to one row of an entity set, in SAP's own names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Set
from decimal import Decimal, InvalidOperation
from typing import Any

from sync.sap.simulator.bins import ALLOTS
from sync.sap.simulator.company import Company
from sync.sap.simulator.table import Row

SmallRow = Callable[[Mapping[str, Any]], Row]

DECIMALS = {0: "cdWithoutDecimals", 1: "cd1Digit", 2: "cd2Digits", 3: "cd3Digits", 4: "cd4Digits"}
KINDS = {"customer": "cCustomer", "supplier": "cSupplier", "lead": "cLid"}
BATCH_STATES = {
    "released": "bdsStatus_Released",
    "not_accessible": "bdsStatus_NotAccessible",
    "locked": "bdsStatus_Locked",
}
ITEM_KEYS = frozenset(
    {
        "code", "name", "foreign_name", "group", "barcode", "barcodes", "vat_group",
        "purchase_vat_group", "uom", "uom_group", "warehouse", "inventory", "batch_managed",
        "active", "updated", "prices", "stock", "batches", "fields",
        "serials", "minimum", "cost",
    }
)  # fmt: skip
PARTNER_KEYS = frozenset(
    {
        "code", "name", "kind", "currency", "price_list", "vat_number", "tin", "phone", "email",
        "credit_limit", "balance", "discount", "active", "updated", "fields",
    }
)  # fmt: skip


class ShopInvalid(ValueError):
    """A shop file that cannot be loaded; the sentence names the place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"In the shop file, {place} {problem}.")


def known(place: str, entry: Mapping[str, Any], names: Set[str]) -> None:
    """Refuse keys nobody reads; raises ShopInvalid."""
    unknown = entry.keys() - names
    if unknown:
        raise ShopInvalid(place, f"has the unknown key {', '.join(sorted(unknown))}")


def decimal(place: str, value: Any) -> Decimal:
    """A number of a shop file; raises ShopInvalid."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ShopInvalid(place, f"has {value!r} in place of a number")
    return number


def currency(entry: Mapping[str, Any]) -> Row:
    """A row of Currencies."""
    known("a currency", entry, {"code", "name", "iso", "decimals"})
    return {
        "Code": _code("a currency", entry),
        "Name": entry.get("name", entry["code"]),
        "DocumentsCode": entry.get("iso", entry["code"]),
        "Decimals": DECIMALS[int(entry.get("decimals", 2))],
    }


def vat_group(entry: Mapping[str, Any]) -> Row:
    """A row of VatGroups."""
    code = _code("a VAT group", entry)
    known(f"VAT group {code}", entry, {"code", "name", "input", "inactive", "rates"})
    if not entry.get("rates"):
        raise ShopInvalid(f"VAT group {code}", "has no rates")
    lines = [
        {"Effectivefrom": line["from"], "Rate": decimal(f"VAT group {code}", line["rate"])}
        for line in entry["rates"]
    ]
    return {
        "Code": code,
        "Name": entry.get("name", code),
        "Category": "bovcInputTax" if entry.get("input") else "bovcOutputTax",
        "Inactive": _yes(entry.get("inactive", False)),
        "VatGroups_Lines": sorted(lines, key=lambda line: str(line["Effectivefrom"])),
    }


def warehouse(entry: Mapping[str, Any]) -> Row:
    """A row of Warehouses."""
    code = _code("a warehouse", entry)
    keys = {"code", "name", "city", "inactive", "bins", "allots", "branch"}
    known(f"warehouse {code}", entry, keys)
    return {
        "WarehouseCode": code,
        "WarehouseName": entry.get("name", code),
        "City": entry.get("city"),
        "Inactive": _yes(entry.get("inactive", False)),
        "DropShip": "tNO",
        "Nettable": "tYES",
        "EnableBinLocations": _yes(bool(entry.get("bins"))),
        "AutoAllocOnIssue": ALLOTS if entry.get("allots") else None,
        "BusinessPlaceID": int(entry["branch"]) if "branch" in entry else None,
    }


def branch(entry: Mapping[str, Any]) -> Row:
    """A row of BusinessPlaces."""
    known("a branch", entry, {"number", "name", "main", "disabled"})
    return {
        "BPLID": int(entry["number"]),
        "BPLName": entry.get("name", f"Branch {entry['number']}"),
        "MainBPL": _yes(entry.get("main", False)),
        "Disabled": _yes(entry.get("disabled", False)),
    }


def bin_location(entry: int, warehouse: str, code: str) -> Row:
    """A row of BinLocations."""
    return {
        "AbsEntry": entry,
        "Warehouse": warehouse,
        "Sublevel1": code,
        "BinCode": f"{warehouse}-{code}",
        "Inactive": "tNO",
    }


def account(entry: Mapping[str, Any]) -> Row:
    """A row of ChartOfAccounts."""
    code = _code("an account", entry)
    known(f"account {code}", entry, {"code", "name", "currency", "cash", "active"})
    return {
        "Code": code,
        "Name": entry.get("name", code),
        "AcctCurrency": entry.get("currency", "##"),
        "CashAccount": _yes(entry.get("cash", False)),
        "ActiveAccount": _yes(entry.get("active", True)),
        "FrozenFor": "tNO",
        "FormatCode": code,
    }


def cost_centre(entry: Mapping[str, Any]) -> Row:
    """A row of ProfitCenters."""
    code = _code("a cost centre", entry)
    known(f"cost centre {code}", entry, {"code", "name", "dimension", "active"})
    return {
        "CenterCode": code,
        "CenterName": entry.get("name", code),
        "InWhichDimension": int(entry.get("dimension", 1)),
        "Active": _yes(entry.get("active", True)),
        "EffectiveFrom": "2000-01-01",
    }


def payment_terms(entry: Mapping[str, Any]) -> Row:
    """A row of PaymentTermsTypes."""
    known("terms of payment", entry, {"number", "name", "days", "months"})
    return {
        "GroupNumber": int(entry["number"]),
        "PaymentTermsGroupName": entry.get("name", ""),
        "NumberOfAdditionalDays": int(entry.get("days", 0)),
        "NumberOfAdditionalMonths": int(entry.get("months", 0)),
    }


def credit_card(entry: Mapping[str, Any]) -> Row:
    """A row of CreditCards."""
    known("a credit card", entry, {"code", "name", "account"})
    return {
        "CreditCardCode": int(entry["code"]),
        "CreditCardName": entry.get("name", ""),
        "GLAccount": entry.get("account", ""),
    }


def price_list(entry: Mapping[str, Any]) -> Row:
    """A row of PriceLists."""
    number = int(entry["number"])
    keys = {"number", "name", "gross", "currency", "base", "factor", "active"}
    known(f"price list {number}", entry, keys)
    return {
        "PriceListNo": number,
        "PriceListName": entry.get("name", f"List {number}"),
        "IsGrossPrice": _yes(entry.get("gross", True)),
        "BasePriceList": int(entry.get("base", number)),
        "Factor": decimal(f"price list {number}", entry.get("factor", 1)),
        "DefaultPrimeCurrency": entry.get("currency"),
        "Active": _yes(entry.get("active", True)),
    }


def special_price(entry: Mapping[str, Any]) -> Row:
    """A row of SpecialPrices."""
    place = f"the special price of {entry.get('item')}"
    keys = {
        "item", "partner", "price", "currency", "price_list", "discount", "from", "to", "periods",
    }  # fmt: skip
    known(place, entry, keys)
    return {
        "ItemCode": entry["item"],
        "CardCode": entry["partner"],
        "Price": decimal(place, entry.get("price", 0)),
        "Currency": entry.get("currency"),
        "PriceListNum": int(entry.get("price_list", 0)),
        "DiscountPercent": decimal(place, entry.get("discount", 0)),
        "AutoUpdate": "tNO",
        "Valid": "tYES",
        "ValidFrom": entry.get("from"),
        "ValidTo": entry.get("to"),
        "SpecialPriceDataAreas": [
            _period(place, number, period) for number, period in enumerate(entry.get("periods", ()))
        ],
    }


def partner(entry: Mapping[str, Any]) -> Row:
    """A row of BusinessPartners."""
    code = _code("a partner", entry)
    known(f"partner {code}", entry, PARTNER_KEYS)
    is_active = entry.get("active", True)
    row = {
        "CardCode": code,
        "CardName": entry.get("name", code),
        "CardType": KINDS[entry.get("kind", "customer")],
        "Currency": entry.get("currency", "##"),
        "PriceListNum": int(entry.get("price_list", 1)),
        "FederalTaxID": entry.get("tin"),
        "UnifiedFederalTaxID": entry.get("vat_number"),
        "Phone1": entry.get("phone"),
        "EmailAddress": entry.get("email"),
        "CreditLimit": decimal(f"partner {code}", entry.get("credit_limit", 0)),
        "DiscountPercent": decimal(f"partner {code}", entry.get("discount", 0)),
        "Valid": _yes(is_active),
        "Frozen": _yes(not is_active),
        "UpdateDate": entry.get("updated"),
    }
    return row | dict(entry.get("fields", {}))


def item_row(entry: Mapping[str, Any]) -> Row:
    """A row of Items; what equals the set's defaults is left out, for a hundred thousand."""
    code = _code("an item", entry)
    known(f"item {code}", entry, ITEM_KEYS)
    row: Row = {"ItemCode": code, "ItemName": entry.get("name", code)}
    if barcodes := _barcodes(entry):
        row["BarCode"] = barcodes[0][0]
    for name, key in (
        ("SalesVATGroup", "vat_group"),
        ("PurchaseVATGroup", "purchase_vat_group"),
        ("ForeignName", "foreign_name"),
        ("InventoryUOM", "uom"),
        ("DefaultWarehouse", "warehouse"),
        ("UpdateDate", "updated"),
        ("ItemsGroupCode", "group"),
    ):
        if (value := entry.get(key)) is not None:
            # Groups, units and days repeat a hundred thousand times; one object serves all.
            row[name] = sys.intern(value) if isinstance(value, str) else value
    if not entry.get("inventory", True):
        row["InventoryItem"] = "tNO"
    if entry.get("batch_managed") or entry.get("batches"):
        row["ManageBatchNumbers"] = "tYES"
    if entry.get("serials"):
        row["ManageSerialNumbers"] = "tYES"
    if not entry.get("active", True):
        row |= {"Valid": "tNO", "Frozen": "tYES"}
    if minimum := entry.get("minimum"):
        told = {place: decimal(f"item {code}", least) for place, least in minimum.items()}
        row["_minimum"] = told
    if "cost" in entry:
        row["_cost"] = decimal(f"item {code}", entry["cost"])
    return row | dict(entry.get("fields", {}))


def barcode_rows(
    row: Row, entry: Mapping[str, Any], first: int, *, unit: Callable[[str, str], int]
) -> Iterator[Row]:
    """Rows of BarCodes for one item, numbered from `first`; a unit is known by its number."""
    item = row["ItemCode"]
    for number, (barcode, named) in enumerate(_barcodes(entry), first):
        of = -1 if named is None else unit(item, named)
        yield {"AbsEntry": number, "ItemNo": item, "UoMEntry": of, "Barcode": barcode}


def batch_row(code: str, entry: Mapping[str, Any], batch: Mapping[str, Any], doc_entry: int) -> Row:
    """A row of BatchNumberDetails."""
    keys = {"number", "expiry", "manufactured", "admitted", "status", "quantities"}
    known(f"a batch of {code}", batch, keys)
    return {
        "DocEntry": doc_entry,
        "ItemCode": code,
        "ItemDescription": entry.get("name", code),
        "Batch": batch["number"],
        "Status": BATCH_STATES[batch.get("status", "released")],
        "ExpirationDate": batch.get("expiry"),
        "ManufacturingDate": batch.get("manufactured"),
        "AdmissionDate": batch.get("admitted"),
        "SystemNumber": doc_entry,
    }


def user_field_rows(company: Company) -> Iterator[Row]:
    """Rows of UserFieldsMD, so that a client can ask which fields exist."""
    for table, names in company.user_fields.items():
        for number, name in enumerate(names):
            yield {
                "TableName": table,
                "FieldID": number,
                "Name": name.removeprefix("U_"),
                "Type": "db_Alpha",
                "Size": 100,
                "EditSize": 100,
            }


def _period(place: str, number: int, period: Mapping[str, Any]) -> Row:
    known(place, period, {"from", "to", "price", "discount", "currency", "quantities"})
    return {
        "RowNumber": number,
        "DateFrom": period.get("from"),
        "Dateto": period.get("to"),
        "SpecialPrice": decimal(place, period.get("price", 0)),
        "Discount": decimal(place, period.get("discount", 0)),
        "PriceCurrency": period.get("currency"),
        "SpecialPriceQuantityAreas": [
            _step(place, number, step, period) for step in period.get("quantities", ())
        ],
    }


def _step(place: str, number: int, step: Mapping[str, Any], period: Mapping[str, Any]) -> Row:
    known(place, step, {"quantity", "price", "discount", "currency"})
    return {
        "SPDARowNumber": number,
        "Quantity": decimal(place, step["quantity"]),
        "SpecialPrice": decimal(place, step.get("price", 0)),
        "Discountin": decimal(place, step.get("discount", 0)),
        "PriceCurrency": step.get("currency", period.get("currency")),
        "UoMEntry": -1,
    }


def _barcodes(entry: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Barcodes of an item and the unit each names, the main one first, without repetition."""
    found: dict[str, str | None] = {}
    if entry.get("barcode"):
        found[entry["barcode"]] = None
    for one in entry.get("barcodes", ()):
        if isinstance(one, Mapping):
            known("a barcode", one, {"code", "unit"})
            found.setdefault(one["code"], one.get("unit"))
        else:
            found.setdefault(one, None)
    return list(found.items())


def _code(what: str, entry: Mapping[str, Any]) -> str:
    code = entry.get("code")
    if not isinstance(code, str) or not code:
        raise ShopInvalid(what, "has no code")
    return code


def _yes(value: object) -> str:
    return "tYES" if value else "tNO"
