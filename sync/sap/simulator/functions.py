"""Functions and services beside the entity sets: rates, company settings, stored queries."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.money import decimals_of, number
from sync.sap.simulator.object_number import NUMBERS
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.series import series_of
from sync.sap.simulator.special import own_price
from sync.sap.simulator.sql import parse
from sync.sap.simulator.sql_run import run
from sync.sap.simulator.totals import round_to

ONE = Decimal(1)
MONTHS = 12
DECIMALS_OF = {"rcPrice": 6, "rcRate": 6, "rcQuantity": 6, "rcMeasure": 6, "rcPercent": 6}
"""Decimals of what is no amount; amounts have those of their currency."""
Body = Mapping[str, Any]
Function = Callable[[Books, Body], Any]


def get_rate(books: Books, body: Body) -> Any:
    """The rate of a currency on a day; raises Refusal -4006 when there is none."""
    currency = body.get("Currency")
    if books.row("Currencies", currency) is None:
        raise no_match()
    if currency == books.company.local_currency:
        raise Refusal(-5002, "Local currency has no exchange rate")
    rate = books.rate(str(currency), _day(body.get("Date")))
    if rate is None:
        raise Refusal(-4006, f"Update the exchange rate , '{currency}'")
    return rate


def set_rate(books: Books, body: Body) -> Change:
    """A rate for a day, as a change; raises Refusal for an unknown currency or a rate of zero."""
    currency = body.get("Currency")
    if books.row("Currencies", currency) is None:
        raise no_match()
    rate = number(body, "Rate")
    if rate <= 0:
        raise Refusal(-5002, "Exchange rate must be above zero")
    return Change(rate=[(str(currency), _day(body.get("RateDate")).isoformat(), rate)])


def local_currency(books: Books, _body: Body) -> Any:
    """SAP's code of the local currency."""
    return books.company.local_currency


def admin_info(books: Books, _body: Body) -> Any:
    """The settings a client checks at start."""
    company = books.company
    return {
        "CompanyName": company.name,
        "LocalCurrency": company.local_currency,
        "SystemCurrency": company.local_currency,
        "DirectIndirectRate": "tYES" if company.direct_rate else "tNO",
        "TotalsAccuracy": 2,
        "PriceAccuracy": 6,
        "RateAccuracy": 6,
        "AccuracyofQuantities": 6,
        "PercentageAccuracy": 6,
        "BlockStockNegativeQuantity": _yes(company.block_negative_stock),
        "EnableApprovalProcedureInDI": _yes(company.approval),
    }


def company_info(books: Books, _body: Body) -> Any:
    """Who the company is."""
    company = books.company
    return {
        "CompanyName": company.name,
        "Version": 1000110,
        "BlockStockNegativeQuantity": _yes(company.block_negative_stock),
        "GroupLinesInVATCalculation": _yes(company.group_vat),
        "MaxNumberOfDocumentsInPmt": company.max_invoices_in_payment,
    }


def document_series(books: Books, body: Body) -> Any:
    """The numbering series of a kind of document, named by its object number."""
    named = body.get("DocumentTypeParams") or {}
    text = str(named.get("Document", ""))
    for set_name, known in NUMBERS.items():
        if text == str(known):
            return {"value": list(series_of(books, set_name))}
    raise no_match()


def period_categories(_books: Books, _body: Body) -> Any:
    """The categories of posting periods; this company has one."""
    return {"value": [{"AbsoluteEntry": 1, "PeriodCategory": "Default"}]}


def finance_periods(books: Books, body: Body) -> Any:
    """The posting periods of a category."""
    if (body.get("PeriodCategoryParams") or {}).get("AbsoluteEntry") != 1:
        raise no_match()
    return {
        "value": [_period(place, one) for place, one in enumerate(books.company.all_periods, 1)]
    }


def _period(place: int, one: Mapping[str, Any]) -> dict[str, Any]:
    is_open = one.get("open", True)
    status = "ltUnlocked" if one.get("sales", True) else "ltUnlockedExceptSales"
    return {
        "AbsoluteEntry": place,
        "PeriodCode": str(one.get("code", place)),
        "PeriodName": str(one.get("name", one["from"])),
        "PostingDateFrom": one["from"],
        "PostingDateTo": one["to"],
        "PeriodIndicator": str(one.get("indicator", "Default")),
        "PeriodStatus": status if is_open else "ltLocked",
        "Locked": _yes(not is_open),
    }


def item_price(books: Books, body: Body) -> Any:
    """The price SAP would take for an item, a partner, a day and a quantity."""
    named = body.get("ItemPriceParams") or {}
    item = books.row("Items", named.get("ItemCode"))
    partner = books.row("BusinessPartners", named.get("CardCode"))
    if item is None or partner is None:
        raise no_match()
    quantity = number(named, "UoMQuantity") or number(named, "InventoryQuantity") or ONE
    own = own_price(
        books,
        item["ItemCode"],
        partner,
        day=_day(named.get("Date")),
        quantity=quantity,
        price_list=named.get("PriceList"),
    )
    return {"Price": own.price, "Currency": own.currency, "Discount": own.discount}


def due_date(books: Books, body: Body) -> Any:
    """When what is billed on a day is due, by the partner's terms of payment."""
    partner = books.row("BusinessPartners", body.get("CardCode"))
    if partner is None:
        raise no_match()
    terms = books.row("PaymentTermsTypes", partner.get("PayTermsGrpCode")) or {}
    day = _day(body.get("RefDate"))
    months = day.month - 1 + int(terms.get("NumberOfAdditionalMonths") or 0)
    year, month = day.year + months // MONTHS, months % MONTHS + 1
    within = min(day.day, monthrange(year, month)[1])
    due = date(year, month, within) + timedelta(days=int(terms.get("NumberOfAdditionalDays") or 0))
    return due.isoformat()


def round_decimal(books: Books, body: Body) -> Any:
    """A number rounded as the company rounds such numbers."""
    data = body.get("DecimalData") or {}
    context = data.get("Context", "rcSum")
    currency = str(data.get("Currency") or books.company.local_currency)
    decimals = DECIMALS_OF.get(context, decimals_of(books, currency))
    return {"Value": round_to(number(data, "Value"), decimals)}


FUNCTIONS: Mapping[str, Function] = {
    "SBOBobService_GetDueDate": due_date,
    "CompanyService_RoundDecimal": round_decimal,
    "CompanyService_GetItemPrice": item_price,
    "SeriesService_GetDocumentSeries": document_series,
    "CompanyService_GetPeriods": period_categories,
    "CompanyService_GetFinancePeriods": finance_periods,
    "SBOBobService_GetCurrencyRate": get_rate,
    "SBOBobService_GetLocalCurrency": local_currency,
    "SBOBobService_GetSystemCurrency": local_currency,
    "CompanyService_GetAdminInfo": admin_info,
    "CompanyService_GetCompanyInfo": company_info,
}


def create_query(books: Books, body: Body) -> Change:
    """A stored query, as a change; its text is checked now as SAP does."""
    code = body.get("SqlCode")
    if not code or not body.get("SqlText"):
        raise Refusal(-5002, "SqlCode and SqlText are mandatory")
    if books.row("SQLQueries", code) is not None:
        raise Refusal(-2035, "This entry already exists in the following tables (ODBC -2035)")
    parse(body["SqlText"])
    return Change(put=[("SQLQueries", dict(body))])


def change_query(books: Books, code: Any, body: Body) -> Change:
    """Another text for a stored query, as a change."""
    row = books.row("SQLQueries", code)
    if row is None:
        raise no_match()
    changed = {**row, **body, "SqlCode": code}
    if not changed.get("SqlText"):
        raise Refusal(-5002, "SqlCode and SqlText are mandatory")
    parse(changed["SqlText"])
    return Change(put=[("SQLQueries", changed)])


def run_query(books: Books, code: Any, parameters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of a stored query; the text is the stored one whatever the request says."""
    row = books.row("SQLQueries", code)
    if row is None:
        raise no_match()
    return run(books, row["SqlText"], parameters)


def query_parameters(options: Mapping[str, str], body: Body) -> dict[str, str]:
    """Parameters from the query string or the body's ParamList."""
    given = {name: value for name, value in options.items() if not name.startswith("$")}
    for part in str(body.get("ParamList") or "").split("&"):
        name, sign, value = part.partition("=")
        if sign:
            given[name.strip()] = value.strip()
    return given


def _day(value: Any) -> date:
    digits = str(value or "").replace("-", "")[:8]
    try:
        return date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    except ValueError:
        raise Refusal(-1000, f"Invalid date '{value}'") from None


def _yes(value: object) -> str:
    return "tYES" if value else "tNO"
