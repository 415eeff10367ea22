"""The main contract: its bodies, its routes, and the words between its and ours."""

from __future__ import annotations

from fastapi import FastAPI

from pos_app.api.shopinventory import refusal
from pos_app.api.shopinventory.routes import (
    auth,
    business_partner,
    desktop,
    desktop_transfer,
    exchange_rate,
    health,
    incoming_payment,
    inventory_transfer,
    invoice,
    price,
    product,
    queue,
    quotation,
    revmax,
    sales_order,
    statement,
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
    invoice.router,
    quotation.router,
    sales_order.router,
    statement.router,
    queue.payments,
    incoming_payment.router,
    queue.router,
    inventory_transfer.router,
    desktop.router,
    desktop_transfer.router,
    revmax.router,
)


def mount(app: FastAPI) -> None:
    """Serve every route of the contract below ``/api``."""
    refusal.install(app)
    for part in ROUTERS:
        app.include_router(part, prefix="/api")
