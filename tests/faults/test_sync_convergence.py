"""Two tills, a server and a bad network: everything arrives once, and all stock agrees."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from pos_app.domain.price import ListPrice
from pos_app.errors import InsufficientStock, RuleBroken
from pos_app.ids import SeededIds
from pos_app.services import feed as feeds
from pos_app.services import sync
from pos_app.services.shop import Rules, Shop
from pos_app.store import feed, price, stock
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from pos_app.store.stock import Move
from tests import pair, shops
from tests.pair import Network

FAULTS = ("none", "lose_request", "lose_reply", "twice", "delay")
GOODS = ("MILK", "BREAD", "YOGHURT")
WAREHOUSE = "SHOP1"


@pytest.fixture(scope="module")
def folder(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled server and a till that has fetched once, as files to copy."""
    made = tmp_path_factory.mktemp("convergence")
    for name in ("server", "till"):
        shutil.copy(sqlite_template, made / f"{name}.db")
    with open_store(made / "server.db") as above, open_store(made / "till.db") as below:
        server = pair.open_server(above)
        till = pair.open_bare_till(below)
        pair.work(till, pair.remote(server))
    return made


class Convergence(RuleBasedStateMachine):
    """What can happen to two tills and their server in a few hours."""

    template: Path
    shop_rules: Rules

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="pos-converge-"))
        self.clock = shops.FixedClock()
        self.stores: dict[str, Store] = {}
        self.tills: dict[str, Shop] = {}
        self.lines: dict[str, Network] = {}
        self.sold: dict[str, Counter[str]] = {}
        self.backup: tuple[Path, Counter[str]] | None = None
        self.received: Counter[str] = Counter()
        self.opened = 0

    @initialize()
    def open(self) -> None:
        shutil.copy(self.template / "server.db", self.folder / "server.db")
        self.server = self._shop("server", role="server", till="S01", has_sap=True)
        for code in ("T01", "T02"):
            shutil.copy(self.template / "till.db", self.folder / f"{code}.db")
            self.tills[code] = self._shop(code, till=code)
            self.lines[code] = self._line(code)
            self.sold[code] = Counter()
            shops.open_till(self.tills[code])
        self.back_up_server()

    def _shop(self, name: str, **rules: Any) -> Shop:
        self.stores[name] = open_store(self.folder / f"{name}.db", synchronous="OFF")
        self.opened += 1
        ids = SeededIds(Random(f"{name}{self.opened}"), self.clock.now)
        known = replace(self.shop_rules, **rules)
        return Shop(store=self.stores[name], clock=self.clock, ids=ids, rules=known)

    def _line(self, code: str) -> Network:
        return Network(pair.remote(self.server, f"key-{code}"))

    @rule(
        code=st.sampled_from(["T01", "T02"]),
        item=st.sampled_from(GOODS),
        quantity=st.integers(1, 9),
    )
    def sell(self, code: str, item: str, quantity: int) -> None:
        self.clock.sleep(20)
        try:
            pair.sell(self.tills[code], item, quantity=str(quantity))
        except (InsufficientStock, RuleBroken):
            return
        self.sold[code][item] += quantity

    @rule(
        code=st.sampled_from(["T01", "T02"]),
        faults=st.lists(st.sampled_from(FAULTS), max_size=4),
        is_forced=st.booleans(),
    )
    def synchronise(self, code: str, faults: list[str], is_forced: bool) -> None:
        self.lines[code].faults = list(faults)
        sync.work(self.tills[code], self.lines[code], is_forced=is_forced)
        self.lines[code].faults = []

    @rule(code=st.sampled_from(["T01", "T02"]))
    def arrive_late(self, code: str) -> None:
        self.lines[code].arrive_late()

    @rule(seconds=st.integers(1, 3600))
    def wait(self, seconds: int) -> None:
        self.clock.sleep(seconds)

    @rule(item=st.sampled_from(GOODS), quantity=st.integers(1, 20))
    def receive_goods(self, item: str, quantity: int) -> None:
        batch = "Y-LATE" if item == "YOGHURT" else ""
        with self.server.store.write() as connection:
            move = Move(
                document_kind="receipt",
                document_id=self.server.ids.new(),
                line=1,
                item=item,
                warehouse=WAREHOUSE,
                quantity=Decimal(quantity),
                batch=batch,
            )
            stock.take(connection, [move], self.clock.now())
            feed.changed(connection, "stock", f"{item}|{WAREHOUSE}")
        self.received[item] += quantity

    @rule(cents=st.integers(100, 400))
    def change_price(self, cents: int) -> None:
        with self.server.store.write() as connection:
            price.put(connection, [ListPrice("MILK", "1", Decimal(cents) / 100)])
            feed.changed(connection, "price", "MILK")

    @rule(code=st.sampled_from(["T01", "T02"]))
    def restart_till(self, code: str) -> None:
        self.stores[code].close()
        self.tills[code] = self._shop(code, till=code)

    @rule()
    def back_up_server(self) -> None:
        copied = self.folder / "backup.db"
        copied.unlink(missing_ok=True)
        with self.server.store.read() as connection:
            connection.exec_driver_sql("SELECT 1")
        self.stores["server"].close()
        shutil.copy(self.folder / "server.db", copied)
        self.backup = (copied, self.received.copy())
        self._open_server()

    @rule()
    def restore_server(self) -> None:
        assert self.backup is not None
        self.stores["server"].close()
        for path in self.folder.glob("server.db*"):
            path.unlink()
        shutil.copy(self.backup[0], self.folder / "server.db")
        self.received = self.backup[1].copy()
        self._open_server()
        feeds.begin_anew(self.server)

    def _open_server(self) -> None:
        self.server = self._shop("server", role="server", till="S01", has_sap=True)
        for code, line in self.lines.items():
            line.server = pair.remote(self.server, f"key-{code}")

    @invariant()
    def stock_is_base_plus_moves(self) -> None:
        for shop in (*self.tills.values(), getattr(self, "server", None)):
            if shop is not None:
                assert explained(shop) == on_hand(shop)

    def teardown(self) -> None:
        if not self.tills:
            return
        self.heal()
        self.check()
        for store in self.stores.values():
            store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def heal(self) -> None:
        for line in self.lines.values():
            line.arrive_late()
        for _ in range(3):
            self.clock.sleep(3600)
            for code in ("T01", "T02", "T01"):
                sync.work(self.tills[code], self.lines[code], is_forced=True)

    def check(self) -> None:
        ids: list[str] = []
        for till in self.tills.values():
            states = {row["state"] for row in pair.envelopes(till)}
            assert states <= {"delivered"}
            with till.store.read() as connection:
                ids += connection.execute(select(sales.sales.c.id)).scalars()
        with self.server.store.read() as connection:
            arrived = connection.execute(select(sales.sales.c.id)).scalars().all()
            total = connection.execute(select(func.sum(sales.sales.c.total))).scalar() or 0
        assert sorted(arrived) == sorted(ids)
        assert total >= 0
        expected = {"MILK": 100, "BREAD": 100, "YOGHURT": 35}
        for item in GOODS:
            left = (
                expected[item]
                + self.received[item]
                - sum(counted[item] for counted in self.sold.values())
            )
            for shop in (self.server, *self.tills.values()):
                assert pair.on_hand(shop, item) == left
        for till in self.tills.values():
            assert pair.lots(till, "YOGHURT") == pair.lots(self.server, "YOGHURT")
            with till.store.read() as connection, self.server.store.read() as above:
                assert price.for_item(connection, "MILK") == price.for_item(above, "MILK")


def explained(shop: Shop) -> dict[tuple[str, ...], Decimal]:
    """What every place and batch should hold: its base and the moves the base does not contain."""
    found: dict[tuple[str, ...], Decimal] = {}
    with shop.store.read() as connection:
        moves = connection.execute(select(stock.stock_moves)).mappings().all()
        rows = [
            *connection.execute(select(stock.stock)).mappings(),
            *connection.execute(select(stock.batches)).mappings(),
        ]
    for row in rows:
        key = tuple(row[name] for name in ("item", "warehouse", "batch") if name in row)
        own = sum(
            (
                move["quantity"]
                for move in moves
                if key == tuple(move[name] for name in ("item", "warehouse", "batch"))[: len(key)]
                and (move["upstream_seq"] is None or move["upstream_seq"] > row["base_seq"])
            ),
            Decimal(0),
        )
        found[key] = row["base"] + own
    return found


def on_hand(shop: Shop) -> dict[tuple[str, ...], Decimal]:
    with shop.store.read() as connection:
        places = connection.execute(select(stock.stock)).mappings().all()
        lots = connection.execute(select(stock.batches)).mappings().all()
    return {
        tuple(row[name] for name in ("item", "warehouse", "batch") if name in row): row["on_hand"]
        for row in (*places, *lots)
    }


def test_everything_arrives_once_and_all_stock_agrees(folder: Path) -> None:
    Convergence.template, Convergence.shop_rules = folder, shops.shop_rules()
    run_state_machine_as_test(
        Convergence,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
