from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sandbox.clock import system_now
from sync.errors import OutcomeUnknown, Unavailable
from sync.sap.client import ServiceLayer
from sync.sap.documents import find_invoice, post_invoice, post_payment
from sync.sap.http_client import HttpxHttp
from sync.sap.settings import SapSettings

pytestmark = pytest.mark.process
PROGRAM = """
import sys
from pathlib import Path
from sync.sap.simulator.sandbox import run
shop = Path(sys.argv[2]) if len(sys.argv) > 2 else None
run(port=0, directory=Path(sys.argv[1]), shop=shop, company_db="SBO_TEST", user="pos", password="x")
"""


class RealClock:
    def now(self) -> Any:
        return system_now()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing here may wait {seconds} s")


class Process:
    """A sandbox in a process of its own, and a client of it."""

    def __init__(self, directory: Path, shop: Path | None) -> None:
        arguments = [str(directory)] + ([str(shop)] if shop else [])
        self.child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self.child.stdout is not None
        self.ready: dict[str, str] = json.loads(self.child.stdout.readline())
        self.settings = SapSettings(
            url=self.ready["url"],
            company_db=self.ready["company_db"],
            user=self.ready["user"],
            password=self.ready["password"],
        )
        self.http = HttpxHttp(self.settings)
        self.sl = ServiceLayer(self.settings, self.http, RealClock())
        self.control = httpx2.Client(trust_env=False)

    def ask(self, name: str) -> Any:
        return self.control.get(f"{self.ready['sandbox']}/{name}").json()

    def tell(self, name: str, body: Any) -> Any:
        answer = self.control.post(f"{self.ready['sandbox']}/{name}", json=body)
        return answer.status_code, answer.json()

    def end(self, number: int) -> int:
        self.http.close()
        self.control.close()
        self.child.send_signal(number)
        code = self.child.wait(10)
        assert self.child.stdout is not None
        self.child.stdout.close()
        return code


@contextmanager
def running(directory: Path, shop: Path | None = None) -> Iterator[Process]:
    process = Process(directory, shop)
    try:
        yield process
    finally:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


@pytest.fixture
def shop_file(shop: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "given.json"
    path.write_text(json.dumps(shop))
    return path


def test_what_was_answered_survives_kill_9(tmp_path: Path, shop_file: Path, make: Any) -> None:
    with running(tmp_path / "sap", shop_file) as first:
        posted = [
            post_invoice(first.sl, make.invoice(f"k-{number}", make.line("SUGAR")))
            for number in range(20)
        ]
        post_payment(first.sl, make.payment(posted[0], "1.00"))
        before = first.ask("ledger")
        first.end(signal.SIGKILL)
    shop_file.unlink()
    with running(tmp_path / "sap") as second:
        assert second.ask("ledger") == before
        assert find_invoice(second.sl, "k-7") == posted[7]
        again = post_invoice(second.sl, make.invoice("k-20", make.line("SUGAR")))
        assert again.doc_entry == 21
        assert second.end(signal.SIGTERM) == 0


def test_killed_in_the_middle_of_traffic_nothing_answered_is_missing(
    tmp_path: Path, shop_file: Path, make: Any
) -> None:
    answered: list[str] = []
    enough = threading.Event()
    with running(tmp_path / "sap", shop_file) as first:

        def post(number: int) -> None:
            try:
                post_invoice(first.sl, make.invoice(f"k-{number}", make.line("SUGAR")))
            except (OutcomeUnknown, Unavailable):
                return
            answered.append(f"k-{number}")
            if len(answered) == 30:
                enough.set()

        with ThreadPoolExecutor(4) as pool:
            for number in range(300):
                pool.submit(post, number)
            assert enough.wait(20)
            first.child.kill()
        first.end(signal.SIGKILL)
    assert len(answered) < 300
    with running(tmp_path / "sap") as second:
        keys = [row["U_Van_saleorder"] for row in second.ask("ledger")["invoices"]]
        assert set(answered) <= set(keys)
        assert len(set(keys)) == len(keys)


def test_a_journal_cut_off_by_a_crash_loses_its_last_document_whole(
    tmp_path: Path, shop_file: Path, make: Any
) -> None:
    with running(tmp_path / "sap", shop_file) as first:
        first.tell("faults", [{"on": "POST Invoices", "do": "commit_then_drop", "after": 3}])
        for number in range(4):
            request = make.invoice(f"k-{number}", make.line("SUGAR"))
            if number < 3:
                post_invoice(first.sl, request)
            else:
                with pytest.raises(OutcomeUnknown):
                    post_invoice(first.sl, request)
        first.end(signal.SIGKILL)
    journal = tmp_path / "sap" / "journal.jsonl"
    data = journal.read_bytes()
    journal.write_bytes(data[:-10])
    with running(tmp_path / "sap") as second:
        ledger = second.ask("ledger")
        assert [row["U_Van_saleorder"] for row in ledger["invoices"]] == ["k-0", "k-1", "k-2"]
        assert {row["item"]: row["quantity"] for row in ledger["stock"]}["SUGAR"] == "997"


def test_the_ready_line_and_the_control_door(tmp_path: Path, shop_file: Path, make: Any) -> None:
    with running(tmp_path / "sap", shop_file) as process:
        assert set(process.ready) == {"url", "sandbox", "company_db", "user", "password"}
        assert process.ready["url"].endswith("/b1s/v1")
        assert process.sl.count("Items") == 5
        assert process.tell("faults", [{"do": "error", "nonsense": 1}])[0] == 400
        assert process.tell("faults", {"do": "error"})[0] == 400
        assert process.tell("company", {"colour": "red"})[0] == 400
        assert process.tell("company", {"session_minutes": 5}) == (
            200,
            {"changed": ["session_minutes"]},
        )
        process.tell("clock", {"advance_seconds": 600})
        assert process.sl.count("Items") == 5
        requests = process.ask("requests")
        assert [row["outcome"] for row in requests] == ["200", "200", "401", "200", "200"]
        post_invoice(process.sl, make.invoice("k-1"))
        assert process.tell("reset", {})[0] == 200
        assert process.ask("ledger")["documents"] == []
        assert process.sl.count("Items") == 5


def raw_exchange(url: str, request: bytes) -> bytes:
    """What a client without any HTTP library sees on the wire until the end of the stream."""
    parts = httpx2.URL(url)
    with socket.create_connection((parts.host, parts.port), 5) as connection:
        connection.settimeout(5)
        connection.sendall(request)
        seen = b""
        try:
            while chunk := connection.recv(65536):
                seen += chunk
        except ConnectionResetError:
            pass
        return seen


@pytest.mark.parametrize("fault", ["refuse", "drop_before", "commit_then_drop"])
def test_a_dropped_connection_is_closed_without_one_byte(
    tmp_path: Path, shop_file: Path, fault: str
) -> None:
    login = b'{"CompanyDB":"SBO_TEST","UserName":"pos","Password":"x"}'
    request = (
        b"POST /b1s/v1/Login HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(login)
    ) + login
    with running(tmp_path / "sap", shop_file) as process:
        process.tell("faults", [{"on": "POST Login", "do": fault}])
        assert raw_exchange(process.ready["url"], request) == b""
        closing = request.replace(b"Host: x", b"Host: x\r\nConnection: close")
        answer = raw_exchange(process.ready["url"], closing)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"set-cookie: b1session=" in answer.lower()


def test_a_directory_without_a_shop_starts_empty(tmp_path: Path) -> None:
    with running(tmp_path / "sap") as process:
        assert process.sl.count("Items") == 0
        assert process.ask("ledger")["documents"] == []
