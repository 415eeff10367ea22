"""The core of a simulated REVMax box: one request in, one answer out, committed before it answers.

Single-threaded by design; `box.Box` puts a lock and faults around it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from fiscal.clock import Clock
from fiscal.operations import Op
from fiscal.signing import Signer
from fiscal.simulator import answers, filing, intake, reads, refusal
from fiscal.simulator.answers import Answer
from fiscal.simulator.authority.gateway import Gateway
from fiscal.simulator.dispatch import Dispatch
from fiscal.simulator.journal import Journal, JournalBroken, MemoryJournal
from fiscal.simulator.ledger import ledger_of
from fiscal.simulator.local_time import LocalTime
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.refusal import Refused
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import CLOSE_INITIATED, CLOSED, Day, State

_LICENSE_KEY_LENGTH_MIN = 8


class DeviceAnother(OSError):
    """A journal is resumed under the number of another device."""

    def __init__(self, kept: str, asked: str) -> None:
        super().__init__(
            f"This is the state of device {kept}, not of {asked}: use its number or another folder."
        )


class Device:
    """A box with its journal; everything it does follows from its settings, key and clock.

    Attributes:
        sisters: other devices of the same owner on the same box, whose receipts a look-up finds.
    """

    def __init__(
        self,
        settings: DeviceSettings,
        clock: Clock,
        *,
        signer: Signer,
        journal: Journal | None = None,
        gateway: Gateway | None = None,
        boot_ids: Iterator[str] | None = None,
    ) -> None:
        """Resume from the journal; an empty one is started with a licence and an open day.

        Args:
            settings: the fixed facts of the box.
            clock: the true time.
            signer: its key.
            journal: where it keeps what it commits; in memory by default.
            gateway: the authority; one of its own by default.
            boot_ids: names for its starts.

        Raises:
            DeviceAnother: the journal is of a device with another number.
        """
        self._settings = settings
        self._clock = clock
        self._time = LocalTime(settings, clock)
        self._maker = filing.Maker(settings, signer)
        self._journal = journal or MemoryJournal()
        self._dispatch = Dispatch(settings, gateway or Gateway(clock), self._commit)
        self._boot_ids = boot_ids or (f"boot-{number}" for number in itertools.count(1))
        self.boot_id = next(self._boot_ids)
        self.sisters: list[Device] = []
        self._deeds: Mapping[str, Callable[[Mapping[str, Any]], Answer]] = {
            Op.GET_INVOICE: self._get_invoice,
            Op.TRANSACT: self._transact,
            Op.TRANSACT_EXT: self._transact_ext,
            Op.Z_REPORT: self._z_report,
            Op.SET_LICENSE: self._set_license,
        }
        self._state = State()
        for event in self._journal.read():
            self._state.apply(event)
        if self._state.device_id not in {"", settings.device_id}:
            raise DeviceAnother(self._state.device_id, settings.device_id)
        self._time.ahead_seconds = self._state.ahead_seconds
        self._certify()
        if not self._state.license:
            self._begin()

    @property
    def device_id(self) -> str:
        """The DeviceID of its answers."""
        return self._settings.device_id

    @property
    def settings(self) -> DeviceSettings:
        """The fixed facts of the box."""
        return self._settings

    @property
    def clock(self) -> Clock:
        """The true time."""
        return self._clock

    @property
    def gateway(self) -> Gateway:
        """The authority it reports to."""
        return self._dispatch.gateway

    def answer(self, op: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Do one operation and return the envelope; a refusal is an answer, too.

        Raises:
            JournalBroken: it may have been done or not, and the box is no more.
        """
        try:
            self.deliver()
            return self._do(op, body or {})
        except Refused as refused:
            return self._envelope("0", refused.text)
        except JournalBroken:
            raise
        except OSError as error:
            return self._envelope("0", f"{refusal.INIT_ERROR} - {error.strerror}")

    def refusal(self, text: str) -> Answer:
        """The answer that refuses with a text, whatever was asked."""
        return self._envelope("0", text)

    def greeting(self) -> dict[str, Any]:
        """What it says of itself when a link is opened."""
        state, day = self._state, self._state.day
        return {
            "deviceID": self._settings.device_id,
            "serial": self._settings.serial,
            "bootID": self.boot_id,
            "lastReceiptGlobalNo": state.last_global_no,
            "lastInvoiceNumber": state.last.number if state.last else "",
            "dayStatus": day.status if day else CLOSED,
            "fiscalDay": day.number if day else 0,
            "clock": self._time.instant().isoformat(timespec="seconds"),
        }

    def note_asked(self, number: str) -> None:
        """Note that a receipt of this number was sent, whatever becomes of it."""
        self._commit({"event": "asked", "number": number}, is_durable=False)

    def restart(self) -> None:
        """As after a power cut: a new boot, and only what was committed."""
        self.boot_id = next(self._boot_ids)

    def reset(self) -> None:
        """Forget everything, the authority's books and the sisters too, and start as new.

        The key stays.
        """
        self.gateway.reset()
        for sister in self.sisters:
            sister.forget()
        self.sisters.clear()
        self.forget()
        self._certify()
        self._begin()

    def forget(self) -> None:
        """Empty the journal, as if nothing had ever been filed."""
        self._journal.clear()
        self._state = State()
        self._time.ahead_seconds = 0.0

    def ledger(self) -> dict[str, Any]:
        """What is truly committed, as JSON data, beside what the authority has of it."""
        sisters = {sister.device_id: sister.own_ledger() for sister in self.sisters}
        own = self.own_ledger()
        return own | {"sisters": sisters, "authority": self.gateway.ledger()}

    def own_ledger(self) -> dict[str, Any]:
        """What this device has committed, without its sisters and without the authority."""
        self.deliver()
        key, trouble = self._maker.signer.public_pem, self._dispatch.trouble
        return ledger_of(self._state, self._settings, key, trouble=trouble)

    def deliver(self, *, is_due: bool = False) -> None:
        """Tell the authority what waits, as the box does by itself before anything else.

        Args:
            is_due: whether to deliver what would wait some seconds more.
        """
        self._dispatch.deliver(self._state, now=self._time.now(), is_due=is_due)

    def close_by_authority(self) -> None:
        """Close a day that its own errors keep open, as only the authority can."""
        self.deliver(is_due=True)
        self.gateway.close_by_hand(self.device_id)
        self.deliver()

    def redeliver(self) -> None:
        """Tell the authority of every receipt of the day again; those it has stay as they are."""
        self._commit({"event": "redelivering"})
        self.deliver(is_due=True)

    def renew_certificate(self) -> None:
        """Have a new certificate issued for the same key. Raises Unreachable."""
        self._certify(is_renewal=True)

    def set_clock_ahead(self, seconds: float) -> None:
        """Let the clock of the box differ from the true time; negative is behind."""
        self._commit({"event": "skewed", "seconds": seconds})
        self._time.ahead_seconds = seconds

    def restart_numbers(self) -> None:
        """Begin the global numbers anew with the next fiscal day, as the authority allows."""
        self._commit({"event": "renumbered"})

    def find(self, number: str) -> Receipt | None:
        """What this device alone would answer for a number."""
        own = self._state.receipts.get(number)
        if self._settings.is_answered_by_notes:
            return self._state.credit_note_of(number) or own
        return own

    def close(self) -> None:
        """Give the journals back."""
        for sister in self.sisters:
            sister.close_own()
        self.close_own()
        self.gateway.close()

    def close_own(self) -> None:
        """Give its own journal back."""
        self._journal.close()

    def found(self, receipt: Receipt) -> Answer:
        """The answer of a look-up that found one of its receipts."""
        data = answers.receipt_data(receipt, self.device_id)
        return self._success(receipt, "Success") | {"Data": data}

    def _do(self, op: str, body: Mapping[str, Any]) -> Answer:
        if op in reads.READS:
            data = reads.READS[op](body, self._state, self._settings, self._time.now())
            return self._envelope("1", "Success") | {"Data": data}
        if op not in self._deeds:
            raise Refused(refusal.UNKNOWN_OPERATION)
        return self._deeds[op](body)

    def _transact(self, body: Mapping[str, Any]) -> Answer:
        return self._file(intake.read(body, self._settings.profile))

    def _transact_ext(self, body: Mapping[str, Any]) -> Answer:
        return self._file(intake.read(body, self._settings.profile, is_extended=True))

    def _file(self, taken: intake.Intake) -> Answer:
        day = self._open_day()
        self._check_standing()
        last = self._state.last
        date = self._time.after(max(last.date if last else "", day.opened))
        place = filing.next_place(day, self._state, date=date, now=self._time.now())
        receipt = filing.file(taken, self._state, place=place, maker=self._maker)
        self._commit({"event": "filed", "receipt": receipt.to_dict()})
        answer = self._success(receipt, "Upload Success")
        if not self._settings.is_terse:
            answer["Data"] = {"receipt": answers.receipt_data(receipt, self.device_id)}
        return answer

    def _get_invoice(self, body: Mapping[str, Any]) -> Answer:
        """Not scoped to one device: of all that carry the number, the last one filed answers."""
        number = str(body.get("InvoiceNumber", ""))
        found = [
            (receipt.date, -place, device, receipt)
            for place, device in enumerate((self, *self.sisters))
            if (receipt := device.find(number)) is not None
        ]
        if not found:
            raise Refused(refusal.NOT_FOUND)
        *_, device, receipt = max(found, key=lambda entry: entry[:2])
        return device.found(receipt)

    def _set_license(self, body: Mapping[str, Any]) -> Answer:
        key = str(body.get("license", "")).replace("-", "")
        if len(key) < _LICENSE_KEY_LENGTH_MIN or not key.isalnum():
            raise Refused(refusal.LICENSE_INVALID)
        self._grant_license()
        return self._do(Op.GET_LICENSE, {})

    def _z_report(self, _body: Mapping[str, Any]) -> Answer:
        """A toggle: closes an open day, opens one when none is."""
        day = self._state.day
        if day is None or day.status == CLOSED:
            self._check_standing()
            self._open()
            return self._envelope("1", "Fiscal Day Opened")
        if day.status == CLOSE_INITIATED:
            raise Refused(refusal.CLOSE_PENDING)
        self._check_certificate()
        self._close(day)
        is_in_cents = self._settings.profile.is_z_in_cents
        data = answers.z_reports(day.counters.rows(), date=day.opened[:10], is_in_cents=is_in_cents)
        return self._envelope("1", "Fiscal Day Closed") | {"Data": data}

    def _close(self, day: Day) -> None:
        """Deliver all of the day, then its totals, and wait for the authority's word."""
        self.deliver(is_due=True)
        if self._state.outbox:
            raise refusal.undelivered(len(self._state.outbox))
        self._commit(
            {"event": "closing", "at": self._time.now().isoformat(), **self._maker.totals(day)}
        )
        self.deliver(is_due=True)
        for _ in range(self._settings.close_wait_seconds):
            if day.status != CLOSE_INITIATED:
                break
            self._time.sleep(1)
            self.deliver(is_due=True)
        if day.status == CLOSE_INITIATED:
            raise Refused(refusal.CLOSE_PENDING)
        if day.status != CLOSED:
            raise refusal.close_failed(day.error)

    def _open_day(self) -> Day:
        day = self._state.day
        if day is None or not day.is_open:
            raise Refused(refusal.DAY_CLOSED)
        hours = self._settings.day_hours_max
        if self._time.now() - day.opened_at > timedelta(hours=hours):
            raise refusal.day_too_long(hours)
        return day

    def _certify(self, *, is_renewal: bool = False) -> None:
        key = self._maker.signer.public_pem
        till = self._dispatch.certified_till(key, is_renewal=is_renewal)
        if till != self._state.certificate_till:
            self._commit({"event": "certified", "till": till})

    def _begin(self) -> None:
        self._commit({"event": "made", "device": self.device_id})
        self._grant_license()
        self._open()

    def _open(self) -> None:
        number = self._state.day.number + 1 if self._state.day else 1
        self._commit({"event": "opened", "day": number, "at": self._time.now().isoformat()})

    def _grant_license(self) -> None:
        start = self._time.now().date()
        end = start + timedelta(days=self._settings.license_days)
        dates = {"start": start.isoformat(), "end": end.isoformat()}
        self._commit({"event": "licensed", **dates})

    def _check_standing(self) -> None:
        """Without a licence or a certificate nothing is signed."""
        if not reads.is_licensed(self._state, self._time.now()):
            raise Refused(refusal.INIT_ERROR)
        self._check_certificate()

    def _check_certificate(self) -> None:
        if self._time.now().isoformat() > self._state.certificate_till:
            raise Refused(refusal.CERTIFICATE_EXPIRED)

    def _commit(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        self._journal.append(event, is_durable=is_durable)
        self._state.apply(event)

    def _success(self, receipt: Receipt, message: str) -> Answer:
        answer = answers.with_qr(self._envelope("1", message), receipt, self._settings)
        if self._settings.has_numbers:
            return answers.with_numbers(answer, receipt, self._settings)
        return answer

    def _envelope(self, code: str, message: str) -> Answer:
        return answers.envelope(self._settings, self._state, code=code, message=message)
