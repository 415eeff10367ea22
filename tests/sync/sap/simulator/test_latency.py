from __future__ import annotations

import random
from statistics import median
from typing import Any

import pytest

from sync.sap.simulator.latency import PROFILES, LatencyInvalid, read_latency
from sync.sap.simulator.message import Request


def request(method: str, resource: str) -> Request:
    return Request(method=method, path=f"/b1s/v1/{resource}")


def test_the_observed_profile_is_mostly_quick_and_sometimes_stalls() -> None:
    rng = random.Random(1)
    profile = PROFILES["observed"]
    reads = [profile.seconds(request("GET", "Items"), rng) for _ in range(5000)]
    assert 0.05 < median(reads) < 0.08
    assert 0.06 < sum(taken > 3 for taken in reads) / len(reads) < 0.095
    logins = [profile.seconds(request("POST", "Login"), rng) for _ in range(100)]
    assert 3 <= min(logins) <= max(logins) <= 8
    writes = [profile.seconds(request("POST", "Invoices"), rng) for _ in range(1000)]
    assert min(writes) >= 1
    assert any(taken >= 120 for taken in writes)


def test_a_profile_takes_single_figures_of_its_own() -> None:
    told = read_latency({"profile": "observed", "stall_chance": 0, "login": [1, 2]})
    assert (told.stall_chance, told.login, told.read) == (0, (1, 2), 0.06)
    assert read_latency({}) == PROFILES["none"]


@pytest.mark.parametrize(
    "data", [[], {"profile": "fast"}, {"speed": 1}, {"read": "slow"}, {"login": [1]}]
)
def test_a_latency_nobody_can_obey_is_refused(data: Any) -> None:
    with pytest.raises(LatencyInvalid):
        read_latency(data)


def test_requests_take_their_time_on_the_virtual_clock(local: Any) -> None:
    local.gate.latency = read_latency({"login": [3, 3], "read": 0.0625})
    before = local.clock.now()
    local.sl.count("Items")
    taken = (local.clock.now() - before).total_seconds()
    assert 3.03125 <= taken <= 3.125
