"""Whether anything in a database has changed: a value that is another one after every commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pos_app.errors import PosError


@dataclass(frozen=True, slots=True)
class Version:
    """A state of a database: between two equal ones nothing was committed by anybody.

    Attributes:
        life: the connection that told it; what two connections tell cannot be compared.
        told: what the database said.
    """

    life: object
    told: int | str


class Watch:
    """A connection of its own that asks a database for nothing but its version; for any thread."""

    def __init__(self, engine: Engine, question: str, prepare: Callable[[Any], None]) -> None:
        """Connect only when first asked.

        Args:
            engine: makes the connection.
            question: answered by one value, which is another after every commit; null where
                that is not known.
            prepare: makes the driver's connection see the newest state at each question.
        """
        self._engine = engine
        self._question = question
        self._prepare = prepare
        self._failures = (engine.dialect.loaded_dbapi.Error, SQLAlchemyError, PosError)
        self._lock = Lock()
        self._driver: Any = None
        self._life = object()
        self._last: Version | None = None

    def version(self) -> Version | None:
        """The version at a moment after this was called; None where it cannot be had."""
        with self._lock:
            self._last = self._ask()
            return self._last

    def close(self) -> None:
        """Close the connection; the next question opens another, whose life is a new one."""
        with self._lock:
            self._hang_up()

    def _ask(self) -> Version | None:
        """A failure is no version: whoever needs the database meets it by asking for more."""
        try:
            if self._driver is None:
                self._connect()
            told = self._driver.execute(self._question).fetchone()[0]
        except self._failures:
            self._hang_up()
            return None
        last = self._last
        if last is not None and last.told == told:
            return last
        return None if told is None else Version(self._life, told)

    def _connect(self) -> None:
        found = self._engine.raw_connection()
        self._driver, self._life = found.driver_connection, object()
        found.detach()  # it never goes back to the pool
        self._prepare(self._driver)

    def _hang_up(self) -> None:
        driver, self._driver, self._last = self._driver, None, None
        if driver is not None:
            driver.close()
