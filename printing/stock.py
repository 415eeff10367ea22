"""Papers of the stock room as plain data: transfer sheets, count sheets and price labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from printing.document import Symbology


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """An item and how much of it; `quantity` None where nobody is to know, as in a blind count."""

    code: str
    name: str
    quantity: Decimal | None
    uom: str = "each"
    batch: str = ""
    note: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLabel:
    """A shelf label: the price in each currency with its code, per `uom` where that is said."""

    name: str
    prices: tuple[tuple[Decimal, str], ...]
    code: str
    uom: str = ""
    barcode: str = ""
    symbology: Symbology = Symbology.CODE128
    language: str = "en"
