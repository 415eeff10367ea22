"""``/api/DesktopIntegration/end-of-day``: the day's sales become consolidated invoices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from pos_app.api.auth import API_ACCESS, ApiAccess
from pos_app.api.context import Server, TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.shopinventory import codec_desktop_sale
from pos_app.api.shopinventory.schemas.desktop_sale import (
    ConsolidateAnswer,
    ConsolidateQuestion,
    EndOfDayReport,
    MailedAnswer,
)
from pos_app.api.shopinventory.schemas.fields import Day
from pos_app.api.wire import Json, WireRoute
from pos_app.services.consolidation import mail, report, run, view

router = APIRouter(
    prefix="/DesktopIntegration/end-of-day",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)


@router.post(
    "/consolidate",
    summary="Make the consolidated invoices of a day",
    response_model=ConsolidateAnswer,
)
def consolidate(
    account: ApiAccess,
    server: Server,
    question: Annotated[ConsolidateQuestion | None, Body()] = None,
) -> Json:
    """Every sale that waits, up to that day, goes into a list that never changes; SAP follows.

    Asked again it finds what came since, and tells how far the lists of the day are. 404 where
    nothing was ever to be consolidated on that day.
    """
    shop = server.shop
    day = (question.consolidation_date if question else None) or shop.today
    if day > shop.today:
        raise FieldsInvalid([Field("consolidationDate", "This day is not over yet.")])
    run.run(shop, by=account.actor.username, until=day)
    server.post_soon()
    return Json(codec_desktop_sale.consolidated(view.of_closed_day(shop, day)))


@router.get("/report", summary="The end of a day", response_model=EndOfDayReport)
def read_report(
    shop: TheShop, day: Annotated[Day | None, Query(alias="reportDate")] = None
) -> Json:
    """What was sold, to whom, and what it became in SAP; 404 where nothing was sold."""
    return Json(codec_desktop_sale.report(report.report(shop, day or shop.today)))


@router.post(
    "/email-report",
    summary="Consolidate a day and send its report by mail",
    response_model=MailedAnswer,
)
def email_report(
    account: ApiAccess,
    server: Server,
    day: Annotated[Day | None, Query(alias="reportDate")] = None,
) -> Json:
    """To the addresses of the settings; 409 without one, 404 where nothing was sold."""
    shop = server.shop
    wanted = day or shop.today
    if wanted > shop.today:
        raise FieldsInvalid([Field("reportDate", "This day is not over yet.")])
    run.run(shop, by=account.actor.username, until=wanted)
    server.post_soon()
    told = mail.send(shop, report.report(shop, wanted), by=account.actor.username)
    return Json(MailedAnswer(message=f"The report goes to {', '.join(told)}."))
