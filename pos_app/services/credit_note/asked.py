"""A credit note as somebody wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pos_app.domain.credit_note import CreditNoteType
from pos_app.services import document


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """One line.

    Attributes:
        unit_price: in the sense of the invoice; None for what was charged.
        batch: which batch comes back, where the invoice took several.
        original: the line of the invoice, from 0; None to find it by its item.
    """

    item: str
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    warehouse: str = ""
    batch: str = ""
    original: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCreditNote:
    """The whole of it.

    Attributes:
        invoices: numbers the invoice may go by, ours or SAP's; the first that is known counts.
        partner: empty, or the customer of the invoice.
        lines: empty for all that is left.
        is_restocked: whether goods that come back can be sold again.
        warehouse: where they come back to; empty for where they left from.
    """

    invoices: tuple[int, ...]
    type: CreditNoteType
    reason: str
    lines: tuple[AskedLine, ...] = ()
    partner: str = ""
    currency: str = ""
    comments: str = ""
    is_restocked: bool = True
    warehouse: str = ""

    @property
    def text(self) -> str:
        """One text per content, to tell a repetition from a reuse."""
        return document.canonical(self.data)

    @property
    def data(self) -> dict[str, Any]:
        """As it is kept while the note waits."""
        return {
            "invoices": list(self.invoices),
            "type": self.type.value,
            "reason": self.reason,
            "partner": self.partner,
            "currency": self.currency,
            "comments": self.comments,
            "is_restocked": self.is_restocked,
            "warehouse": self.warehouse,
            "lines": [
                {
                    "item": line.item,
                    "quantity": _plain(line.quantity),
                    "unit_price": None if line.unit_price is None else _plain(line.unit_price),
                    "discount_percent": _plain(line.discount_percent),
                    "warehouse": line.warehouse,
                    "batch": line.batch,
                    "original": line.original,
                }
                for line in self.lines
            ],
        }


def read(data: Mapping[str, Any]) -> AskedCreditNote:
    """What was kept."""
    lines = tuple(
        AskedLine(
            item=line["item"],
            quantity=Decimal(line["quantity"]),
            unit_price=None if line["unit_price"] is None else Decimal(line["unit_price"]),
            discount_percent=Decimal(line["discount_percent"]),
            warehouse=line["warehouse"],
            batch=line["batch"],
            original=line["original"],
        )
        for line in data["lines"]
    )
    told = dict(data) | {
        "invoices": tuple(data["invoices"]),
        "type": CreditNoteType(data["type"]),
        "lines": lines,
    }
    return AskedCreditNote(**told)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
