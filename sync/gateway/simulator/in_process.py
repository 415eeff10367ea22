"""The simulator as a transport of the client's own library, for tests without a network."""

from __future__ import annotations

import httpx2

from sync.gateway.simulator.message import Request
from sync.gateway.simulator.simulator import Simulator


class InProcess(httpx2.BaseTransport):
    """Carries requests straight to a simulator; a cut line is a read error."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request."""
        url = request.url
        reply = self._simulator.answer(
            Request(
                method=request.method,
                path=url.path,
                query=url.query.decode(),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.read(),
                base=f"{url.scheme}://{url.netloc.decode()}",
            )
        )
        if reply is None:
            raise httpx2.ReadError("the line was cut", request=request)
        headers = {"content-type": reply.kind}
        return httpx2.Response(reply.status, headers=headers, content=reply.body, request=request)
