"""How the till is doing: its shift, its rate, and every queue with its age and its trouble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pos_app.domain.currency import Rate
from pos_app.services import (
    display_text,
    fiscal_standing,
    printer,
    rate,
    shift,
    spool_question,
    sync,
)
from pos_app.services.drawer.standing import DrawerStanding, standing
from pos_app.services.fiscal_standing import Standing
from pos_app.services.ledger.told import keeps_own
from pos_app.services.mail import view as mail
from pos_app.services.shift import Shift
from pos_app.services.shop import Shop
from pos_app.services.spool_question import Unconfirmed
from pos_app.store import fiscal as journal
from pos_app.store import print_job, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue: how many wait, how long the oldest does, and what is wrong, if anything."""

    waiting: int = 0
    oldest_seconds: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The till at a glance.

    Attributes:
        queues: fiscal, printer, outbox and downlink, in this order, and a server's mail; the
            downlink's age is the age of what was fetched last.
        fiscal: whether the fiscal device lets the till sell; None without a device.
        printers: how each printer of this till is, its own first.
        asked: the oldest paper nobody can prove, about which the cashier is to be asked.
        drawer: whether it stands open, as far as anybody can tell.
        display: what is wrong with the customer's display, empty when it is well; None without one.
        own_books: whether documents end in the server's own books and not in SAP.
        office: why pages wait for the office printer, empty when none does.
    """

    till: str
    shift: Shift | None
    rate: Rate | None
    receipts: int
    queues: Mapping[str, Queue]
    fiscal: Standing | None
    drawer: DrawerStanding
    printers: tuple[printer.Standing, ...] = ()
    asked: Unconfirmed | None = None
    display: str | None = None
    office: str = ""
    own_books: bool = False


def status(shop: Shop) -> Status:
    """Read every queue once."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        fiscal_count, fiscal_since = journal.unsettled(connection)
        troubled = journal.troubled(connection)
        first = journal.first_unsettled(connection)
        print_count, print_since = print_job.waiting(connection)
        printers = printer.standings(shop, connection)
        asked = spool_question.first_of(connection)
        newest = rate.current(shop, connection)
        drawer = standing(shop, connection)
        page = print_job.first_queued(connection, is_office=True) if shop.rules.office else None
        display = setting.read(connection, display_text.STATE)
        own_books = keeps_own(connection)
        receipts = setting.last_number(connection, f"receipt:{shop.rules.till}")
    queues = {
        "fiscal": Queue(
            waiting=fiscal_count + sum(row["state"] != "unknown" for row in troubled),
            oldest_seconds=_seconds(fiscal_since, now),
            problem=next(
                (row["reason"] for row in [*troubled, first] if row and row["reason"]), ""
            ),
        ),
        "printer": Queue(
            waiting=print_count,
            oldest_seconds=_seconds(print_since, now),
            problem=printer.problem(printers) or (asked.sentence if asked else ""),
        ),
    }
    for name, queue in sync.queues(shop).items():
        queues[name] = Queue(
            waiting=queue.waiting, oldest_seconds=queue.oldest_seconds, problem=queue.problem
        )
    if shop.rules.mail is not None and shop.rules.role == "server":
        queues["mail"] = _mail(shop, now)
    return Status(
        till=shop.rules.till,
        shift=shift.current(shop),
        rate=newest,
        receipts=receipts,
        queues=queues,
        drawer=drawer,
        office=page["reason"] if page else "",
        own_books=own_books,
        printers=printers,
        asked=asked,
        display=None if shop.rules.display is None else display or "",
        fiscal=fiscal_standing.standing(shop) if shop.rules.fiscal.is_required else None,
    )


def _mail(shop: Shop, now: datetime) -> Queue:
    seen = mail.standing(shop)
    return Queue(
        waiting=seen.waiting + seen.in_doubt,
        oldest_seconds=_seconds(seen.oldest, now),
        problem=seen.problem,
    )


def _seconds(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else max(int((now - since).total_seconds()), 0)
