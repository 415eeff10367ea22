"""``/api/DesktopIntegration/reports/fiscalized-sales``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_fiscal_sale
from pos_app.api.shopinventory.page import PeriodOf
from pos_app.api.shopinventory.routes.fiscal_log import PageOf
from pos_app.api.shopinventory.schemas.fields import Day
from pos_app.api.shopinventory.schemas.fiscal_sale import FiscalisedSales
from pos_app.api.wire import Json, WireRoute
from pos_app.services import fiscal_sale
from pos_app.services.fiscal_sale import Span

router = APIRouter(
    prefix="/DesktopIntegration/reports",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)


@router.get(
    "/fiscalized-sales", summary="Fiscalised sales of a period", response_model=FiscalisedSales
)
def read(
    *,
    shop: TheShop,
    window: PageOf,
    dates: PeriodOf,
    period: Annotated[str, Query(max_length=20)] = "Daily",
    day: Annotated[Day | None, Query(alias="date")] = None,
    partner: Annotated[str | None, Query(alias="cardCode", max_length=50)] = None,
    warehouse: Annotated[str | None, Query(alias="warehouseCode", max_length=20)] = None,
    is_consolidated: Annotated[bool | None, Query(alias="isConsolidated")] = None,
) -> Json:
    """``period``: Daily, Weekly (from Monday) or Monthly around ``date``, or Custom with both days.

    Sums are in the shop's currency, each sale at the rate frozen on it; credit notes are no sales.
    """
    found = fiscal_sale.report(
        shop,
        span=_span(period),
        day=day,
        since=dates.since,
        until=dates.until,
        partner=partner,
        warehouse=warehouse,
        in_sap=is_consolidated,
        offset=window.offset,
        limit=window.size,
    )
    return Json(codec_fiscal_sale.report(found, window, at=shop.clock.now()))


def _span(word: str) -> Span:
    for span in Span:
        if span.value.lower() == word.strip().lower():
            return span
    raise FieldsInvalid([Field("period", f"Use {', '.join(Span)}.")])
