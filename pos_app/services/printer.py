"""How the printers of this till are: the trouble of each by name, and which one papers go to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from pos_app.services.shop import Shop
from pos_app.store import printer as printers
from printing.errors import PrintingError
from printing.outcome import Look, Outcome

NEAR_END = "near_end"
NEAR_END_SENTENCE = "The paper of the printer is nearly used up. Have a new roll ready."

WELL_SECONDS = 10.0
"""How soon a printer that was well is asked again; most report a change by themselves."""

TROUBLED_SECONDS = 2.0
"""How soon one in trouble is asked again, so that its name is gone when it is mended."""


class Printer(Protocol):
    """What is needed of `printing.printer.Printer`."""

    @property
    def unfinished(self) -> str | None:
        """The job that has begun to leave and whose fate is not known."""
        ...

    def print(self, job: bytes, job_id: str) -> Outcome:
        """Print one job and say how sure it is; never twice by itself."""
        ...

    def settle(self, job_id: str) -> Outcome | None:
        """What became of an unconfirmed job by now; None when this object does not know."""
        ...

    def look(self, *, max_age: float) -> Look | None:
        """How it is, asked anew when what is known is older; None while a job is half sent."""
        ...

    def give_up(self, job_id: str) -> None:
        """Drop what has not left of a job."""
        ...


Printers = Mapping[str, Printer]
"""The actors of this till's printers by address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one printer is.

    Attributes:
        trouble: code of what is wrong, ``near_end`` for a roll that is nearly used up, or empty.
        sentence: what it is and what to do.
        since: when it was first seen so; None when nobody has looked yet.
        is_fallback: whether it only takes papers that another one cannot begin.
    """

    url: str
    trouble: str = ""
    sentence: str = ""
    since: datetime | None = None
    is_fallback: bool = False

    @property
    def can_print(self) -> bool:
        """Whether papers come out of it, as far as is known."""
        return self.trouble in ("", NEAR_END)


def standings(shop: Shop, connection: Connection) -> tuple[Standing, ...]:
    """Every printer of this till, its own first."""
    known = printers.known(connection)
    made = []
    for at, place in enumerate(shop.rules.printers):
        row = known.get(place.url)
        made.append(
            Standing(
                url=place.url,
                trouble=row["trouble"] if row else "",
                sentence=row["sentence"] if row else "",
                since=row["since"] if row else None,
                is_fallback=at > 0,
            )
        )
    return tuple(made)


def problem(standing: tuple[Standing, ...]) -> str:
    """What keeps papers from coming out where they should, in sentences; empty for nothing."""
    troubled = [row for row in standing if not row.can_print]
    if not troubled:
        return ""
    own = next((row for row in standing if not row.is_fallback and not row.can_print), None)
    if own is None:
        return f"Of the second printer: {troubled[0].sentence}"
    if any(row.can_print for row in standing):
        return f"{own.sentence} Papers come out of the second printer meanwhile."
    return own.sentence


def note(shop: Shop, url: str, trouble: PrintingError | None, *, is_near_end: bool = False) -> bool:
    """Write down how a printer is, when that is news; returns whether it is."""
    code, sentence = (NEAR_END, NEAR_END_SENTENCE) if is_near_end else ("", "")
    if trouble is not None:
        code, sentence = trouble.code, str(trouble)
    with shop.store.read() as connection:
        row = printers.known(connection).get(url)
    if (row["trouble"], row["sentence"]) == (code, sentence) if row else not code:
        return False
    with shop.store.write() as connection:
        is_same = row is not None and row["trouble"] == code
        since = row["since"] if row is not None and is_same else shop.clock.now()
        printers.put(connection, url, trouble=code, sentence=sentence, since=since)
    return True
