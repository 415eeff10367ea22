"""The authority's door: what devices may call, in which state of the day, with which answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fiscal.chain import counters_text, hash_of, server_day_text, server_receipt_text
from fiscal.clock import Clock
from fiscal.signing import Signer, seeded_signer
from fiscal.simulator.authority import verdict
from fiscal.simulator.authority.case import Case
from fiscal.simulator.authority.day_rules import Closing, close_error
from fiscal.simulator.authority.facts import GatewaySettings, Taxpayer
from fiscal.simulator.authority.ledger import ledger_of
from fiscal.simulator.authority.register import DayFile, DeviceFile, Received, Register, counters_of
from fiscal.simulator.counters import counter_of, counter_row
from fiscal.simulator.journal import Journal, MemoryJournal
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.state import CLOSE_FAILED, CLOSE_INITIATED, CLOSED, OPENED

_TAKES_RECEIPTS = frozenset({OPENED, CLOSE_FAILED})


class Unreachable(Exception):
    """There is no network between device and authority; nothing arrived."""

    def __init__(self) -> None:
        super().__init__("There is no network: set network to true first.")


class GatewayRefused(Exception):
    """The authority keeps nothing of the call.

    Attributes:
        code: RCPT01, FISC01, FISC03, FISC04, DEV01, or 401 for a certificate that is over.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"The authority refuses: {code}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The answer to a receipt; it is kept whatever its codes say."""

    receipt_id: int
    server_date: str
    signature: str
    operation_id: str
    codes: tuple[str, ...]
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayState:
    """The answer to getStatus.

    Attributes:
        error: why the last closing failed.
        last_global_no: of the receipt with the latest date.
        server: the authority's mark of the last closing.
    """

    fiscal_day: int
    status: str
    error: str
    reconciliation: str
    last_global_no: int
    operation_id: str
    server: Mapping[str, str]


class Gateway:
    """One authority for any number of devices and taxpayers; what it accepted, it keeps."""

    def __init__(
        self,
        clock: Clock,
        *,
        signer: Signer | None = None,
        settings: GatewaySettings | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Resume from the journal."""
        self._clock = clock
        self._signer = signer or seeded_signer("authority")
        self._settings = settings or GatewaySettings()
        self._journal = journal or MemoryJournal()
        self._taxpayers: dict[str, Taxpayer] = {}
        self._losses = 0
        self._register = Register()
        for event in self._journal.read():
            self._register.apply(event)

    @property
    def is_reachable(self) -> bool:
        """Whether devices have a network."""
        return self._register.is_reachable

    def reach(self, *, up: bool) -> None:
        """Cut or mend the network of all devices."""
        if up is not self.is_reachable:
            self._commit({"event": "reached", "up": up})

    def lose(self, count: int) -> None:
        """Answer the next receipts and forget them: the gaps a broken device leaves behind."""
        self._losses = count

    def enrol(self, device_id: str, taxpayer: Taxpayer, *, public_pem: str, days: int) -> str:
        """Register a device, or learn that one has started; returns the end of its certificate.

        Args:
            device_id: as on its receipts.
            taxpayer: who files with it; replaces what was known.
            public_pem: the key of its certificate.
            days: validity of a new certificate; one that is known stays as it is.
        """
        self._taxpayers[device_id] = taxpayer
        known = self._register.devices.get(device_id)
        if known is None or (known.tin, known.public_pem) != (taxpayer.tin, public_pem):
            return self.certify(device_id, public_pem=public_pem, days=days)
        for event in self._judged_again(known):
            self._commit(event)
        return known.valid_till

    def certify(self, device_id: str, *, public_pem: str, days: int) -> str:
        """Issue a certificate that holds for some days; returns its end. Raises Unreachable."""
        self._check_reach()
        till = (self._now() + timedelta(days=days)).isoformat()
        tin = self._taxpayers[device_id].tin
        event = {"event": "certified", "device": device_id, "tin": tin}
        self._commit(event | {"key": public_pem, "till": till})
        return till

    def open_day(self, device_id: str, number: int, *, opened: str) -> None:
        """Open a day at the device's local time. Raises Unreachable, or GatewayRefused FISC01."""
        device = self._device(device_id)
        if device.day is not None and self._settled(device).status != CLOSED:
            raise GatewayRefused("FISC01")
        self._commit({"event": "opened", "device": device_id, "day": number, "at": opened})

    def submit(self, device_id: str, receipt: Receipt) -> Accepted:
        """Keep and judge a receipt; the same one again gets the first answer.

        Raises:
            Unreachable: there is no network.
            GatewayRefused: 401, DEV01, or RCPT01 for a day that takes no receipts.
        """
        device = self._device(device_id)
        known = device.same(receipt)
        if known is not None:
            return self._accepted(known)
        day = device.day
        if day is None or day.number != receipt.fiscal_day:
            raise GatewayRefused("RCPT01")
        if self._settled(device).status not in _TAKES_RECEIPTS:
            raise GatewayRefused("RCPT01")
        if self._losses:
            self._losses -= 1
            return self._accepted(self._mark(receipt))
        return self._accepted(self._keep(device, receipt))

    def close_day(self, device_id: str, closing: Closing) -> None:
        """Begin to close a day; `status` tells how it ended.

        Raises:
            Unreachable: there is no network.
            GatewayRefused: 401, DEV01, FISC03 while it is judged, FISC04 when none is open.
        """
        device = self._device(device_id)
        day = self._settled(device) if device.day else None
        if day is None or day.status == CLOSED or day.number != closing.fiscal_day:
            raise GatewayRefused("FISC04")
        if day.status == CLOSE_INITIATED:
            raise GatewayRefused("FISC03")
        self._commit(
            {
                "event": "closing",
                "device": device_id,
                "at": self._now().isoformat(),
                "counters": [counter_row(row) for row in closing.counters],
                "receipt_counter": closing.receipt_counter,
                "signature": closing.signature,
            }
        )

    def status(self, device_id: str) -> DayState:
        """Where the day stands. Raises Unreachable or GatewayRefused."""
        device = self._device(device_id)
        day = self._settled(device) if device.day else None
        last = device.last
        return DayState(
            fiscal_day=day.number if day else 0,
            status=day.status if day else CLOSED,
            error=day.error if day else "",
            reconciliation=day.reconciliation if day else "",
            last_global_no=last.receipt_global_no if last else 0,
            operation_id=self._operation(),
            server=day.server if day else {},
        )

    def close_by_hand(self, device_id: str) -> None:
        """Close a day that its own errors keep open, as only the authority can."""
        device = self._register.devices[device_id]
        if device.day is not None and self._settled(device).status != CLOSED:
            self._close(device, device.day, reconciliation="Manual", signature="")

    def reset(self) -> None:
        """Forget everything but who the taxpayers are."""
        self._journal.clear()
        self._register = Register()
        self._losses = 0

    def ledger(self) -> dict[str, Any]:
        """What it has received of every device and what it thinks of it, as JSON data."""
        for device in self._register.devices.values():
            if device.day is not None:
                self._settled(device)
        return ledger_of(self._register, self._signer.public_pem)

    def close(self) -> None:
        """Give the journal back."""
        self._journal.close()

    def _keep(self, device: DeviceFile, receipt: Receipt) -> Received:
        row = self._mark(receipt)
        found = verdict.judge(self._case(device, receipt))
        self._commit(
            {
                "event": "received",
                "device": device.device_id,
                "id": row.receipt_id,
                "at": row.server_date,
                "signature": row.signature,
                "codes": list(found.codes),
                "is_grey": found.is_grey,
                "receipt": receipt.to_dict(),
            }
        )
        for event in self._judged_again(device):
            self._commit(event)
        return device.received[row.receipt_id]

    def _judged_again(self, device: DeviceFile) -> Iterator[dict[str, Any]]:
        """Grey receipts whose predecessor has come."""
        for row in device.waiting():
            found = verdict.judge(self._case(device, row.receipt))
            if found != row.verdict:
                event = {"event": "judged", "device": device.device_id, "id": row.receipt_id}
                yield event | {"codes": list(found.codes), "is_grey": found.is_grey}

    def _mark(self, receipt: Receipt) -> Received:
        number, now = self._register.receipts + 1, self._now().isoformat()
        text = server_receipt_text(receipt.signature, number, now)
        return Received(
            receipt=receipt,
            receipt_id=number,
            server_date=now,
            signature=self._sign(text),
            verdict=verdict.Verdict(),
        )

    def _case(self, device: DeviceFile, receipt: Receipt) -> Case:
        register = self._register
        original = register.original(receipt.original, device.tin)
        day = next(day for day in device.days if day.number == receipt.fiscal_day)
        return Case(
            device_id=device.device_id,
            receipt=receipt,
            link=device.link_of(receipt),
            opened=datetime.fromisoformat(day.opened),
            now=self._now(),
            taxpayer=self._taxpayers[device.device_id],
            settings=self._settings,
            public_pem=device.public_pem,
            is_number_new=register.is_number_new(device, receipt),
            original=original,
            balance=self._balance(device, receipt, original),
        )

    def _balance(self, device: DeviceFile, receipt: Receipt, original: Receipt | None) -> Decimal:
        """What is left of the original with this note, kept already or not, counted once."""
        if original is None or receipt.original is None:
            return Decimal(0)
        mine = Decimal(0) if device.same(receipt) else receipt.total
        return original.total + self._register.noted(receipt.original) + mine

    def _settled(self, device: DeviceFile) -> DayFile:
        """The current day, its closing decided when its time has come."""
        day = device.days[-1]
        if day.status == CLOSE_INITIATED:
            began = datetime.fromisoformat(day.closing["at"])
            if self._now() - began >= timedelta(seconds=self._settings.closing_seconds):
                self._decide(device, day)
        return day

    def _decide(self, device: DeviceFile, day: DayFile) -> None:
        closing = Closing(
            fiscal_day=day.number,
            counters=tuple(counter_of(row) for row in day.closing["counters"]),
            receipt_counter=day.closing["receipt_counter"],
            signature=day.closing["signature"],
        )
        error = close_error(
            closing,
            day,
            device.of_day(day.number),
            device_id=device.device_id,
            public_pem=device.public_pem,
        )
        if error is None:
            self._close(device, day, reconciliation="Auto", signature=closing.signature)
        else:
            event = {"event": "close_failed", "device": device.device_id, "error": str(error)}
            self._commit(event)

    def _close(
        self, device: DeviceFile, day: DayFile, *, reconciliation: str, signature: str
    ) -> None:
        now = self._now().isoformat()
        text = server_day_text(
            device.device_id,
            day.number,
            opened=datetime.fromisoformat(day.opened).date(),
            updated=now,
            reconciliation=reconciliation,
            counters=counters_text(counters_of(device.of_day(day.number)).rows()),
            signature=signature,
        )
        event = {"event": "closed", "device": device.device_id, "at": now, "text": text}
        marks = {"hash": hash_of(text), "signature": self._sign(text)}
        self._commit(event | marks | {"reconciliation": reconciliation})

    def _accepted(self, row: Received) -> Accepted:
        return Accepted(
            receipt_id=row.receipt_id,
            server_date=row.server_date,
            signature=row.signature,
            operation_id=self._operation(),
            codes=row.verdict.codes,
            colour=row.verdict.colour or "",
        )

    def _device(self, device_id: str) -> DeviceFile:
        self._check_reach()
        device = self._register.devices.get(device_id)
        if device is None:
            raise GatewayRefused("DEV01")
        if self._now() > datetime.fromisoformat(device.valid_till):
            raise GatewayRefused("401")
        return device

    def _check_reach(self) -> None:
        if not self.is_reachable:
            raise Unreachable

    def _operation(self) -> str:
        self._register.operations += 1
        return f"{self._register.operations:08X}"

    def _sign(self, text: str) -> str:
        return base64.b64encode(self._signer.sign(text)).decode()

    def _now(self) -> datetime:
        hours = timedelta(hours=self._settings.zone_hours)
        return (self._clock.now() + hours).replace(microsecond=0, tzinfo=None)

    def _commit(self, event: Mapping[str, Any]) -> None:
        self._journal.append(event)
        self._register.apply(event)
