"""The server as it really listens: on a socket, in a thread, and as a process that is stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from pos_app.api.server import HttpServer, PortTaken
from pos_app.store.engine import Store
from tests.api.house import House, build, invoice_body

ROOT = Path(__file__).parents[2]


@pytest.fixture
def listening(sqlite_store: Store) -> Iterator[tuple[House, str]]:
    """A server on a free port, and its address."""
    house = build(sqlite_store)
    server = HttpServer(house.app, host="127.0.0.1", port=0)
    server.start()
    yield house, f"http://127.0.0.1:{server.port}"
    server.stop()


def test_it_answers_over_a_socket(listening: tuple[House, str]) -> None:
    house, url = listening
    with httpx2.Client(base_url=url, trust_env=False) as client:
        health = client.get("/api/Health")
        assert health.json()["status"] == "Healthy"
        assert "server" not in health.headers
        headers = {"Authorization": f"Bearer {house.token()}"}
        made = client.post("/api/Invoice", json=invoice_body(), headers=headers)
        assert made.status_code == 201
        assert client.get("/metrics").status_code == 200, "this very machine may read them"


def test_a_forwarded_address_is_not_believed(listening: tuple[House, str]) -> None:
    _, url = listening
    with httpx2.Client(base_url=url, trust_env=False) as client:
        for number in range(10):
            spoofed = {"X-Forwarded-For": f"41.0.0.{number}"}
            client.post("/api/Auth/login", json={}, headers=spoofed)
        assert client.post("/api/Auth/login", json={}).status_code == 429


def test_noise_on_the_socket_is_no_end(listening: tuple[House, str]) -> None:
    _, url = listening
    port = int(url.rpartition(":")[2])
    for noise in (
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /api/Invoice HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET /api/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"BREW /api/Health HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(noise)
            line.shutdown(socket.SHUT_WR)
            line.recv(4096)
    with httpx2.Client(base_url=url, trust_env=False) as client:
        assert client.get("/api/Health").status_code == 200


def test_a_client_that_hangs_up_half_way_makes_nothing(listening: tuple[House, str]) -> None:
    house, url = listening
    port = int(url.rpartition(":")[2])
    body = json.dumps(invoice_body()).encode()
    head = (
        f"POST /api/Invoice HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.token()}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: cut\r\n"
        f"Content-Length: {len(body) + 50}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(head + body)
    with httpx2.Client(base_url=url, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {house.token()}"}
        assert client.get("/api/Invoice", headers=headers).json()["totalCount"] == 0


def test_a_taken_port_is_named(listening: tuple[House, str]) -> None:
    house, url = listening
    port = int(url.rpartition(":")[2])
    with pytest.raises(PortTaken, match=str(port)):
        HttpServer(house.app, host="127.0.0.1", port=port)


PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from pos_app.api.server import run
from pos_app.api.settings import ApiSettings
from pos_app.store.engine import open_store
from tests.api.house import build
with open_store({path!r}) as store:
    shop = build(store).shop
    settings = ApiSettings(jwt_secret="x" * 40)
    run(shop, settings, "127.0.0.1", 0, lambda port: print(port, flush=True))
    print("stopped", flush=True)
"""


@pytest.mark.process
def test_a_process_serves_until_it_is_told_to_stop(sqlite_path: Path) -> None:
    program = PROGRAM.format(root=str(ROOT), path=str(sqlite_path))
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "default"},
        text=True,
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            assert client.get("/api/Health").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "stopped\n"
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
