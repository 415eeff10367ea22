"""The main contract: its bodies, its routes, and the words between its and ours."""

from __future__ import annotations

from fastapi import FastAPI

from pos_app.api.shopinventory import refusal
from pos_app.api.shopinventory.routes import (
    account,
    attachment,
    auth,
    backup,
    business_partner,
    charge,
    credit_note,
    desktop_invoice,
    desktop_sale,
    desktop_transfer,
    end_of_day,
    exchange_rate,
    fiscal_log,
    fiscal_sale,
    goods_movement,
    health,
    incoming_payment,
    inventory_transfer,
    invoice,
    notification,
    password,
    price,
    price_list,
    product,
    purchase_order,
    queue,
    quotation,
    report,
    reservation,
    reserved_stock,
    revmax,
    sales_order,
    sap_settings,
    statement,
    stock,
    stock_count,
    stock_report,
    stock_snapshot,
    two_factor,
    user,
    user_activity,
    user_management,
)

ROUTERS = (
    health.router,
    auth.router,
    password.router,
    two_factor.router,
    user.router,
    user_management.router,
    user_activity.router,
    product.router,
    stock.router,
    stock_snapshot.sold,
    stock_snapshot.router,
    price.router,
    price_list.router,
    business_partner.router,
    exchange_rate.router,
    account.accounts,
    account.centres,
    stock_report.router,
    report.router,
    attachment.router,
    attachment.invoices,
    attachment.orders,
    attachment.payments,
    notification.router,
    invoice.router,
    credit_note.router,
    quotation.router,
    sales_order.router,
    statement.router,
    queue.payments,
    incoming_payment.router,
    charge.router,
    sap_settings.router,
    queue.router,
    inventory_transfer.router,
    price_list.desktop,
    purchase_order.router,
    goods_movement.issues,
    goods_movement.receipts,
    stock_count.router,
    reservation.router,
    desktop_invoice.router,
    fiscal_log.router,
    fiscal_sale.router,
    desktop_sale.router,
    end_of_day.router,
    desktop_transfer.router,
    revmax.router,
    backup.router,
    reserved_stock.router,  # last: its {itemCode} would swallow other words of the path
)


def mount(app: FastAPI) -> None:
    """Serve every route of the contract below ``/api``."""
    refusal.install(app)
    for part in ROUTERS:
        app.include_router(part, prefix="/api")
    app.include_router(notification.hub)
    app.include_router(health.probes)
