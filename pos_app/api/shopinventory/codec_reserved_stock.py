"""From our words to the contract's: stock less what is reserved."""

from __future__ import annotations

from pos_app.api.shopinventory import codec_desktop
from pos_app.api.shopinventory.schemas.reserved_stock import (
    AvailableBatch,
    ReservedBatch,
    ReservedStock,
    StockJudged,
)
from pos_app.services.batch import Judgement
from pos_app.services.reserved_stock import ItemStock, LotStock


def summary(found: ItemStock) -> ReservedStock:
    """An item in a warehouse."""
    return ReservedStock(
        item_code=found.item,
        warehouse_code=found.warehouse,
        total_reserved_quantity=found.reserved,
        available_quantity=found.available,
        physical_quantity=found.on_hand,
        committed_quantity=found.committed,
        active_reservation_count=found.reservations,
        batch_reservations=[
            ReservedBatch(
                batch_number=lot.number,
                total_reserved_quantity=lot.reserved,
                available_quantity=lot.available,
                physical_quantity=lot.on_hand,
                expiry_date=lot.expiry,
            )
            for lot in found.lots
        ],
    )


def lot(found: LotStock) -> AvailableBatch:
    """One of its batches."""
    return AvailableBatch(
        batch_number=found.number,
        physical_quantity=found.on_hand,
        reserved_quantity=found.reserved,
        available_quantity=found.available,
        expiry_date=found.expiry,
        manufacturing_date=found.manufactured,
        status=found.status,
    )


def judged(found: Judgement) -> StockJudged:
    """Lines that can be served, or why not."""
    errors = [
        codec_desktop.stock_problem(problem, for_reservation=True) for problem in found.problems
    ]
    message = errors[0].message if errors else "The stock is there for every line."
    return StockJudged(is_valid=found.is_valid, message=message, errors=errors)
