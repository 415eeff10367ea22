"""Every list is read along an index, whatever it is asked for: no page reads or sorts the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event

from pos_app.domain.reservation import ReservationState
from pos_app.store import (
    activity,
    charge,
    credit_note,
    desktop_sale,
    fiscal_log,
    invoice,
    movement,
    payment,
    purchase,
    queue,
    reservation,
    trade,
    transfer,
    transfer_request,
    webhook,
)
from pos_app.store.engine import Store, open_store
from pos_app.store.migrate import upgrade

DAY, NOW = date(2026, 11, 1), datetime(2026, 11, 1, tzinfo=UTC)
PAGE = {"offset": 40, "limit": 20}
Reading = Callable[[Connection], Any]


def invoices(**wanted: Any) -> Reading:
    return lambda connection: invoice.page(connection, invoice.Wanted(**wanted), **PAGE)


def notes(**wanted: Any) -> Reading:
    return lambda connection: credit_note.page(connection, credit_note.Wanted(**wanted), **PAGE)


def quotations(**wanted: Any) -> Reading:
    asked = trade.Wanted(kind="quotation", **wanted)
    return lambda connection: trade.page(connection, asked, **PAGE)


def purchases(**wanted: Any) -> Reading:
    return lambda connection: purchase.page(connection, purchase.Wanted(**wanted), **PAGE)


def payments(partner: str | None = None, day: date | None = None) -> Reading:
    told = {"partner": partner, "since": day, "until": day}
    return lambda connection: payment.page(connection, **told, **PAGE)


def transfers(**wanted: Any) -> Reading:
    return lambda connection: transfer.page(connection, transfer.Wanted(**wanted), **PAGE)


def requests(**wanted: Any) -> Reading:
    asked = transfer.Wanted(**wanted)
    return lambda connection: transfer_request.page(connection, asked, **PAGE)


def issues(**wanted: Any) -> Reading:
    return lambda connection: movement.page(connection, "issue", **wanted, **PAGE)


def charges(**wanted: Any) -> Reading:
    return lambda connection: charge.page(connection, charge.Wanted(**wanted), **PAGE)


def deliveries(number: int | None = None) -> Reading:
    return lambda connection: webhook.deliveries(connection, webhook=number, **PAGE)


def queued(**wanted: Any) -> Reading:
    return lambda connection: queue.page(connection, **wanted, **PAGE)


def reserved(**wanted: Any) -> Reading:
    asked = reservation.Wanted(**wanted)
    return lambda connection: reservation.page(connection, asked, NOW, **PAGE)


def logged(**wanted: Any) -> Reading:
    return lambda connection: fiscal_log.page(connection, fiscal_log.Wanted(**wanted), **PAGE)


def done(**wanted: Any) -> Reading:
    asked = activity.Wanted(**wanted)
    return lambda connection: (
        activity.count(connection, asked),
        activity.page(connection, asked, **PAGE),
    )


def programs(**wanted: Any) -> Reading:
    return lambda connection: desktop_sale.page(connection, desktop_sale.Wanted(**wanted), **PAGE)


BETWEEN = {"since": DAY, "until": DAY}
LISTS: dict[str, tuple[Reading, str]] = {
    "invoices": (invoices(), "invoices_by_date"),
    "invoices of a customer": (invoices(partner="C"), "invoices_by_partner (partner=?)"),
    "invoices of a place": (invoices(warehouse="W"), "invoices_by_warehouse (warehouse=?)"),
    "drafts": (invoices(statuses=("Draft",)), "invoices_drafts"),
    "open invoices": (invoices(statuses=("Open",)), "invoices_due"),
    "closed invoices": (invoices(statuses=("Closed",)), "invoices_paid"),
    "posted invoices": (invoices(statuses=("Open", "Closed")), "invoices_by_date"),
    "invoices of days": (invoices(**BETWEEN), "invoices_by_date (doc_date>?"),
    "a customer's of days": (
        invoices(partner="C", **BETWEEN),
        "invoices_by_partner (partner=? AND",
    ),
    "credit notes": (notes(), "credit_notes_by_date"),
    "credit notes of a customer": (notes(partner="C"), "credit_notes_by_partner (partner=?)"),
    "credit notes of a state": (notes(state="Posted"), "credit_notes_by_state (state=?)"),
    "credit notes of days": (notes(**BETWEEN), "credit_notes_by_date (doc_date>?"),
    "quotations": (quotations(), "trades_by_date (kind=?)"),
    "quotations of a customer": (quotations(partner="C"), "trades_by_partner (partner=?"),
    "quotations of a state": (quotations(states=("Open",)), "trades_by_state (kind=? AND state=?)"),
    "quotations of days": (quotations(**BETWEEN), "trades_by_date (kind=? AND doc_date>?"),
    "purchase orders": (purchases(), "purchases_by_date"),
    "purchase orders of a supplier": (purchases(partner="S"), "purchases_by_partner (partner=?)"),
    "purchase orders of a state": (purchases(states=("Open",)), "purchases_by_state (state=?)"),
    "payments": (payments(), "payments_by_date"),
    "payments of a customer": (payments("C"), "payments_by_partner (partner=?)"),
    "payments of days": (payments(day=DAY), "payments_by_date (doc_date>?"),
    "transfers": (transfers(), "transfers_by_date"),
    "transfers of a place": (transfers(warehouse="W"), "transfers_by_date"),
    "transfers of a state": (transfers(states=("Received",)), "transfers_by_state (state=?)"),
    "transfer requests": (requests(), "SCAN transfer_requests"),
    "transfer requests of a place": (requests(warehouse="W"), "SCAN transfer_requests"),
    "transfer requests of a state": (requests(states=("Open",)), "transfer_requests_by_state"),
    "issues": (issues(), "movements_by_date (kind=?)"),
    "issues of a place": (issues(warehouse="W"), "movements_by_place (kind=? AND warehouse=?)"),
    "charges": (charges(), "SCAN charges"),
    "charges of a provider": (charges(provider="P"), "charges_by_provider (provider=?)"),
    "charges of a state": (charges(state="Paid"), "charges_by_state (state=?)"),
    "deliveries": (deliveries(), "SCAN webhook_deliveries"),
    "deliveries of a webhook": (deliveries(1), "webhook_deliveries_by_webhook (webhook=?)"),
    "the queue": (queued(), "postings_by_turn"),
    "the queue in a state": (queued(states=("Pending",)), "postings_by_state (state=?)"),
    "the queue of a kind": (queued(kinds=("invoice",)), "postings_by_turn"),
    "both": (queued(states=("Pending",), kinds=("invoice",)), "postings_by_state (state=?)"),
    "reservations": (reserved(), "SCAN reservations USING INDEX"),
    "reservations of a customer": (reserved(partner="C"), "reservations_by_partner (partner=?)"),
    "confirmed reservations": (
        reserved(states=(ReservationState.CONFIRMED,)),
        "reservations_by_turn (state=?)",
    ),
    "the fiscal log": (logged(), "fiscal_log_by_time"),
    "the fiscal log of a status": (logged(status="failed"), "fiscal_log_by_time"),
    "what people did": (done(), "SEARCH audit USING INTEGER PRIMARY KEY"),
    "what one did": (done(actor="a"), "audit_by_actor (actor=?)"),
    "one sort of deed": (done(action="a.b"), "audit_by_action (action=?)"),
    "sales of programs": (programs(), "desktop_sales_by_time"),
    "sales of programs of a place": (
        programs(warehouse="W"),
        "desktop_sales_by_place (warehouse=?)",
    ),
    "sales of programs to one": (programs(partner="C"), "desktop_sales_by_partner (partner=?)"),
}
SORTS, COUNTS = "USE TEMP B-TREE FOR ORDER BY", "SEARCH tallies USING PRIMARY KEY (list=?"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("plan") / "shop.db", synchronous="OFF") as store:
        upgrade(store)
        yield store


@pytest.fixture
def all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty list is read, too."""
    monkeypatch.setattr("pos_app.store.tally.many", lambda *_: 1000)


def plans_of(store: Store, reading: Reading) -> list[str]:
    """How SQLite would run what a page asks of it."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, told: Any, *_: Any) -> None:
        asked.append((f"EXPLAIN QUERY PLAN {text}", told))

    with store.read() as connection:
        event.listen(connection, "before_cursor_execute", note)
        reading(connection)
        event.remove(connection, "before_cursor_execute", note)
        return ["; ".join(row[3] for row in connection.exec_driver_sql(*one)) for one in asked]


@pytest.mark.parametrize("name", LISTS)
def test_a_page_is_read_along_its_index(empty: Store, all_read: None, name: str) -> None:
    reading, index = LISTS[name]
    plans = plans_of(empty, reading)
    assert any(index in plan for plan in plans), plans
    if "sales of programs" not in name:  # which sorts the rows of one page, found before
        assert not [plan for plan in plans if SORTS in plan], plans


@pytest.mark.parametrize("name", LISTS)
def test_a_total_is_read_from_what_is_kept(empty: Store, name: str) -> None:
    counted = [
        plan for plan in plans_of(empty, LISTS[name][0]) if "tallies" in plan or "COVERING" in plan
    ]
    if name != "what people did":  # its numbers have no gaps: the last one is the total
        assert counted
        assert COUNTS in counted[0] or COUNTS in counted[-1], counted
