"""Close a client's connection without an answer, as a crashed server or a cut cable does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class Connections:
    """The open connections of one server, by the client's address.

    Give `protocol` to the server; an application then aborts the connection of a request by
    its scope. Aborting makes the client see the end of the stream or a reset, never a status.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}
        self._is_served = False

    def protocol(self) -> type[H11Protocol]:
        """The protocol class that keeps this object up to date."""
        known, self._is_served = self._open, True

        class Watched(H11Protocol):
            """HTTP/1.1 whose connections can be found again."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    known[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    known.pop(self.client, None)
                super().connection_lost(exc)

        return Watched

    async def abort(self, scope: Mapping[str, Any], receive: Any) -> None:
        """Cut the connection of a request and return once the server knows it is gone.

        A client that hung up meanwhile has no connection any more, which is as good.
        """
        if not self._is_served:
            raise LookupError("This server was not started with the protocol of Connections.")
        transport = self._open.get(tuple(scope.get("client") or ()))
        if transport is not None:
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
