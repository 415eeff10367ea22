"""Many customers and every fault at once: each payment settled once, money conserved."""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.charge import PAID, UNPAID, ChargeState, Matter
from pos_app.domain.money import Money
from pos_app.errors import PosError
from pos_app.services.charge import refund, view
from pos_app.store import payment as payments
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.gateway.simulator.simulator import KNOWN
from tests.gateways import Till
from tests.shops import actor, open_shop

PAYMENTS = int(os.environ.get("POS_CHARGES", "60"))
SEEDS = range(1, 1 + int(os.environ.get("POS_CHARGE_SEEDS", "1")))
UNSETTLED = {Matter.MISMATCH, Matter.UNKNOWN}
"""What only a person can settle: money of another amount, and no way to ask."""

PHONES = ("0771234567", "0771111111", "0772222222", "0773333333", "0775555555")


@pytest.mark.parametrize("seed", SEEDS)
def test_each_payment_is_settled_once_and_no_cent_is_lost(sqlite_store: Store, seed: int) -> None:
    rng = random.Random(seed)
    till = Till.of(open_shop(sqlite_store, role="server"))
    asked = [one for one in (_ask(till, rng) for _ in range(PAYMENTS)) if one]
    till.arm()
    for _ in range(20):
        till.pass_time(rng.choice((60, 600, 3600)))
    for _ in range(14):
        till.pass_time(6 * 3600)

    charges = {one.id: one for one in _all(till)}
    truth = {row["key"]: row for row in till.sim.books.ledger()["transactions"]}
    waiting: dict[str, set[Matter]] = defaultdict(set)
    for row in view.waiting(till.shop):
        waiting[row.charge_id or ""].add(row.kind)
    assert set(asked) <= set(charges)
    for key, row in truth.items():
        found = charges[key]
        came = row["status"] in {"paid", "refunded"}
        assert came == (found.state in PAID) or UNSETTLED & waiting[key], (row, found)
        if came and found.state in PAID:
            assert (found.received or found.amount).amount == Decimal(row["paid"])
    for key, found in charges.items():
        ended = found.state in PAID | UNPAID
        assert ended or UNSETTLED & waiting[key], f"{found.number} is neither settled nor shown"
    assert _booked(till) == _sum(one for one in charges.values() if one.state in PAID)
    refunds = [one for row in truth.values() for one in row["refunds"]]
    given = sum((Decimal(one["amount"]) for one in refunds), Decimal())
    sent = (one for one in charges.values() if one.provider == "ecocash")
    assert given == sum(one.refunded.amount for one in sent)
    states = Counter(one.state for one in charges.values())
    assert states[ChargeState.SUCCESS] > PAYMENTS // 3, "the campaign is no campaign without money"
    assert len(states) >= 4


def _ask(till: Till, rng: random.Random) -> str | None:
    """One customer, under faults of all kinds, and now and then a refund."""
    faults = [Fault(do=do, probability=0.25, times=2) for do in sorted(KNOWN)]
    rng.shuffle(faults)
    till.arm(*faults)
    provider, amount = rng.choice(("paynow", "innbucks", "ecocash")), rng.randint(1, 99_999)
    try:
        made = till.ask(provider, amount=str(Decimal(amount) / 100), phone=rng.choice(PHONES))
    except PosError:
        made = None
    till.pass_time(rng.choice((1, 4, 30, 120)), callbacks=rng.random() < 0.8)
    if made is not None and rng.random() < 0.2:
        _give_back(till, made.id, rng)
    return made.id if made is not None else None


def _give_back(till: Till, charge_id: str, rng: random.Random) -> None:
    part = None if rng.random() < 0.5 else Money(rng.randint(1, 5000), "USD")
    try:
        refund.give_back(till.shop, till.gateways, actor("manager"), charge_id, amount=part)
    except PosError:
        return


def _all(till: Till) -> tuple[view.Charge, ...]:
    return view.page(till.shop, offset=0, limit=10 * PAYMENTS).charges


def _booked(till: Till) -> Decimal:
    with till.shop.store.read() as connection:
        _, rows = payments.page(
            connection, partner=None, since=None, until=None, offset=0, limit=10 * PAYMENTS
        )
    assert len({row["id"] for row in rows}) == len(rows)
    return sum((Money(row["transfer"], "USD").amount for row in rows), Decimal())


def _sum(charges: Any) -> Decimal:
    return sum(((one.received or one.amount).amount for one in charges), Decimal())
