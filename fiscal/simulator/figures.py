"""The figures of a Z or X report, from fiscal counters and receipts (ZIMRA FDMS 7.2, Z report).

A box shows them on its own screen and paper; no operation of REVMax reads them without closing
the day. Here they stand in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fiscal import decimal_json
from fiscal.amount import plain
from fiscal.chain import Counter, CounterType
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.state import CLOSED, Day

GROSS = frozenset(
    {CounterType.SALE_BY_TAX, CounterType.CREDIT_NOTE_BY_TAX, CounterType.DEBIT_NOTE_BY_TAX}
)
_DOCUMENTS = {
    "invoices": "FiscalInvoice",
    "credit_notes": "CreditNote",
    "debit_notes": "DebitNote",
}
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxFigure:
    """One tax of one currency over invoices, credit notes and debit notes."""

    tax_id: int
    percent: Decimal | None
    gross: Decimal
    tax: Decimal

    @property
    def net(self) -> Decimal:
        """Gross less tax."""
        return self.gross - self.tax


def tax_figures(counters: Iterable[Counter]) -> dict[str, list[TaxFigure]]:
    """By currency in alphabetical order; taxes by percent, the highest first, exempt last."""
    gross: dict[tuple[str, int, Decimal | None], Decimal] = {}
    taxes = dict(gross)
    for row in counters:
        if row.money is None:
            key = (row.currency, row.tax_id, row.percent)
            sums = gross if row.type in GROSS else taxes
            sums[key] = sums.get(key, _ZERO) + row.value
    found: dict[str, list[TaxFigure]] = {}
    for currency, tax_id, percent in sorted({*gross, *taxes}, key=_rank):
        key = (currency, tax_id, percent)
        figure = TaxFigure(
            tax_id=tax_id, percent=percent, gross=gross.get(key, _ZERO), tax=taxes.get(key, _ZERO)
        )
        found.setdefault(currency, []).append(figure)
    return found


def report(day: Day) -> dict[str, Any]:
    """A Z report once the day is closed, an X report before, as JSON data."""
    figures = tax_figures(day.counters.rows())
    data = {
        "title": "Z REPORT" if day.status == CLOSED else "X REPORT",
        "currencies": {
            currency: _totals(rows) | {"documents": _documents(day.receipts, currency)}
            for currency, rows in figures.items()
        },
    }
    safe: dict[str, Any] = decimal_json.safe(data)
    return safe


def _totals(rows: Sequence[TaxFigure]) -> dict[str, Any]:
    """Net, tax and gross by tax; what bears no tax has no row of tax."""
    return {
        "net": {_name(row.percent): row.net for row in rows},
        "tax": {_name(row.percent): row.tax for row in rows if row.percent},
        "gross": {_name(row.percent): row.gross for row in rows},
        "total_net": sum((row.net for row in rows), _ZERO),
        "total_tax": sum((row.tax for row in rows), _ZERO),
        "total_gross": sum((row.gross for row in rows), _ZERO),
    }


def _documents(receipts: Sequence[Receipt], currency: str) -> dict[str, dict[str, Any]]:
    mine = [receipt for receipt in receipts if receipt.currency == currency]
    kinds = {
        name: [receipt for receipt in mine if receipt.type == type_]
        for name, type_ in _DOCUMENTS.items()
    }
    return {
        name: {"quantity": len(rows), "total": sum((row.total for row in rows), _ZERO)}
        for name, rows in (kinds | {"total": mine}).items()
    }


def _name(percent: Decimal | None) -> str:
    return "Exempt" if percent is None else f"{plain(percent)}%"


def _rank(key: tuple[str, int, Decimal | None]) -> tuple[str, Decimal, int]:
    currency, tax_id, percent = key
    return (currency, Decimal(1) if percent is None else -percent, tax_id)
