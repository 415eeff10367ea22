"""Whether the device is the shop's, and files what it is told as the settings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Protocol

from fiscal.errors import FiscalError, MapDiffers, RequestInvalid, WrongDevice
from fiscal.messages import Card, Filed, FiledTax, Hello, ReceiptRequest

_LOCAL = timezone(timedelta(hours=2))
"""Central Africa Time, in which devices write their dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxMapping:
    """One tax group as the device is told it and as it must file it.

    Attributes:
        tax_id: what the device is sent.
        code: the letter it files and prints.
        percent: None when exempt, which is not zero.
    """

    tax_id: str
    code: str
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the settings say of the device; empty means that they do not say.

    Attributes:
        device_id: its DeviceID.
        tin, vat_number: of the taxpayer it files for, as on its card.
        taxes: every group that may be sold.
        currencies: the device's codes that may be sold in, such as ZWG.
    """

    device_id: str = ""
    tin: str = ""
    vat_number: str = ""
    taxes: tuple[TaxMapping, ...] = ()
    currencies: frozenset[str] = frozenset()


class Readable(Protocol):
    """What is read of a device to know it."""

    def card(self) -> Card:
        """Whose device it is."""
        ...

    def look_up(self, number: str) -> Filed | None:
        """What it has filed under a number."""
        ...


class Verifier:
    """Knows a device once it was compared, for as long as it runs; shared by drivers in turn."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._known: set[tuple[str, str]] = set()
        self._differs: MapDiffers | None = None

    def meet(self, hello: Hello, device: Readable) -> None:
        """Compare a device that was greeted, the first time and after each of its starts.

        Its last receipt shows how it files: with another rate only when it is of today, since
        rates change with the law, but never exempt for zero or taxed (ZIMRA FDMS 7.2, taxes).

        Raises:
            WrongDevice: it is another one, or files for somebody else.
            MapDiffers: it files a tax otherwise than the settings say.
            Unavailable, Rejected: it cannot be compared now.
        """
        expected = self._expected
        if expected == Expected():
            return
        _same("device ID", expected.device_id, hello.device_id)
        if self._differs is not None:
            raise self._differs
        if (hello.device_id, hello.boot_id) in self._known:
            return
        card = device.card()
        _same("TIN", expected.tin, card.tin)
        _same("VAT number", expected.vat_number, card.vat_number)
        self._compare_last(hello, device)
        self._known.add((hello.device_id, hello.boot_id))

    def check(self, request: ReceiptRequest) -> None:
        """Raise RequestInvalid for a tax or a currency the settings do not name."""
        expected = self._expected
        codes = {request.currency, *(payment.currency for payment in request.payments)}
        if expected.currencies and not codes <= expected.currencies:
            strange = ", ".join(sorted(codes - expected.currencies))
            raise RequestInvalid(f"the settings name no currency {strange}")
        known = {(entry.tax_id, entry.percent) for entry in expected.taxes}
        for line in request.lines:
            if known and (line.tax_id, line.tax_percent) not in known:
                percent = "exempt" if line.tax_percent is None else f"{line.tax_percent} %"
                raise RequestInvalid(f"the settings name no tax {line.tax_id} at {percent}")

    def note(self, request: ReceiptRequest, filed: Filed) -> None:
        """Compare what was filed with what was asked; a difference stops whatever comes next.

        The receipt itself is filed and has to be adopted or disputed as it is.
        """
        for difference in tax_differences(request, filed):
            self._differs = MapDiffers(difference)

    def _compare_last(self, hello: Hello, device: Readable) -> None:
        if not hello.last_invoice_number or not self._expected.taxes:
            return
        try:
            record = device.look_up(hello.last_invoice_number)
        except FiscalError:
            return  # a receipt that cannot be read stops no sale; the next one is compared
        if record is None or record.device_id != hello.device_id:
            return
        for row in record.taxes:
            problem = self._problem(row, is_recent=_is_of_today(record, hello))
            if problem:
                raise MapDiffers(problem)

    def _problem(self, row: FiledTax, *, is_recent: bool) -> str:
        """How a tax as it was filed contradicts the settings; empty when it does not."""
        wanted = next((entry for entry in self._expected.taxes if entry.code == row.code), None)
        if wanted is None or wanted.percent == row.percent:
            return ""
        if not is_recent and _kind(wanted.percent) == _kind(row.percent):
            return ""
        return f"tax {row.code} {_at(row.percent)} where the settings say {_at(wanted.percent)}"


def tax_differences(request: ReceiptRequest, filed: Filed) -> Iterator[str]:
    """How a receipt's total is taxed otherwise than was asked, to the cent.

    Nothing for an answer that shows no taxes, or another total, which is another matter.
    """
    if filed.total != request.total:
        return
    asked: dict[Decimal | None, Decimal] = {}
    for line in request.lines:
        asked[line.tax_percent] = asked.get(line.tax_percent, Decimal(0)) + line.amount
    got: dict[Decimal | None, Decimal] = {}
    for row in filed.taxes:
        got[row.percent] = got.get(row.percent, Decimal(0)) + row.sales
    if got:
        yield from _unequal(asked, got)


def _unequal(
    asked: Mapping[Decimal | None, Decimal], got: Mapping[Decimal | None, Decimal]
) -> Iterator[str]:
    for percent in {*asked, *got}:
        wanted, found = asked.get(percent, Decimal(0)), got.get(percent, Decimal(0))
        if wanted != found:
            yield f"{found} {_at(percent)} where {wanted} was asked for"


def _same(what: str, wanted: str, found: str) -> None:
    if wanted and _bare(wanted) != _bare(found):
        raise WrongDevice(what, wanted=wanted, found=found)


def _bare(number: str) -> str:
    """A number without the blanks, strokes and leading zeros people write it with."""
    return "".join(char for char in number if char.isalnum()).upper().lstrip("0")


def _is_of_today(record: Filed, hello: Hello) -> bool:
    if hello.clock is None or record.filed_at is None:
        return False
    return record.filed_at.startswith(hello.clock.astimezone(_LOCAL).date().isoformat())


def _kind(percent: Decimal | None) -> str:
    if percent is None:
        return "exempt"
    return "taxed" if percent else "zero"


def _at(percent: Decimal | None) -> str:
    return "exempt" if percent is None else f"at {percent.normalize():f} %"
