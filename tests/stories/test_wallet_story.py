"""Days at a till whose customers pay by phone: all money that comes is explained, none twice."""

from __future__ import annotations

import os
import random
from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from pos_app.domain.charge import Matter
from pos_app.domain.prompt import Prompt, PromptState
from pos_app.domain.sale import Sale
from pos_app.errors import PosError
from pos_app.services import tender
from pos_app.services.charge import claimed, refund, review
from pos_app.services.charge import view as charges
from pos_app.services.check.invariants import check
from pos_app.services.prompt import ask, view
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.gateway.simulator.simulator import KNOWN
from tests import shops
from tests.gateways import NEVER, PHONE, POOR
from tests.wallet import Counter, opened

CUSTOMERS = int(os.environ.get("POS_WALLET_CUSTOMERS", "24"))
SEEDS = range(1, 1 + int(os.environ.get("POS_WALLET_SEEDS", "1")))
PHONES = (PHONE, PHONE, PHONE, PHONE, PHONE, NEVER, POOR, "0772222222", "0773333333")


@pytest.fixture
def counter(sqlite_store: Store, sqlite_template: Path, tmp_path: Path) -> Iterator[Counter]:
    with opened(sqlite_store, sqlite_template, tmp_path) as made:
        yield made


def paid(counter: Counter) -> dict[str, Decimal]:
    """What customers truly paid and did not get back, by the providers' own books."""
    rows = counter.office.sim.books.ledger()["transactions"]
    return {
        row["key"]: Decimal(row["paid"]) - sum(Decimal(one["amount"]) for one in row["refunds"])
        for row in rows
        if Decimal(row["paid"])
    }


def sold(counter: Counter) -> list[tuple[str, Decimal]]:
    """Every wallet tender of every sale on the server: its reference and amount."""
    query = "SELECT reference, tendered FROM sale_tenders WHERE type = 'ecocash'"
    with counter.office.shop.store.read() as connection:
        return [(row[0], Decimal(row[1]) / 100) for row in connection.execute(text(query))]


def settled(counter: Counter) -> None:
    """Both books add up, and each payment is a tender of one sale or is with a person."""
    found = [*check(counter.till), *check(counter.office.shop, is_server=True)]
    # Days pass without a fiscal device and without SAP: what waits for them is not the question.
    late = {"fiscal_stands_still", "posting_without_incident"}
    assert [row for row in found if row.code not in late] == []
    tenders = sold(counter)
    assert len({reference for reference, _ in tenders}) == len(tenders)
    amounts = dict(tenders)
    waiting = {row.charge_id for row in charges.waiting(counter.office.shop)}
    for key, came in paid(counter).items():
        charge = charges.get(counter.office.shop, key)
        name = charge.external_id if charge.external_id in amounts else key
        if name in amounts:
            assert amounts.pop(name) == came
            assert key not in waiting or charge.booking != claimed.PERSON
        else:
            assert key in waiting or came == 0, f"{key} paid {came} and nobody knows"
    assert amounts == {}, "a sale was paid with money nobody gave"


def test_a_morning_of_one_cashier(counter: Counter) -> None:
    first = counter.sale()
    counter.ask(first)
    counter.wait()
    (offer,) = view.for_sale(counter.till, first.id)
    counter.post(first, view.tender_of(counter.till, offer))

    poor = counter.sale(loaves=3)
    assert counter.ask(poor, phone=POOR, amount="3.00").state is PromptState.UNPAID
    counter.cash(poor)

    slow = counter.sale(loaves=4)  # she is asked, has no time, and pays cash; then she confirms
    late = counter.ask(slow, phone=NEVER, amount="4.00")
    counter.cash(slow)
    counter.wait()
    counter.office.sim.do("ecocash", late.id, "paid")
    counter.wait(120)

    lost = counter.sale(loaves=5)  # the power goes while he types his PIN
    counter.ask(lost, amount="5.00")
    counter.restart()
    counter.wait()
    again = counter.sale(loaves=5)
    (offer,) = view.for_sale(counter.till, again.id)
    counter.post(again, view.tender_of(counter.till, offer))

    mixed = counter.sale(loaves=6)  # half by phone, half in cash
    half = counter.ask(mixed, amount="3.00")
    counter.wait()
    notes = tender.make(counter.till, "cash", half.amount)
    counter.post(mixed, view.tender_of(counter.till, counter.after(half)), notes)

    counter.deliver()
    settled(counter)
    (waiting,) = charges.waiting(counter.office.shop)
    assert (waiting.kind, waiting.charge_id) == (Matter.LATE, late.id)
    server, boss = counter.office.shop, shops.actor("manager")
    assert refund.give_back(server, counter.office.gateways, boss, late.id).state == "done"
    review.close(server, boss, waiting.number, note="she got her 4.00 back")
    settled(counter)
    assert counter.matters() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_days_with_every_fault_at_once(counter: Counter, seed: int) -> None:
    rng = random.Random(seed)
    ended: Tally[str] = Tally()
    for _ in range(CUSTOMERS):
        ended[_serve(counter, rng)] += 1
    counter.office.arm()
    counter.line.fault, counter.line.is_cut = "", False
    for _ in range(8):
        counter.wait(rng.choice((60, 600, 3600)))
        counter.deliver()
    for asked in counter.line.late:
        counter.line.remote.charge_ask(asked)
    for _ in range(14):
        counter.wait(6 * 3600)
    settled(counter)
    assert ended["wallet"] >= CUSTOMERS // 12, "a campaign without money is none"
    assert len(ended) >= 2


def _serve(counter: Counter, rng: random.Random) -> str:
    """One customer, and whatever goes wrong; how the sale was paid in the end."""
    loaves = rng.randint(1, 4)
    made, amount = counter.sale(loaves=loaves), f"{loaves}.00"
    usual = KNOWN - {"wrong_amount", "lost_callback"}
    counter.office.arm(*(Fault(do=do, probability=0.05, times=1) for do in sorted(usual)))
    counter.line.fault = rng.choice(("", "", "", "", "", "reply", "delay", "request"))
    counter.line.is_cut = rng.random() < 0.1
    prompt = counter.intend(made, phone=rng.choice(PHONES), amount=amount)
    if rng.random() < 0.1:
        counter.restart()  # between intent and call
    else:
        ask.send(counter.till, counter.line, prompt.id)
    for _ in range(rng.randint(0, 3)):
        counter.wait(rng.choice((2, 5, 40)))
        counter.line.is_cut = False
    if rng.random() < 0.15:
        counter.restart()
        made = counter.sale(loaves=loaves)
    return _finish(counter, rng, made)


def _finish(counter: Counter, rng: random.Random, made: Sale) -> str:
    offers = [one for one in view.for_sale(counter.till, made.id) if one.is_offered]
    fitting: list[Prompt] = [one for one in offers if one.amount == made.total]
    if fitting and rng.random() < 0.9:
        with suppress(PosError):
            counter.post(made, view.tender_of(counter.till, fitting[0]))
            return "wallet"
    if rng.random() < 0.1:
        return "left"
    counter.cash(made)
    return "cash"
