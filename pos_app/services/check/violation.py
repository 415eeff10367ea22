"""What the checker finds wrong, and the books it looks into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select

from pos_app.domain.money import Money
from pos_app.domain.quantity import from_micro
from pos_app.services.shop import Rules
from pos_app.store.schema import to_microseconds

STREAMED = 1000
"""Rows held in memory at a time while a whole table is walked."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must always hold and does not.

    Attributes:
        code: snake_case and stable, for programs.
        subject: the document, item or queue it is about.
        sentence: for people, with both figures.
    """

    code: str
    subject: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """One unchanging view of everything stored, as it is kept: whole minor and micro units.

    Attributes:
        is_server: whether what tills and SAP have to do with it is looked at too.
    """

    connection: Connection
    rules: Rules
    now: datetime
    is_server: bool

    @property
    def is_till(self) -> bool:
        """Whether what is sold here leaves through an outbox."""
        return self.rules.role == "till"

    def rows(self, query: Select[*tuple[Any, ...]]) -> Iterator[RowMapping]:
        """Walk the rows of a query without holding all of them."""
        streamed = query.execution_options(yield_per=STREAMED)
        with self.connection.execute(streamed) as result:
            yield from result.mappings()

    def before(self, age: timedelta) -> int:
        """The moment that long ago, as the database keeps it."""
        return to_microseconds(self.now - age)


Rule = Callable[[Books], Iterator[Violation]]


def money(minor: int, currency: str) -> str:
    """An amount as people read it."""
    return Money(int(minor), currency).label


def quantity(micro: int) -> str:
    """A quantity as people read it."""
    return format(from_micro(int(micro)), "f")


def told(text: str, fallback: str = "nothing") -> str:
    """A text that may be empty, for a sentence."""
    return text or fallback
