"""``/api/DesktopIntegration/fiscal-transactions``: the log of programs that file by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query

from pos_app.api.auth import API_ACCESS, ApiAccess, Needs
from pos_app.api.context import TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_fiscal_log
from pos_app.api.shopinventory.page import Window, windows
from pos_app.api.shopinventory.schemas.fields import Moment
from pos_app.api.shopinventory.schemas.fiscal_log import (
    Backfilled,
    BackfillQuestion,
    FiscalLogPage,
    FiscalTransaction,
    FiscalTransactionQuestion,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Role
from pos_app.services import fiscal_log
from pos_app.services.session import Account

router = APIRouter(
    prefix="/DesktopIntegration/fiscal-transactions",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

MayFill = Annotated[Account, Depends(Needs(roles=(Role.ADMIN, Role.MANAGER)))]
PageOf = Annotated[Window, Depends(windows(usual=50, most=200))]


@router.post("", summary="Tell what was filed", response_model=FiscalTransaction)
def tell(question: FiscalTransactionQuestion, account: ApiAccess, shop: TheShop) -> Json:
    """The same ``clientTransactionId`` again brings newer facts.

    409 where it is of another document, or another record was filed of it: a record is final.
    """
    told = codec_fiscal_log.told(question, currency=shop.rules.currency)
    return Json(codec_fiscal_log.transaction(fiscal_log.keep(shop, account.actor, told)))


@router.get("", summary="What was filed, newest first", response_model=FiscalLogPage)
def read_page(
    *,
    shop: TheShop,
    window: PageOf,
    search: Annotated[str, Query(max_length=100)] = "",
    status: Annotated[str | None, Query(max_length=40)] = None,
    document_type: Annotated[str | None, Query(alias="documentType", max_length=40)] = None,
    source: Annotated[str | None, Query(alias="sourceSystem", max_length=100)] = None,
    since: Annotated[Moment | None, Query(alias="fromUtc")] = None,
    until: Annotated[Moment | None, Query(alias="toUtc")] = None,
) -> Json:
    """``search`` looks into keys, document numbers, partners, codes and messages."""
    _check(since, until)
    found = fiscal_log.page(
        shop,
        offset=window.offset,
        limit=window.size,
        text=search.strip(),
        status=status,
        document_type=document_type,
        source=source,
        since=since,
        until=until,
    )
    return Json(codec_fiscal_log.page(found, window))


@router.post(
    "/backfill", summary="Fill the log from the server's own journal", response_model=Backfilled
)
def backfill(
    account: MayFill,
    shop: TheShop,
    question: Annotated[BackfillQuestion | None, Body()] = None,
) -> Json:
    """What tills and this server filed and the log lacks; again, it goes on where it ended.

    ``lookupFailedCount`` are receipts nobody knows the outcome of yet.
    """
    asked = question or BackfillQuestion()
    _check(asked.from_utc, asked.to_utc)
    found = fiscal_log.fill(
        shop,
        account.actor,
        since=asked.from_utc,
        until=asked.to_utc,
        most=asked.max_invoices,
        at_once=asked.page_size,
    )
    return Json(codec_fiscal_log.filled(found))


def _check(since: datetime | None, until: datetime | None) -> None:
    if since is not None and until is not None and since > until:
        raise FieldsInvalid([Field("fromUtc", "fromUtc lies after toUtc.")])
