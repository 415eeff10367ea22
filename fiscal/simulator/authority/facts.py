"""What the authority knows beforehand: taxpayers, taxes and its own limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from fiscal.simulator.settings import DeviceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTax:
    """A tax of the taxpayer's configuration; no percent is exempt, which is not zero."""

    id: int
    percent: Decimal | None
    valid_from: date | None = None
    valid_till: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCurrency:
    """A currency receipts may be filed in, within its dates."""

    code: str
    valid_from: date | None = None
    valid_till: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxpayer:
    """Who files.

    Attributes:
        vat_number: empty for one who is not registered for VAT.
        day_hours_max: the longest a fiscal day may be open (taxPayerDayMaxHrs).
    """

    tin: str
    vat_number: str
    taxes: tuple[KnownTax, ...]
    currencies: tuple[KnownCurrency, ...]
    day_hours_max: int = 24

    def knows_tax(self, tax_id: int, percent: Decimal | None, *, on: date) -> bool:
        """Whether this pair may be charged on a day."""
        return any(
            tax.id == tax_id and tax.percent == percent and _is_within(tax, on)
            for tax in self.taxes
        )

    def knows_currency(self, code: str, *, on: date) -> bool:
        """Whether receipts may be filed in it on a day."""
        return any(entry.code == code and _is_within(entry, on) for entry in self.currencies)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """The authority's habits.

    Attributes:
        zone_hours: its local time, ahead of UTC.
        future_tolerance: how far a receipt may be dated ahead of its clock.
        note_months_max: how old the original of a note may be.
        are_notes_taxed_by_original: whether the tax of a note must hold on the date of its
            original instead of its own. The specification asks for the note's own date and for the
            original's taxes alike, which contradict each other after a change of rate.
        closing_seconds: how long it takes to judge a day.
    """

    zone_hours: int = 2
    future_tolerance: timedelta = timedelta(minutes=5)
    note_months_max: int = 12
    are_notes_taxed_by_original: bool = False
    closing_seconds: int = 0


def taxpayer_of(settings: DeviceSettings) -> Taxpayer:
    """The taxpayer a box says it files for, with the taxes it is configured for."""
    return Taxpayer(
        tin=settings.tin,
        vat_number=settings.vat_number,
        taxes=tuple(
            KnownTax(
                id=tax.filed_id,
                percent=tax.percent,
                valid_from=tax.valid_from,
                valid_till=tax.valid_till,
            )
            for tax in settings.taxes
        ),
        currencies=currencies(settings.currencies),
        day_hours_max=settings.day_hours_max,
    )


def currencies(codes: Iterable[str]) -> tuple[KnownCurrency, ...]:
    """Currencies without an end."""
    return tuple(KnownCurrency(code=code) for code in codes)


def _is_within(entry: KnownTax | KnownCurrency, day: date) -> bool:
    return (entry.valid_from is None or entry.valid_from <= day) and (
        entry.valid_till is None or day <= entry.valid_till
    )
