"""How long the original takes: most reads at once, some stalled, logins and postings in seconds.

Observed on a production system: a lean read answers in about 60 ms, one call in 13 stalls for
3.1 s, a login takes 3 to 8 s, posting a document a second to minutes (SAP Service Layer user
guide, production lesson L54).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sync.sap.simulator.message import Request

SECONDS_MAX = 86_400


class LatencyInvalid(ValueError):
    """A latency that cannot be obeyed; the sentence names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds a request takes, before any fault; zeros answer at once.

    Attributes:
        read: middle of a read; each takes between half and twice of it.
        login: least and most of a login.
        write: least and most of a request that changes something.
        stall: how much longer a stalled call takes,
        stall_chance: and how likely that is, from 0 to 1.
        long_write: how long a slow posting takes,
        long_chance: and how likely that is.
    """

    read: float = 0
    login: tuple[float, float] = (0, 0)
    write: tuple[float, float] = (0, 0)
    stall: float = 0
    stall_chance: float = 0
    long_write: float = 0
    long_chance: float = 0

    def seconds(self, request: Request, rng: random.Random) -> float:
        """How long this request takes."""
        if request.call == "POST Login":
            return rng.uniform(*self.login)
        taken = self.stall if rng.random() < self.stall_chance else 0.0
        if request.method == "GET":
            return taken + self.read * 2 ** rng.uniform(-1, 1)
        if rng.random() < self.long_chance:
            return taken + self.long_write
        return taken + rng.uniform(*self.write)


NONE = Latency()
PROFILES: Mapping[str, Latency] = {
    "none": NONE,
    "observed": Latency(
        read=0.06,
        login=(3, 8),
        write=(1, 4),
        stall=3.1,
        stall_chance=1 / 13,
        long_write=120,
        long_chance=0.01,
    ),
}


def read_latency(data: Any) -> Latency:
    """A profile by its name, or one with some of its figures replaced; raises LatencyInvalid.

    Args:
        data: ``{"profile": "observed"}``, beside which figures of `Latency` may stand.
    """
    if not isinstance(data, dict):
        raise LatencyInvalid("A latency is a JSON object.")
    name = data.get("profile", "none")
    known = {known.name for known in fields(Latency)}
    unknown = data.keys() - known - {"profile"}
    if name not in PROFILES or unknown:
        what = f"figure {sorted(unknown)[0]}" if unknown else f"profile {name}"
        raise LatencyInvalid(f"There is no latency {what}.")
    base = {key: getattr(PROFILES[name], key) for key in known}
    try:
        return Latency(**(base | {key: _figure(data[key]) for key in known & data.keys()}))
    except (TypeError, ValueError) as error:
        raise LatencyInvalid(f"A latency figure cannot be read: {error}.") from error


def _figure(value: Any) -> Any:
    if isinstance(value, list):
        low, high = value
        return _seconds(low), _seconds(high)
    return _seconds(value)


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds <= SECONDS_MAX:
        raise ValueError(f"{value} is not between 0 and {SECONDS_MAX}")
    return seconds
