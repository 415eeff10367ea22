"""Reports cost by their range: no query of one walks through the whole history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, event

from pos_app.store import report, report_trade, statement
from pos_app.store.engine import Store
from pos_app.store.report import Scope
from pos_app.store.report_trade import Range

DAY = date(2026, 11, 2)
SCOPE = Scope(since=DAY, until=DAY, base="USD", quote="ZIG")
SPAN = Range(DAY, DAY)
ONE = Decimal(1)
HISTORY = {
    "sales",
    "sale_lines",
    "sale_tenders",
    "invoices",
    "payments",
    "trades",
    "purchases",
    "purchase_receipts",
    "transfers",
}


@contextmanager
def plans(connection: Connection) -> Iterator[list[str]]:
    """What SQLite says it does for every query of the block."""
    found: list[str] = []

    def explain(_c: object, cursor: object, text: str, values: object, *_: object) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        asking = driver.cursor()
        asking.execute(f"EXPLAIN QUERY PLAN {text}", values)
        found.extend(row[3] for row in asking.fetchall())

    event.listen(connection, "before_cursor_execute", explain)
    yield found
    event.remove(connection, "before_cursor_execute", explain)


def test_every_query_goes_by_an_index(sqlite_store: Store) -> None:
    with sqlite_store.read() as connection, plans(connection) as found:
        report.days(connection, SCOPE)
        report.partners(connection, SCOPE)
        report.items(connection, SCOPE)
        report.top_items(connection, SCOPE, limit=5, rate=ONE)
        report.top_partners(connection, SCOPE, limit=5, kind=None, rate=ONE)
        report.sold(connection, SCOPE)
        report.tenders(connection, SCOPE)
        report.received(connection, SCOPE)
        report.owed(connection, on=DAY)
        report_trade.orders(connection, SPAN, "partner")
        report_trade.order_lines(connection, SPAN)
        report_trade.orders_partly(connection, SPAN)
        report_trade.bought(connection, SPAN, "partner")
        report_trade.bought_partly(connection, SPAN)
        report_trade.top_bought(connection, SPAN, limit=5)
        report_trade.arrived(connection, SPAN, warehouse=None)
        report_trade.moved(connection, SPAN, warehouse=None, limit=5)
        report_trade.flows(connection, SPAN, warehouse=None)
    walked = [
        step
        for step in found
        if step.startswith("SCAN ") and step.split()[1] in HISTORY and "invoices_open" not in step
    ]
    assert walked == []
    assert any("sales_by_date" in step for step in found)
    assert any("invoices_open" in step for step in found)


def test_a_statement_reads_its_customer_and_its_days(sqlite_store: Store) -> None:
    """Only the sum before the first day walks along all that one customer bought."""
    with sqlite_store.read() as connection, plans(connection) as found:
        days = {"since": DAY, "until": DAY}
        statement.invoices_of(connection, "C", **days)
        statement.notes_of(connection, "C", **days)
        statement.settled(connection, "C", **days)
        statement.payments_of(connection, "C", **days)
        statement.maybe_open(connection, "C", until=DAY)
        statement.notes_on_open(connection, "C", until=DAY)
        statement.settled_of_open(connection, "C", until=DAY)
        of_days = list(found)
        statement.before(connection, "C", day=DAY)
    walked = [step for step in found if step.startswith("SCAN ") and step.split()[1] in HISTORY]
    assert walked == []
    for index in (
        "invoices_by_partner (partner=? AND doc_date>?",
        "sales_notes (partner=? AND business_date>?",
        "payments_by_partner (partner=? AND doc_date>?",
        "invoices_open (partner=?",
    ):
        assert any(index in step for step in of_days), (index, of_days)
    whole = (
        "invoices_by_partner (partner=?)",
        "sales_by_partner",
        "payments_by_partner (partner=?)",
    )
    assert not [step for step in of_days if any(part in step for part in whole)], of_days


@pytest.mark.parametrize("limit", [1, 5])
def test_the_newest_orders_are_found_without_counting_all_lines(
    sqlite_store: Store, limit: int
) -> None:
    with sqlite_store.read() as connection, plans(connection) as found:
        report_trade.newest_orders(connection, SPAN, limit=limit)
    assert not [step for step in found if step.startswith("SCAN trade_lines")], found
