"""The HTTP way to a REVMax box on the local network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import httpx2

from fiscal import decimal_json, envelope
from fiscal.breaker import Breaker
from fiscal.clock import Clock, SystemClock
from fiscal.envelope import Envelope, EnvelopeInvalid
from fiscal.errors import NotThere, OutcomeUnknown, Unavailable
from fiscal.messages import Hello
from fiscal.operations import POSTS, Op, target
from fiscal.port import ask, check_status

ANSWER_BYTES_MAX = 4_000_000
_CONNECT_SECONDS = 5.0
_NOT_SENT = (
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)


class HttpTransport:
    """One box by its address, such as ``http://192.0.2.10:8001``.

    Every request has a connection of its own: one kept open and dropped by the box meanwhile would
    make a request that never left look like one that might have.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock or SystemClock()
        self._monotonic = monotonic
        self._base_url = base_url.rstrip("/")
        self._breaker = Breaker(monotonic)
        self._http: httpx2.HTTPTransport | None = None

    def request(self, op: Op, body: Mapping[str, Any] | None = None, *, timeout: float) -> Envelope:
        """Ask the box; see `Transport.request`."""
        return ask(
            lambda left: self._once(op, body, left),
            op,
            clock=self._clock,
            monotonic=self._monotonic,
            timeout=timeout,
            breaker=self._breaker,
        )

    def hello(self, *, timeout: float) -> Hello | None:  # noqa: ARG002 - the port's shape
        """None: a box does not greet over HTTP."""
        return None

    def close(self) -> None:
        """Close what is open; the next request opens it again."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _once(self, op: Op, body: Mapping[str, Any] | None, timeout: float) -> Envelope:
        ends = self._monotonic() + timeout
        try:
            with closing(self._send(op, body, timeout)) as response:
                check_status(response.status_code)
                return envelope.read(decimal_json.loads(self._read(response, ends)))
        except httpx2.ConnectError as error:
            raise NotThere(self._base_url) from error
        except _NOT_SENT as error:
            raise Unavailable(f"{self._base_url} cannot be reached") from error
        except httpx2.HTTPError as error:
            why = f"the connection failed ({type(error).__name__})"
            raise OutcomeUnknown(why) from error
        except (EnvelopeInvalid, ValueError, RecursionError) as error:
            raise OutcomeUnknown("its reply cannot be understood") from error

    def _send(self, op: Op, body: Mapping[str, Any] | None, timeout: float) -> httpx2.Response:
        """Send by the transport itself: a client would log every URL, licence keys and all."""
        if self._http is None:
            limits = httpx2.Limits(max_keepalive_connections=0)
            self._http = httpx2.HTTPTransport(limits=limits, trust_env=False)
        is_post = op in POSTS
        times = httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS))
        request = httpx2.Request(
            "POST" if is_post else "GET",
            self._base_url + target(op, body),
            json=body if is_post else None,
            extensions={"timeout": times.as_dict()},
        )
        return self._http.handle_request(request)

    def _read(self, response: httpx2.Response, ends: float) -> bytes:
        """The body, within the time of the whole request and a sane size."""
        data = bytearray()
        for chunk in response.iter_bytes():
            data += chunk
            if len(data) > ANSWER_BYTES_MAX:
                raise OutcomeUnknown("its reply is far too long")
            if self._monotonic() > ends:
                raise OutcomeUnknown("it did not finish its reply in time")
        return bytes(data)
