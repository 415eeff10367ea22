"""The printer's trouble by name on every place, and the question about a paper nobody can prove."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from pos_app.services import printer, shift_paper, sign_in, spool_work
from printing.errors import MemoryLost, PaperOut
from printing.outcome import Look, Outcome, OutcomeKind
from tests.tui.grocer import PIN, PRINTER

MAZOE = "6001234567890"


class Doubtful:
    """A printer that takes every job and proves none, and is as it is said to be."""

    unfinished: str | None = None

    def __init__(self, look: Look | None = None) -> None:
        self.look_is = look or Look(None)
        self.jobs: list[bytes] = []

    def print(self, job: bytes, job_id: str) -> Outcome:
        self.jobs.append(job)
        return Outcome(kind=OutcomeKind.UNCONFIRMED, job_id=job_id, reason=MemoryLost(), sent=9)

    def settle(self, job_id: str) -> Outcome | None:
        return None

    def look(self, *, max_age: float) -> Look | None:
        return self.look_is

    def give_up(self, job_id: str) -> None:
        raise AssertionError


def work(till: Any, doubtful: Doubtful) -> None:
    """One pass of the print lane, and a look at the queues."""
    spool_work.work(till.shop, {PRINTER.url: doubtful})
    till.quiet.look()


def queue_x(till: Any) -> None:
    """Queue the X of the open shift."""
    with till.shop.store.read() as connection:
        shift = connection.execute(text("SELECT id FROM shifts")).scalar()
    shift_paper.print_shift(till.shop, sign_in.with_pin(till.shop, "thandi", PIN), shift)


def jobs(till: Any) -> list[tuple[str, int]]:
    with till.shop.store.read() as connection:
        rows = connection.execute(text("SELECT state, copy_number FROM print_jobs ORDER BY seq"))
        return [(state, copy) for state, copy in rows]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_trouble_is_named_with_what_to_do_and_goes_when_it_is_mended(person, size):
    till = await person(size=size, printers=(PRINTER,))
    doubtful = Doubtful(Look(PaperOut()))
    work(till, doubtful)
    await till.sees("! printer: no paper", "Put in a new roll and close the cover.")
    doubtful.look_is = Look(None)
    work(till, doubtful)
    await till.until(lambda: "no paper" not in till.text)
    assert "new roll" not in till.text
    doubtful.look_is = Look(None, is_near_end=True)
    till.shop.clock.sleep(printer.WELL_SECONDS)
    work(till, doubtful)
    await till.sees("printer: paper low")
    await till.scan(MAZOE)
    await till.sees("3.20")  # whatever the printer does, people sell


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_doubt_is_asked_about_once_and_the_sale_goes_on(person, size):
    till = await person(size=size, printers=(PRINTER,))
    doubtful = Doubtful()
    queue_x(till)
    work(till, doubtful)
    await till.sees("? paper Ctrl+P", "Did the X of shift T01-S0001 come out")
    await till.scan(MAZOE)
    await till.sees("3.20")
    await till.press("ctrl+p")
    await till.sees("or its answer got lost", "Did the X of shift T01-S0001", "it is here")
    await till.press("enter")
    await till.sees("Press Y or N.")
    await till.press("escape")
    assert jobs(till) == [("unconfirmed", 0)]
    await till.press("ctrl+p")
    await till.sees("print COPY 1")
    await till.press("n")
    await till.sees("COPY 1 of the X of shift T01-S0001 comes next.")
    assert jobs(till) == [("replaced", 0), ("queued", 1)]
    await till.until(lambda: "? paper" not in till.text)
    await till.press("ctrl+p")
    assert jobs(till) == [("replaced", 0), ("queued", 1)], "nothing is asked twice"
    work(till, doubtful)
    assert b"*** COPY 1 ***" in doubtful.jobs[-1]
    await till.sees("? paper Ctrl+P")
    await till.press("ctrl+p", "y")
    await till.sees("Noted: copy 1 of the X of shift T01-S0001 is here.")
    assert jobs(till) == [("replaced", 0), ("confirmed", 1)]


async def test_nobody_is_asked_before_signing_in(person):
    till = await person(printers=(PRINTER,), is_signed_in=False)
    queue_x(till)
    work(till, Doubtful())
    await till.press("ctrl+p")
    assert "whole and readable" not in till.text
