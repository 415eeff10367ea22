"""How SAP adds a document up: gross or net lines, VAT per line or per group, to the cent.

Rounding is half away from zero, to the decimals of the document's currency. With gross prices
the customer's total is the truth and VAT is extracted from it; with net prices VAT comes on
top (production lesson L11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from sync.sap.simulator.refusal import Refusal

HUNDRED = Decimal(100)
ZERO = Decimal(0)
DIGITS_MAX = 13
"""Digits before the point of an amount: 19 in all, six of them behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A line before adding up.

    Attributes:
        quantity: above zero.
        price: per unit, after discount.
        is_gross: whether the price includes VAT.
        vat_group: groups the lines.
        rate: VAT percent of the group on the day.
        total: the line's total as given, in place of quantity times price.
    """

    quantity: Decimal
    price: Decimal
    is_gross: bool
    vat_group: str
    rate: Decimal
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineTotals:
    """A line added up, in the document's currency."""

    net: Decimal
    vat: Decimal
    gross: Decimal


def round_to(value: Decimal, decimals: int) -> Decimal:
    """Half away from zero; raises Refusal for what no column of amounts can hold."""
    if value.adjusted() >= DIGITS_MAX:
        raise Refusal(-5002, "Numeric overflow")
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def add_up(lines: Sequence[Priced], *, decimals: int, by_group: bool) -> list[LineTotals]:
    """The totals of every line; their sums are the document's.

    Args:
        lines: the priced lines.
        decimals: of the document's currency.
        by_group: take VAT once per group and put the difference to the sum of the lines' own
            VAT on the largest line of the group; otherwise line by line.
    """
    totals = [_line(line, decimals) for line in lines]
    if by_group:
        for group in {(line.vat_group, line.is_gross) for line in lines}:
            _settle_group(lines, totals, group, decimals)
    return totals


def less(line: Priced, percent: Decimal, decimals: int) -> Priced:
    """A line after a discount on its whole document; below zero it is a surcharge."""
    own = line.quantity * line.price if line.total is None else line.total
    return replace(line, total=round_to(own, decimals) * (HUNDRED - percent) / HUNDRED)


def extract(gross: Decimal, rate: Decimal, decimals: int) -> Decimal:
    """The VAT inside a gross amount."""
    return round_to(gross * rate / (HUNDRED + rate), decimals)


def _line(line: Priced, decimals: int) -> LineTotals:
    own = line.quantity * line.price if line.total is None else line.total
    amount = round_to(own, decimals)
    if line.is_gross:
        vat = extract(amount, line.rate, decimals)
        return LineTotals(amount - vat, vat, amount)
    vat = round_to(amount * line.rate / HUNDRED, decimals)
    return LineTotals(amount, vat, amount + vat)


def _settle_group(
    lines: Sequence[Priced], totals: list[LineTotals], group: tuple[str, bool], decimals: int
) -> None:
    places = [place for place, line in enumerate(lines) if (line.vat_group, line.is_gross) == group]
    rate, is_gross = lines[places[0]].rate, group[1]
    if is_gross:
        gross = sum((totals[place].gross for place in places), ZERO)
        vat = extract(gross, rate, decimals)
    else:
        net = sum((totals[place].net for place in places), ZERO)
        vat = round_to(net * rate / HUNDRED, decimals)
    difference = vat - sum((totals[place].vat for place in places), ZERO)
    if difference:
        largest = max(places, key=lambda place: (abs(totals[place].gross), -place))
        totals[largest] = _shift(totals[largest], difference, is_gross=is_gross)


def _shift(line: LineTotals, difference: Decimal, *, is_gross: bool) -> LineTotals:
    if is_gross:
        return replace(line, vat=line.vat + difference, net=line.net - difference)
    return replace(line, vat=line.vat + difference, gross=line.gross + difference)
