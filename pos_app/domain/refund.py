"""What may come back of a sale, and what it is worth: pure rules, no document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pos_app.domain.currency import Rate, convert
from pos_app.domain.money import Money, divide_half_up, total
from pos_app.domain.quantity import QuantityInvalid, check_quantity, to_micro
from pos_app.domain.sale import LineUnknown
from pos_app.domain.tax import TaxGroup, TaxTotal, tax_totals
from pos_app.domain.tender import Settled, Tender, TenderType, check_tender
from pos_app.errors import RuleBroken


class ReturnTooMuch(RuleBroken):
    """More would come back than is left of the line (L36)."""

    code = "return_too_much"

    def __init__(self, line: int, item: str, *, requested: Decimal, left: Decimal) -> None:
        super().__init__(
            f"Only {left:f} of item {item} on line {line} can still come back and {requested:f} "
            "were asked for: return fewer.",
            line=line,
            item=item,
            requested=requested,
            available=left,
        )


class CreditTooMuch(RuleBroken):
    """A price correction is above what is left of the line."""

    code = "credit_too_much"

    def __init__(self, line: int, item: str, *, requested: Money, left: Money) -> None:
        super().__init__(
            f"Only {left.label} of item {item} on line {line} can still be credited and "
            f"{requested.label} were asked for: credit less.",
            line=line,
            item=item,
            requested=requested,
            available=left,
            currency=left.currency,
        )


class RefundTooOld(RuleBroken):
    """A credit note must come within twelve months of its receipt (ZIMRA RCPT033)."""

    code = "refund_too_old"

    def __init__(self, sold_on: date) -> None:
        super().__init__(
            f"The receipt is of {sold_on.isoformat()}, more than twelve months ago: "
            "the law allows no credit note any more, ask a manager.",
            sold_on=sold_on.isoformat(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """A line of a posted sale, with what has come back of it so far.

    Attributes:
        gross: what the customer paid for it, VAT included.
        returned: quantity that came back already.
        credited: what was paid back already, returns and price corrections together.
    """

    number: int
    item: str
    quantity: Decimal
    decimals: int
    uom: str
    gross: Money
    tax: TaxGroup
    returned: Decimal = Decimal(0)
    credited: Money | None = None
    batch: str = ""

    @property
    def returnable(self) -> Decimal:
        """The quantity that can still come back."""
        return self.quantity - self.returned

    @property
    def creditable(self) -> Money:
        """The amount that can still be paid back."""
        return self.gross if self.credited is None else self.gross - self.credited

    def after(self, row: ReturnLine) -> SoldLine:
        """The line once a row of a credit note is taken off it."""
        return replace(
            self,
            returned=self.returned + row.quantity,
            credited=self.gross - (self.creditable - row.gross),
        )


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One line of a note; positive quantity and amount. Quantity 0 moves a price alone."""

    line: SoldLine
    quantity: Decimal
    gross: Money


@dataclass(frozen=True, slots=True)
class Refund:
    """A note in positive figures."""

    lines: tuple[ReturnLine, ...]
    taxes: tuple[TaxTotal, ...]
    total: Money

    @property
    def vat(self) -> Money:
        """VAT of all groups, taken from the note's own sums as the fiscal device does."""
        return total((tax.vat for tax in self.taxes), self.total.currency)

    @property
    def vat_shares(self) -> tuple[Money, ...]:
        """VAT of each line in their order; the shares sum to the groups exactly."""
        shares: dict[int, Money] = {}
        for tax in self.taxes:
            key = tax.group.fiscal_key
            places = [at for at, row in enumerate(self.lines) if row.line.tax.fiscal_key == key]
            parts = tax.vat.split_by([self.lines[at].gross.minor for at in places])
            shares.update(zip(places, parts, strict=True))
        return tuple(shares[at] for at in range(len(self.lines)))


def take_back(line: SoldLine, quantity: Decimal) -> ReturnLine:
    """Return a quantity of a line at its share of what is left of the amount.

    The share is rounded to the cent, the last return takes the rest: however a line comes back in
    parts, the parts sum to the original to the cent (production lesson L36).

    Raises:
        QuantityInvalid: not a quantity of that item.
        ReturnTooMuch: more than is left.
    """
    quantity = check_quantity(quantity, uom=line.uom, decimals=line.decimals, item=line.item)
    left, amount = line.returnable, line.creditable
    if quantity > left:
        raise ReturnTooMuch(line.number, line.item, requested=quantity, left=left)
    share = amount.minor
    if quantity < left:
        share = divide_half_up(amount.minor * to_micro(quantity), to_micro(left))
    return ReturnLine(line, quantity, Money(share, amount.currency))


def correct_price(line: SoldLine, amount: Money) -> ReturnLine:
    """Pay back part of a line's price while the goods stay with the customer.

    Raises:
        CreditTooMuch: more than is left of the amount.
        QuantityInvalid: the amount is not above zero.
    """
    left = line.creditable
    if amount > left:
        raise CreditTooMuch(line.number, line.item, requested=amount, left=left)
    if amount.minor <= 0:
        raise QuantityInvalid(amount, "to credit is not above zero", item=line.item)
    return ReturnLine(line, Decimal(0), amount)


def refund(sold: Sequence[SoldLine], quantities: Mapping[int, Decimal]) -> Refund:
    """Return quantities by line number.

    Raises:
        LineUnknown: the sale has no such line.
        QuantityInvalid, ReturnTooMuch: not that much.
    """
    by_number = {line.number: line for line in sold}
    for number in quantities:
        if number not in by_number:
            raise LineUnknown(number)
    return credited(take_back(by_number[number], quantities[number]) for number in quantities)


def credited(lines: Iterable[ReturnLine]) -> Refund:
    """Put return lines together, VAT once per group of the note (ZIMRA RCPT026)."""
    rows = tuple(lines)
    taxes = tax_totals(((row.line.tax, row.gross) for row in rows), gross=True)
    currency = rows[0].gross.currency if rows else ""
    return Refund(rows, taxes, total((row.gross for row in rows), currency))


def pay_back(
    due: Money, kind: TenderType, *, currency: str, rate: Rate | None = None, reference: str = ""
) -> Settled:
    """Return what is handed back for a credit note, at the receipt's own frozen rate.

    All figures are positive: the amount in the tender's currency, and ``due`` in the document's.

    Raises:
        TenderInvalid: the tender does not take the currency, or lacks its reference.
        RateMissing: another currency than the receipt's and there is no rate.
    """
    money = convert(due, currency, rate)
    tender = check_tender(Tender(kind, money, reference))
    return Settled(tender, money, due)


def check_age(sold_on: date, today: date) -> None:
    """Refuse a credit note more than twelve months after the receipt.

    Raises:
        RefundTooOld: it is.
    """
    try:
        last = sold_on.replace(year=sold_on.year + 1)
    except ValueError:
        last = date(sold_on.year + 1, 3, 1)
    if today > last:
        raise RefundTooOld(sold_on)
