"""``/api/Report``: sales, money, orders and transfers over days."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from pos_app.api.auth import API_ACCESS, ApiAccess, Needs
from pos_app.api.context import TheShop
from pos_app.api.shopinventory import codec_report, codec_report_trade, table
from pos_app.api.shopinventory.page import PeriodOf
from pos_app.api.shopinventory.schemas import report as wire
from pos_app.api.shopinventory.schemas import report_trade as wire_trade
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Permission
from pos_app.domain.report import MOST_ROWS
from pos_app.services.report import money, sales, trade
from pos_app.services.report.scope import Asked

router = APIRouter(
    prefix="/Report", tags=["Report"], route_class=WireRoute, dependencies=[API_ACCESS]
)

MAY_EXPORT = Needs(Permission.REPORTS_EXPORT)
MayView = [Depends(Needs(Permission.REPORTS_VIEW))]
Place = Annotated[str | None, Query(alias="warehouseCode", max_length=50)]
USUAL_ROWS, USUAL_LIST = 10, 100
Rows = Annotated[int, Query(description=f"Rows of a list, 1 to {MOST_ROWS}.")]
Form = Annotated[
    Literal["json", "csv"],
    Query(alias="format", description="``csv`` needs the right reports.export."),
]
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report; ``format=csv`` gives its longest list as a file.",
        "content": {table.CSV: {"schema": {"type": "string"}}},
    }
}


def _asked(period: PeriodOf, warehouse: Place = None) -> Asked:
    return Asked(since=period.since, until=period.until, warehouse=warehouse)


AskedOf = Annotated[Asked, Depends(_asked)]


def _days(period: PeriodOf) -> Asked:
    return Asked(since=period.since, until=period.until)


DaysOf = Annotated[Asked, Depends(_days)]


def _rows(asked: int) -> int:
    """Too small and too large numbers are brought into bounds."""
    return min(max(asked, 1), MOST_ROWS)


class Answerer:
    """Answers a report as JSON, or its list as a file for those who may take it away."""

    def __init__(self, request: Request, account: ApiAccess, form: Form = "json") -> None:
        self._name = request.url.path.rpartition("/")[2]
        self._actor = account.actor
        self._form = form
        if form == "csv":
            MAY_EXPORT.check(account.actor)

    def answer(self, report: wire.Part, rows: str) -> Response:
        """The report, or the list in it that goes by this name."""
        if self._form == "json":
            return Json(report)
        told = report.model_dump(by_alias=True)[rows]
        kind = type(report).model_fields[_field(report, rows)].annotation
        columns = told[0].keys() if told else _columns(kind)
        return table.file(f"{self._name}.csv", columns, told)


def _field(report: wire.Part, alias: str) -> str:
    fields = type(report).model_fields
    return next(name for name, field in fields.items() if (field.alias or name) == alias)


def _columns(kind: Any) -> list[str]:
    """The columns of a list of rows, also where there are none."""
    [row] = kind.__args__
    return [field.alias or name for name, field in row.model_fields.items()]


Answer = Annotated[Answerer, Depends()]


@router.get(
    "/sales-summary",
    summary="Sales per day and currency",
    response_model=wire.SalesSummary,
    responses=FORMS,
    dependencies=MayView,
)
def read_sales(asked: AskedOf, shop: TheShop, out: Answer) -> Response:
    """The last 30 days, or a period. Amounts include VAT, credit notes are taken off.

    Currencies are never added. A day is a business day of the shop; both ends are included.
    """
    return out.answer(codec_report.sales_summary(sales.summary(shop, asked)), "dailySales")


@router.get(
    "/top-products",
    summary="What sells most",
    response_model=wire.TopProducts,
    responses=FORMS,
    dependencies=MayView,
)
def read_top_products(
    asked: AskedOf,
    shop: TheShop,
    out: Answer,
    *,
    top: Rows = USUAL_ROWS,
    count: Annotated[int | None, Query(alias="topCount", description="The same as top.")] = None,
    by: Annotated[
        Literal["quantity", "revenue"],
        Query(alias="orderBy", description="Revenue is compared at ``exchangeRate``."),
    ] = "quantity",
) -> Response:
    """By quantity, what came back taken off; or by revenue in both currencies."""
    limit = _rows(top if count is None else count)
    found = sales.top_items(shop, asked, limit=limit, by_worth=by == "revenue")
    return out.answer(codec_report.top_products(found), "topProducts")


@router.get(
    "/slow-moving-products",
    summary="What lies in stock and does not sell",
    response_model=wire.SlowProducts,
    responses=FORMS,
    dependencies=MayView,
)
def read_slow_products(
    asked: AskedOf,
    shop: TheShop,
    out: Answer,
    *,
    threshold: Annotated[int, Query(alias="daysThreshold", ge=1, le=3660)] = 30,
    top: Rows = USUAL_LIST,
) -> Response:
    """Looks back 90 days, or over a period, and ``daysThreshold`` days where these are more.

    What was not sold in them has no ``lastSoldDate``, and ``daysSinceLastSale`` is their number.
    """
    found = sales.slow_items(shop, asked, threshold=threshold, limit=_rows(top))
    return out.answer(codec_report.slow_products(found), "products")


@router.get(
    "/stock-movement",
    summary="Transfers between warehouses",
    response_model=wire_trade.StockMovements,
    responses=FORMS,
    dependencies=MayView,
)
def read_movement(asked: AskedOf, shop: TheShop, out: Answer, top: Rows = USUAL_LIST) -> Response:
    """The newest lines, and what went into and out of each warehouse; inflow is what arrived."""
    found = trade.movement(shop, asked, limit=_rows(top))
    return out.answer(codec_report_trade.movement(found), "movements")


@router.get(
    "/payment-summary",
    summary="What was paid, by means and day",
    response_model=wire.PaymentSummary,
    responses=FORMS,
    dependencies=MayView,
)
def read_payments(asked: AskedOf, shop: TheShop, out: Answer) -> Response:
    """Tenders of tills and payments into the account; what goes on account is no payment.

    Percentages compare both currencies at ``exchangeRate``; null where nobody knows it.
    """
    found = money.payments(shop, asked)
    return out.answer(codec_report.payment_summary(found), "paymentsByMethod")


@router.get(
    "/top-customers",
    summary="Who buys most",
    response_model=wire.TopCustomers,
    responses=FORMS,
    dependencies=MayView,
)
def read_top_customers(
    asked: AskedOf,
    shop: TheShop,
    out: Answer,
    *,
    top: Annotated[int, Query(alias="topCount")] = USUAL_ROWS,
) -> Response:
    """Credit notes are taken off; what they owe is as of now."""
    found = money.buyers(shop, asked, limit=_rows(top))
    return out.answer(codec_report.top_customers(found), "topCustomers")


@router.get(
    "/order-fulfillment",
    summary="How far sales orders are delivered",
    response_model=wire_trade.OrderFulfilment,
    responses=FORMS,
    dependencies=MayView,
)
def read_fulfilment(asked: DaysOf, shop: TheShop, out: Answer, top: Rows = USUAL_LIST) -> Response:
    """Orders of a period by their date, with the newest of them one by one."""
    found = trade.fulfilment(shop, asked, limit=_rows(top))
    return out.answer(codec_report_trade.fulfilment(found), "orders")


@router.get(
    "/credit-notes",
    summary="What was credited",
    response_model=wire.CreditSummary,
    responses=FORMS,
    dependencies=MayView,
)
def read_credit_notes(
    asked: AskedOf, shop: TheShop, out: Answer, top: Rows = USUAL_LIST
) -> Response:
    """Credit notes of a period per customer, day and item."""
    found = sales.credited(shop, asked, limit=_rows(top))
    return out.answer(codec_report.credit_notes(found), "byCustomer")


@router.get(
    "/purchase-orders",
    summary="What was ordered of suppliers",
    response_model=wire_trade.PurchaseSummary,
    responses=FORMS,
    dependencies=MayView,
)
def read_purchases(asked: DaysOf, shop: TheShop, out: Answer, top: Rows = USUAL_LIST) -> Response:
    """Purchase orders of a period per supplier, day and item, and what is still to come."""
    found = trade.bought(shop, asked, limit=_rows(top))
    return out.answer(codec_report_trade.purchases(found), "bySupplier")


@router.get(
    "/aging-analysis",
    summary="Who owes how much since when",
    response_model=wire.Aging,
    responses=FORMS,
    dependencies=MayView,
)
@router.get(
    "/receivables-aging",
    summary="Who owes how much since when, under its other name",
    response_model=wire.Aging,
    responses=FORMS,
    dependencies=MayView,
)
def read_aging(shop: TheShop, out: Answer) -> Response:
    """What is open of invoices now, by the age of the document, per customer and currency."""
    found = codec_report.aging(money.aging(shop), at=shop.clock.now())
    return out.answer(found, "customerAging")


@router.get(
    "/profit-overview",
    summary="What came in and what it cost",
    response_model=wire.ProfitOverview,
    responses=FORMS,
    dependencies=MayView,
)
def read_profit(asked: AskedOf, shop: TheShop, out: Answer) -> Response:
    """``grossProfit`` takes off what was bought in the period, as the contract reckons it.

    ``tradingProfitUSD`` takes off what the goods sold have cost, at today's average cost.
    """
    return out.answer(codec_report.profit(money.profit(shop, asked)), "monthlyBreakdown")
