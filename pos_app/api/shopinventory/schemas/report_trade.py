"""Bodies of the reports below ``/api/Report`` on orders, purchases and transfers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pos_app.api.shopinventory.schemas.report import Part, Report


class StockMovement(Part):
    """One line of a transfer."""

    date: date
    transfer_type: str
    item_code: str
    item_name: str
    quantity: Decimal
    from_warehouse: str
    to_warehouse: str
    reference: str


class WarehouseFlow(Part):
    """What transfers brought into a warehouse and took out of it."""

    warehouse_code: str
    warehouse_name: str
    total_inflow: Decimal
    total_outflow: Decimal
    net_flow: Decimal
    transfer_count: int


class StockMovements(Report):
    """Transfers; what was called off moved nothing."""

    total_transfers: int
    total_quantity_moved: Decimal
    movements: list[StockMovement]
    warehouse_flows: list[WarehouseFlow]


class OrderRow(Part):
    """A sales order and how far it is delivered."""

    order_number: str
    order_date: date
    card_code: str
    card_name: str
    status: str
    currency: str
    total: Decimal
    total_lines: int
    fully_delivered_lines: int
    partially_delivered_lines: int


class CustomerFulfilment(Part):
    """The orders of one customer."""

    card_code: str
    card_name: str
    order_count: int
    closed_orders: int
    order_value_usd: Decimal
    order_value_zig: Decimal
    delivered_value_usd: Decimal
    delivered_value_zig: Decimal
    fulfillment_rate_percent: Decimal


class DailyFulfilment(Part):
    """The orders of one day."""

    date: date
    order_count: int
    closed_orders: int
    order_value_usd: Decimal
    order_value_zig: Decimal


class OrderFulfilment(Report):
    """How far orders are delivered; values leave out orders that were called off."""

    total_orders: int
    open_orders: int
    closed_orders: int
    cancelled_orders: int
    fulfillment_rate_percent: Decimal
    total_order_value_usd: Decimal
    total_order_value_zig: Decimal
    total_delivered_value_usd: Decimal
    total_delivered_value_zig: Decimal
    total_pending_value_usd: Decimal
    total_pending_value_zig: Decimal
    average_order_value_usd: Decimal
    total_line_items: int
    fully_delivered_lines: int
    partially_delivered_lines: int
    undelivered_lines: int
    orders: list[OrderRow]
    fulfillment_by_customer: list[CustomerFulfilment]
    daily_fulfillment: list[DailyFulfilment]


class SupplierOrders(Part):
    """The purchase orders to one supplier."""

    card_code: str
    card_name: str
    order_count: int
    total_value_usd: Decimal
    total_value_zig: Decimal
    pending_value_usd: Decimal
    pending_value_zig: Decimal


class DailyPurchases(Part):
    """The purchase orders of one day."""

    date: date
    order_count: int
    total_value_usd: Decimal
    total_value_zig: Decimal


class TopPurchase(Part):
    """An item that is ordered; worth is before tax."""

    rank: int
    item_code: str
    item_name: str
    total_quantity_ordered: Decimal
    total_quantity_received: Decimal
    total_value_usd: Decimal
    total_value_zig: Decimal
    times_ordered: int


class PurchaseSummary(Report):
    """Purchase orders; values leave out those that were cancelled."""

    total_purchase_orders: int
    open_orders: int
    closed_orders: int
    cancelled_orders: int
    total_order_value_usd: Decimal
    total_order_value_zig: Decimal
    total_pending_value_usd: Decimal
    total_pending_value_zig: Decimal
    average_order_value_usd: Decimal
    unique_suppliers: int
    by_supplier: list[SupplierOrders]
    daily_breakdown: list[DailyPurchases]
    top_products: list[TopPurchase]
