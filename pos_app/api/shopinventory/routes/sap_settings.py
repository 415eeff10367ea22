"""``/api/sap-settings``: where SAP is, whether it answers, and changing it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Depends

from pos_app.api.auth import Needs
from pos_app.api.context import Context, Server
from pos_app.api.errors import Field as WrongField
from pos_app.api.errors import FieldsInvalid
from pos_app.api.settings import SapDoor
from pos_app.api.shopinventory.schemas.sap_settings import (
    ChangeSapSettings,
    SapConnectionTried,
    SapSettings,
    SapSettingsChanged,
    TrySapConnection,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.domain.permission import Role
from pos_app.services.posting import line
from pos_app.services.sap_access import NoSapHere, SapAccess
from pos_app.services.session import Account
from sync.sap.settings import SapSettings as Checked

IsAdmin = Annotated[Account, Depends(Needs(roles=(Role.ADMIN,)))]

router = APIRouter(prefix="/sap-settings", tags=["sap-settings"], route_class=WireRoute)


@router.get(
    "",
    summary="Where SAP is and whether it answers",
    response_model=SapSettings,
    dependencies=[Depends(Needs(roles=(Role.ADMIN,)))],
)
def read_settings(server: Server) -> Json:
    """The password is never told."""
    access = _door(server).access()
    seen = line.seen(server.shop)
    return Json(
        SapSettings(
            service_layer_url=access.url or None,
            company_db=access.company_db or None,
            user_name=access.user or None,
            invoice_series=access.series,
            invoice_series_name=access.series_name or None,
            is_configured=bool(access.url),
            is_connected=seen.is_up is True,
            last_connection_time=seen.answered_at,
            last_error=seen.problem or None,
        )
    )


@router.put("", summary="Change where SAP is", response_model=SapSettingsChanged)
def change_settings(question: ChangeSapSettings, account: IsAdmin, server: Server) -> Json:
    """It is tried first unless ``testConnection`` is false; one that fails changes nothing.

    An absent or empty password keeps the one there is, which is sent to no other host than the one
    it was given for. Every process on these books follows.
    """
    door = _door(server)
    if not server.shop.rules.has_sap:
        raise NoSapHere
    password = question.password or ""
    access = SapAccess(
        url=question.service_layer_url,
        company_db=question.company_db,
        user=question.user_name,
        password=door.access().password,
        series=question.invoice_series,
        series_name=question.invoice_series_name or "",
    )
    _check(access)
    _check_password(door.access(), access, password)
    if question.test_connection:
        tried = door.tried(access, password=password)
        if not tried.is_good:
            words = f"Nothing was changed: {tried.words}"
            return Json(SapSettingsChanged(message=words, connection_test_passed=False))
    door.keep(account.actor, access, password=password)
    return Json(
        SapSettingsChanged(
            message="The SAP settings are changed.",
            connection_test_passed=True if question.test_connection else None,
        )
    )


@router.post(
    "/test-connection",
    summary="Try the connection to SAP",
    response_model=SapConnectionTried,
    dependencies=[Depends(Needs(roles=(Role.ADMIN,)))],
)
def try_connection(
    server: Server, question: Annotated[TrySapConnection | None, Body()] = None
) -> Json:
    """As it is, or with what the body says instead; 200 whether SAP answers or not."""
    door = _door(server)
    asked = question or TrySapConnection()
    now = door.access()
    wanted = replace(
        now,
        url=asked.service_layer_url or now.url,
        company_db=asked.company_db or now.company_db,
        user=asked.user_name or now.user,
    )
    is_other = wanted != now or bool(asked.password)
    if is_other:
        _check(wanted)
        _check_password(now, wanted, asked.password or "")
    tried = door.tried(wanted if is_other else None, password=asked.password or "")
    return Json(
        SapConnectionTried(
            success=tried.is_good,
            message=tried.words,
            response_time_ms=tried.milliseconds,
            tested_at=tried.at,
        )
    )


def _door(server: Context) -> SapDoor:
    if server.settings.sap_line is None:
        raise NoSapHere
    return server.settings.sap_line


def _check(access: SapAccess) -> None:
    """Refuse an address that cannot be one before anything is asked there."""
    try:
        Checked(url=access.url, company_db=access.company_db, user=access.user, password="-")  # noqa: S106
    except ValueError as error:
        raise FieldsInvalid([WrongField("serviceLayerUrl", str(error))]) from error


def _check_password(now: SapAccess, wanted: SapAccess, password: str) -> None:
    """Send the password that is kept to nobody else: who sets an address has never seen it."""
    if not password and not now.is_at(wanted.url):
        words = "The address is at another host than before: type the password of that one."
        raise FieldsInvalid([WrongField("password", words)])
