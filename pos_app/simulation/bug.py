"""Six faults a careless program would have, put in from outside to see that they are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from fiscal.driver import Driver
from fiscal.errors import OutcomeUnknown, Rejected
from fiscal.messages import Filed, ReceiptRequest, ZReport
from fiscal.port import Transport
from pos_app.services.shop import Rules
from pos_app.simulation.mischief import Fault, Mischief
from pos_app.simulation.sap import SETTINGS
from pos_app.simulation.step import Steps, StepStore
from pos_app.store.engine import Store
from pos_app.store.outbox import outbox
from pos_app.store.stock import stock, stock_moves
from sync.sap.client import Row, ServiceLayer
from sync.sap.port import Clock, Http
from sync.sap.query import Query

FRESH_EVERY = 40
"""How many transactions old the stock is that the careless till counts from."""

SLOW = 6
"""How long the careless till takes from the deed to its envelope, in steps."""


class Bug(StrEnum):
    """What can be put in."""

    BLIND_RETRY = "blind_fiscal_retry"
    EARLY_CLOSE = "day_closed_without_delivery"
    NO_LOOK_UP = "sap_post_without_look_up"
    LATE_OUTBOX = "outbox_after_commit"
    LOST_UPDATE = "stock_read_modify_write"
    EARLY_ACK = "ack_before_commit"


class Planted:
    """Makes the collaborators of tills and server, careless ones where a bug is planted."""

    def __init__(self, bug: Bug | None = None) -> None:
        self._bug = bug

    def rules(self, rules: Rules) -> Rules:
        """The server's rules; a worker that does not look up does not wait either."""
        if self._bug is not Bug.NO_LOOK_UP:
            return rules
        return replace(rules, sap=replace(rules.sap, quiet_seconds=0))

    def driver(self, transport: Transport) -> Driver:
        """A till's driver."""
        careless = {Bug.BLIND_RETRY: _BlindDriver, Bug.EARLY_CLOSE: _HastyDriver}
        make = careless.get(self._bug, Driver) if self._bug else Driver
        return make(transport)

    def service_layer(self, http: Http, clock: Clock) -> ServiceLayer:
        """A worker's client."""
        make = _Forgetful if self._bug is Bug.NO_LOOK_UP else ServiceLayer
        return make(SETTINGS, http, clock)

    def till_store(self, inner: Store, steps: Steps, mischief: Mischief) -> StepStore:
        """A till's store."""
        if self._bug is Bug.LATE_OUTBOX:
            return _LateOutbox(inner, steps, mischief)
        if self._bug is Bug.LOST_UPDATE:
            return _StaleStock(inner, steps, mischief)
        return StepStore(inner, steps, mischief)

    def server_store(self, inner: Store, steps: Steps, mischief: Mischief) -> StepStore:
        """The server's store."""
        make = _EarlyAck if self._bug is Bug.EARLY_ACK else StepStore
        return make(inner, steps, mischief)


class _BlindDriver(Driver):
    """Files a receipt again, under another number, when the answer was lost."""

    def submit(self, request: ReceiptRequest) -> Filed:
        try:
            return super().submit(request)
        except OutcomeUnknown:
            again = super().submit(replace(request, number=f"{request.number}R"))
            return replace(again, number=request.number)


class _HastyDriver(Driver):
    """Takes a fiscal day for closed because it was told to close."""

    def close_day(self) -> ZReport:
        try:
            return super().close_day()
        except (OutcomeUnknown, Rejected):
            day = self.day_status().last_fiscal_day_no
            return ZReport(fiscal_day=day, currencies=(), message="", raw={}, is_recovered=True)


class _Forgetful(ServiceLayer):
    """Finds no document of ours in SAP, whatever is there."""

    def rows(self, set_name: str, query: Query, *, page_size: int | None = None) -> Iterator[Row]:
        if set_name == "Invoices":
            return iter(())
        return super().rows(set_name, query, page_size=page_size)


class _LateOutbox(StepStore):
    """Commits the deed first and then, in another transaction, its envelope."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        late: list[dict[str, Any]] = []
        with super().write() as connection:
            last = connection.execute(select(func.max(outbox.c.seq))).scalar() or 0
            yield connection
            fresh = (outbox.c.seq > last) & (outbox.c.kind == "sale")
            late += map(dict, connection.execute(select(outbox).where(fresh)).mappings())
            connection.execute(delete(outbox).where(fresh))
        if late:
            for number in range(SLOW):
                self.steps.reach(f"between the two {number}")
            with super().write() as connection:
                connection.execute(insert(outbox), late)


class _StaleStock(StepStore):
    """Reads what is on hand now and then, and writes back what it makes of it."""

    def __init__(self, inner: Store, steps: Steps, mischief: Mischief) -> None:
        super().__init__(inner, steps, mischief)
        self._seen: dict[tuple[str, str], Decimal] = {}
        self._age = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            if self._age % FRESH_EVERY == 0:
                self._seen = {(row.item, row.warehouse): row.on_hand for row in _every(connection)}
            self._age += 1
            last = connection.execute(select(func.max(stock_moves.c.seq))).scalar() or 0
            yield connection
            for item, warehouse, by in connection.execute(_moved_since(last)).all():
                here = (stock.c.item == item) & (stock.c.warehouse == warehouse)
                known = self._seen.get((item, warehouse), Decimal(0))
                connection.execute(update(stock).where(here).values(on_hand=known + by))


class _EarlyAck(StepStore):
    """Answers before the commit has happened, and it does not always happen."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        try:
            with super().write() as connection:
                yield connection
                if self.mischief.is_due(Fault.CRASH):
                    raise _Undone
        except _Undone:
            return


class _Undone(Exception):
    """The power went before the disk had it."""


def _every(connection: Connection) -> Any:
    return connection.execute(select(stock.c.item, stock.c.warehouse, stock.c.on_hand))


def _moved_since(last: int) -> Any:
    place = (stock_moves.c.item, stock_moves.c.warehouse)
    moved = func.sum(stock_moves.c.quantity)
    return select(*place, moved).where(stock_moves.c.seq > last).group_by(*place)
