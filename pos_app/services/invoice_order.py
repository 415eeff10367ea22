"""An invoice as it is asked for, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pos_app.domain.batch import Strategy
from pos_app.domain.money import Money
from pos_app.services import document
from pos_app.services.batch import Want


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is asked for; the warehouse may be empty until the request's own is known."""

    item: str
    quantity: Decimal
    warehouse: str
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    batches: tuple[tuple[str, Decimal], ...] = ()
    is_auto: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An invoice as it is asked for.

    Attributes:
        van_order: the caller's own key, unique for ever where it is not empty.
        source: which program asks.
        strategy: how batches are chosen where a line names none.
        is_agreed: the prices it names were agreed before and count exactly as they are.
    """

    partner: str
    lines: tuple[Line, ...]
    currency: str = ""
    doc_date: date | None = None
    due_date: date | None = None
    num_at_card: str = ""
    comments: str = ""
    van_order: str = ""
    sales_person: int | None = None
    is_fiscal: bool = True
    strategy: Strategy = Strategy.FEFO
    source: str = "API"
    priority: int = 0
    is_agreed: bool = False

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        return document.canonical(
            {
                "partner": self.partner,
                "currency": self.currency,
                "dates": [str(self.doc_date), str(self.due_date)],
                "words": [self.num_at_card, self.comments, self.van_order, self.sales_person],
                "lines": [
                    [
                        line.item,
                        line.warehouse,
                        format(line.quantity.normalize(), "f"),
                        str(line.unit_price and line.unit_price.normalize()),
                        format(line.discount_percent.normalize(), "f"),
                        [[lot, format(part.normalize(), "f")] for lot, part in line.batches],
                    ]
                    for line in self.lines
                ],
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a document comes from: its identity, and the hold or order it makes good, if any.

    Attributes:
        ordered: what that order has committed itself, by item and warehouse.
        sale_reference: what a caller knows a sale by, unique for ever; empty for an invoice.
        agreed: how far above the customer's credit limit somebody let that order go.
    """

    document_id: str
    reservation: str = ""
    reference: str = ""
    sale_reference: str = ""
    allowed: tuple[str, ...] = ()
    ordered: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    agreed: Money | None = None


def wants_of(order: Order) -> list[Want]:
    """The order's lines as stock is asked for them."""
    return [
        Want(
            position=at,
            number=at,
            item=line.item,
            warehouse=line.warehouse,
            quantity=line.quantity,
            batches=line.batches,
            is_auto=line.is_auto,
        )
        for at, line in enumerate(order.lines)
    ]
