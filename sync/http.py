"""The connector till -> server over HTTP: one request, one answer, no retries of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from sync.envelope import Malformed, Parcel, Reply, parcel_to_wire, reply_from_wire
from sync.errors import OutcomeUnknown, Rejected, SyncError, Unavailable
from sync.page import Page, Position, page_from_wire
from sync.remote import NOT_THERE, Indigestible

LARGEST_ANSWER = 64_000_000
"""Bytes; a thousand changes need a hundredth of it."""

PROOF_SECONDS = 120.0

_UPSET = frozenset({400, 413, 422, 500})
_SHUT_OUT = frozenset({401, 403, 409, 426})


class NotReady(Unavailable):
    """Somebody answered that it cannot be done now; what was behind may have done it before."""


class HttpRemote:
    """The server's ``/sync`` routes.

    Connection faults before the first byte are Unavailable, everything unclear after it is
    OutcomeUnknown (production lesson L04); both are safe to repeat, as the server takes an
    envelope once. Only JSON of the server's own kind counts as an answer of any sort: a login page
    of a hotel's network, a proxy's error page and a cut-off body do not.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout: float = 20.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare the connection; nothing is sent yet.

        Args:
            url: address of the server, with or without a slash at the end.
            api_key: the till's own key, sent as ``X-API-Key``.
            timeout: seconds to wait for an answer; to connect, a quarter of it.
            transport: another way to carry requests, for tests.
        """
        self._url = url.rstrip("/")
        self._client = httpx2.Client(
            # Reading the certificates takes a tenth of a second, and plain HTTP needs none.
            verify=not self._url.startswith("http://"),
            headers={"X-API-Key": api_key, "Accept": "application/json"},
            timeout=httpx2.Timeout(timeout, connect=timeout / 4),
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    def send(self, parcel: Parcel) -> Reply:
        """Hand over a parcel; see `sync.remote.Remote`."""
        body = json.dumps(parcel_to_wire(parcel), ensure_ascii=False, separators=(",", ":"))
        answer = self._ask("POST", "/sync/envelopes", content=body.encode())
        try:
            return reply_from_wire(answer, parcel)
        except Malformed as error:
            raise OutcomeUnknown(_nonsense(error)) from error

    def fetch(self, at: Position, *, till: str, limit: int) -> Page:
        """Ask for changes; see `sync.remote.Remote`."""
        query = {
            "till": till,
            "epoch": at.epoch,
            "after": str(at.seq),
            "limit": str(limit),
        }
        answer = self._ask("GET", "/sync/feed", params=query)
        try:
            return page_from_wire(answer, at)
        except Malformed as error:
            raise Unavailable(_nonsense(error)) from error

    def receipt(self, number: str) -> Mapping[str, Any]:
        """What the server tells of a receipt of any till; raises as `fetch`."""
        answer: Mapping[str, Any] = self._ask("GET", f"/sync/receipts/{quote(number, safe='')}")
        return answer

    def proof(self, day: date) -> Mapping[str, Any]:
        """What the server and SAP hold of a day of this till; raises as `fetch`.

        SAP is read for it, which takes its time.
        """
        answer: Mapping[str, Any] = self._ask(
            "GET", f"/sync/proof/{day.isoformat()}", timeout=PROOF_SECONDS
        )
        return answer

    def clock(self) -> datetime:
        """What the server's clock shows, from its answer to whether it is well.

        Raises:
            Unavailable: it cannot be reached, or says that it is not ready.
            OutcomeUnknown: its answer got lost or makes no sense; nothing was changed by it.
        """
        said = self._ask("GET", "/api/Health")
        try:
            shown = datetime.fromisoformat(str(said["timestamp"]))
        except (KeyError, ValueError) as error:
            raise OutcomeUnknown("The server does not tell the time.") from error
        return shown if shown.tzinfo else shown.replace(tzinfo=UTC)

    def queue(self, *, user: str, choice: str) -> Mapping[str, Any]:
        """What the server tells somebody at the till of its queue to SAP; raises as `fetch`."""
        params = {"user": user, "choice": choice}
        answer: Mapping[str, Any] = self._ask("GET", "/sync/queue", params=params)
        return answer

    def queue_deed(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have the server do something to its queue; raises as `send`."""
        body = json.dumps(dict(asked), ensure_ascii=False).encode()
        answer: Mapping[str, Any] = self._ask("POST", "/sync/queue", content=body)
        return answer

    def charge_ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have a customer's wallet asked, once.

        Raises:
            Unavailable: the request certainly never left.
            Rejected: the server refuses, and nobody is asked.
            OutcomeUnknown: anything else, whatever status it came with.
        """
        body = json.dumps(dict(asked), ensure_ascii=False).encode()
        try:
            answer: Mapping[str, Any] = self._ask("POST", "/sync/charges", content=body)
        except NotReady as error:
            raise OutcomeUnknown(error.reason) from error
        except Indigestible as error:
            if (error.http_status or 0) >= 500:
                raise OutcomeUnknown(str(error)) from error
            raise
        return answer

    def charge(self, charge_id: str) -> Mapping[str, Any]:
        """How a payment stands that this till asked for; raises as `fetch`."""
        answer: Mapping[str, Any] = self._ask("GET", f"/sync/charges/{quote(charge_id, safe='')}")
        return answer

    def charge_leave(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Tell that no sale of this till waits for a payment; raises as `send`, safe to repeat."""
        body = json.dumps(dict(asked), ensure_ascii=False).encode()
        answer: Mapping[str, Any] = self._ask("POST", "/sync/charges/leave", content=body)
        return answer

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        headers = {"Content-Type": "application/json"} if content is not None else {}
        try:
            with self._client.stream(
                method,
                self._url + path,
                content=content,
                params=params,
                headers=headers,
                timeout=self._client.timeout if timeout is None else timeout,
            ) as response:
                status, body = response.status_code, _read(response)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Unavailable(f"The server cannot be reached ({_words(error)}).") from error
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise Unavailable(f"The server's address is wrong ({_words(error)}).") from error
        except httpx2.HTTPError as error:
            raise OutcomeUnknown(f"The server's answer got lost ({_words(error)}).") from error
        data = _json(body)
        if status == 200 and data is not None:
            return data
        raise _failure(status, data)


def _read(response: httpx2.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST_ANSWER:
            raise OutcomeUnknown(f"The server's answer is larger than {LARGEST_ANSWER} bytes.")
        parts.append(part)
    return b"".join(parts)


def _json(body: bytes) -> Any | None:
    """The object in an answer, or None when it is anything else."""
    try:
        data = json.loads(body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _failure(status: int, data: Any | None) -> SyncError:
    """Tell what an answer means that is not the one hoped for."""
    code = data.get("code") if data else None
    if not isinstance(code, str) or not code:
        if 200 <= status < 400:
            return OutcomeUnknown(
                f"Something other than the server answered (HTTP {status}): check the network."
            )
        return NotReady(f"The server is not ready (HTTP {status}).")
    words = str(data.get("error") or code) if data else code
    if status in _SHUT_OUT or code == NOT_THERE:
        return Rejected(code, words, status)
    if status in _UPSET:
        return Indigestible(code, words, status)
    return NotReady(words)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def _nonsense(error: Malformed) -> str:
    return f"The server's answer makes no sense: {error}."
