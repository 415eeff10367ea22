"""The narrow seam to the network and to time: one method each, so that both can be virtual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class NotSent(Exception):
    """No byte of the request reached the other side: refused, no route, DNS, TLS, pool full."""


class Lost(Exception):
    """The request left, but no complete answer came back: it may have been processed."""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer as received.

    Attributes:
        status: HTTP status.
        headers: name and value pairs in order; a name may repeat, as Set-Cookie does.
        body: the bytes after content decoding.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        """Every value of a header that may repeat."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Http(Protocol):
    """One HTTP exchange."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        """Send one request and wait for the whole answer.

        Args:
            method: the verb, upper case.
            url: absolute, already percent-encoded.
            headers: exactly those to send; cookies are the caller's business.
            body: bytes, or None for no body.
            timeout: seconds to wait for the answer.

        Raises:
            NotSent: proven that nothing was processed.
            Lost: anything that failed after the first byte left.
        """
        ...


class Clock(Protocol):
    """Time as the client sees it."""

    def now(self) -> datetime:
        """The current aware instant."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...
