"""The papers of a parked sale: the customer's slip, and one for whoever packs it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from pos_app.services import basket, hold, hold_paper
from pos_app.services.hold import Held
from pos_app.services.shop import KindRules, OfficeRules
from pos_app.store import print_job
from pos_app.store.engine import Store
from tests import shops
from tests.counter import Counter, counter


@pytest.fixture
def till(store: Store) -> Counter:
    return counter(store, office=OfficeRules(folder=Path("office")))


def parked(till: Counter, *ways: str) -> Held:
    rules = till.shop.rules
    kinds = {**rules.paper.kinds, "order_slip": KindRules(goes_to=frozenset(ways))}
    paper = replace(rules.paper, kinds=kinds)
    till.shop = replace(till.shop, rules=replace(rules, paper=paper))
    till.restart()
    actor = shops.actor()
    sale = basket.start(till.shop, actor)
    sale = basket.add(till.shop, actor, sale, "MILK", quantity=Decimal(3))
    held = hold.hold(till.shop, actor, sale, note="Blue bag")
    hold_paper.print_slip(till.shop, actor, held)
    till.print()
    return held


def test_by_default_only_the_customers_slip_comes(store: Store) -> None:
    till = counter(store)
    actor = shops.actor()
    sale = basket.add(till.shop, actor, basket.start(till.shop, actor), "MILK", quantity=Decimal(1))
    hold_paper.print_slip(till.shop, actor, hold.hold(till.shop, actor, sale, note=""))
    till.print()
    (slip,) = till.papers()
    assert "PARKED SALE" in slip


def test_who_packs_gets_a_slip_without_prices(till: Counter) -> None:
    held = parked(till, "printer")
    order, slip = till.papers()
    assert "ORDER SLIP" in order
    assert "3 each" in order
    assert "Blue bag" in order
    assert "5.97" not in order
    assert hold_paper.code_of(held.id) in order
    assert "PARKED SALE" in slip


def test_in_the_office_it_is_a_page(till: Counter) -> None:
    parked(till, "office")
    assert len(till.papers()) == 1
    with till.shop.store.read() as connection:
        (job,) = print_job.in_state(connection, "queued", is_office=True)
    (page,) = PdfReader(BytesIO(job["bytes"])).pages
    assert "ORDER SLIP" in page.extract_text()
