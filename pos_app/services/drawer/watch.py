"""The drawer's side of the printer's holder: it sends the pulses, and looks whether it is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from pos_app.domain.drawer import PUSHED_OPEN, DrawerCause, OpeningState, is_late
from pos_app.services.shop import Shop
from pos_app.store import audit, drawer
from pos_app.store import shift as shifts
from printing.errors import PrintingError

LOOK = timedelta(seconds=1)
LOOK_AGAIN = timedelta(seconds=5)
"""How soon after a printer said nothing it is asked again."""

TOO_LATE = "Nobody could open the drawer in time."


class DrawerPort(Protocol):
    """What is needed of `printing.printer.Printer`."""

    def kick(self) -> None:
        """Open the drawer now; raises PrintingError when that cannot be."""
        ...

    def drawer_pin(self) -> bool | None:
        """Whether pin 3 is high; None when the printer does not say."""
        ...


class DrawerWatch:
    """One drawer, for the one holder of its printer."""

    def __init__(self, shop: Shop, port: DrawerPort) -> None:
        self._shop = shop
        self._port = port
        self._look_at: datetime | None = None

    def work(self) -> int:
        """Send what was asked for, and look once a second; returns how many rows have changed."""
        return self._send() + self._look()

    def _send(self) -> int:
        """One pulse for all that was asked for; each row says so before it leaves."""
        now = self._shop.clock.now()
        with self._shop.store.read() as connection:
            asked = drawer.in_state(connection, OpeningState.ASKED.value)
        if not asked:
            return 0
        late = [row["id"] for row in asked if is_late(row["asked_at"], now)]
        due = [row["id"] for row in asked if row["id"] not in late]
        with self._shop.store.write() as connection:
            values = {"state": OpeningState.LATE.value, "problem": TOO_LATE}
            drawer.change(connection, late, values)
            drawer.change(connection, due, {"state": OpeningState.SENT.value})
        if due:
            self._kick(due)
        return len(asked)

    def _kick(self, due: list[str]) -> None:
        try:
            self._port.kick()
        except PrintingError as error:
            problem = f"The drawer did not open: {error}"
            with self._shop.store.write() as connection:
                values = {"state": OpeningState.FAILED.value, "problem": problem}
                drawer.change(connection, due, values)
        self._look_at = None

    def _look(self) -> int:
        """Note that the drawer was opened or shut, and by nobody's wish if so (lesson L100)."""
        level, now = self._shop.rules.drawer.open_level, self._shop.clock.now()
        if level is None or (self._look_at is not None and now < self._look_at):
            return 0
        pin = self._port.drawer_pin()
        self._look_at = now + (LOOK_AGAIN if pin is None else LOOK)
        if pin is None:
            return 0
        is_open = pin is level
        with self._shop.store.read() as connection:
            known = drawer.standing_open(connection, self._shop.rules.till)
        if is_open is bool(known):
            return 0
        with self._shop.store.write() as connection:
            if is_open:
                self._opened(connection, now)
            else:
                drawer.change(connection, [row["id"] for row in known], {"closed_at": now})
        return 1

    def _opened(self, connection: Connection, now: datetime) -> None:
        last = drawer.last(connection, self._shop.rules.till)
        is_ours = (
            last is not None
            and last["state"] == OpeningState.SENT
            and last["opened_at"] is None
            and now - last["asked_at"] <= PUSHED_OPEN
        )
        if is_ours and last is not None:
            drawer.change(connection, [last["id"]], {"opened_at": now})
            return
        self._found(connection, now)

    def _found(self, connection: Connection, now: datetime) -> None:
        """The drawer stands open and nobody asked for it."""
        till = self._shop.rules.till
        shift = shifts.open_on(connection, till)
        opening_id, username = self._shop.ids.new(), shift["username"] if shift else ""
        found = {
            "id": opening_id,
            "till": till,
            "shift_id": shift["id"] if shift else None,
            "cause": DrawerCause.UNASKED.value,
            "state": OpeningState.FOUND.value,
            "username": username,
            "asked_at": now,
            "opened_at": now,
        }
        drawer.add(connection, found)
        audit.append(
            connection,
            at=now,
            actor=username,
            action="drawer.unasked",
            subject=opening_id,
            details={"till": till, "shift": shift["id"] if shift else ""},
        )
