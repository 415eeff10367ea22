"""The network behind the port, by httpx2."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2

from sync.sap.port import Lost, NotSent, Response
from sync.sap.settings import SapSettings
from sync.sap.tls import context_for

# Everything else that fails leaves it open whether SAP has seen the request.
NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
# Below the idle limit of usual servers, so that a connection is not used while it is closed.
KEEP_ALIVE_SECONDS = 3.0


class HttpxHttp:
    """Connections to one Service Layer; safe to use from several threads.

    Never follows redirects, never retries, keeps no cookies.
    """

    def __init__(self, settings: SapSettings) -> None:
        self._connect = settings.timeouts.connect
        limits = httpx2.Limits(
            max_connections=settings.connections,
            max_keepalive_connections=settings.connections,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
        )
        self._client = httpx2.Client(
            verify=context_for(settings.verify),
            limits=limits,
            follow_redirects=False,
            trust_env=False,
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        """Send one request; raises NotSent or Lost, see `sync.sap.port.Http`."""
        patience = httpx2.Timeout(timeout, connect=self._connect)
        try:
            answer = self._client.request(
                method, url, headers=dict(headers), content=body, timeout=patience
            )
        except NEVER_SENT as error:
            raise NotSent(str(error) or type(error).__name__) from error
        except httpx2.HTTPError as error:
            raise Lost(str(error) or type(error).__name__) from error
        self._client.cookies.clear()
        return Response(answer.status_code, tuple(answer.headers.multi_items()), answer.content)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()
