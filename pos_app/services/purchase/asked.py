"""A purchase order, and goods that arrived of one, as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pos_app.services import document


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """One line; without a warehouse the goods go to that of the order."""

    item: str
    quantity: Decimal
    unit_price: Decimal
    name: str = ""
    discount_percent: Decimal = Decimal(0)
    tax_percent: Decimal = Decimal(0)
    warehouse: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPurchase:
    """An order to a supplier; prices are without tax."""

    partner: str
    lines: tuple[AskedLine, ...]
    currency: str = ""
    due_date: date | None = None
    reference: str = ""
    comments: str = ""
    warehouse: str = ""
    discount_percent: Decimal = Decimal(0)
    buyer_code: int | None = None
    buyer_name: str = ""
    ship_to: str = ""
    bill_to: str = ""

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        return document.canonical(
            {
                "head": [self.partner, self.currency, str(self.due_date), self.warehouse],
                "words": [self.reference, self.comments, self.buyer_code, self.buyer_name],
                "places": [self.ship_to, self.bill_to],
                "discount": _plain(self.discount_percent),
                "lines": [
                    [
                        line.item,
                        line.name,
                        line.warehouse,
                        line.batch,
                        _plain(line.quantity),
                        _plain(line.unit_price),
                        _plain(line.discount_percent),
                        _plain(line.tax_percent),
                    ]
                    for line in self.lines
                ],
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Goods of one line that came in, of one batch.

    Attributes:
        line: of the order, from 0.
        warehouse: empty for that of the line.
    """

    line: int
    item: str
    quantity: Decimal
    warehouse: str = ""
    batch: str = ""
    expiry: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What came in at once."""

    lines: tuple[Arrived, ...]
    comments: str = ""
    warehouse: str = ""

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        return document.canonical(
            {
                "words": [self.comments, self.warehouse],
                "lines": [
                    [
                        line.line,
                        line.item,
                        _plain(line.quantity),
                        line.warehouse,
                        line.batch,
                        str(line.expiry),
                    ]
                    for line in self.lines
                ],
            }
        )


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
