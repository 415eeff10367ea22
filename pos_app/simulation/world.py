"""What everybody in the simulation shares."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from traceback import extract_tb

from pos_app.errors import PosError
from pos_app.services.check.violation import Violation
from pos_app.simulation.clock import WorldClock
from pos_app.simulation.mischief import Mischief
from pos_app.simulation.schedule import Schedule
from pos_app.simulation.step import Crash, Steps
from pos_app.simulation.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A sale a customer was told is paid."""

    sale_id: str
    receipt: str
    currency: str
    total: Decimal


@dataclass(slots=True, kw_only=True)
class World:
    """One run.

    Attributes:
        paid: what was shown as PAID, by sale.
        found: violations, as soon as they are seen.
        refused: how often a rule of the shop said no, by its code.
    """

    seed: int
    folder: Path
    clock: WorldClock
    schedule: Schedule
    trace: Trace
    mischief: Mischief
    paid: dict[str, Paid] = field(default_factory=dict)
    found: list[Violation] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def rng(self, name: str) -> random.Random:
        """Chance for one part of the world, the same for the same seed."""
        return random.Random(f"{self.seed}/{name}")  # noqa: S311 - a game, not a secret

    def has_found(self) -> bool:
        """Whether something does not hold."""
        return bool(self.found)

    def report(self, code: str, subject: str, sentence: str) -> None:
        """Something that must never be has happened."""
        self.found.append(Violation(code, subject, sentence))
        self.trace.note("proof", "violation", code=code, subject=subject, why=sentence)

    @contextmanager
    def event(
        self, who: str, what: str, steps: Steps, *, revive: Callable[[], None]
    ) -> Iterator[None]:
        """Let a process do something; it may fail as programs do, and it may die.

        Args:
            who: the process.
            what: what it does.
            steps: where it may die.
            revive: starts it anew.
        """
        steps.begin()
        try:
            yield
        except Crash as crash:
            self.trace.note(who, "died", during=what, at=crash.where)
            steps.end()
            revive()
        except PosError as error:
            self.trace.note(who, "failed", during=what, code=error.code)
            self.refused[error.code] = self.refused.get(error.code, 0) + 1
        except Exception as error:  # noqa: BLE001 - a fault of the program is what is looked for
            place = extract_tb(error.__traceback__)[-1]
            words = f"{who} met {error!r} in {place.name} at {place.filename}:{place.lineno}."
            self.report("program_fault", f"{who} {what}", words)
        finally:
            steps.end()
