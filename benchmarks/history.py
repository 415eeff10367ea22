"""Years of sales in one database: a few real ones, multiplied over so many days."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Connection, text

from benchmarks import shop as shops
from pos_app.domain.partner import Partner
from pos_app.services import sale
from pos_app.store import partner as partners
from pos_app.store.engine import Store
from pos_app.store.tables import all_tables

LAST = date(2026, 10, 31)
A_DAY = 200
"""Sales of every day, so that a long history is one of more days, and no day is a busier one."""

CUSTOMERS, LINES, OPEN_DAYS = 5, 3, 8
_SHARE = A_DAY // CUSTOMERS
_FIRST = 1_000
_DAY_MICROSECONDS = 86_400_000_000


def fill(store: Store, *, days: int, items: int) -> None:
    """Sell on each of so many days up to `LAST`, to five customers in turn.

    A quarter of the last days' invoices is still open.
    """
    shop = shops.at_work(store)
    rng = random.Random(shops.SEED)
    buyers = [Partner(_customer(at), f"Customer {at}", "1", "##") for at in range(CUSTOMERS)]
    with store.write() as connection:
        partners.put(connection, buyers, at=shop.clock.now())
    sold = []
    for _ in buyers:
        basket = shops.fill_basket(shop, lines=LINES, items=items, rng=rng)
        tenders = shops.tenders_for(shop, basket)
        sold.append(sale.post(shop, shops.actor(), basket, tenders).sale_id)
    with store.write() as connection:
        for past in range(days):
            day = LAST - timedelta(days=days - 1 - past)
            for at, sale_id in enumerate(sold):
                _share(connection, sale_id, at=at, day=day, first=_FIRST + past * A_DAY)
    with store.write() as connection:
        connection.execute(text("ANALYZE"))


def _customer(at: int) -> str:
    return f"C{at:04d}"


def _share(connection: Connection, sale_id: str, *, at: int, day: date, first: int) -> None:
    """A day's sales to one customer, what hangs on each, and an invoice of each."""
    begin = first + at * _SHARE
    copies = (
        f"WITH RECURSIVE copies(n) AS (SELECT {begin} UNION ALL "
        f"SELECT n + 1 FROM copies WHERE n < {begin + _SHARE - 1})"
    )
    moment = f"{(day - date(1970, 1, 1)).days * _DAY_MICROSECONDS + 10 * 3_600_000_000} + n"
    of_sale = {"sale_id": "'copy-' || n"}
    new: dict[str, dict[str, str]] = {
        "sales": {
            "id": "'copy-' || n",
            "receipt": "'COPY-' || n",
            "number": "n",
            "reference": "NULL",
            "shift_id": "t.shift_id" if day == LAST else f"'shift-{day}'",
            "partner": f"'{_customer(at)}'",
            "business_date": f"'{day}'",
            "posted_at": moment,
        },
        "sale_lines": of_sale,
        "sale_tenders": of_sale,
        "sale_change": of_sale,
        "stock_moves": {"document_id": "'copy-' || n", "at": moment},
        "fiscal_journal": of_sale
        | {"number": "'COPY-' || n", "seq": "n", "intended_at": moment, "state": "'fiscalised'"},
    }
    keys = {"sales": "id", "stock_moves": "document_id"}
    for table, values in new.items():
        which = f"{keys.get(table, 'sale_id')} = '{sale_id}'"
        connection.execute(text(_copy(table, copies, which, values)))
    invoiced = f"{_INVOICES} {copies} {_OF_SALES} JOIN sales s ON s.id = 'copy-' || n"
    connection.execute(text(invoiced), {"paid": f"{LAST - timedelta(days=OPEN_DAYS)}"})


_INVOICES = (
    "INSERT INTO invoices (id, state, source, partner, partner_name, warehouse, currency, total, "
    "paid, doc_date, num_at_card, comments, fiscalize, content_hash, limit_currency, created_by, "
    "created_at, changed_at)"
)
_OF_SALES = (
    "SELECT s.id, 'Posted', 'api', s.partner, s.partner_name, s.warehouse, s.currency, s.total, "
    "CASE WHEN n % 4 = 0 AND s.business_date > :paid THEN 0 ELSE s.total END, s.business_date, "
    "'', '', 0, '', '', s.username, s.posted_at, s.posted_at FROM copies"
)


def _copy(table: str, copies: str, which: str, new: Mapping[str, str]) -> str:
    """A statement that copies the rows of a document, with new values in some columns."""
    made = all_tables().tables[table]
    counted = made.autoincrement_column
    names = [column.name for column in made.columns if column is not counted]
    values = ", ".join(new.get(name, f"t.{name}") for name in names)
    into = f"INSERT INTO {table} ({', '.join(names)})"
    return f"{into} {copies} SELECT {values} FROM copies, {table} t WHERE t.{which}"
