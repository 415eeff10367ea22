"""The standstill each request comes in: asked anew, and shared by requests that wait at once."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Task, create_task, get_running_loop, shield, wait
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from fastapi.concurrency import run_in_threadpool
from starlette.types import Scope

from pos_app.api.headers import MASTER_DATA
from pos_app.services import standstill
from pos_app.services.shop import Shop
from pos_app.services.standstill import Standstill

Question = Task[Standstill | None]


@dataclass(slots=True)
class _Line:
    """The question that was put, and the one that is put next."""

    put: Question | None = None
    next: Question | None = None


class Standstills:
    """Asks for them on behalf of one server."""

    def __init__(self, shop: Shop, *, keeps: bool) -> None:
        """Ask nothing yet.

        Args:
            shop: the server.
            keeps: whether anything is kept for a standstill at all.
        """
        self._shop = shop
        self._keeps = keeps
        self._lines: WeakKeyDictionary[AbstractEventLoop, _Line] = WeakKeyDictionary()

    async def of(self, scope: Scope) -> Standstill | None:
        """That of a request, at a moment after it came; None where nothing may be kept for it.

        It is asked for where that costs nothing, and before reads whose answers may be kept.
        """
        if not self._keeps:
            return None
        if self._shop.store.is_near:
            return standstill.current(self._shop)
        if scope["method"] == "GET" and scope["path"].lower().startswith(MASTER_DATA):
            return await self._shared()
        return None

    async def _shared(self) -> Standstill | None:
        """The answer to the next question: one that was put before a request came tells it nothing.

        So many requests cost one round trip, and none waits for more than two.
        """
        line = self._lines.setdefault(get_running_loop(), _Line())
        if line.next is None:
            line.next = create_task(self._ask(line))
        return await shield(line.next)

    async def _ask(self, line: _Line) -> Standstill | None:
        if line.put is not None:
            await wait([line.put])
        line.put, line.next = line.next, None
        try:
            return await run_in_threadpool(standstill.current, self._shop)
        finally:
            line.put = None  # it knows its loop, which would stay for ever
