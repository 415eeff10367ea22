"""The Z report for other programs: it closes the open fiscal day, once, and can be had again.

The device has one call that closes an open day and opens a closed one, behind a read's verb. Asked
twice for a Z report it would open a day nobody wants; so a closed day is never toggled here, its
stored report is given again (docs/decisions/0011-fiscal-proxy.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from fiscal.amount import money_text
from fiscal.errors import DayNotOpen, FiscalError, OutcomeUnknown
from fiscal.messages import DayStatus, ZReport
from pos_app.domain.fiscal_proxy import (
    FiscalDayUnclear,
    ZReportUnknown,
)
from pos_app.domain.permission import Actor
from pos_app.services import fiscal_proxy
from pos_app.services.fiscal_proxy_read import refusal
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import fiscal_proxy as proxy

SENT, DONE, REFUSED = "sent", "done", "refused"


class DayDevice(fiscal_proxy.Device, Protocol):
    """What closing a day needs beside what filing does."""

    def day_status(self) -> DayStatus:
        """The fiscal day."""
        ...

    def close_day(self) -> ZReport:
        """Close the fiscal day; after an unclear end the status is read, never toggled again."""
        ...


@dataclass(frozen=True, slots=True)
class ZTotal:
    """One rate of a Z report, in units of the currency; `rate` is the device's own text."""

    rate: str
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class ZCurrency:
    """One currency of a Z report."""

    currency: str
    date: str
    totals: tuple[ZTotal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A closed fiscal day; `currencies` is None where the answer with the figures was lost."""

    device_id: str
    device_serial: str
    fiscal_day: int
    currencies: tuple[ZCurrency, ...] | None


def z_report(shop: Shop, device: DayDevice, actor: Actor) -> ClosedDay:
    """Close the open day and return its totals, or return those of the day closed last.

    Raises:
        FiscalUnsettled: a receipt is not settled; the day stays open (production lesson L14).
        FiscalDayUnclear: nobody knows whether it was closed; asking again settles it.
        ZReportUnknown: the day was closed, and its report given, elsewhere.
        FiscalRequestRefused, FiscalNotReady: the device refused; the day is still open.
        DeviceUnavailable: it cannot be reached; nothing was changed.
    """
    fiscal_proxy.settle(shop, device)
    fiscal_proxy.check_settled(shop)
    status = _status(device)
    if not status.is_open:
        return _again(shop, status)
    _ask(shop, actor, status)
    try:
        report = device.close_day()
    except DayNotOpen:
        return _again(shop, _status(device))
    except OutcomeUnknown as error:
        raise FiscalDayUnclear(status.last_fiscal_day_no) from error
    except FiscalError as error:
        _settle(shop, status, {"state": REFUSED, "reason": str(error)})
        raise refusal(error) from error
    totals = None if report.is_recovered else _kept(report)
    _settle(shop, status, {"state": DONE, "totals": totals, "reason": ""})
    return _closed(status, totals)


def _status(device: DayDevice) -> DayStatus:
    try:
        return device.day_status()
    except FiscalError as error:
        raise refusal(error) from error


def _again(shop: Shop, status: DayStatus) -> ClosedDay:
    """The report of the day closed last; a lost answer leaves the day closed without figures."""
    day = status.last_fiscal_day_no
    with shop.store.read() as connection:
        row = proxy.z_report(connection, status.device_id, day)
    if row is None:
        raise ZReportUnknown(day)
    if row["state"] != DONE:
        _settle(shop, status, {"state": DONE, "reason": "Its answer was lost."})
    return _closed(status, row["totals"])


def _ask(shop: Shop, actor: Actor, status: DayStatus) -> None:
    """Put on disk that this day is to become closed, before the device is told."""
    row = {
        "device_id": status.device_id,
        "fiscal_day": status.last_fiscal_day_no,
        "state": SENT,
        "client": actor.username,
        "totals": None,
        "reason": "",
        "asked_at": shop.clock.now(),
        "settled_at": None,
    }
    with shop.store.write() as connection:
        proxy.ask_z_report(connection, row)
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="fiscal.close_day",
            subject=f"{status.device_id}/{status.last_fiscal_day_no}",
            details={"device": shop.rules.fiscal.device},
        )


def _settle(shop: Shop, status: DayStatus, values: dict[str, Any]) -> None:
    with shop.store.write() as connection:
        proxy.settle_z_report(
            connection,
            status.device_id,
            status.last_fiscal_day_no,
            values | {"settled_at": shop.clock.now()},
        )


def _kept(report: ZReport) -> list[dict[str, Any]]:
    """The totals as JSON data, amounts as text."""
    return [
        {
            "currency": row.currency,
            "date": row.date,
            "totals": [[t.rate, money_text(t.net), money_text(t.tax)] for t in row.totals],
        }
        for row in report.currencies
    ]


def _closed(status: DayStatus, totals: list[dict[str, Any]] | None) -> ClosedDay:
    currencies = None
    if totals is not None:
        currencies = tuple(
            ZCurrency(
                currency=row["currency"],
                date=row["date"],
                totals=tuple(
                    ZTotal(r, Decimal(net), Decimal(tax)) for r, net, tax in row["totals"]
                ),
            )
            for row in totals
        )
    return ClosedDay(
        device_id=status.device_id,
        device_serial=status.device_serial,
        fiscal_day=status.last_fiscal_day_no,
        currencies=currencies,
    )
