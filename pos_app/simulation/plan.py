"""What to run."""

from __future__ import annotations

from dataclasses import dataclass

from pos_app.simulation.bug import Bug


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run.

    Attributes:
        faults: chance of a fault at each of its occasions, 0 to 1.
        pace: seconds between two customers at a till, on average.
        moving_rates: another exchange rate each day. A till that is cut off overnight then sells
            at yesterday's, and where dollars pay a document in ZIG, SAP asks for more of them:
            such payments wait for a person, which the proofs call dark lamps.
        bug: put in to see that it is found; for tests alone.
        keep_all: keep the whole trace, not only its end.
    """

    seed: int = 1
    tills: int = 2
    days: int = 1
    faults: float = 0.05
    pace: float = 600
    moving_rates: bool = False
    bug: Bug | None = None
    keep_all: bool = False
