"""Reads of the API server beside a server that hands out the same bytes, in three sorts of shop.

Where nothing happens, answers are given again from memory; where something is committed ten times a
second, they are read as often; and a page that is asked for once is always read.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx2

from benchmarks.http_load import Maker, flood
from benchmarks.result import Check, Result
from pos_app.store import setting
from pos_app.store.engine import open_store

CONNECTIONS = 8
ROUNDS = 4
PAUSE = 0.1
GOAL = 2.0
MOST, MOST_BUSY, MOST_ONCE = 2.0, 3.0, 30.0

Serve = Callable[[str, str], AbstractContextManager[int]]
Asking = Callable[[str, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What reads are measured with.

    Attributes:
        database: the file the server works on.
        port: where the server is.
        serve: runs a server of a kind.
        ask: makes the request for a path with a key.
    """

    database: Path
    port: int
    key: str
    seconds: float
    serve: Serve
    ask: Asking

    def of(self, path: str) -> list[Result]:
        """Three figures of one page."""
        asked = self.ask(path, self.key)
        mark = "&" if "?" in path else "?"
        numbers = itertools.count()

        def once() -> bytes:
            return self.ask(f"{path}{mark}n={next(numbers)}", self.key)

        named = f"handing out bytes beside GET {path.partition('?')[0]}"
        return [
            self._beside(path, lambda: asked, what=named, most=MOST, goal=GOAL),
            self._beside(
                path,
                lambda: asked,
                what=f"{named}, a commit every {PAUSE * 1000:.0f} ms",
                most=MOST_BUSY,
                meanwhile=lambda: committing(self.database),
            ),
            self._beside(path, once, what=f"{named}, each asked for once", most=MOST_ONCE),
        ]

    def _beside(
        self,
        path: str,
        make: Maker,
        *,
        what: str,
        most: float,
        goal: float | None = None,
        meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> Result:
        """Ask both in turn, so that other work on the machine meets both, and take the calmest."""
        body = self.database.with_suffix(".bytes")
        url = f"http://127.0.0.1:{self.port}{path}"
        body.write_bytes(httpx2.get(url, headers={"X-API-Key": self.key}, timeout=30).content)
        ours, theirs = [], []
        with self.serve("bytes", str(body)) as bare, meanwhile():
            for _ in range(ROUNDS):
                ours.append(self._rate(self.port, make))
                theirs.append(self._rate(bare, make))
        best, floor = max(ours[1:]), max(theirs[1:])
        return Result(
            name="api",
            what=what,
            value=floor / best,
            unit="x",
            check=Check(at_most=most, goal=goal),
            about={"requests_per_second": round(best), "bytes_per_second": round(floor)},
        )

    def _rate(self, port: int, make: Maker) -> float:
        taken = flood(port, make, seconds=self.seconds, connections=CONNECTIONS)
        return len(taken) / self.seconds


@contextmanager
def committing(path: Path) -> Iterator[None]:
    """Commit something durably every so often, as another process does."""
    done = threading.Event()

    def work() -> None:
        with open_store(path) as store:
            for number in itertools.count():
                if done.wait(PAUSE):
                    return
                with store.write() as connection:
                    setting.write(connection, "bench", str(number))

    at_work = threading.Thread(target=work)
    at_work.start()
    try:
        yield
    finally:
        done.set()
        at_work.join()
