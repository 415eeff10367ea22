"""The way to one provider: its own host alone, no redirects, one answer or a clear fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from sync.errors import OutcomeUnknown, Unavailable

LARGEST_ANSWER = 1_000_000
_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)


TOO_MANY, AWAY = 429, 503


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the bytes that came with it."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")


def is_not_done(answer: Answer, *, is_read: bool) -> bool:
    """Whether an answer proves that nothing was done.

    A gateway that counts requests says 429 before it reads them. A 503 may be a proxy's in front
    of one that has taken the money meanwhile: only a reading that met it did nothing.
    """
    return answer.status == TOO_MANY or (is_read and answer.status == AWAY)


class Door:
    """Requests to one host; safe to use from several threads."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        timeout: float = 20.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare it; nothing is sent yet.

        Args:
            name: what people call the provider.
            url: its address, without a slash at the end.
            timeout: seconds to wait for an answer; to connect, a quarter of it.
            transport: another way to carry requests, for tests.
        """
        self.name = name
        self.url = url.rstrip("/")
        self._origin = _origin(self.url)
        self._client = httpx2.Client(
            verify=not self.url.startswith("http://"),
            timeout=httpx2.Timeout(timeout, connect=timeout / 4),
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    def leads_to(self, url: str) -> bool:
        """Whether an address the provider named lies behind this door."""
        return _origin(url) == self._origin

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Send one request.

        Raises:
            Unavailable: it never left, or would go to another host.
            OutcomeUnknown: it left, and no whole answer came.
        """
        if not self.leads_to(url):
            raise Unavailable(f"{self.name} named an address at another host: it is not asked.")
        try:
            with self._client.stream(method, url, headers=dict(headers), content=body) as response:
                return Answer(response.status_code, self._read(response))
        except _NEVER_SENT as error:
            raise Unavailable(f"{self.name} cannot be reached ({_words(error)}).") from error
        except httpx2.HTTPError as error:
            raise OutcomeUnknown(
                f"The answer of {self.name} got lost ({_words(error)})."
            ) from error

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _read(self, response: httpx2.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > LARGEST_ANSWER:
                raise OutcomeUnknown(f"The answer of {self.name} is larger than a message.")
            parts.append(part)
        return b"".join(parts)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return "", None, None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
