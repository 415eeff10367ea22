"""Stories a screen tells in several steps: ask, do, answer; refusals end them with one sentence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, cast

from textual.screen import Screen
from textual.worker import Worker

from pos_app.errors import PosError
from pos_app.tui.bridge import LOG, InFlight
from pos_app.tui.scanner import ScanningApp

Story = Callable[[], Awaitable[None]]
Task = Callable[[], Coroutine[None, None, None]]


class Flows:
    """The stories of one screen; one of a name at a time."""

    def __init__(self, screen: Screen[Any], refuse: Callable[[BaseException], None]) -> None:
        self._screen = screen
        self._refuse = refuse
        self._running: set[str] = set()
        self._opening: set[str] = set()

    def is_running(self, name: str) -> bool:
        """Whether a story of this name has not ended."""
        return name in self._running

    @property
    def is_busy(self) -> bool:
        """Whether a story that does not wait for a person has not ended."""
        return bool(self._running - self._opening)

    @property
    def is_opening(self) -> bool:
        """Whether a story is on its way to another screen, or coming back from it."""
        return bool(self._opening)

    def run(self, name: str, story: Story) -> bool:
        """Begin a story; False if one of this name has not ended: a second key press is nothing."""
        if name in self._running:
            self._screen.app.bell()
            return False
        self._running.add(name)
        self._start(name, story)
        return True

    def open(self, name: str, story: Story) -> None:
        """Begin a story that brings another screen, or what this one shows first; keys wait."""
        app = cast("ScanningApp", self._screen.app)
        if name in self._running:
            app.bell()
            return
        app.hold_keys()
        self._running.add(name)
        self._opening.add(name)
        self._start(name, story)

    def also(self, story: Story) -> None:
        """Begin a story of which any number may run, such as one per scan."""
        self._start("", story)

    def look_up(self, name: str, story: Story) -> None:
        """Begin a story that makes the last one of its name pointless, such as a search."""
        self._work("", story, group=name, is_exclusive=True)

    async def finish(self, story: Story) -> None:
        """Tell a story to its end while the caller waits; a refusal is shown as ever."""
        await self._guarded("", story)

    def _start(self, name: str, story: Story) -> None:
        self._work(name, story, group="flows", is_exclusive=False)

    def _work(self, name: str, story: Story, *, group: str, is_exclusive: bool) -> None:
        # not a coroutine yet: a worker cancelled before its first step would never await it
        call: Task = partial(self._guarded, name, story)
        _: Worker[None] = self._screen.run_worker(
            call, group=group, exclusive=is_exclusive, exit_on_error=False
        )

    async def _guarded(self, name: str, story: Story) -> None:
        try:
            await story()
        except InFlight:
            self._screen.app.bell()
        except PosError as error:
            self._refuse(error)
        except Exception as error:  # noqa: BLE001 - the till stays, the log has it all
            LOG.exception("a story of %s failed", type(self._screen).__name__)
            self._refuse(error)
        finally:
            self._running.discard(name)
            self._opening.discard(name)
            cast("ScanningApp", self._screen.app).release_keys()
