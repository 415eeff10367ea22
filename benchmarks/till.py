"""A real till screen over a file that `benchmarks.shop` made: a child process of a measurement.

``python -m benchmarks.till FILE LINES``: with lines somebody is signed in and a basket of so many
lines lies on the desk; with 0 the screen to sign in comes up.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import shop as shops
from pos_app.config_file import Glance
from pos_app.services import status
from pos_app.services.shop import Shop
from pos_app.services.status import Status
from pos_app.store.engine import open_store
from pos_app.tui.app import Interior, TillApp


class Idle:
    """A background without devices: it only knows the queues as they were at the start."""

    def __init__(self, shop: Shop) -> None:
        self._status = status.status(shop)

    def start(self) -> None:
        """There is nothing to begin."""

    def stop(self) -> None:
        """There is nothing to end."""

    def wake(self) -> None:
        """There is nothing to do."""

    def snapshot(self) -> Status:
        """The queues at the start."""
        return self._status

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Nothing ever changes."""
        del changed
        return lambda: None


class BenchTill(TillApp):
    """The till over a shop that is open already, with a cashier who is signed in."""

    def __init__(self, shop: Shop) -> None:
        seller, interior = shop.rules.seller, Interior(shop, Idle(shop), {})
        glance = Glance(shop=seller.name, till=shop.rules.till, place=seller.branch)
        super().__init__(glance, lambda: interior)
        self.furnish(interior)

    def on_ready(self) -> None:
        """Go to work when a basket is waiting."""
        if self.desk.sale is not None:
            self.enter(shops.actor())


def main(path: Path, lines: int, items: int) -> None:
    """Run the screen until the terminal goes away."""
    with open_store(path) as store:
        shop = shops.at_work(store)
        till = BenchTill(shop)
        if lines:
            rng = random.Random(shops.SEED)
            till.desk.sale = shops.fill_basket(shop, lines=lines, items=items, rng=rng)
        till.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
