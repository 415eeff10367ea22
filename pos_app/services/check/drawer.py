"""Every opening of the drawer without a sale is in the audit, and the audit names no other."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from pos_app.services.check.violation import Books, Violation
from pos_app.store import audit, drawer

AUDITED = {"no_sale": "drawer.no_sale", "unasked": "drawer.unasked"}
"""What the audit calls an opening, by its cause (production lesson L100)."""


def audited(books: Books) -> Iterator[Violation]:
    """Openings and their events in the chain are the same ones."""
    openings, events = drawer.drawer_openings, audit.audit
    asked = select(openings.c.id, openings.c.cause).where(openings.c.cause.in_(list(AUDITED)))
    told = select(events.c.subject, events.c.action).where(
        events.c.action.in_(list(AUDITED.values()))
    )
    known = {(row["id"], AUDITED[row["cause"]]) for row in books.rows(asked)}
    heard = {(row["subject"], row["action"]) for row in books.rows(told)}
    for opening, action in sorted(known - heard):
        words = f"The drawer was opened ({action}) and the audit does not know of it."
        yield Violation("drawer_unaudited", opening, words)
    for opening, action in sorted(heard - known):
        words = f"The audit knows of an opening of the drawer ({action}) that is not in the books."
        yield Violation("drawer_opening_gone", opening, words)
