"""Send one notice: to the address that was looked at, once, within a time and a size."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import anyio.to_thread
import httpx2

from sync.webhook.address import (
    AddressRefused,
    Place,
    Policy,
    Resolve,
    resolve,
    system_lookup,
)
from sync.webhook.message import Message

LARGEST_ANSWER = 65_536
SHOWN = 2000
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of sending.

    Attributes:
        status: of the answer, None where there was none.
        text: its beginning.
        problem: one clause for people, empty when it was taken.
    """

    status: int | None
    text: str
    problem: str
    milliseconds: int

    @property
    def is_good(self) -> bool:
        """Whether the receiver has taken it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300 and not self.problem


class Sender:
    """Sends notices; redirects are not followed, no proxy is asked, no cookie is kept."""

    def __init__(
        self,
        policy: Policy,
        *,
        lookup: Resolve = system_lookup,
        transport: httpx2.AsyncBaseTransport | None = None,
        verify: ssl.SSLContext | bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._lookup = lookup
        self._transport = transport
        self._verify = verify
        self._monotonic = monotonic

    def send(self, url: str, message: Message, *, seconds: float) -> Answer:
        """Send one notice and say what came of it; nothing is raised for the receiver's faults.

        Args:
            url: where to.
            message: what.
            seconds: as long as all of it may take.
        """
        began = self._monotonic()
        status, text, problem = self._tried(url, message, seconds)
        passed = round((self._monotonic() - began) * 1000)
        return Answer(status=status, text=text, problem=problem, milliseconds=passed)

    def _tried(self, url: str, message: Message, seconds: float) -> tuple[int | None, str, str]:
        try:
            return asyncio.run(self._post(url, message, seconds))
        except AddressRefused as error:
            return None, "", f"the address is refused: {error.reason}"
        except (httpx2.TimeoutException, TimeoutError):
            return None, "", f"no answer within {seconds:g} seconds"
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError) as error:
            return None, "", f"the connection failed ({str(error) or type(error).__name__})"

    async def _post(
        self, url: str, message: Message, seconds: float
    ) -> tuple[int | None, str, str]:
        """Find out where to, send it and read what comes back.

        The library's own timeouts begin anew with every byte: a receiver that drips its headers
        would hold a notice for ever and outlive its lease. Here one budget ends it all, the
        system's resolver included, which knows no deadline: it is left to itself in its thread.
        """
        clock = asyncio.get_running_loop()
        until = clock.time() + seconds
        find = partial(resolve, url, self._policy, self._lookup)
        async with asyncio.timeout_at(until):
            place = await anyio.to_thread.run_sync(find, abandon_on_cancel=True)
        async with httpx2.AsyncClient(
            transport=self._transport,
            verify=self._verify if place.scheme == "https" else False,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
        ) as client:
            async with asyncio.timeout_at(until):
                answer = await client.send(_request(client, place, message), stream=True)
            try:
                text = await _read(answer, until)
            finally:
                await answer.aclose()
        if 200 <= answer.status_code < 300:
            return answer.status_code, text, ""
        told = "a redirect, which is not followed" if answer.is_redirect else "not 2xx"
        return answer.status_code, text, f"the receiver answered {answer.status_code}, {told}"


def _request(client: httpx2.AsyncClient, place: Place, message: Message) -> httpx2.Request:
    host = f"[{place.address}]" if place.address.version == 6 else str(place.address)
    usual = 443 if place.scheme == "https" else 80
    named = f"[{place.host}]" if ":" in place.host else place.host
    headers = {
        **message.headers,
        "Host": named if place.port == usual else f"{named}:{place.port}",
    }
    return client.build_request(
        "POST",
        f"{place.scheme}://{host}:{place.port}{place.path}",
        content=message.body,
        headers=headers,
        # The certificate must be the name's, though its address is what is connected to.
        extensions={"sni_hostname": place.host},
    )


async def _read(answer: httpx2.Response, until: float) -> str:
    """The beginning of the answer; the rest of a long or slow one is left where it is."""
    found = b""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            async for chunk in answer.aiter_raw():
                found += chunk
                if len(found) >= LARGEST_ANSWER:
                    break
    return found[:SHOWN].decode("utf-8", "replace").replace("\x00", "")
