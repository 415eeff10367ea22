"""The HTTP way: what was certainly not taken, and what may have been."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator

import pytest

from fiscal.driver import Driver, Timeouts
from fiscal.errors import OutcomeUnknown, ProfileUnknown, Unavailable
from fiscal.http_transport import HttpTransport
from fiscal.operations import Op, target
from fiscal.profile import profile
from fiscal.serial_transport import SerialTransport
from fiscal.transport import open_transport
from tests.fiscal.samples import VirtualClock, request

TIMES = Timeouts(read=1, submit=1, day=1)


@contextlib.contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A socket that reads one request per connection and answers as told."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                seen.append(connection.recv(65536))
                answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def driver(url: str) -> Driver:
    return Driver(HttpTransport(url, VirtualClock()), timeouts=TIMES)


def saying(text: str) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text.encode())


def status(code: int, body: str = "{}") -> Callable[[socket.socket], None]:
    return saying(f"HTTP/1.1 {code} X\r\nContent-Length: {len(body)}\r\n\r\n{body}")


def slowly(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")
    for _ in range(40):
        connection.sendall(b" ")
        time.sleep(0.1)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 413, 422, 301, 307])
def test_statuses_with_which_nothing_was_taken(code: int) -> None:
    with server(status(code)) as (url, seen):
        with pytest.raises(Unavailable):
            driver(url).submit(request())
        assert len(seen) == 1


UNCLEAR = {
    "500": status(500),
    "502": status(502),
    "503": status(503),
    "408": status(408),
    "429": status(429),
    "201": status(201),
    "no answer": lambda connection: None,
    "half": saying('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"Code":'),
    "no JSON": status(200, "<html>"),
    "no object": status(200, "[]"),
    "no code": status(200, '{"Message": "Success"}'),
    "odd code": status(200, '{"Code": "-1"}'),
    "not a number": status(200, '{"Code": NaN}'),
    "nested": status(200, "[" * 100_000),
    "no HTTP": saying("hello\r\n\r\n"),
    "slow": slowly,
}


@pytest.mark.parametrize("answer", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_everything_unclear_is_unknown_and_sent_once(
    answer: Callable[[socket.socket], None],
) -> None:
    began = time.monotonic()
    with server(answer) as (url, seen):
        with pytest.raises(OutcomeUnknown):
            driver(url).submit(request())
        assert time.monotonic() - began < 3
        assert len(seen) == 1


def test_reads_are_repeated_and_never_unknown() -> None:
    with server(status(503)) as (url, seen):
        with pytest.raises(Unavailable):
            driver(url).day_status()
        assert len(seen) > 1


def test_a_read_that_fails_once_is_answered() -> None:
    missing = status(200, '{"Code": "0", "Message": "Invoice not Found", "Data": ""}')
    answers = iter([status(502), missing])

    def in_turn(connection: socket.socket) -> None:
        next(answers)(connection)

    with server(in_turn) as (url, seen):
        assert driver(url).look_up("A/1") is None
    assert seen[1].startswith(b"GET /api/RevmaxAPI/GetInvoice/A%2F1 ")


def test_nobody_listens() -> None:
    probe = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    probe.close()
    with pytest.raises(Unavailable, match="cannot be reached"):
        driver(url).submit(request())


def test_a_look_up_answered_with_anything_else_is_not_a_no() -> None:
    sick = status(200, '{"Code": "0", "Message": "init error"}')
    with server(sick) as (url, _), pytest.raises(Unavailable, match="init error"):
        driver(url).look_up("A")


@pytest.mark.parametrize(
    ("op", "body", "path"),
    [
        (Op.GET_INVOICE, {"InvoiceNumber": "a b/ü"}, "GetInvoice/a%20b%2F%C3%BC"),
        (Op.BACKLOG, {"fiscalDayNumber": "7"}, "GetUnProcessedInvoicesSummary?fiscalDayNumber=7"),
        (Op.SET_LICENSE, {"license": "A B&c"}, "SetLicense?license=A%20B%26c"),
        (Op.TRANSACT, {"Currency": "USD"}, "TransactM"),
        (Op.Z_REPORT, None, "ZReport"),
    ],
)
def test_targets(op: Op, body: dict[str, str] | None, path: str) -> None:
    assert target(op, body) == "/api/RevmaxAPI/" + path


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("http://192.0.2.10:8001", HttpTransport),
        ("HTTPS://box.example", HttpTransport),
        ("/dev/serial/by-id/usb-revmax", SerialTransport),
        ("COM3", SerialTransport),
        ("socket://192.0.2.7:4001", SerialTransport),
    ],
)
def test_an_address_names_its_way(address: str, kind: type) -> None:
    assert isinstance(open_transport(address, VirtualClock()), kind)


def test_profiles_by_name() -> None:
    assert profile("fraction").taxes == "fraction"
    with pytest.raises(ProfileUnknown, match="no fiscal profile 'x'; use one of percent"):
        profile("x")


def test_a_licence_key_is_logged_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    key = "ABCD-EFGH-5678"
    for answer in (status(200, '{"Code": "1", "Data": {"Status": "Active"}}'), status(500)):
        with server(answer) as (url, seen), caplog.at_level(logging.DEBUG):
            with contextlib.suppress(OutcomeUnknown):
                driver(url).set_license(key)
            assert key.encode() in seen[0]
    assert key not in caplog.text
    with pytest.raises(Unavailable) as caught:
        driver("http://127.0.0.1:1").set_license(key)
    told = "".join(traceback.format_exception(caught.value))
    assert key not in told
