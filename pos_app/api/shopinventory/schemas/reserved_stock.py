"""Bodies of the stock routes below ``/api/DesktopIntegration``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from pos_app.api.shopinventory.schemas.desktop import ReservationLine, StockProblem
from pos_app.api.shopinventory.schemas.fields import Reference
from pos_app.api.wire import Answer, Question
from pos_app.domain.sale_rule import MOST_LINES


class StockQuestion(Question):
    """Lines to be judged; the reservation named does not stand in their way."""

    lines: list[ReservationLine] = Field(min_length=1, max_length=MOST_LINES)
    exclude_reservation_id: Reference | None = None


class StockJudged(Answer):
    """Lines judged; 200 whether they can be served or not."""

    is_valid: bool
    message: str
    errors: list[StockProblem]


class ReservedBatch(Answer):
    """One batch of an item, with what is held of it."""

    batch_number: str
    total_reserved_quantity: Decimal
    available_quantity: Decimal
    physical_quantity: Decimal
    expiry_date: date | None


class ReservedStock(Answer):
    """One item in one warehouse; ``availableQuantity`` is what a new reservation can have."""

    item_code: str
    warehouse_code: str
    total_reserved_quantity: Decimal
    available_quantity: Decimal
    physical_quantity: Decimal
    committed_quantity: Decimal
    active_reservation_count: int
    batch_reservations: list[ReservedBatch]


class AvailableBatch(Answer):
    """One batch of an item, as it can still be promised."""

    batch_number: str
    physical_quantity: Decimal
    reserved_quantity: Decimal
    available_quantity: Decimal
    expiry_date: date | None
    manufacturing_date: date | None
    status: str
