"""Money asked of customers' wallets: what a sale took is in that sale, and in no other."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from pos_app.services.check.violation import Books, Violation, money
from pos_app.store import prompt, sale, wire

_PROMPTS = wire.plain(prompt.prompts)
_SALES = wire.plain(sale.sales)
_TENDERS = wire.plain(sale.sale_tenders)


def taken(books: Books) -> Iterator[Violation]:
    """Whatever was taken stands as a tender of the sale that took it."""
    is_its = (
        (_TENDERS.c.sale_id == _PROMPTS.c.used_by)
        & (_TENDERS.c.type == _PROMPTS.c.tender)
        & (_TENDERS.c.currency == _PROMPTS.c.currency)
    )
    query = (
        select(_PROMPTS)
        .outerjoin(_TENDERS, is_its)
        .where(_PROMPTS.c.use == "taken", _PROMPTS.c.used_by != "", _TENDERS.c.sale_id.is_(None))
    )
    for row in books.rows(query):
        words = (
            f"Payment {row['id']} of {money(row['amount'], row['currency'])} was taken by sale "
            f"{row['used_by']}, which has no such tender."
        )
        yield Violation("payment_not_in_sale", row["id"], words)


def once(books: Books) -> Iterator[Violation]:
    """No payment of a wallet settles two sales."""
    name = _PROMPTS.c.external_id
    query = (
        select(name, func.count(_TENDERS.c.sale_id.distinct()).label("sales"))
        .join(_TENDERS, (_TENDERS.c.reference == name) & (_TENDERS.c.type == _PROMPTS.c.tender))
        .join(_SALES, (_SALES.c.id == _TENDERS.c.sale_id) & (_SALES.c.kind == "invoice"))
        .where(name != "")
        .group_by(name)
        .having(func.count(_TENDERS.c.sale_id.distinct()) > 1)
    )
    for row in books.rows(query):
        words = f"Payment {row['external_id']} stands in {row['sales']} sales."
        yield Violation("payment_in_two_sales", row["external_id"], words)
