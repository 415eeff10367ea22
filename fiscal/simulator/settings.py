"""What a simulated box is: its identity, its taxes and its habits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTax:
    """One tax: the id REVMax is sent, and what it files (ids are configuration, FDMS 7.2)."""

    id: str
    filed_id: int
    code: str
    percent: Decimal | None


TAXES = (
    DeviceTax(id="1", filed_id=515, code="A", percent=Decimal("15.5")),
    DeviceTax(id="2", filed_id=2, code="B", percent=Decimal(0)),
    DeviceTax(id="3", filed_id=1, code="C", percent=None),
)
"""Standard, zero rated and exempt, as of 2026 (Finance Act 7 of 2025)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """The fixed facts of a box.

    Attributes:
        zone_hours: the local time of its dates, ahead of UTC.
        taxes: known tax ids.
        is_tax_an_amount: TAX carries the line's tax and only TAXR tells the rate, as old boxes.
        lead_seconds: how far dates may run ahead of the clock in a burst of receipts, each of
            which needs a second of its own; then it waits.
        day_hours_max: after this it takes no receipt until the day is closed.
        is_terse: TransactM answers with the QR data alone, as some live boxes do.
        license_days: validity of the licence from first start.
        delivery_seconds: how long a receipt stays in the backlog.
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
    is_tax_an_amount: bool = False
    lead_seconds: int = 120
    day_hours_max: int = 24
    is_terse: bool = False
    license_days: int = 366
    delivery_seconds: int = 0
