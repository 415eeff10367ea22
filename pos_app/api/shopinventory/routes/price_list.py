"""Price lists below ``/api/Price``, and the same below ``/api/DesktopIntegration/prices``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pos_app.api.auth import API_ACCESS, Admin
from pos_app.api.context import Server, TheShop
from pos_app.api.errors import Field, FieldsInvalid
from pos_app.api.kept import KeptRoute
from pos_app.api.shopinventory import codec, codec_price
from pos_app.api.shopinventory.schemas.price import ItemPrices, PriceSync
from pos_app.api.shopinventory.schemas.price_list import (
    GroupedPrice,
    GroupedPrices,
    ListedPrice,
    ListSync,
    PriceLists,
    PricesOfList,
)
from pos_app.api.wire import Json, WireRoute
from pos_app.services import price_book, price_list_book

router = APIRouter(
    prefix="/Price", tags=["Price"], route_class=KeptRoute, dependencies=[API_ACCESS]
)
desktop = APIRouter(
    prefix="/DesktopIntegration/prices",
    tags=["DesktopIntegration"],
    route_class=WireRoute,
    dependencies=[API_ACCESS],
)

Codes = Annotated[list[str] | None, Query(alias="itemCodes")]
Force = Annotated[
    bool, Query(alias="forceRefresh", description="Not here: POST the sync route instead.")
]


def codes_of(told: list[str] | None) -> list[str]:
    """Item codes given several times, or once with commas."""
    return [code.strip() for text in told or () for code in text.split(",") if code.strip()]


def _check(force: bool) -> None:
    if force:
        text = "A read fetches nothing: POST the sync route to fetch prices now."
        raise FieldsInvalid([Field("forceRefresh", text)])


@router.get("/grouped", summary="Prices of every item by currency", response_model=GroupedPrices)
def read_grouped(shop: TheShop) -> Json:
    """On the shop's own list of each currency; items without any price are absent."""
    return Json(codec_price.grouped(price_list_book.grouped(shop)))


@router.get(
    "/currency/{currency}", summary="Every price in one currency", response_model=ItemPrices
)
def read_currency(currency: str, shop: TheShop) -> Json:
    """USD or ZIG; anything else is 400."""
    return Json(codec.prices(price_list_book.of_currency(shop, currency)))


@router.get("/pricelists", summary="Every price list", response_model=PriceLists)
@desktop.get("/pricelists", summary="Every price list", response_model=PriceLists)
def read_lists(shop: TheShop, force: Force = False) -> Json:
    """As last fetched; ``forceRefresh`` is 400, ``POST pricelists/sync`` fetches."""
    _check(force)
    return Json(codec_price.lists(price_list_book.lists(shop)))


@router.post("/pricelists/sync", summary="Fetch the price lists now", response_model=PriceSync)
@desktop.post("/pricelists/sync", summary="Fetch the price lists now", response_model=PriceSync)
def sync_lists(account: Admin, server: Server) -> Json:
    """Admin only; 503 where this server is not connected to SAP or SAP cannot be reached."""
    fetch = server.settings.fetch_prices
    synced = price_list_book.sync(server.shop, account.actor, fetch)
    words = f"{synced.count} price lists were fetched."
    return Json(PriceSync(message=words, count=synced.count, synced_at=synced.at))


@desktop.post("/sync", summary="Fetch the prices from SAP now", response_model=PriceSync)
def sync(account: Admin, server: Server) -> Json:
    """As ``POST /api/Price/sync``."""
    synced = price_book.sync(server.shop, account.actor, server.settings.fetch_prices)
    words = f"{synced.count} prices were fetched."
    return Json(PriceSync(message=words, count=synced.count, synced_at=synced.at))


@router.get(
    "/pricelists/{priceListNum}/items",
    summary="Every price on one list",
    response_model=PricesOfList,
)
@desktop.get(
    "/pricelists/{priceListNum}", summary="Every price on one list", response_model=PricesOfList
)
def read_list(priceListNum: int, shop: TheShop, force: Force = False) -> Json:  # noqa: N803
    """404 where there is no such list."""
    _check(force)
    return Json(codec_price.of_list(price_list_book.of_list(shop, str(priceListNum))))


@router.post(
    "/pricelists/{priceListNum}/sync", summary="Fetch one list now", response_model=ListSync
)
@desktop.post(
    "/pricelists/{priceListNum}/sync", summary="Fetch one list now", response_model=ListSync
)
def sync_list(priceListNum: int, account: Admin, server: Server) -> Json:  # noqa: N803
    """Admin only; SAP tells prices of all lists together, so that all are fetched."""
    synced = price_list_book.sync(
        server.shop, account.actor, server.settings.fetch_prices, code=str(priceListNum)
    )
    words = f"List {priceListNum} has {synced.count} prices now."
    return Json(
        ListSync(
            message=words, count=synced.count, price_list_num=priceListNum, synced_at=synced.at
        )
    )


@router.get(
    "/pricelists/{priceListNum}/items/{itemCode}",
    summary="What an item costs on a list",
    response_model=ListedPrice,
)
@desktop.get(
    "/pricelists/{priceListNum}/items/{itemCode}",
    summary="What an item costs on a list",
    response_model=ListedPrice,
)
def read_on_list(priceListNum: int, itemCode: str, shop: TheShop) -> Json:  # noqa: N803
    """404 where there is no such list or item, or the item has no price on it."""
    found = price_list_book.on_list(shop, str(priceListNum), item=itemCode)
    return Json(codec_price.on_list(found))


@router.get(
    "/businesspartner/{cardCode}", summary="What one customer pays", response_model=PricesOfList
)
@desktop.get(
    "/business-partner/{cardCode}", summary="What one customer pays", response_model=PricesOfList
)
def read_customer(
    cardCode: str,  # noqa: N803
    shop: TheShop,
    items: Codes = None,
    force: Force = False,
) -> Json:
    """The customer's list, overridden by special prices of today; without a price absent."""
    _check(force)
    book = price_book.for_customer(shop, cardCode, only=codes_of(items))
    return Json(codec_price.of_customer(book))


@router.get("/{itemCode}", summary="What an item costs by currency", response_model=GroupedPrice)
def read_item(itemCode: str, shop: TheShop) -> Json:  # noqa: N803
    """Null where it has no price; 404 where there is no such item."""
    return Json(codec_price.of_item(price_list_book.of_item(shop, itemCode)))
