"""Notices to other programs: where they may go, how they are signed, what is made of answers."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import json
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from sync.webhook import message
from sync.webhook.address import AddressRefused, Policy, check, resolve
from sync.webhook.sender import LARGEST_ANSWER, Answer, Sender

PUBLIC = "93.184.216.34"
OPEN = Policy()
HOME = Policy(networks=(ipaddress.ip_network("127.0.0.0/8"),))

PRIVATE = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:0a00:0001::", "fc00::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1",
    "2001:0:7f00:1::", "::127.0.0.1", "fd00:ec2::254",
)  # fmt: skip
"""Reserved and private networks (IANA special-purpose registries), and what hides IPv4 in IPv6."""

SPELLINGS = ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "[::1]", "localhost.")


def told(*addresses: str) -> object:
    def lookup(host: str, port: int) -> Sequence[str]:
        return addresses

    return lookup


@pytest.mark.parametrize("address", PRIVATE)
def test_no_name_leads_into_a_private_network(address: str) -> None:
    with pytest.raises(AddressRefused):
        resolve("https://hooks.example.com/", OPEN, told(address))  # type: ignore[arg-type]
    with pytest.raises(AddressRefused):
        resolve("https://hooks.example.com/", OPEN, told(PUBLIC, address))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        *(f"https://[{text}]/" if ":" in text else f"https://{text}/" for text in PRIVATE),
        *(f"http://{text}/" for text in SPELLINGS),
        "ftp://example.com/", "file:///etc/passwd", "gopher://example.com", "https://", "",
        "https://user:password@example.com/", "https://example.com\\@10.0.0.1/", "//example.com",
        "https://exa mple.com/", "https://example.com/\r\nX: y", "https://münchen.example/",
        "https://example.com:99999/", "https://intranet/", "https://printer.local/",
        "https://db.internal/", "https://" + "a" * 500 + ".com/",
    ],
)  # fmt: skip
def test_what_cannot_be_an_address(url: str) -> None:
    with pytest.raises(AddressRefused):
        check(url, OPEN)


@pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379])
def test_other_services_are_not_called(port: int) -> None:
    with pytest.raises(AddressRefused):
        resolve(f"http://hooks.example.com:{port}/", OPEN, told(PUBLIC))  # type: ignore[arg-type]


def test_public_addresses_and_those_the_settings_name() -> None:
    place = resolve("https://Hooks.Example.com/a?b=c", OPEN, told(PUBLIC))  # type: ignore[arg-type]
    assert (place.host, place.port, place.path) == ("hooks.example.com", 443, "/a?b=c")
    assert str(place.address) == PUBLIC
    check("http://127.0.0.1:41234/hook", HOME)
    check("http://localhost:41234/hook", HOME)
    assert resolve("http://127.0.0.1:41234/", HOME, told()).port == 41234  # type: ignore[arg-type]
    with pytest.raises(AddressRefused):
        check("http://10.0.0.1/", HOME)
    for addresses in ((), ("nonsense",)):
        with pytest.raises(AddressRefused):
            resolve("https://example.com/", OPEN, told(*addresses))  # type: ignore[arg-type]


AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


def made(secret: str = "whsec_abc123") -> message.Message:
    return message.make(
        event_id="E1", event="stock.low", at=AT, data={"itemCode": "M\u00fcsli", "inStock": "2"},
        secret=secret, headers={"X-Custom": "value"}, sent_at=AT,
    )  # fmt: skip


def test_a_notice_is_signed_over_its_bytes_and_in_itself() -> None:
    notice = made()
    key = b"whsec_abc123"
    raw = hmac.new(key, notice.body, hashlib.sha256).hexdigest()
    assert notice.headers["X-Webhook-Signature"] == f"sha256={raw}"
    content = json.loads(notice.body)
    inner = content.pop("signature")
    plain = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    assert inner == hmac.new(key, plain, hashlib.sha256).hexdigest()
    assert content["timestamp"] == "2026-11-02T06:00:00Z"
    assert notice.headers["webhook-id"] == notice.headers["X-Webhook-Delivery-Id"] == "E1"
    assert notice.headers["webhook-signature"].startswith("v1,")
    assert "X-Webhook-Signature" not in made("").headers
    assert "signature" not in json.loads(made("").body)


def streamed(status: int, *, parts: int = 1, **more: Any) -> httpx2.Response:
    async def content() -> AsyncIterator[bytes]:
        for _ in range(parts):
            yield b"x" * (LARGEST_ANSWER // 10)

    return httpx2.Response(status, content=content(), **more)


def sent(answer: object, *, lookup: object = None) -> tuple[Answer, list[httpx2.Request]]:
    seen: list[httpx2.Request] = []

    def take(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx2.Response)
        return answer

    sender = Sender(
        OPEN,
        lookup=lookup or told(PUBLIC),
        transport=httpx2.MockTransport(take),  # type: ignore[arg-type]
    )
    return sender.send("https://hooks.example.com/a", made(), seconds=5), seen


def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    calls = []

    def lookup(host: str, port: int) -> Sequence[str]:
        calls.append(host)
        return [PUBLIC] if len(calls) == 1 else ["127.0.0.1"]

    answer, (request,) = sent(streamed(204), lookup=lookup)
    assert answer.is_good
    assert calls == ["hooks.example.com"]
    assert request.url.host == PUBLIC
    assert request.headers["Host"] == "hooks.example.com"
    assert request.extensions["sni_hostname"] == "hooks.example.com"


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        (streamed(302, headers={"Location": "http://127.0.0.1/"}), 302, "redirect"),
        (streamed(500), 500, "answered 500"),
        (httpx2.ConnectError("refused"), None, "connection failed"),
        (httpx2.ReadTimeout("slow"), None, "no answer within"),
    ],
)
def test_what_is_made_of_answers(answer: object, status: int | None, problem: str) -> None:
    found, requests = sent(answer)
    assert (found.status, found.is_good) == (status, False)
    assert problem in found.problem
    assert len(requests) == 1


def test_a_long_answer_is_left_where_it_is() -> None:
    found, _ = sent(streamed(200, parts=40))
    assert found.is_good
    assert len(found.text) == 2000


@pytest.mark.parametrize("is_answered", [False, True])
def test_one_budget_ends_a_receiver_that_never_does(is_answered: bool) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"so far"
        await asyncio.Event().wait()

    async def take(request: httpx2.Request) -> httpx2.Response:
        if not is_answered:
            await asyncio.Event().wait()
        return httpx2.Response(200, content=never())

    sender = Sender(OPEN, lookup=told(PUBLIC), transport=httpx2.MockTransport(take))  # type: ignore[arg-type]
    found = sender.send("https://hooks.example.com/a", made(), seconds=0.05)
    assert found.is_good is is_answered
    assert (found.text, "no answer within" in found.problem) == (
        ("so far", False) if is_answered else ("", True)
    )


def test_a_resolver_that_never_answers_holds_nobody() -> None:
    answered = threading.Event()

    def lookup(host: str, port: int) -> Sequence[str]:
        answered.wait(60)
        return [PUBLIC]

    try:
        answer = Sender(OPEN, lookup=lookup).send("https://a.example/", made(), seconds=0.05)
        assert not answered.is_set()
    finally:
        answered.set()
    assert (answer.status, answer.problem) == (None, "no answer within 0.05 seconds")


def test_nothing_is_sent_to_a_refused_address() -> None:
    found, requests = sent(streamed(200), lookup=told("10.0.0.1"))
    assert requests == []
    assert "refused" in found.problem
