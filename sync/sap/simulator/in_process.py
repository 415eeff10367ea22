"""The simulator behind the client's own port: no threads, no sockets, no time of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from sync.sap.port import Lost, NotSent, Response
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.message import Request, method_of


class InProcessHttp:
    """Calls a gate directly; waiting happens on the given sleep.

    A stall longer than the client's patience ends in Lost at the time limit, and what the
    request commits becomes visible when the stall would have ended.

    Args:
        gate: the simulator.
        sleep: lets virtual time pass.
    """

    def __init__(self, gate: Gate, sleep: Callable[[float], None]) -> None:
        self._gate = gate
        self._sleep = sleep

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        """One exchange; raises NotSent or Lost, see `sync.sap.port.Http`."""
        request = read_request(method, url, headers, body)
        admission = self._gate.admit(request)
        if admission.verdict == "refuse":
            raise NotSent("connection refused")
        if admission.verdict is not None:
            raise Lost("connection closed before an answer")
        if admission.wait > timeout:
            self._sleep(timeout)
            self._gate.answer(request, hidden_seconds=admission.wait - timeout)
            raise Lost(f"no answer within {timeout:g} s")
        if admission.wait:
            self._sleep(admission.wait)
        response = self._gate.answer(request)
        if response is None:
            raise Lost("connection closed before an answer")
        return response


def read_request(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Request:
    """A request as the simulator takes it, from the parts a client sends."""
    parts = urlsplit(url)
    named = {name.lower(): value for name, value in headers.items()}
    return Request(
        method=method_of(method, named),
        path=parts.path,
        query=parts.query,
        headers=named,
        body=body or b"",
    )
