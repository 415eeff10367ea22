"""What masthead and status line say, as short facts with a weight each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos_app.tui.catalogue import PAPER, TILL
from pos_app.tui.commands import spoken
from pos_app.tui.plain import age, clock_time, price
from pos_app.tui.widgets.bar import Fact

if TYPE_CHECKING:
    from pos_app.services.status import Queue, Status
    from pos_app.tui.app import TillApp

OLD_SECONDS = 60
"""From here on a queue that waits is worth a warning."""

STALE_SECONDS = 3600
"""From here on prices and stock fetched last are worth a warning (production lesson L53)."""

RATE_OLD_SECONDS = 24 * 3600

TROUBLES = {
    "paper_out": "no paper",
    "cover_open": "cover open",
    "cutter_fault": "knife stuck",
    "printer_offline": "off-line",
    "printer_fault": "fault",
}
"""What ails a printer, in the two words there is room for."""

NAMES = {"outbox": "server", "downlink": "prices"}
"""What people call the queues; the others carry their own name."""


def masthead(till: TillApp, heading: str) -> tuple[list[Fact], list[Fact]]:
    """Return what stands above a place: where this is, who works here, and the time."""
    left = [
        Fact(heading.upper(), "strong", 9),
        Fact(till.glance.till, "plain", 8),
        Fact(till.glance.shop, "plain", 1),
    ]
    actor = till.actor
    who = Fact(actor.username if actor else "nobody signed in", "strong" if actor else "plain", 8)
    if not till.is_open:
        return left, [who]
    zone = till.shop.rules.zone
    return left, [
        who,
        _shift(till.background.snapshot(), zone),
        Fact(clock_time(till.shop.clock.now(), zone), "plain", 3),
    ]


def _shift(status: Status, zone: str) -> Fact:
    if status.shift is None:
        return Fact("no shift", "warning", 7)
    return Fact(f"shift since {clock_time(status.shift.opened_at, zone)}", "plain", 6)


def status_line(till: TillApp) -> tuple[list[Fact], list[Fact]]:
    """Return what stands below a place: rate, queues with their age, and the slowest paint."""
    if not till.is_open:
        return [Fact("opening the till …", "plain", 6)], []
    status = till.background.snapshot()
    printers = _printers(till, status)
    queues = [
        _queue(name, queue) if name != "printer" or not printers else _papers(queue)
        for name, queue in status.queues.items()
    ]
    left = [_rate(till, status), *queues, *printers, *_fiscal(status), *_drawer(till, status)]
    left += [Fact("! display", "warning", 6)] if status.display else []
    return left, [_pace(till)]


def _printers(till: TillApp, status: Status) -> list[Fact]:
    """What ails the printers, a roll that ends soon, and a paper nobody can prove."""
    facts = []
    for row in status.printers:
        name = "printer 2" if row.is_fallback else "printer"
        if not row.can_print:
            facts.append(Fact(f"! {name}: {TROUBLES.get(row.trouble, 'fault')}", "bad", 9))
        elif row.trouble:
            facts.append(Fact(f"{name}: paper low", "warning", 7))
    if status.asked is not None:
        facts.append(Fact(f"? paper {_paper_key(till)}", "warning", 9))
    return facts


def _papers(queue: Queue) -> Fact:
    """How many papers wait, where another fact says what for."""
    return Fact(f"papers {queue.waiting}" if queue.waiting else "", "plain", 5)


def _paper_key(till: TillApp) -> str:
    command = next(row for row in TILL if row.id == PAPER)
    return spoken(command.keys_in(till.keymap)[0])


def _fiscal(status: Status) -> list[Fact]:
    """How far selling runs ahead of the device, and how long the fiscal day still lasts."""
    now = status.fiscal
    if now is None:
        return []
    facts = []
    if now.readiness == "blocked":
        facts.append(Fact("! no sales", "bad", 9))
    elif now.readiness == "degraded":
        facts.append(Fact(f"deferred {now.waiting} of {now.most}", "warning", 8))
    if now.day.state == "over":
        facts.append(Fact("! close the fiscal day", "bad", 9))
    elif now.day.state == "warned" and now.day.time_left is not None:
        facts.append(Fact(f"day ends in {age(now.day.time_left.total_seconds())}", "warning", 8))
    return facts


def _drawer(till: TillApp, status: Status) -> list[Fact]:
    """A drawer that stands open, and one that did not open when it should."""
    drawer = status.drawer
    if drawer.open_since is None:
        return [Fact("! drawer", "bad", 8)] if drawer.problem else []
    seconds = (till.shop.clock.now() - drawer.open_since).total_seconds()
    if drawer.cause == "unasked":
        return [Fact(f"! drawer open by itself, {age(seconds)}", "bad", 9)]
    kind = "warning" if seconds >= OLD_SECONDS else "plain"
    return [Fact(f"drawer open {age(seconds)}", kind, 8)]


def _rate(till: TillApp, status: Status) -> Fact:
    if status.rate is None:
        return Fact("no rate", "warning", 6)
    text = f"1 {status.rate.base} = {price(status.rate.rate)} {status.rate.quote}"
    seconds = (till.shop.clock.now() - status.rate.at).total_seconds()
    if seconds > RATE_OLD_SECONDS:
        return Fact(f"{text}, {age(seconds)} old", "warning", 6)
    return Fact(text, "plain", 4)


def concern(till: TillApp) -> str:
    """Return what somebody should see to now, in one sentence; empty when there is nothing."""
    status = till.background.snapshot()
    asked = status.asked
    if asked is not None and status.queues["printer"].problem == asked.sentence:
        return f"{asked.sentence} {_paper_key(till)} answers."
    problems = (
        status.drawer.problem,
        status.office,
        *(queue.problem for queue in status.queues.values()),
    )
    return next((problem for problem in problems if problem), "")


def _queue(key: str, queue: Queue) -> Fact:
    name = NAMES.get(key, key)
    if key == "downlink" and not queue.problem:
        return _fetched(name, queue.oldest_seconds)
    if queue.problem:
        waiting = f" {queue.waiting}" if queue.waiting else ""
        return Fact(f"! {name}{waiting}", "bad", 9)
    if not queue.waiting:
        return Fact(f"{name} ok", "good", 5)
    text = f"{name} {queue.waiting}"
    if queue.oldest_seconds is not None and queue.oldest_seconds >= OLD_SECONDS:
        return Fact(f"! {text}, {age(queue.oldest_seconds)}", "warning", 8)
    return Fact(text, "plain", 5)


def _fetched(name: str, seconds: int | None) -> Fact:
    if seconds is None:
        return Fact(f"{name} never fetched", "warning", 7)
    if seconds >= STALE_SECONDS:
        return Fact(f"! {name} {age(seconds)} old", "warning", 8)
    return Fact(f"{name} {age(seconds)}", "plain", 3)


def _pace(till: TillApp) -> Fact:
    if not till.pace.count:
        return Fact("", "plain", 1)
    return Fact(f"slowest {till.pace.worst * 1000:.0f} ms", "plain", 2)
