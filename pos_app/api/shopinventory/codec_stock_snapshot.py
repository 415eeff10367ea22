"""From our words to the contract's: the daily stock snapshot and a warehouse's sales."""

from __future__ import annotations

from collections.abc import Sequence

from pos_app.api.shopinventory.schemas.stock_snapshot import (
    Adjustment,
    LocalBatch,
    LocalItem,
    LocalStock,
    SoldItem,
    TransferAnswer,
    TransferEvent,
    WarehouseSalesAnswer,
    Worth,
)
from pos_app.domain.money import Money
from pos_app.services.stock_snapshot import Adjusted, Snapshot, Transfer
from pos_app.services.warehouse_sale import WarehouseSales


def local(found: Snapshot) -> LocalStock:
    """A snapshot with what is left."""
    return LocalStock(
        warehouse_code=found.warehouse,
        snapshot_date=found.day,
        snapshot_status=found.status,
        items=[
            LocalItem(
                item_code=goods.item,
                item_description=goods.name or None,
                warehouse_code=found.warehouse,
                available_quantity=goods.available,
                original_quantity=goods.original,
                transfer_adjustment=goods.transferred,
                batches=[
                    LocalBatch(
                        batch_number=lot.number or None,
                        available_quantity=lot.available,
                        original_quantity=lot.original,
                        expiry_date=lot.expiry,
                    )
                    for lot in goods.lots
                ],
            )
            for goods in found.goods
        ],
    )


def transfer(event: TransferEvent) -> Transfer:
    """A transfer of SAP."""
    return Transfer(
        item=event.item_code,
        source=event.source_warehouse,
        destination=event.destination_warehouse,
        quantity=event.quantity,
        doc_entry=event.sap_doc_entry,
    )


def adjusted(found: Sequence[Adjusted]) -> TransferAnswer:
    """What it changed."""
    words = "The snapshots follow the transfer."
    if not found:
        words = "Nothing changed: it is known, or neither warehouse has a snapshot of today."
    return TransferAnswer(
        adjusted=bool(found),
        message=words,
        adjustments=[
            Adjustment(
                warehouse_code=one.warehouse,
                direction=one.direction,
                adjustment_quantity=one.quantity,
                new_available_quantity=one.available,
            )
            for one in found
        ],
    )


def sales(found: WarehouseSales) -> WarehouseSalesAnswer:
    """What was sold from a warehouse."""
    return WarehouseSalesAnswer(
        warehouse_code=found.warehouse,
        from_date=found.since,
        to_date=found.until,
        total_items_sold=len(found.items),
        total_sales_value=found.worth[0].amount,
        values=_worth(found.worth),
        total_invoices=found.invoices,
        items=[
            SoldItem(
                item_code=sold.item,
                item_name=sold.name or None,
                bar_code=sold.barcode or None,
                total_quantity_sold=sold.quantity,
                total_sales_value=sold.worth[0].amount,
                values=_worth(sold.worth),
                invoice_count=sold.invoices,
                uoM=sold.uom or None,
            )
            for sold in found.items
        ],
    )


def _worth(amounts: Sequence[Money]) -> list[Worth]:
    return [Worth(currency=row.currency, amount=row.amount) for row in amounts]
