"""Counts as they are read, with what SAP knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.count import CountState, difference
from pos_app.errors import RecordNotFound
from pos_app.services import goods
from pos_app.services.goods import Way
from pos_app.services.posting.count import COUNT
from pos_app.services.shop import Shop
from pos_app.store import count as counts


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """What was counted of an item, or of one batch of it.

    Attributes:
        book: on hand when it was counted; None where nobody is to know yet.
    """

    item: str
    batch: str
    name: str
    uom: str
    book: Decimal | None
    counted: Decimal
    counted_by: str
    counted_at: datetime

    @property
    def difference(self) -> Decimal | None:
        """Counted less book."""
        return None if self.book is None else difference(self.counted, self.book)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One count."""

    id: str
    entry: int
    number: str
    state: CountState
    warehouse: str
    is_blind: bool
    comments: str
    created_by: str
    created_at: datetime
    counted_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    way: Way
    lines: tuple[CountedLine, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the counts, and how many there are."""

    total: int
    counts: tuple[Count, ...]


def by_entry(shop: Shop, entry: int) -> Count:
    """One count by its number in lists; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, counts.by_entry(connection, entry), entry)


def by_number(shop: Shop, number: str) -> Count:
    """One count as it is printed; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, counts.by_number(connection, number), number)


def get(shop: Shop, count_id: str) -> Count:
    """One count by its identity; raises RecordNotFound."""
    with shop.store.read() as connection:
        return _only(connection, counts.by_id(connection, count_id), count_id)


def page(shop: Shop, *, warehouse: str | None = None, offset: int, limit: int) -> Page:
    """A page of counts, from the newest back."""
    with shop.store.read() as connection:
        total, rows = counts.page(connection, warehouse=warehouse, offset=offset, limit=limit)
        return Page(total, tuple(_views(connection, rows)))


def _only(connection: Connection, row: RowMapping | None, name: object) -> Count:
    if row is None:
        raise RecordNotFound("count", name)
    return _views(connection, [row])[0]


def _views(connection: Connection, rows: Sequence[RowMapping]) -> list[Count]:
    ids = [row["id"] for row in rows]
    ways = goods.ways(connection, ids, kinds=[COUNT])
    hidden = {row["id"] for row in rows if row["is_blind"] and row["state"] == CountState.OPEN}
    lines: dict[str, list[CountedLine]] = {}
    for line in counts.lines_of(connection, ids):
        found = CountedLine(
            item=line["item"],
            batch=line["batch"],
            name=line["name"],
            uom=line["uom"],
            book=None if line["count_id"] in hidden else line["book"],
            counted=line["counted"],
            counted_by=line["counted_by"],
            counted_at=line["counted_at"],
        )
        lines.setdefault(line["count_id"], []).append(found)
    return [
        Count(
            id=row["id"],
            entry=row["entry"],
            number=row["number"],
            state=CountState(row["state"]),
            warehouse=row["warehouse"],
            is_blind=row["is_blind"],
            comments=row["comments"],
            created_by=row["created_by"],
            created_at=row["created_at"],
            counted_at=row["counted_at"],
            ended_by=row["ended_by"],
            ended_at=row["ended_at"],
            way=ways.get(row["id"], Way()),
            lines=tuple(lines.get(row["id"], ())),
        )
        for row in rows
    ]
