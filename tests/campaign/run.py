"""One run of a campaign: days with faults, then peace, then every proof."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests import proof
from tests.campaign.house import House, make_house


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run: the same plan gives the same run."""

    seed: int
    sales: int = 500
    per_day: int = 250
    rate: float = 0.08
    folder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of it.

    Attributes:
        receipts: on the device; notes are among them.
        struck: what went wrong, how often, and what people had to settle.
        told: calls over the line by how they ended.
        found: what does not hold; empty when nothing was doubled and nothing lost.
    """

    seed: int
    receipts: int
    notes: int
    days: int
    virtual_hours: int
    seconds: float
    struck: dict[str, int]
    told: dict[str, int]
    refused: dict[str, int]
    found: list[str]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON data."""
        return asdict(self)


def run(plan: Plan) -> Ran:
    """Run a plan in a folder of its own, which is gone afterwards."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="pos-campaign-", dir=plan.folder) as name:
        folder = Path(name)
        with open_store(folder / "till.db", synchronous="OFF") as store:
            upgrade(store)
            house = make_house(store, folder / "device", seed=plan.seed, rate=plan.rate)
            start = house.shop.clock.now()
            house.begin()
            left = plan.sales
            while left > 0:
                house.sell_day(min(left, plan.per_day))
                house.begin()
                left -= plan.per_day
            house.drain()
            hours = (house.shop.clock.now() - start).total_seconds() / 3600
            ran = _ran(house, plan, round(hours), time.perf_counter() - began)
            house.box.device.close()
            return ran


def _ran(house: House, plan: Plan, hours: int, seconds: float) -> Ran:
    ledger = house.box.ledger()
    notes = sum(Decimal(row["total"]) < 0 for row in ledger["receipts"])
    return Ran(
        seed=plan.seed,
        receipts=len(ledger["receipts"]),
        notes=notes,
        days=len(ledger["days"]),
        virtual_hours=hours,
        seconds=round(seconds, 1),
        struck=dict(sorted(house.struck.items())),
        told=dict(sorted(house.told.items())),
        refused=dict(sorted(house.refused.items())),
        found=[*_lost(house), *proof.found(house), *proof.unfinished(house)],
    )


def _lost(house: House) -> list[str]:
    """What a customer was told is paid is on the device, once, over that amount."""
    filed = {row["number"]: row for row in house.box.ledger()["receipts"]}
    lost = []
    for receipt, total in house.paid.values():
        row = filed.get(receipt)
        if row is None or Decimal(row["total"]) != total.amount:
            lost.append(f"{receipt}: paid over {total} and {row and row['total']} on the device")
    return lost
