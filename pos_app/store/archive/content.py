"""What is in a database: rows counted and digested table by table, the same on both databases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, LargeBinary, MetaData, Table

from pos_app.store.schema import is_derived

Row = Sequence[Any]

_ROUND = 2**256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One table as a backup knows it.

    Attributes:
        columns: their names, in the order of the rows.
        kinds: ``int``, ``text`` or ``bytes`` for each.
        counter: the column the database counts up by itself, empty for none.
    """

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    counter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The rows of one table in two figures: how many, and a sum over all of them."""

    rows: int
    digest: str


class Counting:
    """Adds rows up; their order makes no difference, since databases sort texts differently."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, row: Row) -> None:
        """One row more."""
        text = json.dumps([_plain(value) for value in row], separators=(",", ":"))
        number = int.from_bytes(hashlib.sha256(text.encode("ascii")).digest(), "big")
        self._sum = (self._sum + number) % _ROUND
        self._rows += 1

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass rows on, each added."""
        for row in rows:
            self.add(row)
            yield row

    def content(self) -> Content:
        """What was added so far."""
        return Content(rows=self._rows, digest=f"{self._sum:064x}")


def _plain(value: Any) -> Any:
    return {"x": bytes(value).hex()} if isinstance(value, bytes | memoryview) else value


def shapes(metadata: MetaData) -> tuple[Shape, ...]:
    """Every table of the shop that is not filled by triggers, those first that others point to."""
    return tuple(_shape(made) for made in metadata.sorted_tables if not is_derived(made))


def _shape(made: Table) -> Shape:
    counter = made.autoincrement_column
    is_counted = counter is not None and counter.autoincrement is True
    return Shape(
        name=made.name,
        columns=tuple(column.name for column in made.columns),
        kinds=tuple(_kind(column.type) for column in made.columns),
        counter=counter.name if counter is not None and is_counted else "",
    )


def _kind(found: Any) -> str:
    plain = getattr(found, "impl_instance", found)
    if isinstance(plain, Integer):
        return "int"
    return "bytes" if isinstance(plain, LargeBinary) else "text"


def quoted(name: str) -> str:
    """A name as both databases read it."""
    return '"' + name.replace('"', '""') + '"'


def columns_of(shape: Shape) -> str:
    """The columns of a table, for a statement."""
    return ", ".join(quoted(column) for column in shape.columns)


def differing(expected: Mapping[str, Content], found: Mapping[str, Content]) -> list[str]:
    """The tables whose rows are not what they should be."""
    names = sorted(expected.keys() | found.keys())
    return [name for name in names if expected.get(name) != found.get(name)]
