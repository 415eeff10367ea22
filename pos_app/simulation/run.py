"""One simulated run: days with faults, then peace until everything has drained, then the proofs."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pos_app.services.check.violation import Violation
from pos_app.simulation import proof
from pos_app.simulation.bug import Planted
from pos_app.simulation.clock import WorldClock
from pos_app.simulation.house import House
from pos_app.simulation.mischief import Mischief
from pos_app.simulation.plan import Plan
from pos_app.simulation.schedule import Schedule
from pos_app.simulation.trace import Trace
from pos_app.simulation.world import World

START = datetime(2026, 11, 2, 3, 30, tzinfo=UTC)
PROVED_EVERY = timedelta(hours=6)
DRAINS_WITHIN = timedelta(hours=24)
LOOKED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of it.

    Attributes:
        sales: receipts of all tills.
        faults: how often each kind has struck.
        refused: how often a rule or a device said no, by code.
        trace_hash: SHA-256 over everything that happened.
        drained_minutes: virtual time of peace until nothing waited any more.
        trace: the end of it, or all.
    """

    seed: int
    tills: int
    days: int
    sales: int
    events: int
    faults: dict[str, int]
    refused: dict[str, int]
    violations: tuple[Violation, ...]
    drained_minutes: int
    trace_hash: str
    trace: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """The answer of `pos simulate --json`, without the wall time."""
        told = asdict(self)
        del told["trace"]
        told["virtual_days"] = told.pop("days")
        told["violations"] = [
            {"code": row.code, "subject": row.subject, "message": row.sentence}
            for row in self.violations
        ]
        return told


def simulate(plan: Plan) -> Ran:
    """Run a plan in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pos-simulation-") as folder:
        world = _world(plan, Path(folder))
        house = House(world, plan, planted=Planted(plan.bug))
        try:
            drained = _run(house, plan)
            return _ran(house, plan, drained)
        finally:
            house.close()


def _world(plan: Plan, folder: Path) -> World:
    clock = WorldClock(START)
    chance = random.Random(f"{plan.seed}/mischief")  # noqa: S311 - a game, not a secret
    return World(
        seed=plan.seed,
        folder=folder,
        clock=clock,
        schedule=Schedule(clock),
        trace=Trace(clock.now, keep_all=plan.keep_all),
        mischief=Mischief(chance, plan.faults),
    )


def _run(house: House, plan: Plan) -> timedelta:
    """Days with faults and a day without; ends early when something is found."""
    world, found = house.world, house.world.found
    house.start()
    world.mischief.begin()
    end = START + timedelta(days=plan.days)
    while world.clock.now() < end and not found:
        until = min(world.clock.now() + PROVED_EVERY, end)
        world.schedule.run_until(until, stop=world.has_found)
        found.extend(proof.books(house))
    house.heal()
    began = world.clock.now()
    while not found and not proof.is_drained(house) and world.clock.now() < began + DRAINS_WITHIN:
        world.schedule.run_until(world.clock.now() + LOOKED_EVERY, stop=world.has_found)
        house.sap.deliver()
    drained = world.clock.now() - began
    if not found:
        house.meet()
        found.extend(proof.everything(house))
    return drained


def _ran(house: House, plan: Plan, drained: timedelta) -> Ran:
    world = house.world
    return Ran(
        seed=plan.seed,
        tills=plan.tills,
        days=plan.days,
        sales=proof.sale_count(house),
        events=world.schedule.done,
        faults=world.mischief.counts,
        refused=dict(sorted(world.refused.items())),
        violations=tuple(world.found),
        drained_minutes=round(drained.total_seconds() / 60),
        trace_hash=world.trace.digest,
        trace=tuple(world.trace.lines),
    )
