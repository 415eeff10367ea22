"""The connector against real sockets: whatever answers, only the server's own answer counts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sync.envelope import Envelope, Outcome, Parcel, hash_of
from sync.errors import OutcomeUnknown, Rejected, SyncError, Unavailable
from sync.http import HttpRemote, NotReady
from sync.page import Position
from sync.remote import Indigestible

PAYLOAD = '{"name":"Sadza \\"n\\u0065st\\" é"}'
ENVELOPE = Envelope(
    id="e1",
    seq=1,
    stream="sale:1",
    kind="sale",
    key="1",
    payload=PAYLOAD,
    content_hash=hash_of(PAYLOAD),
)
PARCEL = Parcel(till="T01", incarnation="i", epoch="x", envelopes=(ENVELOPE,))
TAKEN = {
    "epoch": "x",
    "results": [
        {
            "id": "e1",
            "content_hash": ENVELOPE.content_hash,
            "outcome": "accepted",
            "upstream_seq": 5,
        }
    ],
}
PAGE = {
    "epoch": "x",
    "lineage": [["w", 2]],
    "after": 3,
    "until": 4,
    "head": 9,
    "rows": [{"seq": 4, "kind": "item", "key": "A", "data": None}],
}

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Host:
    """An HTTP server that answers as it is told, and remembers what it was asked."""

    url: str = ""
    answer: Answer | None = None
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


def reply(status: int, body: bytes, kind: str = "application/json", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", headers.pop("length", str(len(body))))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def own(status: int, data: object) -> Answer:
    return reply(status, json.dumps(data).encode())


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size)
            made.asked.append((self.command, self.path, dict(self.headers), body))
            self.close_connection = True
            if made.answer is not None:
                made.answer(self)

        do_GET = do_POST = handle_one  # noqa: N815 - the names the base class calls

        def log_message(self, *args: Any) -> None:
            del args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def remote(host: Host) -> Iterator[HttpRemote]:
    with HttpRemote(host.url + "/", "key-1", timeout=5) as made:
        yield made


def test_envelopes_go_out_and_results_come_back(host: Host, remote: HttpRemote) -> None:
    host.answer = own(200, TAKEN)
    got = remote.send(PARCEL)
    assert [(row.outcome, row.upstream_seq) for row in got.results] == [(Outcome.ACCEPTED, 5)]
    method, path, headers, body = host.asked[0]
    assert (method, path) == ("POST", "/sync/envelopes")
    assert headers["X-API-Key"] == "key-1"
    assert headers["Content-Type"] == "application/json"
    sent = json.loads(body)
    assert (sent["till"], sent["incarnation"], sent["epoch"]) == ("T01", "i", "x")
    assert hash_of(sent["envelopes"][0]["payload"]) == ENVELOPE.content_hash


def test_a_page_is_asked_for_by_position(host: Host, remote: HttpRemote) -> None:
    host.answer = own(200, PAGE)
    page = remote.fetch(Position("x", 3), till="T 1", limit=7)
    assert page.end == Position("x", 4)
    assert host.asked[0][:2] == ("GET", "/sync/feed?till=T+1&epoch=x&after=3&limit=7")


ERROR = {"error": "The sentence.", "details": None, "code": "some_code"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Rejected),
        (403, Rejected),
        (409, Rejected),
        (400, Indigestible),
        (413, Indigestible),
        (422, Indigestible),
        (500, Indigestible),
        (404, NotReady),
        (429, NotReady),
        (502, NotReady),
        (503, NotReady),
    ],
)
def test_the_servers_own_refusals(
    host: Host, remote: HttpRemote, status: int, kind: type[SyncError]
) -> None:
    host.answer = own(status, ERROR)
    with pytest.raises(kind) as caught:
        remote.send(PARCEL)
    assert type(caught.value) is kind
    if isinstance(caught.value, Rejected):
        assert (caught.value.code, caught.value.text) == ("some_code", "The sentence.")
        assert caught.value.http_status == status
    else:
        assert str(caught.value) == "The sentence."


HTML = b"<html><body>Welcome! Accept the terms to go on.</body></html>"


@pytest.mark.parametrize("status", [400, 401, 404, 500, 502, 503])
def test_somebody_elses_refusals_say_nothing_about_an_envelope(
    host: Host, remote: HttpRemote, status: int
) -> None:
    host.answer = reply(status, HTML, "text/html")
    with pytest.raises(Unavailable):
        remote.send(PARCEL)


ELSE = [
    reply(200, HTML, "text/html"),
    reply(200, HTML),
    reply(200, b""),
    reply(200, b"[]"),
    reply(200, b'{"status":"ok"}'),
    reply(200, json.dumps(TAKEN).encode()[:-9], length=str(len(json.dumps(TAKEN)))),
    reply(200, json.dumps(TAKEN).encode()[:-9]),
    reply(204, b""),
    reply(302, b"", Location="http://127.0.0.1:9/login"),
    own(200, TAKEN | {"results": []}),
    own(200, {"epoch": "x", "results": [TAKEN["results"][0] | {"content_hash": "0" * 64}]}),  # type: ignore[index]
    own(200, {"epoch": "x", "results": [TAKEN["results"][0] | {"id": "e2"}]}),  # type: ignore[index]
    own(201, TAKEN),
    lambda request: request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"),
    lambda request: None,
]


@pytest.mark.parametrize("answer", ELSE, ids=range(len(ELSE)))
def test_nothing_but_the_servers_own_answer_is_an_acknowledgement(
    host: Host, remote: HttpRemote, answer: Answer
) -> None:
    host.answer = answer
    with pytest.raises((OutcomeUnknown, Unavailable)):
        remote.send(PARCEL)
    with pytest.raises((OutcomeUnknown, Unavailable)):
        remote.fetch(Position("x", 3), till="T01", limit=7)


def test_no_redirect_is_followed(host: Host, remote: HttpRemote) -> None:
    host.answer = reply(307, b"", Location=host.url + "/elsewhere")
    with pytest.raises(OutcomeUnknown):
        remote.send(PARCEL)
    assert len(host.asked) == 1


def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with (
            HttpRemote(f"http://127.0.0.1:{port}", "k") as remote,
            pytest.raises(Unavailable, match="cannot be reached"),
        ):
            remote.send(PARCEL)


@pytest.mark.parametrize("url", ["", "localhost", "ftp://127.0.0.1", "http://[::1", "http://"])
def test_a_wrong_address_is_named(url: str) -> None:
    with pytest.raises(Unavailable), HttpRemote(url, "k") as remote:
        remote.send(PARCEL)


def test_silence_after_the_request_leaves_the_outcome_open(host: Host) -> None:
    free = threading.Event()
    host.answer = lambda request: free.wait(10) and None  # type: ignore[assignment, return-value]
    try:
        with (
            HttpRemote(host.url, "k", timeout=0.2) as remote,
            pytest.raises(OutcomeUnknown, match="got lost"),
        ):
            remote.send(PARCEL)
    finally:
        free.set()
    assert len(host.asked) == 1


def test_an_endless_answer_is_given_up(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.http.LARGEST_ANSWER", 1000)
    host.answer = reply(200, b"x" * 2000)
    with HttpRemote(host.url, "k") as remote, pytest.raises(OutcomeUnknown, match="larger"):
        remote.send(PARCEL)
