"""Master data out of SAP, one generator per kind.

A read that fails raises, also in the middle; it never ends early as if there were no more.
Whoever stores the rows does so in one transaction, after the generator is exhausted, so that a
broken read leaves the former copy in place (production lesson L40). Every read selects its
properties and, where SAP counts, compares the number of rows with that count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.documents import read_day
from sync.sap.master_rows import (
    AccountRow,
    CompanyRow,
    CostCentreRow,
    CurrencyRow,
    ItemRow,
    PartnerRow,
    PriceListRow,
    PriceRow,
    SpecialPriceRow,
    StockRow,
    VatGroupRow,
    WarehouseRow,
)
from sync.sap.paging import by_key, by_two_keys, counted, read_text
from sync.sap.query import Query, any_of, both, equals, literal

ALL_CURRENCIES = "##"
CODES_PER_REQUEST = 25
KINDS = {"cCustomer": "customer", "cSupplier": "supplier", "cLid": "lead"}
DECIMALS = {
    "cdWithoutDecimals": 0,
    "cd1Digit": 1,
    "cd2Digits": 2,
    "cd3Digits": 3,
    "cd4Digits": 4,
    "cd5Digits": 5,
    "cd6Digits": 6,
}
ITEM_SELECT = (
    "ItemCode", "ItemName", "ForeignName", "ItemsGroupCode", "BarCode", "SalesVATGroup",
    "PurchaseVATGroup", "InventoryUOM", "InventoryItem", "SalesItem", "ManageBatchNumbers",
    "ManageSerialNumbers", "Valid", "Frozen", "DefaultWarehouse", "UpdateDate",
    "ItemBarCodeCollection",
)  # fmt: skip
PARTNER_SELECT = (
    "CardCode", "CardName", "CardType", "Currency", "PriceListNum", "UnifiedFederalTaxID",
    "FederalTaxID", "Phone1", "EmailAddress", "CreditLimit", "CurrentAccountBalance",
    "DiscountPercent", "Valid", "Frozen", "UpdateDate",
)  # fmt: skip


def items(
    sl: ServiceLayer, updated_since: date | None = None, *, extra: Sequence[str] = ()
) -> Iterator[ItemRow]:
    """Items, all or those changed on or after a day.

    SAP knows the day of a change only, and a change of a price does not always move it: ask
    from the day before the last complete read.

    Raises:
        SyncError: also in the middle; `IncompleteRead` when rows are missing at the end.
    """
    where = _since(updated_since)
    query = Query(select=(*ITEM_SELECT, *extra), where=where)
    for row in _all(sl, "Items", "ItemCode", query):
        yield _item(row, extra)


def items_by_code(
    sl: ServiceLayer, codes: Sequence[str], *, extra: Sequence[str] = ()
) -> Iterator[ItemRow]:
    """The items of these codes, many per request; unknown codes yield no row."""
    for place in range(0, len(codes), CODES_PER_REQUEST):
        where = any_of("ItemCode", codes[place : place + CODES_PER_REQUEST])
        for row in by_key(
            sl, "Items", "ItemCode", Query(select=(*ITEM_SELECT, *extra), where=where)
        ):
            yield _item(row, extra)


def prices(sl: ServiceLayer, lists: Sequence[int] | None = None) -> Iterator[PriceRow]:
    """Prices of every item in some lists or in all; zero in SAP means none and yields no row.

    Raises:
        SyncError: as `items`.
    """
    wanted = None if lists is None else set(lists)
    query = Query(select=("ItemCode", "ItemPrices"))
    for row in _all(sl, "Items", "ItemCode", query):
        for price in row["ItemPrices"]:
            number, amount = int(price["PriceList"]), _decimal(price.get("Price"))
            if amount and (wanted is None or number in wanted):
                yield PriceRow(row["ItemCode"], number, amount, read_text(price, "Currency"))


def stock(sl: ServiceLayer, warehouse: str | None = None) -> Iterator[StockRow]:
    """Stock of every inventory item in one warehouse or in all.

    Raises:
        SyncError: as `items`.
    """
    where = equals("InventoryItem", "tYES")
    query = Query(select=("ItemCode", "ItemWarehouseInfoCollection"), where=where)
    for row in _all(sl, "Items", "ItemCode", query):
        for level in row["ItemWarehouseInfoCollection"]:
            if warehouse is None or level["WarehouseCode"] == warehouse:
                yield StockRow(
                    row["ItemCode"],
                    level["WarehouseCode"],
                    _decimal(level.get("InStock")),
                    _decimal(level.get("Committed")),
                    _decimal(level.get("Ordered")),
                )


def partners(
    sl: ServiceLayer, updated_since: date | None = None, *, extra: Sequence[str] = ()
) -> Iterator[PartnerRow]:
    """Business partners, all or those changed on or after a day.

    Raises:
        SyncError: as `items`.
    """
    query = Query(select=(*PARTNER_SELECT, *extra), where=_since(updated_since))
    for row in _all(sl, "BusinessPartners", "CardCode", query):
        yield PartnerRow(
            code=row["CardCode"],
            name=read_text(row, "CardName"),
            kind=KINDS[row["CardType"]],
            currency=_one_currency(row.get("Currency")),
            price_list=int(row.get("PriceListNum") or 1),
            vat_number=read_text(row, "UnifiedFederalTaxID"),
            tin=read_text(row, "FederalTaxID"),
            phone=read_text(row, "Phone1"),
            email=read_text(row, "EmailAddress"),
            credit_limit=_decimal(row.get("CreditLimit")),
            balance=_decimal(row.get("CurrentAccountBalance")),
            discount_percent=_decimal(row.get("DiscountPercent")),
            active=_is_active(row),
            updated=read_day(row.get("UpdateDate")),
            fields={name: row.get(name) for name in extra},
        )


def price_lists(sl: ServiceLayer) -> Iterator[PriceListRow]:
    """Price lists; raises SyncError as `items`."""
    select = (
        "PriceListNo", "PriceListName", "IsGrossPrice", "DefaultPrimeCurrency", "BasePriceList",
        "Factor", "Active", "ValidFrom", "ValidTo",
    )  # fmt: skip
    for row in _all(sl, "PriceLists", "PriceListNo", Query(select=select)):
        yield PriceListRow(
            number=int(row["PriceListNo"]),
            name=read_text(row, "PriceListName"),
            is_gross=row["IsGrossPrice"] == "tYES",
            currency=read_text(row, "DefaultPrimeCurrency"),
            base=int(row.get("BasePriceList") or row["PriceListNo"]),
            factor=_decimal(row.get("Factor")),
            active=row.get("Active") != "tNO",
            valid_from=read_day(row.get("ValidFrom")),
            valid_to=read_day(row.get("ValidTo")),
        )


def special_prices(sl: ServiceLayer) -> Iterator[SpecialPriceRow]:
    """Special prices: each entry, and each dated row below it, as a row of its own.

    Raises:
        SyncError: as `items`. Fewer special prices than there are overcharge customers.
    """
    select = (
        "ItemCode", "CardCode", "Price", "Currency", "DiscountPercent", "PriceListNum",
        "ValidFrom", "ValidTo", "Valid", "SpecialPriceDataAreas",
    )  # fmt: skip
    rows = by_two_keys(sl, "SpecialPrices", ("ItemCode", "CardCode"), Query(select=select))
    for row in counted(sl, "SpecialPrices", "", rows):
        if row.get("Valid") == "tNO":
            continue
        yield _special(row)
        for period in row["SpecialPriceDataAreas"]:
            yield _special_period(row, period)


def vat_groups(sl: ServiceLayer) -> Iterator[VatGroupRow]:
    """VAT groups with their dated rates; raises SyncError as `items`."""
    select = ("Code", "Name", "Category", "Inactive", "VatGroups_Lines")
    for row in _all(sl, "VatGroups", "Code", Query(select=select)):
        rates = [
            (day, _decimal(line["Rate"]))
            for line in row["VatGroups_Lines"]
            if (day := read_day(line["Effectivefrom"])) is not None
        ]
        yield VatGroupRow(
            code=row["Code"],
            name=read_text(row, "Name"),
            is_output=row["Category"] == "bovcOutputTax",
            active=row.get("Inactive") != "tYES",
            rates=tuple(sorted(rates)),
        )


def warehouses(sl: ServiceLayer) -> Iterator[WarehouseRow]:
    """Warehouses; raises SyncError as `items`."""
    select = ("WarehouseCode", "WarehouseName", "City", "Inactive")
    for row in _all(sl, "Warehouses", "WarehouseCode", Query(select=select)):
        yield WarehouseRow(
            row["WarehouseCode"],
            read_text(row, "WarehouseName"),
            read_text(row, "City"),
            row.get("Inactive") != "tYES",
        )


def accounts(sl: ServiceLayer) -> Iterator[AccountRow]:
    """Accounts; raises SyncError as `items`."""
    select = ("Code", "Name", "AcctCurrency", "CashAccount", "ActiveAccount", "FrozenFor")
    for row in _all(sl, "ChartOfAccounts", "Code", Query(select=select)):
        yield AccountRow(
            code=row["Code"],
            name=read_text(row, "Name"),
            currency=_one_currency(row.get("AcctCurrency")),
            is_cash=row.get("CashAccount") == "tYES",
            active=row.get("ActiveAccount") != "tNO" and row.get("FrozenFor") != "tYES",
        )


def cost_centres(sl: ServiceLayer) -> Iterator[CostCentreRow]:
    """Cost centres; raises SyncError as `items`."""
    select = ("CenterCode", "CenterName", "InWhichDimension", "Active")
    for row in _all(sl, "ProfitCenters", "CenterCode", Query(select=select)):
        yield CostCentreRow(
            row["CenterCode"],
            read_text(row, "CenterName"),
            int(row.get("InWhichDimension") or 1),
            row.get("Active") != "tNO",
        )


def currencies(sl: ServiceLayer) -> Iterator[CurrencyRow]:
    """Currencies; raises SyncError as `items`."""
    select = ("Code", "Name", "DocumentsCode", "Decimals")
    for row in _all(sl, "Currencies", "Code", Query(select=select)):
        yield CurrencyRow(
            row["Code"],
            read_text(row, "Name"),
            read_text(row, "DocumentsCode"),
            DECIMALS.get(str(row.get("Decimals")), 2),
        )


def company(sl: ServiceLayer) -> CompanyRow:
    """The company's settings; raises SyncError."""
    info = sl.ask("CompanyService_GetAdminInfo")
    try:
        return CompanyRow(
            name=read_text(info, "CompanyName"),
            local_currency=info["LocalCurrency"],
            direct_rate=info["DirectIndirectRate"] == "tYES",
            totals_decimals=int(info["TotalsAccuracy"]),
            price_decimals=int(info["PriceAccuracy"]),
            quantity_decimals=int(info["AccuracyofQuantities"]),
            blocks_negative_stock=info["BlockStockNegativeQuantity"] == "tYES",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"SAP's company settings cannot be read: {error!r}") from error


def rate(sl: ServiceLayer, currency: str | None, day: date) -> Decimal:
    """SAP's exchange rate of a day, in SAP's own direction; 1 for None, the local currency.

    Raises:
        SapRejected: of kind WAITING_FOR_RATE when there is none for the day.
        Unavailable: SAP could not be asked.
    """
    if currency is None:
        return Decimal(1)
    body = {"Currency": currency, "Date": day.strftime("%Y%m%d")}
    told = sl.value("SBOBobService_GetCurrencyRate", body)
    try:
        rate = Decimal(told)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise Unavailable(f"SAP's rate of {currency} is not a number.") from error
    if not rate.is_finite() or rate <= 0:
        raise Unavailable(f"SAP's rate of {currency} is {rate}, which cannot be.")
    return rate


def user_fields(sl: ServiceLayer, table: str) -> frozenset[str]:
    """The user-defined fields of a table, with their prefix; raises SyncError.

    A body that names a missing one fails whole, so ask before the first posting (lesson L56).
    """
    query = Query(select=("TableName", "FieldID", "Name"), where=equals("TableName", table))
    rows = sl.rows("UserFieldsMD", query)
    return frozenset(f"U_{row['Name']}" for row in rows)


def _all(sl: ServiceLayer, set_name: str, key: str, query: Query) -> Iterator[Row]:
    return counted(sl, set_name, query.where, by_key(sl, set_name, key, query))


def _since(day: date | None) -> str:
    return "" if day is None else both(f"UpdateDate ge {literal(day)}")


def _item(row: Row, extra: Sequence[str]) -> ItemRow:
    main = read_text(row, "BarCode")
    others = [read_text(code, "Barcode") for code in row.get("ItemBarCodeCollection") or ()]
    listed = [code for code in (main, *others) if code]
    return ItemRow(
        code=row["ItemCode"],
        name=read_text(row, "ItemName"),
        foreign_name=read_text(row, "ForeignName"),
        group=int(row.get("ItemsGroupCode") or 0),
        barcode=main,
        barcodes=tuple(dict.fromkeys(listed)),
        vat_group=read_text(row, "SalesVATGroup"),
        purchase_vat_group=read_text(row, "PurchaseVATGroup"),
        uom=read_text(row, "InventoryUOM"),
        is_inventory=_flag(row, "InventoryItem"),
        is_sold=_flag(row, "SalesItem"),
        by_batch=_flag(row, "ManageBatchNumbers"),
        by_serial=_flag(row, "ManageSerialNumbers"),
        active=_is_active(row),
        default_warehouse=read_text(row, "DefaultWarehouse"),
        updated=read_day(row.get("UpdateDate")),
        fields={name: row.get(name) for name in extra},
    )


def _special(row: Row) -> SpecialPriceRow:
    return SpecialPriceRow(
        item_code=row["ItemCode"],
        card_code=row["CardCode"],
        price=_decimal(row.get("Price")),
        currency=read_text(row, "Currency"),
        discount_percent=_decimal(row.get("DiscountPercent")),
        price_list=int(row.get("PriceListNum") or 0),
        valid_from=read_day(row.get("ValidFrom")),
        valid_to=read_day(row.get("ValidTo")),
        is_period=False,
    )


def _special_period(row: Row, period: Row) -> SpecialPriceRow:
    return SpecialPriceRow(
        item_code=row["ItemCode"],
        card_code=row["CardCode"],
        price=_decimal(period.get("SpecialPrice")),
        currency=read_text(period, "PriceCurrency") or read_text(row, "Currency"),
        discount_percent=_decimal(period.get("Discount")),
        price_list=int(period.get("PriceListNo") or row.get("PriceListNum") or 0),
        valid_from=read_day(period.get("DateFrom")),
        valid_to=read_day(period.get("Dateto")),
        is_period=True,
    )


def _flag(row: Row, name: str) -> bool:
    """A yes or no; neither is refused, since an unknown flag is not a no (lesson L43)."""
    value = row.get(name)
    if value not in ("tYES", "tNO"):
        raise Unavailable(f"SAP does not say whether {name} of {row.get('ItemCode')} is set.")
    return bool(value == "tYES")


def _is_active(row: Row) -> bool:
    return row.get("Valid") != "tNO" and row.get("Frozen") != "tYES"


def _one_currency(value: Any) -> str | None:
    return None if not value or value == ALL_CURRENCIES else str(value)


def _decimal(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(value)
