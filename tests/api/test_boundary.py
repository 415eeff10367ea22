"""Where one request ends and the next begins is the same for us and whatever stands before us."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from pos_app.api import patience
from pos_app.api.server import HttpServer
from tests.api.house import build

ASKED = b"GET /api/Health HTTP/1.1\r\nHost: x\r\n"
HIDDEN = ASKED + b"Connection: close\r\n\r\n"
"""What somebody would smuggle in as a body that is none; the line ends with its answer."""


def post(*headers: bytes, body: bytes = b"") -> bytes:
    head = b"\r\n".join((b"POST /api/Auth/login HTTP/1.1", b"Host: x", *headers))
    return head + b"\r\n\r\n" + body


CHUNKED, LENGTH = b"Transfer-Encoding: chunked", b"Content-Length: %d"
AS_BODY = LENGTH % len(HIDDEN)
ZERO = b"0\r\n\r\n"

REFUSED = {
    "two lengths that differ": post(AS_BODY, b"Content-Length: 0", body=HIDDEN),
    "a length that is a list": post(b"Content-Length: 0, %d" % len(HIDDEN), body=HIDDEN),
    "a length with a sign": post(b"Content-Length: +%d" % len(HIDDEN), body=HIDDEN),
    "a length below nothing": post(b"Content-Length: -1", body=HIDDEN),
    "a length in hexadecimal": post(b"Content-Length: 0x10", body=HIDDEN),
    "a length and chunks": post(CHUNKED, AS_BODY, body=ZERO + HIDDEN),
    "a coding nobody knows": post(b"Transfer-Encoding: xchunked", AS_BODY, body=HIDDEN),
    "two codings": post(b"Transfer-Encoding: gzip, chunked", body=ZERO + HIDDEN),
    "chunked twice": post(CHUNKED, b"Transfer-Encoding: identity", body=ZERO + HIDDEN),
    "a blank before the colon": post(b"Transfer-Encoding : chunked", AS_BODY, body=HIDDEN),
    "a line that goes on": post(
        b"X: y\r\n Transfer-Encoding: chunked\r\n\tz", b"Content-Length : 3"
    ),
    "a chunk size that is none": post(CHUNKED, body=b"zz\r\n" + HIDDEN),
    "a chunk size with a sign": post(CHUNKED, body=b"+1\r\na\r\n" + ZERO),
    "a chunk that is too long": post(CHUNKED, body=b"1\r\nabc\r\n" + ZERO),
    "no host": b"GET /api/Health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /api/Health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "a name with a blank": b"GET /api/Health HTTP/1.1\r\nHost: x\r\nX Y: z\r\n\r\n",
    "NUL in a value": b"GET /api/Health HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "a bare return": b"GET /api/Health HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
}


@pytest.fixture(scope="module")
def port(sqlite_template: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One server for all of them; none of these requests gets as far as the books."""
    from pos_app.store.engine import open_store

    path = tmp_path_factory.mktemp("boundary") / "server.db"
    path.write_bytes(sqlite_template.read_bytes())  # type: ignore[attr-defined]
    with open_store(path) as store:
        server = HttpServer(build(store).app, host="127.0.0.1", port=0)
        server.start()
        yield server.port
        server.stop()


def answers(port: int, sent: bytes) -> list[int]:
    """The status of each answer until the server hangs up."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(sent)
        while part := line.recv(65536):
            said += part
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3})", said)]


@pytest.mark.parametrize("name", REFUSED)
def test_what_two_servers_could_read_in_two_ways_is_refused(port: int, name: str) -> None:
    """ASVS 5.0 4.2.1: one answer, 400, and nothing that hides behind it is read."""
    assert answers(port, REFUSED[name]) == [400]


@pytest.mark.parametrize("sent", [b"", b"GET /api/Hea", ASKED])
def test_who_does_not_end_a_head_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """It would keep a place for ever, and there are only so many (ASVS 5.0 2.4.1)."""
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.05)
    assert answers(port, sent) == []
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(ASKED + b"\r\n")
        assert line.recv(12) == b"HTTP/1.1 200"
        line.sendall(sent or b"P")
        while line.recv(65536):
            pass


def test_two_honest_requests_are_two(port: int) -> None:
    assert answers(port, ASKED + b"\r\n" + HIDDEN) == [200, 200]
