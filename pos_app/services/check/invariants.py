"""Recompute from the stored facts what must always hold, and name each violation.

The rules share no arithmetic with the use cases that wrote the facts: sums are taken by the
database or from whole minor and micro units, and VAT is extracted anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from pos_app.services.check import (
    audit,
    chain,
    consolidation,
    double_entry,
    drawer,
    fiscal,
    goods,
    money,
    note,
    posting,
    prompt,
    purchase,
    queue,
    sale,
    shift,
    stock,
    sync,
    tally,
    trade,
    valuation,
    whole,
)
from pos_app.services.check.violation import Books, Rule, Violation
from pos_app.services.shop import Shop

__all__ = ["Violation", "check"]

EVERYWHERE: tuple[Rule, ...] = (
    sale.orphans,
    sale.numbers,
    note.balanced,
    fiscal.unique,
    stock.explained,
    stock.covered,
    shift.balanced,
    shift.numbers,
    audit.verified,
    drawer.audited,
    queue.aged,
    tally.counted,
)
ON_TILLS: tuple[Rule, ...] = (sync.reached, chain.chained, prompt.taken, prompt.once)
ON_SERVERS: tuple[Rule, ...] = (
    sync.intakes,
    sync.gaps,
    audit.heads,
    posting.once,
    double_entry.balanced,
    valuation.valued,
    consolidation.consolidated,
    goods.arrived,
    goods.issued,
    goods.counted,
    goods.queued,
    purchase.received,
    purchase.queued,
    trade.queued,
    trade.fulfilled,
    trade.summed,
)


def check(shop: Shop, *, is_server: bool = False) -> list[Violation]:
    """Every violation in one unchanging view of the database; an empty list means all adds up.

    Args:
        shop: the till or server.
        is_server: look at what came from tills and goes to SAP, too.
    """
    with shop.store.read() as connection:
        books = Books(
            connection=connection, rules=shop.rules, now=shop.clock.now(), is_server=is_server
        )
        return list(violations(books))


def violations(books: Books) -> Iterator[Violation]:
    """What is wrong in these books, sale by sale and then rule by rule."""
    for found in whole.walk(books):
        yield from sale.whole(books, found)
        yield from money.adds_up(found)
        yield from fiscal.of_sale(found)
        yield from note.of_note(found)
        if books.is_server:
            yield from sync.accepted(books, found)
            yield from posting.of_sale(found)
    rules = EVERYWHERE + (ON_TILLS if books.is_till else ())
    for rule in rules + (ON_SERVERS if books.is_server else ()):
        yield from rule(books)
