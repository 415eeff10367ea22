"""Who wants the printer for a moment: a word in the database that its holder hears within a second.

The till that prints holds its printer as long as it runs. Whoever wants to ask the printer
something or to try a paper says so here; the holder lets go between two papers, and takes the
printer up again when the borrower is through or the time is over. What is sold meanwhile waits in
the spool.
"""

from __future__ import annotations

from datetime import timedelta

from pos_app.services.shop import Shop
from pos_app.store import print_job, setting
from pos_app.store.schema import from_microseconds, to_microseconds
from printing.spool import JobState

WANTED = "printer.wanted_until"
LOAN = timedelta(seconds=60)
"""How long a loan lasts; one that is kept longer is asked for again."""


def want(shop: Shop) -> None:
    """Ask for the printer, or for more time with it."""
    until = to_microseconds(shop.clock.now() + LOAN)
    with shop.store.write() as connection:
        setting.write(connection, WANTED, str(until))


def done(shop: Shop) -> None:
    """Let the till print again."""
    with shop.store.write() as connection:
        setting.drop(connection, WANTED)


def is_to_be_lent(shop: Shop) -> bool:
    """Whether the holder should let go now: somebody asks, and no paper's fate is open.

    A proof that is still listened for would be lost with the line.
    """
    with shop.store.read() as connection:
        wanted = setting.read(connection, WANTED)
        if wanted is None:
            return False
        now = shop.clock.now()
        is_running = now < from_microseconds(int(wanted)) <= now + LOAN
        return is_running and not print_job.in_state(connection, JobState.STARTED.value)
