"""The way from a box to the authority: everything it committed, in order, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from fiscal.simulator.authority.day_rules import Closing
from fiscal.simulator.authority.facts import taxpayer_of
from fiscal.simulator.authority.gateway import DayState, Gateway, GatewayRefused, Unreachable
from fiscal.simulator.receipt import Receipt
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.state import CLOSE_FAILED, CLOSE_INITIATED, CLOSED, Day, Message, State


class Commit(Protocol):
    """Keeps an event of the box; one that is not durable may be lost with the power."""

    def __call__(self, event: Mapping[str, Any], *, is_durable: bool = True) -> None:
        """Keep it. Raises OSError."""
        ...


NO_NETWORK = "no network"


class Dispatch:
    """Delivers what waits in a box; the head of the queue blocks everything behind it.

    Attributes:
        trouble: why the head of the queue is still there; empty when nothing was in the way.
    """

    def __init__(self, settings: DeviceSettings, gateway: Gateway, commit: Commit) -> None:
        self._settings = settings
        self._gateway = gateway
        self._commit = commit
        self.trouble = ""

    @property
    def gateway(self) -> Gateway:
        """The authority this box reports to."""
        return self._gateway

    def certified_till(self, public_pem: str, *, is_renewal: bool = False) -> str:
        """How long the certificate holds, a new one issued if need be. Raises Unreachable."""
        device, days = self._settings.device_id, self._settings.certificate_days
        taxpayer = taxpayer_of(self._settings)
        till = self._gateway.enrol(device, taxpayer, public_pem=public_pem, days=days)
        if is_renewal:
            return self._gateway.certify(device, public_pem=public_pem, days=days)
        return till

    def deliver(self, state: State, *, now: datetime, is_due: bool = False) -> None:
        """Tell the authority what has waited long enough, and learn what became of the day.

        Args:
            state: of the box.
            now: its local time.
            is_due: whether to deliver what would wait some seconds more.
        """
        limit = now - timedelta(seconds=self._settings.delivery_seconds)
        while state.outbox:
            message = state.outbox[0]
            if not is_due and datetime.fromisoformat(message.at) > limit:
                return
            answer = self._tell(message)
            if answer is None:
                return
            # Lost with the power, it is delivered again and answered as before: no need to wait.
            self._commit({"event": "delivered", **answer}, is_durable=False)
        self._learn(state, now)

    def _learn(self, state: State, now: datetime) -> None:
        """How the closing of the day ended; the authority may also have closed it by hand."""
        day = state.day
        if day is None or day.status == CLOSED:
            return
        found = self._ask()
        if found is None or found.fiscal_day != day.number:
            return
        if found.status == CLOSED:
            how = {"at": now.isoformat(), "reconciliation": found.reconciliation}
            self._commit({"event": "closed", **how})
        elif found.status == CLOSE_FAILED and day.status == CLOSE_INITIATED:
            self._commit({"event": "close_failed", "error": found.error})

    def _tell(self, message: Message) -> Mapping[str, Any] | None:
        """Deliver one message; None while it cannot be."""
        self.trouble = ""
        try:
            if message.receipt is not None:
                return self._submit(message.receipt)
            self._tell_of_day(message)
        except Unreachable:
            self.trouble = NO_NETWORK
        except GatewayRefused as refused:
            self.trouble = refused.code
        return None if self.trouble else {}

    def _submit(self, receipt: Receipt) -> Mapping[str, Any]:
        accepted = asdict(self._gateway.submit(self._settings.device_id, receipt))
        return accepted | {"codes": list(accepted["codes"])}

    def _tell_of_day(self, message: Message) -> None:
        """Open or close a day; one that stands as wanted was told of before the answer was lost."""
        day, device = message.day, self._settings.device_id
        try:
            if message.is_closing:
                self._gateway.close_day(device, _closing(day))
            else:
                self._gateway.open_day(device, day.number, opened=day.opened)
        except GatewayRefused as refused:
            if refused.code == "FISC01" and not self._stands_at(day):
                raise
            if refused.code not in {"FISC01", "FISC03", "FISC04"}:
                raise

    def _stands_at(self, day: Day) -> bool:
        found = self._ask()
        return found is not None and found.fiscal_day == day.number

    def _ask(self) -> DayState | None:
        try:
            return self._gateway.status(self._settings.device_id)
        except (Unreachable, GatewayRefused):
            return None


def _closing(day: Day) -> Closing:
    return Closing(
        fiscal_day=day.number,
        counters=tuple(day.counters.rows()),
        receipt_counter=len(day.receipts),
        signature=day.closing["signature"],
    )
