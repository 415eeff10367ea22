"""``/api/GLAccount`` and ``/api/CostCentre``."""

from __future__ import annotations

from fastapi import APIRouter

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.shopinventory import codec_account
from pos_app.api.shopinventory.schemas.account import (
    AccountDto,
    AccountList,
    CostCentreDto,
    CostCentreList,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services import account_book

accounts = APIRouter(
    prefix="/GLAccount", tags=["GLAccount"], route_class=WireRoute, dependencies=[API_ACCESS]
)
centres = APIRouter(
    prefix="/CostCentre", tags=["CostCentre"], route_class=WireRoute, dependencies=[API_ACCESS]
)


@accounts.get("", summary="Every account", response_model=AccountList)
def read_accounts(shop: TheShop) -> Json:
    """As last fetched from SAP, by code."""
    return Json(codec_account.accounts(account_book.every(shop)))


@accounts.get("/type/{accountType}", summary="Accounts of one type", response_model=AccountList)
def read_type(accountType: str, shop: TheShop) -> Json:  # noqa: N803
    """``at_Revenues``, ``at_Expenses`` or ``at_Other``; anything else is 400."""
    return Json(codec_account.accounts(account_book.every(shop, kind=accountType)))


@accounts.get("/{accountCode}", summary="One account", response_model=AccountDto)
def read_account(accountCode: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where there is none of this code."""
    return Json(codec_account.account(account_book.one(shop, accountCode)))


@centres.get("", summary="Every cost centre", response_model=CostCentreList)
def read_centres(shop: TheShop) -> Json:
    """As last fetched from SAP, by code."""
    return Json(codec_account.cost_centres(account_book.centres(shop)))


@centres.get(
    "/dimension/{dimension}", summary="Cost centres of one dimension", response_model=CostCentreList
)
def read_dimension(dimension: int, shop: TheShop) -> Json:
    """1 to 5; anything else is 400."""
    return Json(codec_account.cost_centres(account_book.centres(shop, dimension=dimension)))


@centres.get("/{centerCode}", summary="One cost centre", response_model=CostCentreDto)
def read_centre(centerCode: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where there is none of this code."""
    return Json(codec_account.cost_centre(account_book.centre(shop, centerCode)))
