"""The steps at which a process may die: before, within and after each transaction and call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection

from pos_app.errors import DatabaseBusy
from pos_app.simulation.mischief import Fault, Mischief
from pos_app.store.engine import Store
from sync.sap.port import Http, Response

MOST_STEPS = 24
BUSY_SECONDS = 5


class Crash(BaseException):
    """A process died; nothing of it catches this."""

    def __init__(self, who: str, where: str) -> None:
        super().__init__(f"{who} died at {where}")
        self.who = who
        self.where = where


class Steps:
    """Counts the steps of one process, and kills it at one that was chosen before."""

    def __init__(self, who: str, mischief: Mischief, fault: Fault) -> None:
        self._who = who
        self._mischief = mischief
        self._fault = fault
        self._left = 0

    def begin(self) -> None:
        """Choose, at the start of an event, whether and at which step of it the process dies."""
        is_due = self._mischief.is_due(self._fault)
        self._left = self._mischief.rng.randint(1, MOST_STEPS) if is_due else 0

    def end(self) -> None:
        """The event is over, and the process has survived it."""
        self._left = 0

    def reach(self, where: str) -> None:
        """Come to a step; raises Crash when it is the last."""
        if self._left:
            self._left -= 1
            if not self._left:
                self._mischief.count(self._fault)
                raise Crash(self._who, where)


class StepStore(Store):
    """A store whose process may die around every transaction, and whose file may be busy."""

    def __init__(self, inner: Store, steps: Steps, mischief: Mischief) -> None:
        # The attributes of a store are those of the one inside.
        self.dialect = inner.dialect
        self.path = inner.path
        self.place = inner.place
        self.busy_ms = inner.busy_ms
        self.inner = inner
        self.steps = steps
        self.mischief = mischief
        self.is_writing = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """See `Store`."""
        self.steps.reach("begin")
        if self.mischief.strikes(Fault.DATABASE_BUSY):
            raise DatabaseBusy(BUSY_SECONDS)
        try:
            with self.inner.write() as connection:
                self.is_writing = True
                yield connection
                self.steps.reach("commit")
        finally:
            self.is_writing = False
        self.steps.reach("committed")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """See `Store`."""
        with self.inner.read() as connection:
            yield connection

    def close(self) -> None:
        """See `Store`."""
        self.inner.close()


class StepHttp:
    """A network whose user may die before a request leaves, and after the answer has come."""

    def __init__(self, inner: Http, steps: Steps) -> None:
        self._inner = inner
        self._steps = steps

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        """See `sync.sap.port.Http`."""
        self._steps.reach("ask SAP")
        response = self._inner.send(method, url, headers=headers, body=body, timeout=timeout)
        self._steps.reach("answer of SAP")
        return response
