"""What the screens need to know of the work that goes on behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pos_app.services.status import Status


class Background(Protocol):
    """The fiscal, print and sync lanes of a till, on threads of their own."""

    def start(self) -> None:
        """Begin to work; called once, after the first paint."""
        ...

    def stop(self) -> None:
        """End all work and wait for it; called once, from a thread that may wait."""
        ...

    def wake(self) -> None:
        """There is something new to do: do not wait for the next round. Returns at once."""
        ...

    def snapshot(self) -> Status:
        """The queues as last seen. Returns at once, from any thread, without touching the disk."""
        ...

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` from any thread whenever a lamp or a queue may have changed.

        Returns:
            What ends it.
        """
        ...
