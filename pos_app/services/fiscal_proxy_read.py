"""What other programs read off the shop's fiscal device, and its licence key put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from fiscal.envelope import Envelope
from fiscal.errors import FiscalError, OutcomeUnknown, Refusal, Rejected, Unavailable
from fiscal.messages import License
from fiscal.operations import Op
from pos_app.domain.fiscal_proxy import (
    FiscalInvoiceNotFound,
    FiscalNotReady,
    FiscalRequestRefused,
    LicenseUnclear,
)
from pos_app.domain.permission import Actor
from pos_app.errors import DeviceUnavailable, PosError
from pos_app.services.shop import Shop
from pos_app.store import audit

DEVICE = "fiscal device"


class ReadDevice(Protocol):
    """What reading needs of `fiscal.driver.Driver`."""

    def read(self, op: Op, body: Mapping[str, Any] | None = None) -> Envelope:
        """The whole answer to a read."""
        ...


class LicenseDevice(Protocol):
    """What a new licence needs of it."""

    def set_license(self, key: str) -> License:
        """Install a licence key; sent once."""
        ...


def card(device: ReadDevice) -> Envelope:
    """Who the device files for. Raises DeviceUnavailable, FiscalNotReady."""
    return _read(device, Op.CARD)


def day_status(device: ReadDevice) -> Envelope:
    """The fiscal day. Raises DeviceUnavailable, FiscalNotReady."""
    return _read(device, Op.DAY_STATUS)


def license_of(device: ReadDevice) -> Envelope:
    """The software licence, never its key. Raises DeviceUnavailable, FiscalNotReady."""
    return _read(device, Op.GET_LICENSE)


def invoice(device: ReadDevice, number: str) -> Envelope:
    """What the device filed under a number, also when another device of its owner did.

    Raises:
        FiscalInvoiceNotFound: the device says that it has none.
        DeviceUnavailable, FiscalNotReady: it could not say.
    """
    try:
        return device.read(Op.GET_INVOICE, {"InvoiceNumber": number})
    except FiscalError as error:
        if isinstance(error, Rejected) and error.refusal is Refusal.NOT_FOUND:
            raise FiscalInvoiceNotFound(number) from error
        raise refusal(error) from error


def backlog(device: ReadDevice, *, fiscal_day: str = "", fiscal_date: str = "") -> Envelope:
    """What the authority has not got yet of one day; of the current one where none is named.

    Raises:
        FiscalRequestRefused: the device does not take the day.
        DeviceUnavailable, FiscalNotReady: it could not say.
    """
    if not (fiscal_day or fiscal_date):
        fiscal_day = str(_read(device, Op.DAY_STATUS).object.get("lastfiscaldayno", ""))
    body = {"fiscalDayNumber": fiscal_day} if fiscal_day else {"fiscalDate": fiscal_date}
    return _read(device, Op.BACKLOG, body)


def set_license(shop: Shop, device: LicenseDevice, actor: Actor, key: str) -> License:
    """Install a licence key; who did it is kept, the key is not (production lesson L85).

    Raises:
        FiscalRequestRefused: the device does not accept the key.
        LicenseUnclear: its answer was lost; the licence itself tells.
        DeviceUnavailable, FiscalNotReady: nothing was changed.
    """
    with shop.store.write() as connection:
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="fiscal.license",
            subject=shop.rules.fiscal.device,
            details={},
        )
    try:
        return device.set_license(key)
    except OutcomeUnknown as error:
        raise LicenseUnclear from error
    except FiscalError as error:
        raise refusal(error) from error


def refusal(error: FiscalError) -> PosError:
    """What to tell a program about an error that changed nothing on the device."""
    if isinstance(error, Rejected):
        kind = FiscalNotReady if error.is_about_device else FiscalRequestRefused
        return kind(error.text)
    reason = error.reason if isinstance(error, Unavailable | OutcomeUnknown) else str(error)
    return DeviceUnavailable(DEVICE, reason)


def _read(device: ReadDevice, op: Op, body: Mapping[str, Any] | None = None) -> Envelope:
    try:
        return device.read(op, body)
    except FiscalError as error:
        raise refusal(error) from error
