"""Whole days with faults: everything holds, a seed repeats, and careless programs are found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest
from click.testing import CliRunner

from pos_app.cli.simulate import command
from pos_app.simulation.bug import Bug
from pos_app.simulation.mischief import Fault
from pos_app.simulation.plan import Plan
from pos_app.simulation.run import Ran, simulate

SEEDS = (1, 2)
BUG_SEEDS = (1, 2, 3, 4)


@cache
def ran(seed: int) -> Ran:
    return simulate(Plan(seed=seed, faults=0.1, pace=1200, keep_all=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_holds_whatever_breaks(seed: int) -> None:
    found = ran(seed)
    assert found.violations == (), "\n".join(found.trace[-80:])
    assert found.sales > 40


def test_every_kind_of_fault_has_struck() -> None:
    struck = {name for seed in SEEDS for name, count in ran(seed).faults.items() if count}
    assert struck == {fault.value for fault in Fault}


def test_goods_come_back_in_every_day() -> None:
    for seed in SEEDS:
        assert sum("paid back" in line for line in ran(seed).trace) > 1


SAME = """
from pos_app.simulation.plan import Plan
from pos_app.simulation.run import simulate
print(simulate(Plan(seed=1, faults=0.1, pace=1200)).trace_hash)
"""


def test_the_same_seed_gives_the_same_day_in_another_process() -> None:
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    again = subprocess.run(
        [sys.executable, "-c", SAME], env=environment, capture_output=True, text=True, check=True
    )
    assert again.stdout.splitlines()[-1] == ran(1).trace_hash


def test_another_seed_gives_another_day() -> None:
    assert len({ran(seed).trace_hash for seed in SEEDS}) == len(SEEDS)


FOUND_AS = {
    Bug.BLIND_RETRY: {"filed_unknown"},
    Bug.EARLY_CLOSE: {"day_undelivered"},
    Bug.NO_LOOK_UP: {"sap_twice"},
    Bug.LATE_OUTBOX: {"sale_in_outbox"},
    Bug.LOST_UPDATE: {"stock_differs", "stock_oversold"},
    Bug.EARLY_ACK: {"acknowledged_lost"},
}


@pytest.mark.parametrize("bug", Bug)
def test_a_careless_program_is_found_within_a_few_seeds(bug: Bug) -> None:
    for seed in BUG_SEEDS:
        found = simulate(Plan(seed=seed, faults=0.15, bug=bug)).violations
        if found:
            assert {row.code for row in found} & FOUND_AS[bug]
            return
    pytest.fail(f"{bug} was not found")


def test_the_command_tells_what_it_ran() -> None:
    result = CliRunner().invoke(command, ["--seed", "7", "--tills", "1", "--faults", "0", "--json"])
    told = json.loads(result.output)
    assert result.exit_code == 0
    assert told["violations"] == []
    assert (told["seed"], told["tills"], told["virtual_days"]) == (7, 1, 1)
    assert set(told["faults"].values()) == {0}
    assert told["sales"] > 30
    assert len(told["trace_hash"]) == 64
    assert told["wall_seconds"] > 0


def test_the_command_refuses_a_rate_that_is_none() -> None:
    assert CliRunner().invoke(command, ["--faults", "1.5"]).exit_code == 2
