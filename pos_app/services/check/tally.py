"""Lists have as many rows as they say: what is kept of that is what counting gives."""

from __future__ import annotations

from collections.abc import Iterator

from pos_app.services.check.violation import Books, Violation
from pos_app.services.shop import Shop
from pos_app.store import recount


def counted(books: Books) -> Iterator[Violation]:
    """Each long list keeps the number of its rows truly (docs/decisions/0042)."""
    for name in recount.lists():
        wrong = list(recount.differences(books.connection, name))
        if wrong:
            most = max(wrong, key=lambda found: abs(found.missing))
            words = (
                f"{len(wrong)} of the numbers kept of how long the list {name} is differ from its "
                f"rows, by up to {abs(most.missing)}: count it anew with pos check --recount."
            )
            yield Violation("list_count", name, words)


def recounted(shop: Shop) -> dict[str, int]:
    """Count every list anew; returns how many numbers of each were wrong, where any was."""
    found = {}
    for name in recount.lists():
        with shop.store.write() as connection:
            found[name] = recount.recount(connection, name)
    return {name: many for name, many in found.items() if many}
