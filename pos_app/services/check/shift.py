"""The drawer of each shift: what went in and out is what is expected, and counts are counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sqlalchemy import ColumnElement, RowMapping, Table, and_, func, or_, select

from pos_app.services.check.violation import Books, Violation, money
from pos_app.store import sale, setting, shift, wire

_SHIFTS = wire.plain(shift.shifts)
_MOVED = wire.plain(shift.shift_movements)
_COUNTS = wire.plain(shift.shift_counts)
_RESULTS = wire.plain(shift.shift_results)
_SALES = wire.plain(sale.sales)
_TENDERS = wire.plain(sale.sale_tenders)
_CHANGE = wire.plain(sale.sale_change)

CASH = "cash"
INTO = {
    "float": 1,
    "sale": 1,
    "paid_in": 1,
    "loan": 1,
    "change": -1,
    "refund": -1,
    "paid_out": -1,
    "pickup": -1,
}
"""Which way the money of a movement goes."""

MICRO = 1_000_000
Key = tuple[str, str, str]
"""Shift, tender type and currency."""


def balanced(books: Books) -> Iterator[Violation]:
    """Every shift of this installation, and on a server those of its tills."""
    names = _names(books)
    yield from _signs(books, names)
    yield from _expected(books, names)
    yield from _counted(books, names, moment="open")
    yield from _counted(books, names, moment="close")
    yield from _documents(books, names)


def _names(books: Books) -> Mapping[str, str]:
    columns = (_SHIFTS.c.id, _SHIFTS.c.till, _SHIFTS.c.number)
    return {row["id"]: f"{row['till']}/{row['number']}" for row in books.rows(select(*columns))}


def _signs(books: Books, names: Mapping[str, str]) -> Iterator[Violation]:
    """Each movement goes the way its kind says."""
    wrong: list[ColumnElement[bool]] = [
        and_(_MOVED.c.kind == kind, _MOVED.c.amount * sign < 0) for kind, sign in INTO.items()
    ]
    for row in books.rows(select(_MOVED).where(or_(*wrong))):
        name = names[row["shift_id"]]
        words = (
            f"Shift {name} has a {row['kind']} of {money(row['amount'], row['currency'])}, "
            "which goes the wrong way."
        )
        yield Violation("drawer_direction", name, words)


def _expected(books: Books, names: Mapping[str, str]) -> Iterator[Violation]:
    """What a closed shift expected is the sum of its movements."""
    moved = _sums(books, _MOVED, _MOVED.c.amount)
    results = {_key(row): row for row in books.rows(select(_RESULTS))}
    closed = {row["id"] for row in books.rows(select(_SHIFTS).where(_SHIFTS.c.state == "closed"))}
    for key in sorted({*results, *(key for key in moved if key[0] in closed)}):
        row, due = results.get(key), moved.get(key, 0)
        expected = row["expected"] if row else 0
        if expected != due:
            name, (_, tender, currency) = names[key[0]], key
            words = (
                f"Shift {name} expected {money(expected, currency)} as {tender} "
                f"and its movements make {money(due, currency)}."
            )
            yield Violation("drawer_differs", name, words)


def _counted(books: Books, names: Mapping[str, str], *, moment: str) -> Iterator[Violation]:
    """The pieces make the float of the opening, and the counted cash of the close."""
    piles: dict[tuple[str, str], Decimal] = {}
    for row in books.rows(select(_COUNTS).where(_COUNTS.c.moment == moment)):
        pile = (row["shift_id"], row["currency"])
        worth = Decimal(row["denomination"]) * row["pieces"] * 100 / MICRO
        piles[pile] = piles.get(pile, Decimal(0)) + worth
    said = _floats(books) if moment == "open" else _results(books)
    for pile in sorted({*piles, *said}):
        one, other = piles.get(pile, Decimal(0)), said.get(pile, 0)
        if one != other:
            name, what = names[pile[0]], "float" if moment == "open" else "count"
            words = (
                f"Shift {name} has pieces worth {one / 100:.2f} {pile[1]} "
                f"and a {what} of {money(other, pile[1])}."
            )
            yield Violation("count_differs", name, words)


def _floats(books: Books) -> dict[tuple[str, str], int]:
    moved = _sums(books, _MOVED, _MOVED.c.amount, where=_MOVED.c.kind == "float")
    return {(key[0], key[2]): amount for key, amount in moved.items()}


def _results(books: Books) -> dict[tuple[str, str], int]:
    query = select(_RESULTS).where(_RESULTS.c.tender_type == CASH)
    return {(row["shift_id"], row["currency"]): row["counted"] for row in books.rows(query)}


def _documents(books: Books, names: Mapping[str, str]) -> Iterator[Violation]:
    """Each sale of a shift put its tenders in and took its change out.

    A server has a till's shift as it stood at its last word, so it looks at closed ones alone.
    """
    kinds = (("sale", "taken", _taken(books)), ("change", "given back", _given(books)))
    for kind, word, documents in kinds:
        movements = _moved_by(books, kind)
        for key in sorted({*documents, *movements}):
            receipt, shift_id, currency = key
            one, other = movements.get(key, 0), documents.get(key, 0)
            if one != other:
                words = (
                    f"Receipt {receipt} has {money(other, currency)} {word} and the drawer of "
                    f"shift {names.get(shift_id, shift_id)} says {money(one, currency)}."
                )
                yield Violation("drawer_lacks_sale", receipt, words)


Sums = dict[tuple[str, str, str], int]
"""Minor units by receipt, shift and currency."""


def _looked_at(books: Books) -> ColumnElement[bool]:
    if books.is_till:
        return _SALES.c.shift_id.is_not(None)
    closed = select(_SHIFTS.c.id).where(_SHIFTS.c.state == "closed")
    return _SALES.c.shift_id.in_(closed)


def _by_sale(books: Books, rows: Table, amount: ColumnElement[int]) -> Sums:
    key = (_SALES.c.receipt, _SALES.c.shift_id, rows.c.currency)
    query = (
        select(*key, func.sum(amount).label("amount"))
        .join_from(_SALES, rows, rows.c.sale_id == _SALES.c.id)
        .where(_looked_at(books))
        .group_by(*key)
    )
    found = books.connection.execute(query)
    return {(row[0], row[1], row[2]): int(row[3]) for row in found if row[3]}


def _taken(books: Books) -> Sums:
    return _by_sale(books, _TENDERS, _TENDERS.c.tendered)


def _given(books: Books) -> Sums:
    return _by_sale(books, _CHANGE, -_CHANGE.c.amount)


def _moved_by(books: Books, kind: str) -> Sums:
    kinds = ("sale", "refund") if kind == "sale" else (kind,)
    key = (_SALES.c.receipt, _MOVED.c.shift_id, _MOVED.c.currency)
    query = (
        select(*key, func.sum(_MOVED.c.amount))
        .join_from(_MOVED, _SALES, _SALES.c.id == _MOVED.c.document_id)
        .where(_MOVED.c.kind.in_(kinds), _looked_at(books))
        .group_by(*key)
    )
    found = books.connection.execute(query)
    return {(row[0], row[1], row[2]): int(row[3]) for row in found if row[3]}


def _sums(
    books: Books,
    table: Table,
    amount: ColumnElement[int],
    *,
    where: ColumnElement[bool] | None = None,
) -> dict[Key, int]:
    key = (table.c.shift_id, table.c.tender_type, table.c.currency)
    query = select(*key, func.sum(amount)).group_by(*key)
    if where is not None:
        query = query.where(where)
    found = books.connection.execute(query)
    return {(row[0], row[1], row[2]): int(row[3]) for row in found}


def _key(row: RowMapping) -> Key:
    return row["shift_id"], row["tender_type"], row["currency"]


def numbers(books: Books) -> Iterator[Violation]:
    """Shifts of this till are numbered without a gap up to its series.

    But for those that an earlier life opened, before the books were restored from a backup.
    """
    name = f"shift:{books.rules.till}"
    mine = _SHIFTS.c.till == books.rules.till
    query = select(func.count(), func.coalesce(func.max(_SHIFTS.c.number), 0)).where(mine)
    count, largest = books.connection.execute(query).one()
    last = setting.last_number(books.connection, name)
    elsewhere = setting.forgotten(books.connection, name)
    skipped = sum(end - begin + 1 for begin, end in elsewhere)
    highest = max([largest, *(end for _begin, end in elsewhere)])
    if not count + skipped == highest == last:
        words = (
            f"Till {books.rules.till} has {count} shifts, the last is number {largest} "
            f"and its series stands at {last}."
        )
        yield Violation("shift_gap", books.rules.till, words)
