"""A moment's patience for SAP, so that most answers already name its numbers."""

from __future__ import annotations

from typing import Protocol, TypeVar

from pos_app.api.context import Context
from pos_app.services.shop import Shop


class Queued(Protocol):
    """Something that may be on its way to SAP."""

    @property
    def queue_id(self) -> int | None:
        """Its row in the queue, where it has one."""
        ...


Q = TypeVar("Q", bound=Queued)


class Wait(Protocol[Q]):
    """Looks at one until SAP has it or the time is up."""

    def __call__(self, shop: Shop, made: Q, /, *, seconds: float) -> Q:
        """The thing as it is then."""
        ...


def booked(server: Context, made: Q, wait: Wait[Q]) -> Q:
    """Wake the way to SAP and give it a moment; no more requests wait than the server can bear."""
    if made.queue_id is None or server.settings.post_soon is None:
        return made
    server.settings.post_soon()
    if not server.patience.acquire(blocking=False):
        return made
    try:
        return wait(server.shop, made, seconds=server.settings.posting_seconds)
    finally:
        server.patience.release()
