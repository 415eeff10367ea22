"""Finding goods among many: by barcode, and by text as people type it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import shop as shops
from benchmarks.measure import Stopwatch, calmest
from benchmarks.result import Check, Result
from benchmarks.run import Run
from pos_app.sample import goods
from pos_app.services import item, partner
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store.engine import open_store

NAME = "lookup"
BARCODE_MS, TEXT_MS = 1.0, 15.0
ROUNDS = 10
PAUSE = 0.002
"""Between two look-ups: goods come one by one, and whoever rested is let in at once."""

TEXTS = (
    "m", "mil", "milk", "sunrise", "sunrise mil", "loo", "1 l", "rice long 5", "0123",
    "full cream milk 2", "000123", "baobab bread", "sp", "kg", "no 2", "prd04", "a b c", "zzzz",
    "tomato", "p",
)  # fmt: skip
"""One letter, beginnings, several words, sizes, ends of codes, and what nobody sells."""


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    rounds = 2 if bench.is_quick else ROUNDS
    with open_store(bench.large()) as store:
        shop = shops.at_work(store)
        walk_in = partner.walk_in(shop)
        by_scan = partial(item.by_scan, shop, partner=walk_in, currency="USD")
        search = partial(item.search, shop, partner=walk_in, currency="USD")
        size = f"{bench.many:,} items"
        return [
            _judged(f"barcode with price and stock, {size}, p99", BARCODE_MS, rounds,
                    lambda: _scanned(bench.many, by_scan)),
            _judged(f"barcode from the store alone, {size}, p99", BARCODE_MS, rounds,
                    lambda: _scanned(bench.many, partial(_stored_code, shop))),
            _judged(f"text with prices and stock, {size}, p99", TEXT_MS, rounds,
                    lambda: _typed(search)),
            _judged(f"text from the store alone, {size}, p99", TEXT_MS, rounds,
                    lambda: _typed(partial(_stored_text, shop))),
        ]  # fmt: skip


def _judged(
    what: str, most: float, rounds: int, deeds: Callable[[], Iterator[Callable[[], object]]]
) -> Result:
    watch = Stopwatch()
    for _ in range(rounds + 1):
        for deed in deeds():
            time.sleep(PAUSE)
            watch.call(deed)
    taken = watch.taken[len(watch.taken) // (rounds + 1) :]
    return Result(
        name=NAME,
        what=what,
        value=calmest(taken, rounds) * 1e3,
        unit="ms",
        check=Check(at_most=most),
        about={
            "look_ups": len(taken),
            "median_ms": round(Stopwatch(taken).median * 1e3, 3),
            "p99_of_all_ms": round(Stopwatch(taken).p99 * 1e3, 3),
        },
    )


def _scanned(many: int, look_up: Callable[[str], object]) -> Iterator[Callable[[], object]]:
    rng = random.Random(shops.SEED)
    for number in rng.sample(range(1, many + 1), 300):
        yield partial(look_up, goods.barcode_of(number))


def _typed(look_up: Callable[[str], object]) -> Iterator[Callable[[], object]]:
    for _ in range(10):
        for text in TEXTS:
            yield partial(look_up, text)


def _stored_code(shop: Shop, code: str) -> object:
    with shop.store.read() as connection:
        return items.find_by_barcode(connection, code)


def _stored_text(shop: Shop, text: str) -> object:
    with shop.store.read() as connection:
        return items.search(connection, text, limit=50, warehouse=shop.rules.warehouse)
