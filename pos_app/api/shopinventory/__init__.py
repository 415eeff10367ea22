"""The main contract: its bodies, its routes, and the words between its and ours."""

from __future__ import annotations

from fastapi import APIRouter

from pos_app.api.shopinventory.routes import (
    auth,
    business_partner,
    exchange_rate,
    health,
    price,
    product,
    stock,
)

ROUTERS = (
    health.router,
    auth.router,
    product.router,
    stock.router,
    price.router,
    business_partner.router,
    exchange_rate.router,
)


def router() -> APIRouter:
    """Every route of the contract, below ``/api``."""
    made = APIRouter()
    for part in ROUTERS:
        made.include_router(part)
    return made
