"""A till that asks a wallet, for a test that kills it: ``python prompt_till.py DB URL KEY STEP``.

It does everything up to STEP, says so, and stands still there until it is killed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from pos_app.clock import SystemClock
from pos_app.ids import SystemIds
from pos_app.services import basket, sale
from pos_app.services.prompt import ask, look, view
from pos_app.services.prompt.ask import Question
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from sync.http import HttpRemote
from tests import shops
from tests.gateways import PHONE

INTENT, SENT, PAID, POSTED = "intent", "sent", "paid", "posted"


class Line(HttpRemote):
    """The line to the server; in the step SENT its answer comes and is never looked at."""

    step = ""

    def charge_ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        told = super().charge_ask(asked)
        stand_still_at(SENT, self.step)
        return told


def stand_still_at(here: str, step: str) -> None:
    if here == step:
        sys.stdout.write(f"{here}\n")
        sys.stdout.flush()
        time.sleep(600)


def main() -> None:
    database, url, key, step = sys.argv[1:]
    shop = Shop(
        store=open_store(database, create=False),
        clock=SystemClock(),
        ids=SystemIds(),
        rules=shops.shop_rules(till="T01"),
    )
    cashier, wallet = shops.actor(), shop.rules.tender_type("ecocash")
    made = basket.add(shop, cashier, basket.start(shop, cashier), "MILK")
    question = Question(sale_id=made.id, kind=wallet, money=made.total, phone=PHONE)
    prompt = ask.intend(shop, cashier, question)
    stand_still_at(INTENT, step)
    with Line(url, key) as line:
        line.step = step
        prompt = ask.send(shop, line, prompt.id)
        while prompt.is_open:
            time.sleep(0.05)
            prompt = look.once(shop, line, prompt.id)
    stand_still_at(PAID, step)
    sale.post(shop, cashier, made, [view.tender_of(shop, prompt)])
    stand_still_at(POSTED, step)


if __name__ == "__main__":
    main()
