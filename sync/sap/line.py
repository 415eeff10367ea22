"""The line to one Service Layer: its address, its connections, and whether anybody answers.

Knows nothing of sessions or outcomes. While nobody answers, calls are held back, and the first
one after a while is preceded by a ping, so that no document is what finds out about a dead line
(production lesson L48).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sync.sap.breaker import Breaker
from sync.sap.envelope import read_failure
from sync.sap.port import Clock, Http, Lost, NotSent, Response
from sync.sap.settings import SapSettings
from sync.sap.slots import Slots

JSON = "application/json"


class Line:
    """Safe to use from several threads.

    Args:
        settings: the address and how many connections.
        http: the network, or the simulator in its place.
        clock: time for the circuit breaker.
    """

    def __init__(self, settings: SapSettings, http: Http, clock: Clock) -> None:
        self._base = settings.url.rstrip("/")
        self._http = http
        self._ping_seconds = settings.timeouts.connect
        self._slots = Slots(settings.connections, settings.reserved)
        self.breaker = Breaker(
            clock, failures=settings.breaker_failures, seconds=settings.breaker_seconds
        )

    def send(
        self,
        method: str,
        path: str,
        payload: bytes | None,
        *,
        headers: Mapping[str, str],
        timeout: float,
        is_interactive: bool,
    ) -> Response:
        """One exchange below the base address.

        Raises:
            BreakerOpen: held back; nothing was sent.
            NotSent, Lost: see `sync.sap.port.Http`; NotSent too when no connection became free.
        """
        with self._slots.taken(is_interactive=is_interactive, seconds=timeout):
            if self.breaker.check():
                self._ping()
            sent = {"Content-Type": JSON, "Accept": JSON, **headers}
            url = f"{self._base}/{path}"
            response = self._try(method, url, payload, headers=sent, timeout=timeout)
            if _is_down(response):
                self.breaker.failed()
            else:
                self.breaker.succeeded()
            return response

    def relative(self, link: str) -> str:
        """A next-page link below the base address, whichever of three ways SAP wrote it."""
        prefix = urlsplit(self._base).path.rstrip("/") + "/"
        parts = urlsplit(link)
        path = parts.path.removeprefix(prefix).lstrip("/")
        return f"{path}?{parts.query}" if parts.query else path

    def _ping(self) -> None:
        parts = urlsplit(self._base)
        url = f"{parts.scheme}://{parts.netloc}/ping/"
        try:
            response = self._try(
                "GET", url, None, headers={"Accept": JSON}, timeout=self._ping_seconds
            )
        except Lost as error:
            raise NotSent(f"no answer to a ping: {error}") from error
        if _is_down(response):
            self.breaker.failed()
            raise NotSent(f"a ping was answered with HTTP {response.status}")

    def _try(
        self,
        method: str,
        url: str,
        payload: bytes | None,
        *,
        headers: Mapping[str, str],
        timeout: float,
    ) -> Response:
        try:
            return self._http.send(method, url, headers=headers, body=payload, timeout=timeout)
        except (NotSent, Lost):
            self.breaker.failed()
            raise


def _is_down(response: Response) -> bool:
    """Whether something in front of SAP answered in its place."""
    return response.status >= 500 and read_failure(response).code is None
