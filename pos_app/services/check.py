"""Recompute from the stored facts what must always hold, and name each violation.

The rules share no arithmetic with the use cases that wrote the facts: sums are taken by the
database or from whole minor and micro units, and VAT is extracted anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from pos_app.services import (
    check_audit,
    check_chain,
    check_fiscal,
    check_money,
    check_note,
    check_posting,
    check_queue,
    check_sale,
    check_shift,
    check_stock,
    check_sync,
    check_whole,
)
from pos_app.services.shop import Shop
from pos_app.services.violation import Books, Rule, Violation

__all__ = ["Violation", "check"]

EVERYWHERE: tuple[Rule, ...] = (
    check_sale.orphans,
    check_sale.numbers,
    check_note.balanced,
    check_fiscal.unique,
    check_stock.explained,
    check_stock.covered,
    check_shift.balanced,
    check_shift.numbers,
    check_audit.verified,
    check_queue.aged,
)
ON_TILLS: tuple[Rule, ...] = (check_sync.reached, check_chain.chained)
ON_SERVERS: tuple[Rule, ...] = (
    check_sync.intakes,
    check_sync.gaps,
    check_audit.heads,
    check_posting.once,
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
    for found in check_whole.walk(books):
        yield from check_sale.whole(books, found)
        yield from check_money.adds_up(found)
        yield from check_fiscal.of_sale(found)
        yield from check_note.of_note(found)
        if books.is_server:
            yield from check_sync.accepted(books, found)
            yield from check_posting.of_sale(books, found)
    rules = EVERYWHERE + (ON_TILLS if books.is_till else ())
    for rule in rules + (ON_SERVERS if books.is_server else ()):
        yield from rule(books)
