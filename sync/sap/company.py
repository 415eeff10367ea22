"""The company itself: its settings, rates, periods, series, fields, and its own idea of a price.

Functions of Service Layer, each one call; a failed call raises and is never a default.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.held import read_day
from sync.sap.master import decimal_of
from sync.sap.master_rows import CompanyRow, PeriodRow, SeriesRow
from sync.sap.paging import read_text
from sync.sap.query import Query, equals

OPEN_PERIODS = frozenset({"ltUnlocked", "ltUnlockedExceptSales"})


def company(sl: ServiceLayer) -> CompanyRow:
    """The company's settings; raises SyncError."""
    info = sl.ask("CompanyService_GetAdminInfo")
    more = sl.ask("CompanyService_GetCompanyInfo")
    try:
        return CompanyRow(
            name=read_text(info, "CompanyName"),
            local_currency=info["LocalCurrency"],
            direct_rate=info["DirectIndirectRate"] == "tYES",
            totals_decimals=int(info["TotalsAccuracy"]),
            price_decimals=int(info["PriceAccuracy"]),
            quantity_decimals=int(info["AccuracyofQuantities"]),
            blocks_negative_stock=info["BlockStockNegativeQuantity"] == "tYES",
            approves=info["EnableApprovalProcedureInDI"] == "tYES",
            groups_vat=more["GroupLinesInVATCalculation"] == "tYES",
            invoices_in_payment=int(more["MaxNumberOfDocumentsInPmt"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"SAP's company settings cannot be read: {error!r}") from error


def periods(sl: ServiceLayer) -> tuple[PeriodRow, ...]:
    """Every posting period of the company, as a closing moves them; raises SyncError.

    Raises:
        SapRejected, Unavailable: SAP could not be asked for all of them.
    """
    found = []
    for category in _listed(sl.ask("CompanyService_GetPeriods")):
        body = {"PeriodCategoryParams": {"AbsoluteEntry": category["AbsoluteEntry"]}}
        found += _listed(sl.ask("CompanyService_GetFinancePeriods", body))
    return tuple(_period(row) for row in found)


def series(sl: ServiceLayer, document: int) -> tuple[SeriesRow, ...]:
    """The numbering series of a kind of document, named by SAP's object number, such as 13.

    Raises:
        SapRejected, Unavailable: SAP could not be asked.
    """
    named = {"Document": str(document), "DocumentSubType": "--"}
    told = sl.ask("SeriesService_GetDocumentSeries", {"DocumentTypeParams": named})
    return tuple(
        SeriesRow(
            number=int(row["Series"]),
            name=read_text(row, "Name"),
            next_number=int(row.get("NextNumber") or 0),
            is_locked=row.get("Locked") == "tYES",
            indicator=read_text(row, "PeriodIndicator"),
            last_number=int(row["LastNumber"]) if row.get("LastNumber") else None,
        )
        for row in _listed(told)
    )


def own_price(
    sl: ServiceLayer, item_code: str, card_code: str, *, day: date, quantity: Decimal
) -> tuple[Decimal, str]:
    """The price SAP itself would take, and its currency, empty when SAP has none.

    Applies special prices, periods and quantities; too slow for a sale, right for a comparison.

    Raises:
        SapRejected, Unavailable: SAP could not be asked.
    """
    named = {
        "ItemCode": item_code,
        "CardCode": card_code,
        "Date": day.isoformat(),
        "InventoryQuantity": quantity,
    }
    told = sl.ask("CompanyService_GetItemPrice", {"ItemPriceParams": named})
    return decimal_of(told.get("Price")), read_text(told, "Currency")


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


def _listed(told: Any) -> list[Row]:
    """The rows of a function's answer; raises Unavailable for another shape."""
    rows = told.get("value") if isinstance(told, dict) else told
    if not isinstance(rows, list):
        raise Unavailable("SAP's answer is not a list of rows.")
    return rows


def _period(row: Row) -> PeriodRow:
    first, last = read_day(row["PostingDateFrom"]), read_day(row["PostingDateTo"])
    if first is None or last is None:
        raise Unavailable(f"SAP does not say when the period {row.get('PeriodCode')} is.")
    status = row["PeriodStatus"]
    return PeriodRow(
        code=read_text(row, "PeriodCode"),
        name=read_text(row, "PeriodName"),
        first=first,
        last=last,
        is_open=status in OPEN_PERIODS,
        allows_sales=status == "ltUnlocked",
        indicator=read_text(row, "PeriodIndicator"),
    )
