"""Tax groups by date, and VAT extracted once per group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from pos_app.domain.money import CurrencyMismatch, Money, divide_half_up
from pos_app.domain.quantity import MICRO, to_micro
from pos_app.errors import InvalidInput, RuleBroken

FiscalKey = tuple[int, str, str, Decimal]
"""Tax id as a number and as text, code, percent (-1 for exempt)."""


class TaxKind(StrEnum):
    """Exempt and zero-rated are different things in law (ZIMRA FDMS 7.2 §4.2.1)."""

    STANDARD = "standard"
    ZERO = "zero"
    EXEMPT = "exempt"


class UnmappedTaxGroup(RuleBroken):
    """An item's tax group has no row the fiscal device and SAP both understand on that date."""

    code = "unmapped_tax_group"

    def __init__(self, group: str, on: date) -> None:
        super().__init__(
            f"Tax group {group!r} is not mapped for {on.isoformat()}: "
            "the item cannot be sold until the back office maps it.",
            group=group,
            on=on.isoformat(),
        )


class TaxGroupInvalid(InvalidInput):
    """A tax group's percent does not fit its kind."""

    code = "tax_group_invalid"

    def __init__(self, group: str, why: str) -> None:
        super().__init__(f"Tax group {group!r} {why}: correct the tax table.", group=group)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """One tax group from one date on, with the names its neighbours know it by.

    Attributes:
        percent: above zero for STANDARD, zero for ZERO, None for EXEMPT.
        fiscal_tax_id: the device's tax id, configuration and never a constant.
        fiscal_code: the letter printed on receipts.
        sap_vat_group: SAP's VatGroup code.
    """

    code: str
    name: str
    kind: TaxKind
    percent: Decimal | None
    fiscal_tax_id: str
    fiscal_code: str
    sap_vat_group: str
    valid_from: date

    def __post_init__(self) -> None:
        fits = {
            TaxKind.STANDARD: self.percent is not None and Decimal(0) < self.percent < 100,
            TaxKind.ZERO: self.percent is not None and self.percent == 0,
            TaxKind.EXEMPT: self.percent is None,
        }
        if not fits[self.kind]:
            raise TaxGroupInvalid(self.code, f"cannot be {self.kind.value} at {self.percent} %")

    @property
    def is_mapped(self) -> bool:
        """Whether both the fiscal device and SAP have a name for it."""
        return bool(self.fiscal_tax_id and self.sap_vat_group)

    @property
    def fiscal_key(self) -> FiscalKey:
        """What the fiscal device groups and sorts by: tax id, then code, then percent."""
        number = int(self.fiscal_tax_id) if self.fiscal_tax_id.isdecimal() else -1
        percent = Decimal(-1) if self.percent is None else self.percent
        return number, self.fiscal_tax_id, self.fiscal_code, percent


@dataclass(frozen=True)
class TaxTable:
    """Every tax group of the shop, with the dates they count from."""

    groups: tuple[TaxGroup, ...]

    @cached_property
    def _by_code(self) -> dict[str, tuple[TaxGroup, ...]]:
        found: dict[str, list[TaxGroup]] = {}
        for group in self.groups:
            found.setdefault(group.code, []).append(group)
        return {
            code: tuple(sorted(rows, key=lambda row: row.valid_from, reverse=True))
            for code, rows in found.items()
        }

    def on(self, code: str, day: date) -> TaxGroup:
        """Return the newest row of a group that is valid on a date.

        Raises:
            UnmappedTaxGroup: none is, or a neighbour's code is missing (production lesson L09).
        """
        for group in self._by_code.get(code, ()):
            if group.valid_from <= day:
                if group.is_mapped:
                    return group
                break
        raise UnmappedTaxGroup(code, day)


def vat_in_gross(gross: Money, percent: Decimal | None) -> Money:
    """Extract the VAT inside an amount: gross x p / (100 + p), halves away from zero."""
    if not percent:
        return Money(0, gross.currency)
    micro = to_micro(percent)
    return Money(divide_half_up(gross.minor * micro, 100 * MICRO + micro), gross.currency)


def vat_on_net(net: Money, percent: Decimal | None) -> Money:
    """Compute the VAT on top of an amount: net x p / 100, halves away from zero."""
    if not percent:
        return Money(0, net.currency)
    return Money(divide_half_up(net.minor * to_micro(percent), 100 * MICRO), net.currency)


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What one tax group carries in a document; net + vat = gross, always."""

    group: TaxGroup
    net: Money
    vat: Money
    gross: Money


def tax_total(group: TaxGroup, amount: Money, *, gross: bool) -> TaxTotal:
    """Split one group's sum into net, VAT and gross."""
    if gross:
        vat = vat_in_gross(amount, group.percent)
        return TaxTotal(group, amount - vat, vat, amount)
    vat = vat_on_net(amount, group.percent)
    return TaxTotal(group, amount, vat, amount + vat)


def tax_totals(amounts: Iterable[tuple[TaxGroup, Money]], *, gross: bool) -> tuple[TaxTotal, ...]:
    """Sum line amounts per tax group and take VAT once per group, as the fiscal device does.

    Groups the device cannot tell apart (same tax id, code and percent) are one group here too, or
    its VAT and ours would differ by a cent. Sorted by tax id, then code (ZIMRA FDMS 7.2 §2.5).

    Args:
        amounts: each line's group and amount.
        gross: whether the amounts include VAT.
    """
    sums: dict[FiscalKey, tuple[TaxGroup, Money]] = {}
    for group, amount in _summed(amounts):
        key = group.fiscal_key
        known = sums.get(key)
        sums[key] = (group, amount) if known is None else (known[0], known[1] + amount)
    return tuple(tax_total(*sums[key], gross=gross) for key in sorted(sums))


def _summed(amounts: Iterable[tuple[TaxGroup, Money]]) -> Iterable[tuple[TaxGroup, Money]]:
    """Sum per group object first: a basket of sixty lines has two or three of them."""
    sums: dict[int, tuple[TaxGroup, Money]] = {}
    minors: dict[int, int] = {}
    for group, amount in amounts:
        at = id(group)
        if at in minors and sums[at][1].currency == amount.currency:
            minors[at] += amount.minor
        elif at in minors:
            raise CurrencyMismatch(sums[at][1].currency, amount.currency)
        else:
            sums[at], minors[at] = (group, amount), amount.minor
    return [(group, Money(minors[at], first.currency)) for at, (group, first) in sums.items()]
