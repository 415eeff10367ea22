"""A day's goods, orders and quotations in the books of a shop without SAP: document by entry.

What they should be is read anew from the stored documents. What has not come to its end is named
by its state elsewhere, and is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.posting import PostingState
from pos_app.domain.proof import Entry, Read, Side
from pos_app.services.posting.count import COUNT_POSTING
from pos_app.services.proof import own_document
from pos_app.services.proof.form import BOOKS
from pos_app.services.proof.goods import GOODS, Goods
from pos_app.services.proof.own_document import Document, Unclear
from pos_app.services.proof.receipt import Day, span
from pos_app.services.rate import BASE
from pos_app.services.shop import Shop
from pos_app.store import ledger, valuation
from pos_app.store import proof as store

KINDS = (*GOODS, COUNT_POSTING)


@dataclass
class _Found:
    """An entry of the books with its lines and its goods."""

    head: RowMapping
    lines: list[RowMapping] = field(default_factory=list)
    goods: list[RowMapping] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What joins both sides: a count is two entries under one key."""
        return f"{self.head['kind']} {self.head['key']}"

    @property
    def worth(self) -> int:
        """What its lines say the stock is worth more; those carry the warehouse as their tag."""
        return sum(row["debit"] - row["credit"] for row in self.lines if row["tag"])

    def owed(self, currency: str) -> int:
        """What its lines owe a supplier."""
        mine = [row for row in self.lines if row["owes"] and row["currency"] == currency]
        return sum(row["credit"] - row["debit"] for row in mine)

    @property
    def counted(self) -> int:
        """What its goods say the stock is worth more."""
        return sum(row["value"] for row in self.goods)


def read(shop: Shop, day: Day) -> Goods:
    """Read the day's goods on both sides."""
    with shop.store.read() as connection:
        found, rows = _day(shop, connection, day.day)
        ours: dict[str, Entry] = {}
        unclear = []
        for row in rows.values():
            if row["state"] == PostingState.COMPLETED:
                try:
                    documents = own_document.of_row(shop, connection, row)
                except Unclear as error:
                    unclear.append(error.difference(row, till=shop.rules.till))
                    continue
                for document in documents:
                    entry = _ours(document, row, found.get(document.key), shop.rules.till)
                    ours[entry.key] = entry
        entries = [
            _theirs(one, ours.get(key), rows.get(one.head["key"]), shop.rules.till)
            for key, one in found.items()
            if key in ours or _is_strange(rows.get(one.head["key"]))
        ]
    tills = frozenset({shop.rules.till})
    return Goods(
        ours=tuple(ours.values()),
        read=Read(side=Side.SAP, word=BOOKS, entries=tuple(entries), tills=tills),
        unclear=tuple(unclear),
    )


def _day(
    shop: Shop, connection: Connection, day: date
) -> tuple[dict[str, _Found], dict[str, RowMapping]]:
    """Entries of the day or of the rows queued on it, and the rows of those entries."""
    queued = store.queued_of(connection, *span(shop, day), kinds=GOODS)
    rows = {row["key"]: row for row in queued}
    found = _joined(ledger.of_documents(connection, {row["document_id"] for row in queued}))
    found |= _joined(ledger.of_day(connection, day))
    strange = {one.head["key"] for one in found.values()} - rows.keys()
    rows |= {row["key"]: row for row in store.queued_by_keys(connection, strange)}
    numbers = {one.head["entry"]: one for one in found.values()}
    for goods in valuation.goods_of(connection, numbers):
        numbers[goods["entry"]].goods.append(goods)
    return found, rows


def _joined(rows: Iterable[RowMapping]) -> dict[str, _Found]:
    """Rows of lines by their entry."""
    found: dict[str, _Found] = {}
    for row in rows:
        if row["kind"] in KINDS:
            one = _Found(head=row)
            one = found.setdefault(one.key, one)
            one.lines += [row] if row["account"] else []
    return found


def _is_strange(row: RowMapping | None) -> bool:
    """Whether an entry stands in the books of which nothing here has come to its end."""
    return row is None or row["state"] == PostingState.CANCELLED


def _ours(document: Document, row: RowMapping, found: _Found | None, till: str) -> Entry:
    """What the books should hold; what goods are worth there is what they count beside it."""
    total = document.total
    if total is None and document.quantities and found is not None:
        total = Money(found.counted, BASE)
    return Entry(
        key=document.key,
        reference=row["reference"],
        name=row["reference"],
        kind=document.kind,
        till=till,
        currency=total.currency if total else "",
        total=total.minor if total else None,
        quantities=document.quantities,
        facts={"day": document.day.isoformat()}
        | ({"partner": document.partner} if document.partner else {}),
        is_own=True,
    )


def _theirs(found: _Found, known: Entry | None, row: RowMapping | None, till: str) -> Entry:
    head = found.head
    is_owed = known is not None and bool(known.facts.get("partner")) and known.total is not None
    total = None
    if known is not None and known.total is not None:
        total = found.owed(known.currency) if is_owed else found.worth
    return Entry(
        key=found.key,
        reference=head["reference"],
        name=f"{head['kind'].replace('_', ' ')} {head['number']} of {BOOKS}",
        kind=head["kind"],
        till=till,
        currency=known.currency if known else "",
        total=total,
        quantities=_quantities(found.goods),
        facts={"day": head["booked_on"].isoformat(), "partner": head["partner"]},
        note="" if known else _note(row),
    )


def _quantities(rows: Sequence[RowMapping]) -> dict[str, Decimal]:
    return own_document.told((row["item"], row["warehouse"], row["quantity"]) for row in rows)


def _note(row: RowMapping | None) -> str:
    if row is None:
        return "no document here has its key"
    return f"{row['reference']} was given up here"
