"""The HTTP way to a REVMax box on the local network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from fiscal import decimal_json, envelope
from fiscal.clock import Clock, SystemClock
from fiscal.envelope import Envelope, EnvelopeInvalid
from fiscal.errors import OutcomeUnknown, Unavailable
from fiscal.operations import POSTS, Op, target
from fiscal.port import LinkHello, ask

ANSWER_BYTES_MAX = 4_000_000
_CONNECT_SECONDS = 5.0
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
_NOT_TAKEN = frozenset({400, 401, 403, 404, 405, 411, 413, 414, 415, 422})
"""Statuses with which no box has taken a request: there is no such route, or no such box."""


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
        self._client: httpx2.Client | None = None

    def request(self, op: Op, body: Mapping[str, Any] | None = None, *, timeout: float) -> Envelope:
        """Ask the box; see `Transport.request`."""
        return ask(
            lambda left: self._once(op, body, left),
            op,
            clock=self._clock,
            monotonic=self._monotonic,
            timeout=timeout,
        )

    def hello(self, *, timeout: float) -> LinkHello | None:  # noqa: ARG002 - the port's shape
        """None: a box does not greet over HTTP."""
        return None

    def close(self) -> None:
        """Close the client; the next request makes another."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _once(self, op: Op, body: Mapping[str, Any] | None, timeout: float) -> Envelope:
        ends = self._monotonic() + timeout
        try:
            with self._stream(op, body, timeout) as response:
                if response.status_code in _NOT_TAKEN or response.is_redirect:
                    raise Unavailable(f"{self._base_url} answered HTTP {response.status_code}")
                if response.status_code != 200:
                    raise OutcomeUnknown(f"it answered HTTP {response.status_code}")
                return envelope.read(decimal_json.loads(self._read(response, ends)))
        except _NOT_SENT as error:
            raise Unavailable(f"{self._base_url} cannot be reached") from error
        except httpx2.HTTPError as error:
            why = f"the connection failed ({type(error).__name__})"
            raise OutcomeUnknown(why) from error
        except (EnvelopeInvalid, ValueError, RecursionError) as error:
            raise OutcomeUnknown("its reply cannot be understood") from error

    def _stream(self, op: Op, body: Mapping[str, Any] | None, timeout: float) -> Any:
        if self._client is None:
            limits = httpx2.Limits(max_keepalive_connections=0)
            self._client = httpx2.Client(limits=limits, trust_env=False, follow_redirects=False)
        is_post = op in POSTS
        return self._client.stream(
            "POST" if is_post else "GET",
            self._base_url + target(op, body),
            json=body if is_post else None,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
        )

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
