"""``/api/DesktopIntegration/sales``: sales of desktop programs, paid at once."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from pos_app.api.auth import API_ACCESS, ApiAccess
from pos_app.api.context import Server, TheShop
from pos_app.api.idempotency import unnamed
from pos_app.api.shopinventory import codec_desktop_sale
from pos_app.api.shopinventory.page import FURTHEST, MOST, PeriodOf, Window
from pos_app.api.shopinventory.schemas.desktop_sale import SaleAnswer, SalePage, SaleQuestion
from pos_app.api.wire import Json, WireRoute
from pos_app.services import desktop_sale

router = APIRouter(
    prefix="/DesktopIntegration/sales",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

USUAL = 50
State = Literal["Pending", "Consolidated", "Failed", "Excluded"]


@router.post(
    "",
    summary="Sell something that is paid now",
    status_code=201,
    response_model=SaleAnswer,
    responses={200: {"model": SaleAnswer, "description": "The same sale was made before."}},
)
def create(question: SaleQuestion, account: ApiAccess, server: Server, request: Request) -> Json:
    """Goods, money and change are stored at once; its fiscal receipt may follow in a moment.

    The same ``externalReferenceId`` with the same content gives the first sale, with another one
    409. ``paymentMethod`` and ``amountPaid``, or ``payments`` for several tenders, must cover it.
    """
    shop = server.shop
    reference = question.external_reference_id or unnamed(request, shop, "DS").upper()
    asked = codec_desktop_sale.asked(question, account, reference=reference)
    made = desktop_sale.make(shop, account.actor, asked)
    if made.is_new and server.settings.post_soon is not None:
        server.settings.post_soon()
    return Json(codec_desktop_sale.made(made), status_code=201 if made.is_new else 200)


@router.get("", summary="Sales of desktop programs", response_model=SalePage)
def read_page(
    shop: TheShop,
    period: PeriodOf,
    *,
    warehouse: Annotated[str, Query(alias="warehouseCode", max_length=20)] = "",
    partner: Annotated[str, Query(alias="cardCode", max_length=50)] = "",
    state: Annotated[State | None, Query(alias="consolidationStatus")] = None,
    page: Annotated[int, Query(description="From 1; less is 1.")] = 1,
    size: Annotated[int, Query(alias="pageSize", description=f"1 to {MOST}.")] = USUAL,
) -> Json:
    """From the newest back. Excluded: an invoice of its own and in no consolidated one."""
    window = Window(min(max(page, 1), FURTHEST), min(max(size, 1), MOST))
    total, found = desktop_sale.page(
        shop,
        offset=window.offset,
        limit=window.size,
        warehouse=warehouse,
        partner=partner,
        consolidation=state or "",
        since=period.since,
        until=period.until,
    )
    return Json(codec_desktop_sale.page(found, total, window))
