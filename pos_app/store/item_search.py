"""Searching items: text, last digits of a code, and what was sold here comes first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
)

from pos_app.domain.item import Item
from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.item_table import ITEM_COLUMNS, barcodes, item_recent, items, with_barcodes
from pos_app.store.schema import Flag, to_microseconds
from pos_app.store.upsert import add_to
from pos_app.store.words import (
    after_prefix,
    all_prefixes,
    backwards,
    matching,
    place_of,
    words_of,
)

_CANDIDATES = 200
"""How many texts that fit are looked at; more would cost time and help nobody."""

_RECENT = 500
"""How far back the list of what was sold here is looked through."""

_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class _Hit:
    code: str
    words: str
    sold_count: int
    last_sold_at: datetime | None

    def rank(self, wanted: list[str], exact: str) -> tuple[Any, ...] | None:
        """Smaller is better; None when it does not fit at all."""
        place = place_of(self.words.split(" "), wanted)
        if place is None:
            return None
        since = -to_microseconds(self.last_sold_at) if self.last_sold_at else 0
        is_other = self.code.casefold() != exact
        return is_other, self.sold_count == 0, -self.sold_count, since, place, self.words


def search(connection: Connection, text: str, *, limit: int, warehouse: str = "") -> list[Item]:
    """Active items that have a word beginning with each word of the text, best first.

    The item with exactly this code comes first, then what this warehouse has sold most, then by
    where the words stand. At most a few hundred texts that fit are ranked: where more do, those
    sold here lately and those whose names begin with the text are sure to be among them.
    """
    wanted = words_of(text)[:_MOST_WORDS]
    if not wanted or limit < 1:
        return []
    hits = {hit.code: hit for hit in _candidates(connection, wanted, warehouse, limit)}
    exact = text.strip().casefold()
    ranked = sorted(
        (rank, hit.code) for hit in hits.values() if (rank := hit.rank(wanted, exact)) is not None
    )
    return _in_order(connection, [code for _, code in ranked[:limit]])


def by_last_digits(connection: Connection, digits: str, *, limit: int) -> list[Item]:
    """Active items whose code or one of whose barcodes ends in these digits, by code."""
    ending = backwards(digits.strip())
    if not ending or limit < 1:
        return []
    ends = {"ending": ending, "behind": after_prefix(ending), "most": limit}
    found = _BY_CODE_END.all(connection, ends) + _BY_BARCODE_END.all(connection, ends)
    return _in_order(connection, sorted({code for (code,) in found})[:limit])


def sold(connection: Connection, warehouse: str, codes: Iterable[str], at: datetime) -> None:
    """Note that items were sold from a warehouse: they come first in its searches."""
    rows = [
        {"warehouse": warehouse, "item": code, "last_sold_at": at, "sold_count": 1}
        for code in sorted(set(codes))
    ]
    add_to(connection, item_recent, column="sold_count", touched="last_sold_at", rows=rows)


def _candidates(
    connection: Connection, wanted: list[str], warehouse: str, limit: int
) -> list[_Hit]:
    dialect = connection.dialect.name
    given = {"query": all_prefixes(wanted, dialect=dialect), "place": warehouse}
    rows = _BY_TEXT[dialect].all(connection, given)
    if len(rows) == _CANDIDATES:
        start = " ".join(wanted)
        begins = {"place": warehouse, "start": start, "behind": after_prefix(start), "most": limit}
        rows += _WITH_START.all(connection, begins)
        # Words are letters or digits alone: nothing in them is a wildcard.
        fits = {f"word_{number}": f"% {word}%" for number, word in enumerate(wanted)}
        lately = {"place": warehouse, "most": limit, **fits}
        rows += _sold_lately(len(wanted)).all(connection, lately)
    return [_Hit(*row) for row in rows]


@cache
def _sold_lately(count: int) -> Prepared:
    """Of the last things sold here, the newest whose words fit; stops as soon as it has enough."""
    lately = (
        select(item_recent)
        .where(item_recent.c.warehouse == bindparam("place"))
        .order_by(item_recent.c.last_sold_at.desc())
        .limit(_RECENT)
        .subquery()
    )
    spaced = literal_column("' '", Text) + items.c.words
    fits = [spaced.like(bindparam(f"word_{number}", type_=Text)) for number in range(count)]
    columns = (items.c.code, items.c.words, lately.c.sold_count, lately.c.last_sold_at)
    return Prepared(
        select(*columns)
        .join(lately, lately.c.item == items.c.code)
        .where(items.c.is_active == literal(True, Flag()), *fits)
        .order_by(lately.c.last_sold_at.desc())
        .limit(bindparam("most"))
    )


def _hits() -> Select[Any]:
    here = and_(item_recent.c.item == items.c.code, item_recent.c.warehouse == bindparam("place"))
    sold_count = func.coalesce(item_recent.c.sold_count, 0)
    return (
        select(items.c.code, items.c.words, sold_count, item_recent.c.last_sold_at)
        .outerjoin(item_recent, here)
        .where(items.c.is_active == literal(True, Flag()))
    )


def _in_order(connection: Connection, codes: list[str]) -> list[Item]:
    rows = _BY_CODES.all(connection, {"of_codes": codes})
    found = {item.code: item for item in with_barcodes(connection, rows)}
    return [found[code] for code in codes]


_BY_TEXT = {
    dialect: Prepared(matching(_hits(), items, dialect=dialect).limit(_CANDIDATES))
    for dialect in ("sqlite", "postgresql")
}
_WITH_START = Prepared(
    _hits()
    .where(items.c.words >= bindparam("start"), items.c.words <= bindparam("behind"))
    .order_by(items.c.words)
    .limit(bindparam("most"))
)
_BY_CODES = Prepared(select(*ITEM_COLUMNS).where(among(items.c.code, "of_codes")))
_BY_CODE_END = Prepared(
    select(items.c.code)
    .where(
        items.c.code_backwards >= bindparam("ending"),
        items.c.code_backwards <= bindparam("behind"),
        items.c.is_active == literal(True, Flag()),
    )
    .order_by(items.c.code_backwards)
    .limit(bindparam("most"))
)
_BY_BARCODE_END = Prepared(
    select(barcodes.c.item)
    .join(items, items.c.code == barcodes.c.item)
    .where(
        barcodes.c.backwards >= bindparam("ending"),
        barcodes.c.backwards <= bindparam("behind"),
        items.c.is_active == literal(True, Flag()),
    )
    .order_by(barcodes.c.backwards)
    .limit(bindparam("most"))
)
