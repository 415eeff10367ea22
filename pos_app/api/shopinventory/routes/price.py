"""``/api/Price``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pos_app.api.auth import API_ACCESS, Admin
from pos_app.api.context import Server, TheShop
from pos_app.api.kept import KeptRoute
from pos_app.api.shopinventory import codec
from pos_app.api.shopinventory.routes.price_list import codes_of
from pos_app.api.shopinventory.schemas.price import CustomerPrices, ItemPrices, PriceSync
from pos_app.api.wire import Json
from pos_app.services import price_book

router = APIRouter(
    prefix="/Price", tags=["Price"], route_class=KeptRoute, dependencies=[API_ACCESS]
)


@router.get("/cached", summary="Every price as last fetched", response_model=ItemPrices)
def read_cached(shop: TheShop) -> Json:
    """``lastSyncedAt`` says how old they are; null where they were never fetched."""
    return Json(codec.prices(price_book.every(shop)))


@router.get("", summary="Every price", response_model=ItemPrices)
def read_prices(shop: TheShop) -> Json:
    """The prices this server sells at, which is what counts."""
    return Json(codec.prices(price_book.every(shop)))


@router.get(
    "/by-customer/{cardCode}", summary="What one customer pays", response_model=CustomerPrices
)
def read_customer(
    cardCode: str,  # noqa: N803
    shop: TheShop,
    items: Annotated[list[str] | None, Query(alias="itemCodes")] = None,
) -> Json:
    """The customer's list, overridden by special prices of today; items without a price are absent.

    ``itemCodes`` may be given several times, or once with commas.
    """
    only = codes_of(items)
    return Json(codec.customer_prices(price_book.for_customer(shop, cardCode, only=only)))


@router.post("/sync", summary="Fetch the prices from SAP now", response_model=PriceSync)
def sync(account: Admin, server: Server) -> Json:
    """Admin only; 503 where this server is not connected to SAP or SAP cannot be reached."""
    synced = price_book.sync(server.shop, account.actor, server.settings.fetch_prices)
    words = f"{synced.count} prices were fetched."
    return Json(PriceSync(message=words, count=synced.count, synced_at=synced.at))
