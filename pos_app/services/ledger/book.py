"""Book a document of the queue in the built-in ledger: whole, once, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.clock import business_date
from pos_app.domain.ledger import CHART, RECEIVABLE, Line
from pos_app.services.ledger import consolidation, goods, opening, payment, promise, sale
from pos_app.services.ledger.planned import Planned
from pos_app.services.posting import count, movement, purchase, trade, transfer
from pos_app.services.posting.kinds import KINDS
from pos_app.services.posting.step import CannotPlan
from pos_app.services.shop import Shop
from pos_app.store import feed, posting_claim, setting, valuation
from pos_app.store import ledger as books
from pos_app.store import level as levels
from pos_app.store import partner as partners

Planner = Callable[[Shop, Connection, RowMapping], Iterator[Planned]]

PLANNERS: Mapping[str, Planner] = {
    "invoice": sale.plan,
    "credit_note": sale.plan,
    "debit_note": sale.plan,
    consolidation.CONSOLIDATION: consolidation.plan,
    payment.PAYMENT: payment.plan,
    purchase.PURCHASE_RECEIPT: goods.plan_receipt,
    movement.GOODS_ISSUE: goods.plan_movement,
    movement.GOODS_RECEIPT: goods.plan_movement,
    transfer.TRANSFER: goods.plan_transfer,
    count.COUNT: goods.plan_count,
    trade.QUOTATION: promise.plan,
    trade.SALES_ORDER: promise.plan,
    purchase.PURCHASE_ORDER: promise.plan,
    transfer.TRANSFER_REQUEST: promise.plan,
}
"""By the word that stands in `postings.kind`; every other, such as an end, is numbered alone."""


def book(shop: Shop, row: RowMapping) -> None:
    """Take a row of the queue into the books; one that is there already stays as it is.

    Nothing is unknown here: documents, numbers, entries and balances are in one database, and
    are all there or none.

    Raises:
        CannotPlan: nothing here knows how to book it, there is no such document, or the shop left
            SAP while that may hold some of it.
        PosError: its accounts are not known.
    """
    if row["kind"] not in KINDS:
        raise CannotPlan(f"These books know no {row['kind']}: update the program.")
    planner = PLANNERS.get(row["kind"], _numbered)
    with shop.store.write() as connection:
        if _is_booked(connection, row):
            return
        books.know(connection, [_account(account) for account in CHART])
        _open(shop, connection)
        steps = [
            _booked(shop, connection, row, planned, step=step)
            for step, planned in enumerate(planner(shop, connection, row), start=1)
        ]
        posting_claim.add_steps(connection, steps)


def _open(shop: Shop, connection: Connection) -> None:
    """Begin with what is on the shelves, before the first document that is booked."""
    if valuation.opened_at(connection) is not None:
        return
    # Two workers begin at once: the second waits for the number, and finds the books open.
    number = _number(connection, opening.OPENING)
    planned = opening.plan(shop, connection)
    if planned is not None:
        header = {"document_id": opening.KEY, "reference": OPENED, "made_by": "server"}
        _keep(shop, connection, planned, header | {"number": number})


OPENED = "Opening stock"


def _is_booked(connection: Connection, row: RowMapping) -> bool:
    """Whether a row ended already; steps a shop planned for SAP and never took are forgotten."""
    steps = posting_claim.steps_of(connection, row["queue_id"])
    if steps and all(step["state"] == "done" for step in steps):
        return True
    if any(step["state"] != "waiting" or step["doc_entry"] is not None for step in steps):
        raise CannotPlan(
            f"SAP may hold some of {row['reference']}: look there, and cancel this row if it does."
        )
    posting_claim.drop_steps(connection, row["queue_id"])
    return False


def _numbered(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """The end of an order or request: it moves nothing, and gets its number."""
    del connection
    yield Planned(
        kind=row["kind"],
        key=row["key"],
        partner=row["partner"],
        booked_on=business_date(row["created_at"], shop.rules.zone),
        lines=(),
    )


def _booked(
    shop: Shop, connection: Connection, row: RowMapping, planned: Planned, *, step: int
) -> dict[str, Any]:
    number = _number(connection, planned.kind)
    now = shop.clock.now()
    header = {
        "document_id": row["document_id"],
        "reference": row["reference"],
        "number": number,
        "made_by": row["created_by"],
    }
    _keep(shop, connection, planned, header)
    _owe(connection, planned)
    return {
        "queue_id": row["queue_id"],
        "step": step,
        "kind": planned.kind,
        "key": planned.key,
        "state": "done",
        "request": {},
        "sent_at": now,
        "done_at": now,
        "doc_entry": number,
        "doc_num": number,
        "adopted": 0,
    }


def _keep(shop: Shop, connection: Connection, planned: Planned, header: Mapping[str, Any]) -> None:
    """Write down an entry, its lines, and what it does to goods."""
    books.know(connection, [_account(line.account) for line in planned.lines])
    own = {
        "kind": planned.kind,
        "key": planned.key,
        "partner": planned.partner,
        "booked_on": planned.booked_on,
        "made_at": shop.clock.now(),
    }
    entry = books.add(connection, own | dict(header), [_line(line) for line in planned.lines])
    goods_rows = [
        {"item": item, "warehouse": place, "quantity": moved.quantity, "value": moved.value}
        for (item, place), moved in planned.moved.items()
    ]
    valuation.add(connection, entry, goods_rows)
    held = {place: moved.after for place, moved in planned.moved.items()}
    valuation.put(connection, held)
    levels.put_costs(connection, {place: one.cost for place, one in held.items()})


def _number(connection: Connection, kind: str) -> int:
    """The next of its kind; a shop that leaves SAP goes on behind the numbers it had there."""
    series = f"ledger:{kind}"
    if not setting.last_number(connection, series):
        setting.at_least(connection, series, posting_claim.highest(connection, kind))
    return setting.next_number(connection, series)


def _owe(connection: Connection, planned: Planned) -> None:
    """The customer's balance follows the entry, in the one currency it is kept in."""
    for line in planned.lines:
        if line.account == RECEIVABLE and line.partner:
            moved = partners.owe(
                connection, line.partner, minor=line.debit.minor, currency=line.debit.currency
            )
            if moved:
                feed.changed(connection, "partner", line.partner)


def _line(line: Line) -> dict[str, Any]:
    minor = line.debit.minor
    return {
        "account": line.account.code,
        "partner": line.partner,
        "tag": line.tag,
        "currency": line.debit.currency,
        "debit": max(minor, 0),
        "credit": max(-minor, 0),
    }


def _account(account: Any) -> dict[str, str]:
    return {"code": account.code, "name": account.name, "type": account.type.value}
