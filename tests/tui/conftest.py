"""A till to drive as a person does: keys, scans, and what stands on the screen."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from textual import events

from pos_app.config_file import Glance
from pos_app.domain.shift import parse_counts
from pos_app.services import shift, sign_in
from pos_app.services.shop import Shop
from pos_app.tui.app import TillApp
from pos_app.tui.fiscal_way import FiscalWay
from pos_app.tui.interior import Interior
from tests.tui.grocer import PIN, Quiet, StillClock, fill, reopen

DEADLINE = 10.0
FLOAT = "USD:20=10,USD:1=50,USD:0.25=40,USD:0.01=100,ZIG:10=50,ZIG:1=50"

NAMES = {
    "\r": "enter", "*": "asterisk", "/": "slash", "-": "minus", "+": "plus",
    "!": "exclamation_mark", " ": "space", ".": "full_stop", "@": "at", "[": "left_square_bracket",
    "]": "right_square_bracket", "%": "percent_sign", "\x1d": "ctrl+right_square_bracket",
}  # fmt: skip


class Person:
    """Works at a till."""

    def __init__(self, app: TillApp, quiet: Quiet) -> None:
        self.app, self.quiet, self.shop = app, quiet, quiet.shop
        self._time = events.Idle().time

    async def press(self, *keys: str) -> None:
        """Press keys by name, one after another, as slowly as people do."""
        for key in keys:
            self._send(key, None, 0.2)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type text; a line end is Enter."""
        for char in text:
            self._send(NAMES.get(char, char), char, 0.2)
        await self.settle()

    async def scan(self, *codes: str) -> None:
        """Scan codes, each ended by the scanner with Enter."""
        for code in codes:
            self._time += 0.2
            for char in f"{code}\r":
                self._send(NAMES.get(char, char), char, 0.002)
        await self.settle()

    def _send(self, key: str, character: str | None, gap: float) -> None:
        self._time = max(self._time + gap, events.Idle().time)
        event = events.Key(key, character)
        event.time = self._time
        self.app.post_message(event)

    async def settle(self) -> None:
        """Wait until keys, lanes and screens have nothing to do."""
        quiet = 0
        for _ in range(int(DEADLINE / 0.005)):
            await asyncio.sleep(0.005)
            is_idle = (
                self.app._message_queue.empty()
                and not self.app.assembler.held
                and not (self.app.is_open and self.app.lanes.is_busy)
                and self.app.screen._message_queue.empty()
                and not self.app.screen._dirty_widgets
            )
            quiet = quiet + 1 if is_idle else 0
            if quiet >= 4:
                return
        raise AssertionError("the till never came to rest")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition."""
        for _ in range(int(DEADLINE / 0.005)):
            if condition():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"it never happened; on screen:\n{self.text}")

    async def sees(self, *texts: str) -> None:
        """Wait until all of the texts stand on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))

    @property
    def text(self) -> str:
        """What stands on the screen."""
        with self.app._context():
            strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    @property
    def notice(self) -> str:
        """The sentence the place or dialog in front says."""
        return str(self.app.screen.notice.sentence)

    async def at(self, name: str) -> None:
        """Wait until a screen is in front."""
        await self.until(lambda: type(self.app.screen).__name__ == name)
        await self.settle()

    def enter(self, username: str = "thandi", pin: str = PIN) -> None:
        """Sign in without the screen."""
        with self.app._context():
            self.app.enter(sign_in.with_pin(self.shop, username, pin))


@pytest.fixture(scope="session")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database to copy."""
    path = tmp_path_factory.mktemp("grocer") / "till.db"
    fill(path)
    return path


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def make_till(grocer: Path, tmp_path: Path, clock: StillClock) -> Iterator[Callable[..., Shop]]:
    """Makes the shop of a test, with other rules where wanted."""
    made: list[Shop] = []

    def make(**changes: object) -> Shop:
        path = tmp_path / "till.db"
        shutil.copy(grocer, path)
        made.append(reopen(path, clock, **changes))
        return made[-1]

    yield make
    for shop in made:
        shop.store.close()


def glance_at(shop: Shop, keys: dict[str, str] | None = None) -> Glance:
    """What the settings of a shop tell its screen."""
    seller = shop.rules.seller
    return Glance(shop=seller.name, till=shop.rules.till, place=seller.branch, keys=keys or {})


class OpenTill(TillApp):
    """A till somebody is already signed in at."""

    DEFAULT_MODE = "work"


class House:
    """Runs each till in a task of its own, so that it ends in the context it began in."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, app: TillApp, size: tuple[int, int]) -> None:
        ready = asyncio.Event()

        async def run() -> None:
            async with app.run_test(size=size):
                ready.set()
                await self._stop.wait()

        task = asyncio.create_task(run())
        self._tasks.append(task)
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            task.result()

    async def close(self) -> None:
        self._stop.set()
        for task in self._tasks:
            await task


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.close()


@pytest.fixture
def person(make_till: Callable[..., Shop], house: House) -> Callable[..., asyncio.Future[Person]]:
    """Opens a till and puts somebody in front of it."""

    async def come(
        *, size: tuple[int, int] = (120, 40), keys: dict[str, str] | None = None,
        has_shift: bool = True, is_signed_in: bool = True, quick: dict[str, str] | None = None,
        fiscal_way: FiscalWay | None = None, **changes: object,
    ) -> Person:  # fmt: skip
        shop = make_till(**changes)
        if has_shift:
            cashier = sign_in.with_pin(shop, "thandi", PIN)
            shift.open_shift(shop, cashier, parse_counts(FLOAT))
        quiet = Quiet(shop)
        kind = OpenTill if is_signed_in else TillApp
        interior = Interior(shop, quiet, quick or {}, fiscal_way)
        app = kind(glance_at(shop, keys), lambda: interior)
        app.furnish(interior)
        if is_signed_in:
            app.desk.actor = sign_in.with_pin(shop, "thandi", PIN)
        await house.open(app, size)
        somebody = Person(app, quiet)
        await somebody.settle()
        return somebody

    return come  # type: ignore[return-value]
