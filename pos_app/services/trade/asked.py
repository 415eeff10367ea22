"""A quotation or sales order as somebody wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pos_app.domain.trade import TradeKind
from pos_app.services import document


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """One line.

    Attributes:
        unit_price: None for the customer's own.
        discount_percent: of this line; that of the whole document comes on top.
        warehouse: empty for the document's.
        batch: where the goods are to leave from one batch only.
    """

    item: str
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    warehouse: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTrade:
    """The whole of it.

    Attributes:
        due_date: last day of a quotation, delivery day of an order.
        source: ``Web`` asks for it to be approved at once, ``Mobile`` for approval by somebody
            else; empty keeps it open as a draft.
        client_request: the caller's own key, unique for ever where it is not empty.
        details: what is only kept and told again.
    """

    kind: TradeKind
    partner: str
    lines: tuple[AskedLine, ...]
    currency: str = ""
    discount_percent: Decimal = Decimal(0)
    due_date: date | None = None
    reference: str = ""
    contact: str = ""
    comments: str = ""
    terms: str = ""
    ship_to: str = ""
    bill_to: str = ""
    warehouse: str = ""
    sales_person: int | None = None
    sales_person_name: str = ""
    source: str = ""
    client_request: str = ""
    details: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        return document.canonical(
            {
                "kind": self.kind.value,
                "partner": self.partner,
                "currency": self.currency,
                "discount": _plain(self.discount_percent),
                "words": [str(self.due_date), self.reference, self.contact, self.comments],
                "places": [self.terms, self.ship_to, self.bill_to, self.warehouse],
                "people": [self.sales_person, self.sales_person_name, self.source],
                "details": dict(self.details),
                "lines": [
                    [
                        line.item,
                        _plain(line.quantity),
                        None if line.unit_price is None else _plain(line.unit_price),
                        _plain(line.discount_percent),
                        line.warehouse,
                        line.batch,
                    ]
                    for line in self.lines
                ],
            }
        )


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
