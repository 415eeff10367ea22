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

from sync.sap.client import Row, ServiceLayer
from sync.sap.held import read_day
from sync.sap.master_rows import (
    AccountRow,
    CostCentreRow,
    CurrencyRow,
    PartnerRow,
    PaymentTermsRow,
    PriceListRow,
    QuantityPrice,
    SpecialPriceRow,
    Unit,
    UnitGroupRow,
    VatGroupRow,
    WarehouseRow,
)
from sync.sap.paging import by_key, by_two_keys, counted, read_text
from sync.sap.query import Query, any_of, both, literal

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
PARTNER_SELECT = (
    "CardCode", "CardName", "CardType", "Currency", "PriceListNum", "UnifiedFederalTaxID",
    "FederalTaxID", "Phone1", "EmailAddress", "CreditLimit", "CurrentAccountBalance",
    "DiscountPercent", "Valid", "Frozen", "UpdateDate", "OpenOrdersBalance", "PayTermsGrpCode",
)  # fmt: skip


def partners(
    sl: ServiceLayer, updated_since: date | None = None, *, extra: Sequence[str] = ()
) -> Iterator[PartnerRow]:
    """Business partners, all or those changed on or after a day.

    SAP knows the day of a change only, and a document moves a balance without one: ask from the
    day before the last read, and for the partners of new documents by `partners_by_code`.

    Raises:
        SyncError: as every reader here.
    """
    query = Query(select=(*PARTNER_SELECT, *extra), where=changed_since(updated_since))
    for row in _all(sl, "BusinessPartners", "CardCode", query):
        yield _partner(row, extra)


def partners_by_code(sl: ServiceLayer, codes: Sequence[str]) -> Iterator[PartnerRow]:
    """The partners of these codes, many per request; unknown codes yield no row."""
    for row in rows_of(sl, "BusinessPartners", "CardCode", codes, select=PARTNER_SELECT):
        yield _partner(row, ())


def _partner(row: Row, extra: Sequence[str]) -> PartnerRow:
    return PartnerRow(
        code=row["CardCode"],
        name=read_text(row, "CardName"),
        kind=KINDS[row["CardType"]],
        currency=_one_currency(row.get("Currency")),
        price_list=int(row.get("PriceListNum") or 1),
        vat_number=read_text(row, "UnifiedFederalTaxID"),
        tin=read_text(row, "FederalTaxID"),
        phone=read_text(row, "Phone1"),
        email=read_text(row, "EmailAddress"),
        credit_limit=decimal_of(row.get("CreditLimit")),
        balance=decimal_of(row.get("CurrentAccountBalance")),
        discount_percent=decimal_of(row.get("DiscountPercent")),
        active=is_active(row),
        updated=read_day(row.get("UpdateDate")),
        open_orders=decimal_of(row.get("OpenOrdersBalance")),
        payment_terms=int(row.get("PayTermsGrpCode") or 0),
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
            factor=decimal_of(row.get("Factor")),
            active=row.get("Active") != "tNO",
            valid_from=read_day(row.get("ValidFrom")),
            valid_to=read_day(row.get("ValidTo")),
        )


def special_prices(sl: ServiceLayer) -> Iterator[SpecialPriceRow]:
    """Special prices: each entry, and each dated row below it, as a row of its own.

    Prices from a quantity on stand inside the dated row they belong to (lesson L65).

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
            (day, decimal_of(line["Rate"]))
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
    select = (
        "Code", "Name", "AcctCurrency", "CashAccount", "ActiveAccount", "FrozenFor", "FormatCode",
        "AccountType", "Balance",
    )  # fmt: skip
    for row in _all(sl, "ChartOfAccounts", "Code", Query(select=select)):
        yield AccountRow(
            code=row["Code"],
            name=read_text(row, "Name"),
            currency=_one_currency(row.get("AcctCurrency")),
            is_cash=row.get("CashAccount") == "tYES",
            active=row.get("ActiveAccount") != "tNO" and row.get("FrozenFor") != "tYES",
            format_code=read_text(row, "FormatCode"),
            kind=read_text(row, "AccountType") or "at_Other",
            balance=decimal_of(row.get("Balance")),
        )


def cost_centres(sl: ServiceLayer) -> Iterator[CostCentreRow]:
    """Cost centres; raises SyncError as `items`."""
    select = (
        "CenterCode", "CenterName", "InWhichDimension", "Active", "EffectiveFrom", "EffectiveTo",
    )  # fmt: skip
    for row in _all(sl, "ProfitCenters", "CenterCode", Query(select=select)):
        yield CostCentreRow(
            row["CenterCode"],
            read_text(row, "CenterName"),
            int(row.get("InWhichDimension") or 1),
            row.get("Active") != "tNO",
            read_day(row.get("EffectiveFrom")),
            read_day(row.get("EffectiveTo")),
        )


def payment_terms(sl: ServiceLayer) -> Iterator[PaymentTermsRow]:
    """Terms of payment; raises SyncError as every reader here."""
    select = (
        "GroupNumber", "PaymentTermsGroupName", "NumberOfAdditionalDays",
        "NumberOfAdditionalMonths",
    )  # fmt: skip
    for row in _all(sl, "PaymentTermsTypes", "GroupNumber", Query(select=select)):
        yield PaymentTermsRow(
            int(row["GroupNumber"]),
            read_text(row, "PaymentTermsGroupName"),
            int(row.get("NumberOfAdditionalDays") or 0),
            int(row.get("NumberOfAdditionalMonths") or 0),
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


def unit_groups(sl: ServiceLayer) -> Iterator[UnitGroupRow]:
    """Groups of units of measure with their factors; raises SyncError as `items`."""
    query = Query(select=("AbsEntry", "Code"))
    codes = {
        int(row["AbsEntry"]): read_text(row, "Code")
        for row in _all(sl, "UnitOfMeasurements", "AbsEntry", query)
    }
    select = ("AbsEntry", "Code", "Name", "UoMGroupDefinitionCollection")
    for row in _all(sl, "UnitOfMeasurementGroups", "AbsEntry", Query(select=select)):
        units = tuple(
            Unit(
                int(unit["AlternateUoM"]),
                codes.get(int(unit["AlternateUoM"]), ""),
                decimal_of(unit["BaseQuantity"]) / decimal_of(unit["AlternateQuantity"]),
            )
            for unit in row["UoMGroupDefinitionCollection"]
        )
        code = read_text(row, "Code")
        yield UnitGroupRow(int(row["AbsEntry"]), code, read_text(row, "Name"), units)


def rows_of(
    sl: ServiceLayer, set_name: str, key: str, codes: Sequence[str], *, select: Sequence[str]
) -> Iterator[Row]:
    """Rows by their keys, many per request; without any key nothing is asked (lesson L99).

    Raises:
        SyncError: as every reader here.
    """
    for place in range(0, len(codes), CODES_PER_REQUEST):
        where = any_of(key, codes[place : place + CODES_PER_REQUEST])
        yield from by_key(sl, set_name, key, Query(select=select, where=where))


def _all(sl: ServiceLayer, set_name: str, key: str, query: Query) -> Iterator[Row]:
    return counted(sl, set_name, query.where, by_key(sl, set_name, key, query))


def changed_since(day: date | None) -> str:
    """The filter for rows changed on or after a day; SAP knows the day of a change only."""
    return "" if day is None else both(f"UpdateDate ge {literal(day)}")


def _special(row: Row) -> SpecialPriceRow:
    return SpecialPriceRow(
        item_code=row["ItemCode"],
        card_code=row["CardCode"],
        price=decimal_of(row.get("Price")),
        currency=read_text(row, "Currency"),
        discount_percent=decimal_of(row.get("DiscountPercent")),
        price_list=int(row.get("PriceListNum") or 0),
        valid_from=read_day(row.get("ValidFrom")),
        valid_to=read_day(row.get("ValidTo")),
        is_period=False,
    )


def _special_period(row: Row, period: Row) -> SpecialPriceRow:
    return SpecialPriceRow(
        item_code=row["ItemCode"],
        card_code=row["CardCode"],
        price=decimal_of(period.get("SpecialPrice")),
        currency=read_text(period, "PriceCurrency") or read_text(row, "Currency"),
        discount_percent=decimal_of(period.get("Discount")),
        price_list=int(period.get("PriceListNo") or row.get("PriceListNum") or 0),
        valid_from=_latest(read_day(period.get("DateFrom")), read_day(row.get("ValidFrom"))),
        valid_to=_earliest(read_day(period.get("Dateto")), read_day(row.get("ValidTo"))),
        is_period=True,
        quantities=tuple(sorted(_steps(row, period), key=lambda step: step.quantity)),
    )


def _latest(*days: date | None) -> date | None:
    """A period counts only while its entry does."""
    return max((day for day in days if day is not None), default=None)


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _steps(row: Row, period: Row) -> Iterator[QuantityPrice]:
    own = read_text(period, "PriceCurrency") or read_text(row, "Currency")
    for step in period.get("SpecialPriceQuantityAreas") or ():
        yield QuantityPrice(
            decimal_of(step.get("Quantity")),
            decimal_of(step.get("SpecialPrice")),
            decimal_of(step.get("Discountin")),
            read_text(step, "PriceCurrency") or own,
            int(step.get("UoMEntry") or -1),
        )


def is_active(row: Row) -> bool:
    """Whether a row of Items or BusinessPartners is valid and not frozen."""
    return row.get("Valid") != "tNO" and row.get("Frozen") != "tYES"


def _one_currency(value: Any) -> str | None:
    return None if not value or value == ALL_CURRENCIES else str(value)


def decimal_of(value: Any) -> Decimal:
    """A number; SAP's null is zero."""
    return Decimal(0) if value is None else Decimal(value)
