"""Fiscal counters of a day, from its receipts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from fiscal import decimal_json
from fiscal.chain import Counter, CounterType, MoneyType
from fiscal.simulator.receipt import Receipt

_BY_TYPE = {
    "FiscalInvoice": (CounterType.SALE_BY_TAX, CounterType.SALE_TAX_BY_TAX),
    "CreditNote": (CounterType.CREDIT_NOTE_BY_TAX, CounterType.CREDIT_NOTE_TAX_BY_TAX),
    "DebitNote": (CounterType.DEBIT_NOTE_BY_TAX, CounterType.DEBIT_NOTE_TAX_BY_TAX),
}

Key = tuple[CounterType, str, int, Decimal | None, MoneyType | None]


class Counters:
    """Running sums; they restart with every fiscal day (ZIMRA FDMS 7.2, fiscal counters)."""

    def __init__(self, receipts: Iterable[Receipt] = ()) -> None:
        self._sums: dict[Key, Decimal] = {}
        for receipt in receipts:
            self.add(receipt)

    def add(self, receipt: Receipt) -> None:
        """Count one receipt: sales and tax by tax, and the balance by means of payment."""
        for key, value in _parts(receipt):
            self._sums[key] = self._sums.get(key, Decimal("0.00")) + value

    def rows(self) -> list[Counter]:
        """The counters that are not zero, in the order of the day text."""
        rows = [
            Counter(
                type=type_, currency=currency, tax_id=tax, percent=percent, money=money, value=value
            )
            for (type_, currency, tax, percent, money), value in self._sums.items()
            if value
        ]
        return sorted(rows, key=lambda row: row.order)


def counter_row(row: Counter) -> dict[str, Any]:
    """One counter as JSON data: by tax, or by means of payment."""
    return {
        "type": row.type.name.lower(),
        "currency": row.currency,
        "tax_id": row.tax_id if row.money is None else None,
        "percent": decimal_json.safe(row.percent),
        "money": row.money.name if row.money is not None else None,
        "value": decimal_json.safe(row.value),
    }


def counter_of(data: Mapping[str, Any]) -> Counter:
    """Read `counter_row` back."""
    return Counter(
        type=CounterType[data["type"].upper()],
        currency=data["currency"],
        value=Decimal(data["value"]),
        tax_id=data["tax_id"] or 0,
        percent=None if data["percent"] is None else Decimal(data["percent"]),
        money=MoneyType[data["money"]] if data["money"] else None,
    )


def _parts(receipt: Receipt) -> Iterator[tuple[Key, Decimal]]:
    sales, taxes = _BY_TYPE[receipt.type]
    for row in receipt.taxes:
        yield (sales, receipt.currency, row.tax_id, row.percent, None), row.sales
        if row.percent:
            yield (taxes, receipt.currency, row.tax_id, row.percent, None), row.tax
    for paid in receipt.payments:
        money = MoneyType[paid.money_type.upper()]
        yield (CounterType.BALANCE_BY_MONEY_TYPE, receipt.currency, 0, None, money), paid.amount
