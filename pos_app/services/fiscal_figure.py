"""A fiscal day's figures by three accounts: the device's, the journal's and the shifts'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, RowMapping

from fiscal import decimal_json
from fiscal.amount import included_tax
from fiscal.envelope import lowered
from fiscal.messages import ReceiptRequest, ZReport
from pos_app.domain.currency import normalise
from pos_app.domain.fiscal import FiscalState
from pos_app.domain.fiscal_day import DayFigures, DocumentFigure, TaxFigure
from pos_app.domain.money import Money
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_device as devices
from pos_app.store import shift as shifts

FIGURES = ("receiptcurrency", "receipttotal", "receipttaxes")
"""What an answer says of the amounts of a receipt, in lower case."""

Row = RowMapping | Mapping[str, Any]
Tax = tuple[str, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPart:
    """What one shift has in a fiscal day.

    Attributes:
        receipts: how many of its receipts were filed on the day.
        totals: what they came to, per currency.
        elsewhere: its receipts that were filed on another day or not at all.
    """

    number: int
    username: str
    receipts: int
    totals: tuple[Money, ...]
    elsewhere: tuple[str, ...]


class _Sums:
    """Adds receipts up by tax and by kind of document."""

    def __init__(self) -> None:
        self._taxes: dict[Tax, list[Money]] = {}
        self._documents: dict[tuple[str, str], tuple[int, Money]] = {}
        self.count = 0

    def add_tax(self, currency: str, percent: Decimal | None, *, net: Money, tax: Money) -> None:
        rate = None if percent is None else percent.normalize()
        known = self._taxes.setdefault((currency, rate), [Money.zero(currency)] * 2)
        known[:] = [known[0] + net, known[1] + tax]

    def add_document(self, kind: str, total: Money) -> None:
        key = (total.currency, kind)
        count, sum_ = self._documents.get(key, (0, Money.zero(total.currency)))
        self._documents[key] = (count + 1, sum_ + total)
        self.count += 1

    def figures(self) -> DayFigures:
        by_rate = sorted(
            self._taxes, key=lambda key: (key[0], -(key[1] or Decimal(0)), str(key[1]))
        )
        return DayFigures(
            taxes=tuple(
                TaxFigure(
                    currency=key[0],
                    percent=key[1],
                    net=self._taxes[key][0],
                    tax=self._taxes[key][1],
                )
                for key in by_rate
            ),
            documents=tuple(
                DocumentFigure(currency=currency, kind=kind, count=count, total=total)
                for (currency, kind), (count, total) in sorted(self._documents.items())
            ),
            receipts=self.count,
        )


def of_journal(rows: Iterable[Row]) -> DayFigures:
    """What we asked the device to file: one rounding per tax group and receipt (FDMS 7.2)."""
    sums = _Sums()
    for row in rows:
        request = ReceiptRequest.from_json(row["request"])
        currency, sign = normalise(request.currency), -1 if request.kind == "credit" else 1
        for percent, gross in _gross_by_tax(request):
            tax = Money.of(included_tax(gross, percent), currency)
            net = Money.of(gross, currency) - tax
            sums.add_tax(currency, percent, net=net * sign, tax=tax * sign)
        sums.add_document(request.kind, Money.of(request.total, currency) * sign)
    return sums.figures()


def of_sales(rows: Iterable[Row]) -> DayFigures:
    """What the shifts account for: the tax rows of the sales behind the receipts."""
    sums = _Sums()
    for row in rows:
        currency, sign = row["currency"], -1 if row["total"] < 0 else 1
        for tax in row["taxes"]:
            percent = None if tax["percent"] is None else Decimal(tax["percent"])
            net, vat = Money(abs(tax["net"]), currency), Money(abs(tax["vat"]), currency)
            sums.add_tax(currency, percent, net=net * sign, tax=vat * sign)
        sums.count += 1
    return sums.figures()


def of_records(replies: Iterable[Any]) -> DayFigures | None:
    """What the device said of each receipt when it was filed; None when one did not tell."""
    sums = _Sums()
    for reply in replies:
        record = receipt_in(reply)
        if "receipttaxes" not in record:
            return None
        currency = normalise(str(record["receiptcurrency"]))
        for tax in map(lowered, record["receipttaxes"]):
            gross = _money(tax["salesamountwithtax"], currency)
            vat = _money(tax["taxamount"], currency)
            percent = tax.get("taxpercent")
            rate = None if percent is None else Decimal(str(percent))
            sums.add_tax(currency, rate, net=gross - vat, tax=vat)
        sums.count += 1
    return sums.figures()


def of_z(stored: Mapping[str, Any]) -> DayFigures:
    """The totals of a Z report as `kept` has kept them; it does not count receipts."""
    sums = _Sums()
    for currency in stored["currencies"]:
        code = normalise(currency["currency"])
        for total in currency["totals"]:
            net, tax = _money(total["net"], code), _money(total["tax"], code)
            sums.add_tax(code, _rate(total["rate"]), net=net, tax=tax)
    return DayFigures(taxes=sums.figures().taxes)


def kept(report: ZReport) -> dict[str, Any]:
    """A Z report as JSON data, with the device's own answer beside it."""
    return {
        "currencies": [
            {
                "currency": row.currency,
                "date": row.date,
                "totals": [
                    {"rate": total.rate, "net": str(total.net), "tax": str(total.tax)}
                    for total in row.totals
                ],
            }
            for row in report.currencies
        ],
        "message": report.message,
        "raw": decimal_json.safe(report.raw),
    }


def receipt_in(reply: Any) -> dict[str, Any]:
    """The receipt in a stored answer of the device, keys in lower case; empty without one."""
    data = lowered(reply).get("data") if isinstance(reply, Mapping) else None
    if isinstance(data, str):
        try:
            data = decimal_json.loads(data)
        except ValueError:
            return {}
    if not isinstance(data, Mapping):
        return {}
    inner = lowered(data).get("receipt")
    return lowered(inner) if isinstance(inner, Mapping) else lowered(data)


def excerpt(reply: Any) -> dict[str, Any] | None:
    """The figures of a stored answer alone, in its own shape; None where it tells none."""
    record = receipt_in(reply)
    told = {name: record[name] for name in FIGURES if name in record}
    return {"data": {"receipt": decimal_json.safe(told)}} if told else None


def shift_parts(connection: Connection, rows: Iterable[Row]) -> tuple[ShiftPart, ...]:
    """The shifts behind a day's receipts, and what else those shifts sold."""
    by_shift: dict[str, list[Row]] = {}
    for row in rows:
        by_shift.setdefault(row["shift_id"] or "", []).append(row)
    return tuple(_parts(connection, by_shift))


def _parts(connection: Connection, by_shift: Mapping[str, list[Row]]) -> Iterator[ShiftPart]:
    for shift_id, rows in by_shift.items():
        header = shifts.by_id(connection, shift_id) if shift_id else None
        if header is None:
            continue
        here = {row["sale_id"] for row in rows}
        totals: dict[str, Money] = {}
        for row in rows:
            code = row["currency"]
            totals[code] = totals.get(code, Money.zero(code)) + Money(row["total"], code)
        elsewhere = [
            f"{row['number']} ({_whereabouts(row)})"
            for row in journal.of_shift(connection, shift_id)
            if row["sale_id"] not in here
        ]
        yield ShiftPart(
            number=header["number"],
            username=header["username"],
            receipts=len(rows),
            totals=tuple(totals[code] for code in sorted(totals)),
            elsewhere=tuple(elsewhere),
        )


def _whereabouts(row: Row) -> str:
    if row["state"] == FiscalState.FISCALISED:
        return f"day {row['fiscal_day']}" if row["fiscal_day"] else "day not told"
    return str(row["state"])


def found_numbers(connection: Connection, device_id: str, day: int) -> tuple[str, ...]:
    """Receipts of the day on the device that no sale of ours stands behind."""
    return tuple(row["number"] for row in devices.found_of_day(connection, device_id, day))


def _gross_by_tax(request: ReceiptRequest) -> list[tuple[Decimal | None, Decimal]]:
    sums: dict[tuple[str, Decimal | None], Decimal] = {}
    for line in request.lines:
        key = (line.tax_id, line.tax_percent)
        sums[key] = sums.get(key, Decimal(0)) + line.amount
    return [(percent, gross) for (_, percent), gross in sums.items()]


def _rate(text: str) -> Decimal | None:
    """The rate a Z report names in its own words; what is no number is exempt."""
    try:
        return Decimal(text.strip().removesuffix("%"))
    except InvalidOperation:
        return None


def _money(value: Any, currency: str) -> Money:
    return Money.rounded(Decimal(str(value)), currency)
