"""From what was sent to what will be filed: own line totals, one rounding per tax group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fiscal.amount import included_tax, line_total, plain
from fiscal.chain import TaxRow
from fiscal.simulator import refusal
from fiscal.simulator.intake import Intake, ItemIn
from fiscal.simulator.receipt import FiledLine
from fiscal.simulator.settings import DeviceSettings, DeviceTax

HS_CODE_DEFAULT = "99001000"
"""What live boxes file for lines without a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The computed part of a receipt; money is signed."""

    lines: tuple[FiledLine, ...]
    taxes: tuple[TaxRow, ...]
    total: Decimal

    @property
    def tax(self) -> Decimal:
        """All tax of the receipt."""
        return sum((row.tax for row in self.taxes), Decimal("0.00"))


def compose(intake: Intake, settings: DeviceSettings, *, on: date) -> Draft:
    """Compute lines and taxes; amounts that were sent are ignored, as live boxes do.

    Args:
        intake: as sent.
        settings: the box.
        on: the date of the receipt.

    Raises:
        Refused: a tax id or rate the box is not configured for on that date. A note may carry a
            rate that is over, since it takes that of its original.
    """
    lines = tuple(
        _line(item, _tax(item, settings, on=None if intake.is_note else on))
        for item in intake.items
    )
    return Draft(
        lines=lines,
        taxes=tuple(tax_rows(lines)),
        total=sum((line.total for line in lines), Decimal("0.00")),
    )


def tax_rows(lines: Sequence[FiledLine]) -> list[TaxRow]:
    """One row per (tax id, percent, code), each rounded once, half away from zero (FDMS 7.2)."""
    sums: dict[tuple[int, str, Decimal | None], Decimal] = {}
    for line in lines:
        key = (line.tax_id, line.tax_code, line.tax_percent)
        sums[key] = sums.get(key, Decimal("0.00")) + line.total
    return [
        TaxRow(
            tax_id=id_, code=code, percent=percent, tax=included_tax(sales, percent), sales=sales
        )
        for (id_, code, percent), sales in sorted(sums.items(), key=lambda entry: entry[0][:2])
    ]


def _line(item: ItemIn, tax: DeviceTax) -> FiledLine:
    return FiledLine(
        number=item.number,
        code=item.code,
        name=item.name,
        quantity=item.quantity,
        price=item.price,
        total=line_total(item.quantity, item.price),
        tax_id=tax.filed_id,
        tax_code=tax.code,
        tax_percent=tax.percent,
        hs_code=item.hs_code or HS_CODE_DEFAULT,
    )


def _tax(item: ItemIn, settings: DeviceSettings, *, on: date | None) -> DeviceTax:
    """The tax an item names by id and rate, or by rate alone to a box of the old dialect."""
    is_by_rate = settings.profile.taxes == "amount"
    named = [tax for tax in settings.taxes if is_by_rate or tax.id == item.tax]
    if not named:
        raise refusal.bad_item("TAX", f"Tax ID {item.tax} is not configured")
    rated = [tax for tax in named if (tax.percent or Decimal(0)) == item.rate]
    if not rated:
        which = "any tax" if is_by_rate else f"tax ID {item.tax}"
        raise refusal.bad_item("TAXR", f"Tax rate {plain(item.rate)} does not belong to {which}")
    held = [tax for tax in rated if on is None or tax.holds_on(on)]
    if not held:
        raise refusal.bad_item("TAXR", f"Tax rate {plain(item.rate)} is not valid on {on}")
    return held[0]
