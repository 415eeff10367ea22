"""The core of a simulated REVMax box: one request in, one answer out, committed before it answers.

Single-threaded by design; `box.Box` puts a lock and faults around it.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fiscal.chain import day_text, hash_of
from fiscal.clock import Clock
from fiscal.operations import Op
from fiscal.signing import Signer, seeded_signer, stored_signer
from fiscal.simulator import answers, filing, intake, reads, refusal, validation
from fiscal.simulator.answers import Answer
from fiscal.simulator.journal import FileJournal, Journal, MemoryJournal
from fiscal.simulator.ledger import ledger_of
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.refusal import Refused
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import Day, State

_WAIT_SECONDS_MAX = 5
_LICENSE_KEY_LENGTH_MIN = 8


class Device:
    """A box with its journal; everything it does follows from its settings, key and clock."""

    def __init__(
        self,
        settings: DeviceSettings,
        clock: Clock,
        *,
        signer: Signer,
        journal: Journal | None = None,
        boot_ids: Iterator[str] | None = None,
    ) -> None:
        """Resume from the journal; an empty one is started with a licence and an open day."""
        self._settings = settings
        self._clock = clock
        self._maker = filing.Maker(settings, signer)
        self._journal = journal or MemoryJournal()
        self._boot_ids = boot_ids or (f"boot-{number}" for number in itertools.count(1))
        self.boot_id = next(self._boot_ids)
        self._deeds: Mapping[str, Callable[[Mapping[str, Any]], Answer]] = {
            Op.GET_INVOICE: self._get_invoice,
            Op.TRANSACT: self._transact,
            Op.TRANSACT_EXT: self._transact,
            Op.Z_REPORT: self._z_report,
            Op.SET_LICENSE: self._set_license,
        }
        self._state = State()
        for event in self._journal.read():
            self._state.apply(event)
        if not self._state.license:
            self._begin()

    @property
    def device_id(self) -> str:
        """The DeviceID of its answers."""
        return self._settings.device_id

    def answer(self, op: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Do one operation and return the envelope; a refusal is an answer, too."""
        try:
            return self._do(op, body or {})
        except Refused as refused:
            return self._envelope("0", refused.text)
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
            "dayStatus": day.status if day else "FiscalDayClosed",
            "fiscalDay": day.number if day else 0,
            "clock": self._clock.now().isoformat(timespec="seconds"),
        }

    def note_asked(self, number: str) -> None:
        """Note that a receipt of this number was sent, whatever becomes of it."""
        self._commit({"event": "asked", "number": number}, is_durable=False)

    def restart(self) -> None:
        """As after a power cut: a new boot, and only what was committed."""
        self.boot_id = next(self._boot_ids)

    def reset(self) -> None:
        """Forget everything and start as new; the key stays."""
        self._journal.clear()
        self._state = State()
        self._begin()

    def ledger(self) -> dict[str, Any]:
        """What is truly committed, as JSON data."""
        return ledger_of(self._state, self._settings, self._maker.signer.public_pem)

    def close_by_authority(self) -> None:
        """Close a day that its own errors keep open, as only the authority can."""
        if self._state.day and self._state.day.is_open:
            self._close(self._state.day, reconciliation="Manual")

    def close(self) -> None:
        """Give the journal back."""
        self._journal.close()

    def _do(self, op: str, body: Mapping[str, Any]) -> Answer:
        if op in reads.READS:
            data = reads.READS[op](body, self._state, self._settings, self._local())
            return self._envelope("1", "Success") | {"Data": data}
        if op not in self._deeds:
            raise Refused(refusal.UNKNOWN_OPERATION)
        return self._deeds[op](body)

    def _transact(self, body: Mapping[str, Any]) -> Answer:
        taken = intake.read(body)
        day = self._open_day()
        self._check_license()
        date = self._receipt_date(day)
        place = filing.next_place(day, self._state, date=date, now=self._local())
        receipt = filing.file(taken, self._state, place=place, maker=self._maker)
        self._commit({"event": "filed", "receipt": receipt.to_dict()})
        answer = self._success(receipt, "Upload Success")
        if not self._settings.is_terse:
            answer["Data"] = {"receipt": answers.receipt_data(receipt, self.device_id)}
        return answer

    def _get_invoice(self, body: Mapping[str, Any]) -> Answer:
        receipt = self._state.receipts.get(str(body.get("InvoiceNumber", "")))
        if receipt is None:
            raise Refused(refusal.NOT_FOUND)
        data = answers.receipt_data(receipt, self.device_id)
        return self._success(receipt, "Success") | {"Data": data}

    def _set_license(self, body: Mapping[str, Any]) -> Answer:
        key = str(body.get("license", "")).replace("-", "")
        if len(key) < _LICENSE_KEY_LENGTH_MIN or not key.isalnum():
            raise Refused(refusal.LICENSE_INVALID)
        self._grant_license()
        return self._do(Op.GET_LICENSE, {})

    def _z_report(self, _body: Mapping[str, Any]) -> Answer:
        day = self._state.day
        if day is None or not day.is_open:
            self._check_license()
            self._open()
            return self._envelope("1", "Fiscal Day Opened")
        if any(validation.is_blocking(receipt.problems) for receipt in day.receipts):
            self._commit({"event": "close_failed"})
            raise Refused("Fiscal day close failed: ReceiptsWithValidationErrors")
        counters = day.counters.rows()
        self._close(day, reconciliation="Auto")
        data = answers.z_reports(counters, date=day.opened[:10])
        return self._envelope("1", "Fiscal Day Closed") | {"Data": data}

    def _close(self, day: Day, *, reconciliation: str) -> None:
        text = day_text(
            self._settings.device_id,
            day.number,
            opened=datetime.fromisoformat(day.opened).date(),
            counters=day.counters.rows(),
        )
        self._commit(
            {
                "event": "closed",
                "at": self._local().isoformat(),
                "reconciliation": reconciliation,
                "text": text,
                "hash": hash_of(text),
                "signature": base64.b64encode(self._maker.signer.sign(text)).decode(),
            }
        )

    def _open_day(self) -> Day:
        day = self._state.day
        if day is None or not day.is_open:
            raise Refused(refusal.DAY_CLOSED)
        hours = self._settings.day_hours_max
        if self._local() - datetime.fromisoformat(day.opened) > timedelta(hours=hours):
            raise refusal.day_too_long(hours)
        return day

    def _receipt_date(self, day: Day) -> datetime:
        """Later than day and last receipt; a burst waits, a clock set back refuses.

        Source: ZIMRA FDMS 7.2, RCPT014 and RCPT030.
        """
        last = self._state.last
        past = max(last.date if last else "", day.opened)
        now, date = self._local(), datetime.fromisoformat(past) + timedelta(seconds=1)
        if now >= date:
            return now
        wait = (date - now).total_seconds() - self._settings.lead_seconds
        if wait > _WAIT_SECONDS_MAX:
            raise refusal.clock_behind(past)
        if wait > 0:
            self._clock.sleep(wait)
        return date

    def _local(self) -> datetime:
        """Local time in whole seconds, without zone, as the authority writes it."""
        hours = timedelta(hours=self._settings.zone_hours)
        return (self._clock.now() + hours).replace(microsecond=0, tzinfo=None)

    def _begin(self) -> None:
        self._grant_license()
        self._open()

    def _open(self) -> None:
        number = self._state.day.number + 1 if self._state.day else 1
        self._commit({"event": "opened", "day": number, "at": self._local().isoformat()})

    def _grant_license(self) -> None:
        start = self._local().date()
        end = start + timedelta(days=self._settings.license_days)
        dates = {"start": start.isoformat(), "end": end.isoformat()}
        self._commit({"event": "licensed", **dates})

    def _check_license(self) -> None:
        if not reads.is_licensed(self._state, self._local()):
            raise Refused(refusal.INIT_ERROR)

    def _commit(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        self._journal.append(event, is_durable=is_durable)
        self._state.apply(event)

    def _success(self, receipt: Receipt, message: str) -> Answer:
        return answers.with_qr(self._envelope("1", message), receipt, self._settings)

    def _envelope(self, code: str, message: str) -> Answer:
        return answers.envelope(self._settings, self._state, code=code, message=message)


def memory_device(
    clock: Clock, *, settings: DeviceSettings | None = None, seed: str = "device"
) -> Device:
    """A box that lives as long as its process and is the same for the same seed and clock."""
    return Device(settings or DeviceSettings(), clock, signer=seeded_signer(seed))


def stored_device(
    directory: Path,
    clock: Clock,
    *,
    settings: DeviceSettings | None = None,
    boot_ids: Iterator[str] | None = None,
) -> Device:
    """The box of a directory, with a key of its own made once; the same directory resumes it.

    Raises:
        JournalInUse: another process has the directory.
        JournalDamaged: a committed event cannot be read any more.
        OSError: the directory cannot be made or written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    journal = FileJournal(directory / "journal.jsonl")
    signer = stored_signer(directory / "key.pem")
    return Device(
        settings or DeviceSettings(), clock, signer=signer, journal=journal, boot_ids=boot_ids
    )
