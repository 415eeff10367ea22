"""The driver: what a shop asks of a fiscal device, and what may be believed of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fiscal import wire
from fiscal.envelope import Envelope
from fiscal.errors import (
    DayNotOpen,
    FiscalError,
    OutcomeUnknown,
    Refusal,
    Rejected,
    Unavailable,
    refusal_of,
)
from fiscal.messages import (
    BacklogRow,
    Card,
    DayStatus,
    Filed,
    Hello,
    License,
    ReceiptRequest,
    ZReport,
)
from fiscal.operations import WRITES, Op
from fiscal.port import Transport
from fiscal.profile import PERCENT, Profile
from fiscal.request_check import check, check_profile
from fiscal.verifier import Expected, Verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds: for a read with its repetitions, for filing, and for opening or closing a day."""

    read: float = 15
    submit: float = 90
    day: float = 600


class Driver:
    """One fiscal device behind one transport. Not safe to share between threads."""

    def __init__(
        self,
        transport: Transport,
        profile: Profile = PERCENT,
        *,
        timeouts: Timeouts | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        """Nothing is opened yet; without a verifier any device will do."""
        self._transport = transport
        self._profile = profile
        self._timeouts = timeouts or Timeouts()
        self._verifier = verifier or Verifier(Expected())
        self._device_id = ""

    def close(self) -> None:
        """Give the port back; the next call opens it again."""
        self._transport.close()

    def hello(self) -> Hello:
        """Where the device stands now, compared with the settings when it was not before.

        Raises:
            WrongDevice, MapDiffers: it is not the device of this shop, or files otherwise.
            Unavailable: it does not answer.
            Rejected: it is not ready.
        """
        greeting = self._transport.hello(timeout=self._timeouts.read) or self._status_as_hello()
        self._device_id = greeting.device_id
        self._verifier.meet(greeting, self)
        return greeting

    def _status_as_hello(self) -> Hello:
        """What a box tells that has no greeting."""
        status = self.day_status()
        return Hello(
            device_id=status.device_id,
            serial=status.device_serial,
            boot_id="",
            last_receipt_global_no=status.last_receipt_global_no,
            last_invoice_number="",
            is_day_open=status.is_open,
            fiscal_day=status.last_fiscal_day_no,
            clock=None,
        )

    def card(self) -> Card:
        """Whose device it is. Raises Unavailable or Rejected."""
        return wire.card(self.read(Op.CARD))

    def day_status(self) -> DayStatus:
        """The fiscal day. Raises Unavailable or Rejected."""
        status = wire.day_status(self.read(Op.DAY_STATUS))
        if status is None:
            raise Unavailable("its answer lacks the state of the fiscal day")
        self._device_id = status.device_id
        return status

    def license(self) -> License:
        """The software licence. Raises Unavailable or Rejected."""
        return wire.license_of(self.read(Op.GET_LICENSE))

    def set_license(self, key: str) -> License:
        """Install a licence key; it travels in a URL and is never logged or repeated.

        Raises:
            Rejected: the key is not accepted.
            OutcomeUnknown: read the licence to see.
        """
        envelope = self._transport.request(
            Op.SET_LICENSE, {"license": key}, timeout=self._timeouts.submit
        )
        return wire.license_of(_accepted(envelope))

    def backlog(self, day: int) -> list[BacklogRow]:
        """Receipts of a fiscal day not yet delivered. Raises Unavailable or Rejected."""
        return wire.backlog(self.read(Op.BACKLOG, {"fiscalDayNumber": str(day)}))

    def read(self, op: Op, body: Mapping[str, Any] | None = None) -> Envelope:
        """The whole answer to a read, for whoever passes it on.

        Raises:
            Rejected: the device refused, or has nothing of the kind; see its `refusal`.
            Unavailable: it could not be asked, or could not say.
            ValueError: the operation changes the device.
        """
        if op in WRITES:
            raise ValueError(f"{op} is not a read")
        envelope = self._transport.request(op, body, timeout=self._timeouts.read)
        if envelope.is_success:
            return envelope
        if envelope.is_refusal:
            raise Rejected(envelope.code, envelope.message)
        raise Unavailable(f"it answered with code {envelope.code!r}: {envelope.message}")

    def submit(self, request: ReceiptRequest) -> Filed:
        """File a receipt: sent once, and believed only with a record that names this number.

        The record may still be of another total than asked for; compare before adopting it.

        Raises:
            RequestInvalid: it cannot be filed as it stands; nothing was sent.
            Rejected: refused, proven not filed by this request; see `is_duplicate`.
            Unavailable: certainly not filed.
            OutcomeUnknown: settle it with `look_up`, never by sending again.
        """
        check(request)
        check_profile(request, self._profile)
        self._verifier.check(request)
        op = Op.TRANSACT_EXT if self._is_foreign(request) else Op.TRANSACT
        body = wire.transact_body(request, self._profile)
        envelope = _accepted(
            self._transport.request(op, body, timeout=self._timeouts.submit),
        )
        answered = wire.filed(envelope)
        if self._is_record_of(answered, request.number):
            record = replace(answered, fiscal_day=answered.device_day)
        else:
            record = self._read_back(request.number, answered)
        self._verifier.note(request, record)
        return record

    def look_up(self, number: str) -> Filed | None:
        """What the device has filed under a number; None only when it says it has nothing.

        The look-up is not scoped to one device: compare number, device, kind, currency and total
        with the request before adopting the answer (ZIMRA devices of one owner answer for each
        other).

        Raises:
            Unavailable: it could not be asked, or could not say.
            OutcomeUnknown: it says yes and shows no usable record.
        """
        envelope = self._transport.request(
            Op.GET_INVOICE, {"InvoiceNumber": number}, timeout=self._timeouts.read
        )
        if envelope.is_success:
            record = wire.filed(envelope)
            if record.is_complete and wire.agrees_with_qr(record):
                return record
            raise OutcomeUnknown(f"its record of {number} is incomplete or contradicts itself")
        if envelope.is_refusal and refusal_of(envelope.message) is Refusal.NOT_FOUND:
            return None
        raise Unavailable(envelope.message or "it does not say whether the receipt exists")

    def open_day(self) -> DayStatus:
        """Open a fiscal day; an open one is left as it is.

        Raises:
            Rejected: the device refused.
            Unavailable: nothing was changed.
            OutcomeUnknown: read the status again later.
        """
        before = self.day_status()
        if before.is_open:
            return before
        self._toggle(is_open=True)
        return self.day_status()

    def close_day(self) -> ZReport:
        """Close the fiscal day and return its totals.

        ZReport is a toggle: the status is read first, and after an unclear end it is read again
        instead of toggling once more (production lesson L15).

        Raises:
            DayNotOpen: it is closed already.
            Rejected: the device refused; the day is still open.
            Unavailable: nothing was changed.
            OutcomeUnknown: read the status again later.
        """
        before = self.day_status()
        if not before.is_open:
            raise DayNotOpen
        day = before.last_fiscal_day_no
        envelope = self._toggle(is_open=False)
        if envelope is None:
            return ZReport(fiscal_day=day, currencies=(), message="", raw={}, is_recovered=True)
        return wire.z_report(envelope, self._profile, fiscal_day=day)

    def _is_foreign(self, request: ReceiptRequest) -> bool:
        """Whether another device filed the original; an own one is looked up by its number."""
        return request.foreign is not None and request.foreign.device_id != self._device_id

    def _toggle(self, *, is_open: bool) -> Envelope | None:
        """Toggle the day once; None when only the status shows that it was done.

        A closing that the authority has not judged is neither done nor refused, whatever the
        device answered to it: it ends by itself (ZIMRA FDMS 7.2, fiscal day close).
        """
        try:
            return _accepted(self._transport.request(Op.Z_REPORT, timeout=self._timeouts.day))
        except (OutcomeUnknown, Rejected) as unclear:
            try:
                after = self.day_status()
            except FiscalError as error:
                raise OutcomeUnknown("it does not say how the fiscal day stands") from error
            if after.is_closing:
                raise OutcomeUnknown("it is still closing the fiscal day") from unclear
            if after.is_open is not is_open:
                raise
            return None

    def _read_back(self, number: str, answered: Filed) -> Filed:
        """Complete a thin or doubtful yes from the device's own record."""
        try:
            record = self.look_up(number)
        except FiscalError as error:
            raise OutcomeUnknown("it said yes, and its record could not be read") from error
        if record is None or not self._is_record_of(record, number):
            raise OutcomeUnknown("it said yes, and has no record of the receipt")
        if record.qr == answered.qr:
            return replace(record, fiscal_day=answered.device_day)
        return record

    def _is_record_of(self, record: Filed, number: str) -> bool:
        """Whether it is a whole record of this number, by the device that was greeted."""
        return (
            record.is_complete
            and record.number == number
            and self._device_id in {"", record.device_id}
            and wire.agrees_with_qr(record)
        )


def _accepted(envelope: Envelope) -> Envelope:
    if envelope.is_success:
        return envelope
    if envelope.is_refusal:
        raise Rejected(envelope.code, envelope.message)
    raise OutcomeUnknown(f"it answered with code {envelope.code!r}: {envelope.message}")
