"""The print lane: a row says STARTED before the first byte, and only proof ends it.

A paper goes to the till's own printer. One that this printer cannot begin goes to the second, if
there is one; one that was begun is never sent again, to no printer, by anybody but a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping

from pos_app.services import printer, spool, spool_question
from pos_app.services.printer import TROUBLED_SECONDS, WELL_SECONDS, Printers
from pos_app.services.shop import PrinterRules, Shop
from pos_app.services.worked import Worked
from pos_app.store import print_job
from printing.outcome import Outcome
from printing.spool import (
    MOVES,
    Change,
    Event,
    JobState,
    after,
    event_of,
    late,
    on_restart,
    settle,
)


def work(shop: Shop, printers: Printers, *, limit: int = 20, may_look: bool = True) -> Worked:
    """Print what is due, oldest first; stop at the first job that no printer takes.

    For the one holder of the printers. A job that has to wait holds back those behind it, so that
    receipts come out in the order of their sales.

    Args:
        shop: the till.
        printers: its printers.
        limit: of jobs.
        may_look: whether to ask printers how they are when there is nothing else to do.
    """
    recover(shop)
    done = _settle_late(shop, printers)
    for state in _printed(shop, printers, limit - done):
        if state is JobState.QUEUED:
            break
        done += 1
    if may_look:
        done += _look(shop, printers)
    return _worked(shop, done)


def recover(shop: Shop) -> int:
    """Jobs whose printing was cut off are nobody's word any more; for the printers' holder only.

    Nobody prints while the holder starts a pass, so a STARTED job is one whose till has died, or
    could not write down how it ended. It may have had another printer's address then.
    """
    with shop.store.read() as connection:
        started = print_job.in_state(connection, JobState.STARTED.value, is_office=False)
    if not started:
        return 0
    with shop.store.write() as connection:
        for job in started:
            event = on_restart(JobState.STARTED)
            if event is not None:
                _move(connection, job, event, reason="The till stopped while it was printing.")
    return len(started)


def _settle_late(shop: Shop, printers: Printers) -> int:
    """Take a late proof: new paper, a closed cover, and the printer goes on where it stopped.

    What the cashier has answered for is dropped from the printer, or its end would follow.
    """
    count = 0
    with shop.store.read() as connection:
        jobs = print_job.in_state(connection, JobState.UNCONFIRMED.value)
    open_jobs = {job["id"] for job in jobs}
    for actor in printers.values():
        if actor.unfinished is not None and actor.unfinished not in open_jobs:
            actor.give_up(actor.unfinished)
    for job in jobs:
        actor_of = printers.get(job["printer"])
        event = late(actor_of.settle(job["id"])) if actor_of else None
        if event is not None and event in MOVES[JobState.UNCONFIRMED]:
            with shop.store.write() as connection:
                _move(connection, job, event, reason="")
            count += 1
    return count


def _printed(shop: Shop, printers: Printers, limit: int) -> Iterator[JobState]:
    """The state each job due has come to, one after the other."""
    for _ in range(limit):
        with shop.store.read() as connection:
            job = print_job.next_due(connection, shop.clock.now())
        if job is None:
            return
        yield _print(shop, printers, job)


def _print(shop: Shop, printers: Printers, job: RowMapping) -> JobState:
    """Try one job on each printer that may take it, until one has; the first refusal counts."""
    refused: Change | None = None
    places = _places(shop, printers, job)
    for place in places:
        _start(shop, job, place)
        outcome = printers[place.url].print(_bytes(shop, place, job), job["id"])
        change = settle(outcome, attempts=job["attempts"] + 1, now=shop.clock.now())
        if event_of(outcome) is Event.POSTPONE:
            refused = refused or change
            change = refused
        spool.keep_change(shop, job, change)
        _note_refusal(shop, place, outcome)
        if change.state is not JobState.QUEUED:
            return change.state
    return JobState.QUEUED


def _places(shop: Shop, printers: Printers, job: RowMapping) -> list[PrinterRules]:
    """The printers a job may go to, best first; one in trouble only if all of them are."""
    can = [place for place in shop.rules.printers if _bytes(shop, place, job)]
    if len(can) < 2:
        return can or list(shop.rules.printers[:1])
    well = [place for place in can if _is_well(printers[place.url])]
    return well or can[:1]


def _is_well(actor: printer.Printer) -> bool:
    seen = actor.look(max_age=TROUBLED_SECONDS)
    return seen is not None and seen.problem is None


def _bytes(shop: Shop, place: PrinterRules, job: RowMapping) -> bytes:
    if place != shop.rules.printers[0] and job["fallback_bytes"] is not None:
        return bytes(job["fallback_bytes"])
    return bytes(job["bytes"])


def _start(shop: Shop, job: RowMapping, place: PrinterRules) -> None:
    """The row says STARTED, and where, before the first byte leaves."""
    values = {
        "printer": place.url,
        "started_at": shop.clock.now(),
        "attempts": job["attempts"] + 1,
    }
    with shop.store.write() as connection:
        print_job.move(
            connection,
            job["id"],
            was=JobState.QUEUED.value,
            state=JobState.STARTED.value,
            values=values,
        )


def _note_refusal(shop: Shop, place: PrinterRules, outcome: Outcome) -> None:
    if event_of(outcome) is Event.POSTPONE:
        printer.note(shop, place.url, outcome.reason)


def _move(connection: Connection, job: RowMapping, event: Event, *, reason: str) -> None:
    state = after(JobState(job["state"]), event)
    print_job.move(
        connection, job["id"], was=job["state"], state=state.value, values={"reason": reason}
    )


def _look(shop: Shop, printers: Printers) -> int:
    """Ask each printer how it is, now and then; returns how many have changed."""
    with shop.store.read() as connection:
        known = {row.url: row.can_print for row in printer.standings(shop, connection)}
    changed = 0
    for url, was_well in known.items():
        seen = printers[url].look(max_age=WELL_SECONDS if was_well else TROUBLED_SECONDS)
        if seen is not None:
            changed += printer.note(shop, url, seen.problem, is_near_end=seen.is_near_end)
    return changed


def _worked(shop: Shop, done: int) -> Worked:
    with shop.store.read() as connection:
        waiting, _oldest = print_job.waiting(connection)
        first = print_job.first_queued(connection)
        problem = trouble(shop, connection)
    return Worked(
        done=done, waiting=waiting, next_at=first["try_at"] if first else None, problem=problem
    )


def trouble(shop: Shop, connection: Connection) -> str:
    """What people should see to about printing, in sentences; empty when there is nothing.

    First what ails a printer, then the question nobody has answered yet.
    """
    ailing = printer.problem(printer.standings(shop, connection))
    if ailing:
        return ailing
    asked = spool_question.first_of(connection)
    return f"{asked.reason} {asked.sentence}".strip() if asked else ""
