"""Labels of goods as plain data, and the media they are printed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from printing.document import Symbology

MM_PER_INCH = Decimal("25.4")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPrice:
    """What the goods cost in one currency; `per_unit` where the price of a measure is known."""

    amount: Decimal
    currency: str
    per_unit: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLabel:
    """A label for the shelf or for the goods themselves.

    Attributes:
        prices: the one people pay in first comes first.
        code: the item's own code.
        uom: what the price is for, such as kg; empty for a piece.
        measure: what `per_unit` is for: kg or l.
        content: what is in a weighed pack, such as ``0.555 kg``.
        barcode: with its check digit; empty for none.
        rate: units of the second currency for one of the first, and the day it is from.
        printed_on: the day of the label.
    """

    name: str
    prices: tuple[LabelPrice, ...]
    code: str
    uom: str = ""
    measure: str = ""
    content: str = ""
    barcode: str = ""
    symbology: Symbology = Symbology.CODE128
    rate: Decimal | None = None
    rate_on: date | None = None
    printed_on: date | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMedia:
    """One label as it comes off its roll, and the fineness of the printer."""

    width_mm: int
    height_mm: int
    dpi: int = 203

    @property
    def width(self) -> int:
        """In dots."""
        return dots(self.width_mm, self.dpi)

    @property
    def height(self) -> int:
        """In dots."""
        return dots(self.height_mm, self.dpi)


def dots(millimetres: int, dpi: int) -> int:
    """Millimetres as dots of a printer, rounded down: nothing may stand over the edge."""
    return int(Decimal(millimetres) * dpi / MM_PER_INCH)
