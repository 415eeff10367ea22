"""What a simulated box is: its identity, its taxpayer, its taxes and its habits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fiscal.profile import PERCENT, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTax:
    """One tax: the id REVMax is sent, and what it files (ids are configuration, FDMS 7.2).

    Attributes:
        percent: None when exempt, which is not zero.
        valid_from: the first day it may be charged; None for always.
        valid_till: the last one.
    """

    id: str
    filed_id: int
    code: str
    percent: Decimal | None
    valid_from: date | None = None
    valid_till: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it may be charged on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_till is None or day <= self.valid_till
        )


_STANDARD = (
    (Decimal("14.5"), 3, None, date(2022, 12, 31)),
    (Decimal(15), 3, date(2023, 1, 1), date(2025, 12, 31)),
    (Decimal("15.5"), 515, date(2026, 1, 1), None),
)

TAXES = (
    *(
        DeviceTax(id="1", filed_id=id_, code="A", percent=rate, valid_from=first, valid_till=last)
        for rate, id_, first, last in _STANDARD
    ),
    DeviceTax(id="2", filed_id=2, code="B", percent=Decimal(0)),
    DeviceTax(id="3", filed_id=1, code="C", percent=None),
)
"""Standard by date, zero rated and exempt (the usual production ids; Finance Act 7 of 2025)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """The fixed facts of a box.

    Attributes:
        vat_number: empty for a taxpayer who is not registered for VAT.
        zone_hours: the local time of its dates, ahead of UTC.
        taxes: known tax ids.
        currencies: the codes the authority knows.
        profile: the dialect it expects: how taxes, credit notes and customs codes are sent, and
            whether a Z report counts in cents.
        lead_seconds: how far dates may run ahead of the clock in a burst of receipts, each of
            which needs a second of its own; then it waits.
        day_hours_max: after this it takes no receipt until the day is closed.
        is_terse: TransactM answers with the QR data alone, as some live boxes do.
        has_numbers: answers name the receipt's numbers beside the data, as other boxes do.
        is_camel_case: keys of answers begin in lower case.
        is_answered_by_notes: a credit note answers for the number of the invoice it credits.
        license_days: validity of the licence from first start.
        certificate_days: validity of the authority's certificate from each issue.
        delivery_seconds: how long a receipt waits before it is delivered to the authority.
        close_wait_seconds: how long a Z report waits for the authority to judge the day.
    """

    device_id: str = "99001"
    serial: str = "5B0C6E2A9901"
    tin: str = "2000123456"
    bpn: str = "0200123456"
    vat_number: str = "220123456"
    company_name: str = "Sample Shop (Pvt) Ltd"
    address: str = "12 Market Street, Harare"
    registration_number: str = "1234/2020"
    qr_url: str = "https://fdmstest.zimra.co.zw"
    zone_hours: int = 2
    taxes: tuple[DeviceTax, ...] = TAXES
    currencies: tuple[str, ...] = ("USD", "ZWG")
    profile: Profile = PERCENT
    lead_seconds: int = 120
    day_hours_max: int = 24
    is_terse: bool = False
    has_numbers: bool = False
    is_camel_case: bool = False
    is_answered_by_notes: bool = False
    license_days: int = 366
    certificate_days: int = 1096
    delivery_seconds: int = 0
    close_wait_seconds: int = 60
