"""``/api/revmax``: the shop's fiscal device for other programs, its writes guarded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Query

from pos_app.api.auth import API_ACCESS, ApiAccess
from pos_app.api.context import Context, Server
from pos_app.api.settings import FiscalWay, ProxyDevice
from pos_app.api.shopinventory import codec_revmax as codec
from pos_app.api.shopinventory.schemas.revmax import (
    CardDetailsResponse,
    DayStatusResponse,
    InvoiceResponse,
    LicenseResponse,
    SetLicenseRequest,
    TransactMExtRequest,
    TransactMRequest,
    TransactMResponse,
    UnprocessedInvoicesSummaryResponse,
    ZReportResponse,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.fiscal_proxy import (
    FiscalDeviceHeld,
    FiscalNotConfigured,
    FiscalPrefetched,
)
from pos_app.domain.permission import Actor
from pos_app.services import fiscal_proxy, fiscal_proxy_day, fiscal_proxy_read
from pos_app.services.fiscal_proxy_request import request_of

router = APIRouter(
    prefix="/revmax", tags=["revmax"], route_class=WireRoute, dependencies=[API_ACCESS]
)

LOOK_SECONDS = 10.0
TURN_SECONDS = 20.0
"""How long a request waits for the device while somebody else has it."""

ASK_AGAIN = {"Retry-After": "5"}

Invoice = Annotated[str, Query(max_length=100)]


@router.get("/card-details", summary="Who the device files for", response_model=CardDetailsResponse)
def read_card(server: Server) -> Json:
    """TIN, BPN, VAT number, company, address, registration, serial number."""
    with _looking(server) as device:
        return Json(codec.card(fiscal_proxy_read.card(device)))


@router.get("/day-status", summary="The fiscal day", response_model=DayStatusResponse)
def read_day(server: Server) -> Json:
    """Its state, its number and the last global number, in the device's own words."""
    with _looking(server) as device:
        return Json(codec.day_status(fiscal_proxy_read.day_status(device)))


@router.get("/license", summary="The software licence", response_model=LicenseResponse)
def read_license(server: Server) -> Json:
    """Status, start and end; never the key."""
    with _looking(server) as device:
        return Json(codec.license_of(fiscal_proxy_read.license_of(device)))


@router.post("/license", summary="Install a licence key", response_model=LicenseResponse)
def set_license(question: SetLicenseRequest, account: ApiAccess, server: Server) -> Json:
    """Sent once and never logged; after an unclear answer read the licence."""
    with _writing(server) as device:
        found = fiscal_proxy_read.set_license(server.shop, device, account.actor, question.license)
        return Json(codec.license_set(found))


@router.get("/z-report", summary="Close the fiscal day", response_model=ZReportResponse)
def z_report(
    account: ApiAccess,
    server: Server,
    purpose: Annotated[str, Header(alias="Sec-Purpose", include_in_schema=False)] = "",
    old_purpose: Annotated[str, Header(alias="Purpose", include_in_schema=False)] = "",
) -> Json:
    """Closes the open day and returns its totals; of a closed day the same report again.

    It changes the device although it is a GET: never fetched in advance, never cached, refused
    while the outcome of a receipt is not known.
    """
    if "prefetch" in f"{purpose} {old_purpose}".lower():
        raise FiscalPrefetched
    with _writing(server) as device:
        return Json(codec.z_report(fiscal_proxy_day.z_report(server.shop, device, account.actor)))


@router.get(
    "/unprocessed-invoices/summary",
    summary="What the authority has not got yet",
    response_model=UnprocessedInvoicesSummaryResponse,
)
def read_backlog(
    server: Server,
    fiscal_day: Annotated[
        str, Query(alias="fiscalDayNumber", pattern=r"^\d{0,9}$", description="Default: this day.")
    ] = "",
    fiscal_date: Annotated[str, Query(alias="fiscalDate", pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = "",
) -> Json:
    """Of one fiscal day, by its number or its date."""
    with _looking(server) as device:
        found = fiscal_proxy_read.backlog(device, fiscal_day=fiscal_day, fiscal_date=fiscal_date)
        return Json(codec.backlog(found))


@router.get(
    "/invoices/{invoiceNumber:path}",
    summary="A receipt by its invoice number",
    response_model=InvoiceResponse,
)
def read_invoice(invoiceNumber: str, server: Server) -> Json:  # noqa: N803
    """As the device keeps it; 404 when the device says that it has none."""
    with _looking(server) as device:
        return Json(codec.invoice(fiscal_proxy_read.invoice(device, invoiceNumber)))


@router.post(
    "/transact",
    summary="File a receipt",
    response_model=TransactMResponse,
    responses={202: {"model": TransactMResponse, "description": "Nobody knows yet; ask again"}},
)
def transact(question: TransactMRequest, account: ApiAccess, server: Server) -> Json:
    """Once per invoice number: the same again hears how the first one ended; never filed twice."""
    return _transact(question, account.actor, server)


@router.post(
    "/transact-ext",
    summary="File a note whose original another device filed",
    response_model=TransactMResponse,
    responses={202: {"model": TransactMResponse, "description": "Nobody knows yet; ask again"}},
)
def transact_ext(question: TransactMExtRequest, account: ApiAccess, server: Server) -> Json:
    """As ``transact``, with the device, global number and fiscal day of the original."""
    return _transact(question, account.actor, server)


def _transact(question: TransactMRequest, actor: Actor, server: Context) -> Json:
    wanted = codec.wanted(question, cashier=actor.username)
    with _writing(server) as device:
        request = request_of(server.shop, wanted)
        found = fiscal_proxy.transact(server.shop, device, actor, request)
    url = f"/api/revmax/invoices/{quote(found.number, safe='')}"
    told = codec.transacted(found, status_url=url)
    if found.is_filed:
        return Json(told)
    return Json(told, status_code=202, headers=ASK_AGAIN | {"Location": url})


def _way(server: Context) -> FiscalWay:
    if server.settings.fiscal is None:
        raise FiscalNotConfigured
    return server.settings.fiscal


@contextmanager
def _looking(server: Context) -> Iterator[ProxyDevice]:
    """The device for reading."""
    with _way(server).look(LOOK_SECONDS) as device:
        if device is None:
            raise FiscalDeviceHeld
        yield device


@contextmanager
def _writing(server: Context) -> Iterator[ProxyDevice]:
    """The device alone; kept afterwards for as long as one of its receipts is in doubt."""
    way = _way(server)
    with way.use(TURN_SECONDS) as device:
        if device is None:
            raise FiscalDeviceHeld
        try:
            yield device
        finally:
            way.keep(fiscal_proxy.first_doubt(server.shop) is not None)
