"""HTTP/1.1 for clients that begin a request and do not end it: they are not waited for for ever.

uvicorn knows a time for connections that rest between two requests; one that sends the head of a
request byte by byte, or nothing at all, would keep its place for as long as it likes.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 30.0
"""As long as the head of a request may take, from its first byte or the connection on."""


class PatientProtocol(H11Protocol):
    """Hangs up when the head of a request does not come to its end in time."""

    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Take what came; whoever has not said all of a head has the rest of the time for it."""
        super().data_received(data)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._forget()
        super().connection_lost(exc)

    def _look(self) -> None:
        if not self._is_awaited() or self.transport.is_closing():
            self._forget()
        elif self._ends is None:
            self._ends = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _forget(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _hang_up(self) -> None:
        self._ends = None
        if self._is_awaited():
            self.timeout_keep_alive_handler()

    def _is_awaited(self) -> bool:
        """Whether a head is to come, or the rest of a body whose request is answered already."""
        state, cycle = self.conn.their_state, self.cycle
        is_answered = cycle is not None and cycle.response_complete
        return state is h11.IDLE or (state is h11.SEND_BODY and is_answered)
