"""From our words to the contract's: reports on orders, purchases and transfers."""

from __future__ import annotations

from pos_app.api.shopinventory.codec_report import both, span
from pos_app.api.shopinventory.schemas import report_trade as wire
from pos_app.services.rate import BASE
from pos_app.services.report import trade

TRANSFER = "Transfer"


def fulfilment(told: trade.Fulfilment) -> wire.OrderFulfilment:
    """How far orders are delivered."""
    whole = told.whole
    return wire.OrderFulfilment(
        **span(told.period),
        total_orders=whole.orders,
        open_orders=whole.open,
        closed_orders=whole.closed,
        cancelled_orders=whole.cancelled,
        fulfillment_rate_percent=whole.rate,
        **both("total_order_value", whole.total),
        **both("total_delivered_value", whole.done),
        **both("total_pending_value", whole.pending),
        average_order_value_usd=whole.average(BASE).amount,
        total_line_items=sum(told.lines.values()),
        fully_delivered_lines=told.lines["full"],
        partially_delivered_lines=told.lines["part"],
        undelivered_lines=told.lines["none"],
        orders=[_order(row) for row in told.orders],
        fulfillment_by_customer=[
            wire.CustomerFulfilment(
                card_code=row.code,
                card_name=row.name,
                order_count=row.orders,
                closed_orders=row.closed,
                **both("order_value", row.total),
                **both("delivered_value", row.done),
                fulfillment_rate_percent=row.rate,
            )
            for row in told.by_customer
        ],
        daily_fulfillment=[
            wire.DailyFulfilment(
                date=row.on,
                order_count=row.orders,
                closed_orders=row.closed,
                **both("order_value", row.total),
            )
            for row in told.days
            if row.on is not None
        ],
    )


def _order(row: trade.Order) -> wire.OrderRow:
    return wire.OrderRow(
        order_number=row.number,
        order_date=row.on,
        card_code=row.partner,
        card_name=row.partner_name,
        status=row.state,
        currency=row.total.currency,
        total=row.total.amount,
        total_lines=row.lines,
        fully_delivered_lines=row.full,
        partially_delivered_lines=row.begun - row.full,
    )


def purchases(told: trade.Bought) -> wire.PurchaseSummary:
    """What was ordered of suppliers."""
    whole = told.whole
    return wire.PurchaseSummary(
        **span(told.period),
        total_purchase_orders=whole.orders,
        open_orders=whole.open,
        closed_orders=whole.closed,
        cancelled_orders=whole.cancelled,
        **both("total_order_value", whole.total),
        **both("total_pending_value", whole.pending),
        average_order_value_usd=whole.average(BASE).amount,
        unique_suppliers=told.suppliers,
        by_supplier=[
            wire.SupplierOrders(
                card_code=row.code,
                card_name=row.name,
                order_count=row.orders,
                **both("total_value", row.total),
                **both("pending_value", row.pending),
            )
            for row in told.by_supplier
        ],
        daily_breakdown=[
            wire.DailyPurchases(
                date=row.on, order_count=row.orders, **both("total_value", row.total)
            )
            for row in told.days
            if row.on is not None
        ],
        top_products=[
            wire.TopPurchase(
                rank=row.rank,
                item_code=row.code,
                item_name=row.name,
                total_quantity_ordered=row.quantity,
                total_quantity_received=row.received,
                **both("total_value", row.worth),
                times_ordered=row.orders,
            )
            for row in told.items
        ],
    )


def movement(told: trade.Movement) -> wire.StockMovements:
    """What went between warehouses."""
    return wire.StockMovements(
        **span(told.period),
        total_transfers=told.transfers,
        total_quantity_moved=told.quantity,
        movements=[
            wire.StockMovement(
                date=row.on,
                transfer_type=TRANSFER,
                item_code=row.item,
                item_name=row.name,
                quantity=row.quantity,
                from_warehouse=row.origin,
                to_warehouse=row.target,
                reference=row.number,
            )
            for row in told.lines
        ],
        warehouse_flows=[
            wire.WarehouseFlow(
                warehouse_code=flow.code,
                warehouse_name=flow.name,
                total_inflow=flow.inflow,
                total_outflow=flow.outflow,
                net_flow=flow.inflow - flow.outflow,
                transfer_count=flow.transfers,
            )
            for flow in told.flows
        ],
    )
