"""``/api/ExchangeRate``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from pos_app.api.auth import API_ACCESS
from pos_app.api.context import TheShop
from pos_app.api.kept import KeptRoute
from pos_app.api.shopinventory import codec
from pos_app.api.shopinventory.schemas.price import (
    Conversion,
    ExchangeRateDto,
    ExchangeRateHistory,
)
from pos_app.api.wire import Json
from pos_app.services import rate_book
from pos_app.services.shop import Shop

router = APIRouter(
    prefix="/ExchangeRate", tags=["ExchangeRate"], route_class=KeptRoute, dependencies=[API_ACCESS]
)

LARGEST = 10**13
Currency = Annotated[str, Query(min_length=1, max_length=10)]


@router.get("", summary="The current rates", response_model=list[ExchangeRateDto])
def read_rates(shop: TheShop) -> Json:
    """One per pair of currencies."""
    return Json([_dto(shop, found) for found in rate_book.every(shop)])


@router.get("/convert", summary="Convert an amount", response_model=Conversion)
def convert(
    shop: TheShop,
    base: Annotated[Currency, Query(alias="from")],
    quote: Annotated[Currency, Query(alias="to")],
    amount: Annotated[Decimal, Field(ge=-LARGEST, le=LARGEST, max_digits=20, decimal_places=6)],
) -> Json:
    """At the current rate, to the cent, halves away from zero."""
    found = rate_book.convert(shop, base, quote, amount=amount)
    return Json(
        Conversion(
            amount=found.amount,
            from_currency=found.base,
            to_currency=found.quote,
            converted_amount=found.result,
            rate=found.rate,
        )
    )


@router.get(
    "/{fromCurrency}/{toCurrency}",
    summary="The current rate of a pair",
    response_model=ExchangeRateDto,
)
def read_rate(
    fromCurrency: str,  # noqa: N803
    toCurrency: str,  # noqa: N803
    shop: TheShop,
) -> Json:
    """1 between equals; 404 where no rate is known."""
    return Json(_dto(shop, rate_book.current(shop, fromCurrency, toCurrency)))


@router.get(
    "/{fromCurrency}/{toCurrency}/history",
    summary="The rates of a pair over the last days",
    response_model=ExchangeRateHistory,
)
def read_history(
    fromCurrency: str,  # noqa: N803
    toCurrency: str,  # noqa: N803
    shop: TheShop,
    days: int = 30,
) -> Json:
    """Newest first, with the one that counted when the period began."""
    found = rate_book.history(shop, fromCurrency, toCurrency, days=days)
    return Json(
        ExchangeRateHistory(
            from_currency=found[0].base if found else fromCurrency.upper(),
            to_currency=found[0].quote if found else toCurrency.upper(),
            history=[_dto(shop, row) for row in found],
        )
    )


def _dto(shop: Shop, found: rate_book.Exchange) -> ExchangeRateDto:
    return codec.exchange_rate(found, zone=shop.rules.zone)
