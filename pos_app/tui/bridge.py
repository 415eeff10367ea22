"""The two lanes between the screens and the services.

Look-ups may be dropped: whoever asked can leave, the thread ends by itself and its answer is
forgotten. Commands may not: they belong to the application, run one after another on one thread,
are refused while the same one is running, are awaited at exit, and tell the application how they
ended when the screen that asked is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pos_app.errors import Conflict, PosError

T = TypeVar("T")

LOG = logging.getLogger(__name__)
LOG.addHandler(logging.NullHandler())  # without one, warnings would be printed over the screen

QUERY_THREADS = 2


class InFlight(Conflict):
    """The same command is still running; a second key press changes nothing."""

    code = "in_flight"

    def __init__(self, name: str) -> None:
        super().__init__("This is being done already: wait for its answer.", command=name)


@dataclass(frozen=True, slots=True)
class Orphan:
    """How a command ended that nobody waited for any more."""

    name: str
    result: object = None
    error: BaseException | None = None

    @property
    def sentence(self) -> str:
        """What to tell the person, empty when it simply worked."""
        return "" if self.error is None else told(self.error)


class Lanes:
    """The threads of the application; made before it runs, closed when it ends."""

    def __init__(self, on_orphan: Callable[[Orphan], None]) -> None:
        self._on_orphan = on_orphan
        self._queries = ThreadPoolExecutor(QUERY_THREADS, thread_name_prefix="till-query")
        self._commands = ThreadPoolExecutor(1, thread_name_prefix="till-command")
        self._running: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a command is waiting or running."""
        return bool(self._running)

    async def ask(self, call: Callable[[], T]) -> T:
        """Look something up; cancelling the caller drops the answer.

        Raises:
            PosError: whatever the look-up refuses with.
        """
        return await asyncio.get_running_loop().run_in_executor(self._queries, call)

    async def perform(self, name: str, call: Callable[[], T]) -> T:
        """Run a command to its end, whatever becomes of the caller.

        Args:
            name: identity of the intent, such as ``post <sale id>``.
            call: the use case; it runs on the command thread.

        Raises:
            InFlight: a command of this name has not ended yet.
            PosError: whatever the command refuses with.
        """
        if name in self._running:
            raise InFlight(name)
        self._running.add(name)
        future = asyncio.get_running_loop().run_in_executor(self._commands, call)
        future.add_done_callback(partial(self._ended, name))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            future.add_done_callback(partial(self._orphaned, name))
            raise

    async def close(self) -> None:
        """Wait for the commands that run; look-ups are left to end by themselves."""
        self._queries.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._commands.shutdown, wait=True)

    def _ended(self, name: str, future: asyncio.Future[T]) -> None:
        del future
        self._running.discard(name)

    def _orphaned(self, name: str, future: asyncio.Future[T]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            LOG.error("command %s failed after its screen was gone", name, exc_info=error)
        self._on_orphan(Orphan(name, None if error else future.result(), error))


def told(error: BaseException) -> str:
    """Return the one sentence to show for an error; the rest of it is in the log."""
    if isinstance(error, PosError):
        return error.sentence
    return (
        f"The till met a fault of its own ({type(error).__name__}), nothing was lost: "
        "try again, and report it from the log if it comes back."
    )
