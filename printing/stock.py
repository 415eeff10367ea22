"""Papers of the stock room as plain data: transfer sheets and count sheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """An item and how much of it.

    Attributes:
        quantity: None where nobody is to know, as in a blind count.
        answer: what arrived or was counted; None leaves room to write it.
    """

    code: str
    name: str
    quantity: Decimal | None
    uom: str = "each"
    batch: str = ""
    note: str = ""
    answer: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSheet:
    """Goods on their way from one warehouse to another; times in the shop's own time."""

    shop: str
    number: str
    source: str
    target: str
    made_at: datetime
    made_by: str
    lines: tuple[StockLine, ...]
    notes: str = ""
    copy_number: int = 0
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSheet:
    """What is to be counted in one warehouse; blind when its lines tell no quantity."""

    shop: str
    number: str
    warehouse: str
    made_at: datetime
    made_by: str
    lines: tuple[StockLine, ...]
    notes: str = ""
    copy_number: int = 0
    language: str = "en"
