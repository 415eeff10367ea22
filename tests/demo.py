"""A sample shop in processes of its own, used from outside as scripts and people use it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pos_app.bootstrap import install
from pos_app.services import receipt
from pos_app.services.receipt import ReceiptRow

Found = TypeVar("Found")

READY_SECONDS = 240.0
SETTLED_SECONDS = 360.0
RUN = (sys.executable, "-m", "pos_app.cli.run")
NEIGHBOURS = ("sap", "revmax", "printer", "gateway")


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Demo:
    """`pos demo --headless` in a folder, and whatever is started beside it by hand."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.line: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None
        self._by_hand: dict[str, subprocess.Popen[str]] = {}

    def start(self) -> None:
        """Open the shop and wait for its one line of JSON."""
        command = [*RUN, "demo", "--headless", "--dir", str(self.folder), *self.options]
        with (self.folder.parent / "demo.err").open("w") as errors:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self.line = ready(self._process)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End everything, what was started by hand last; returns the demo's exit code."""
        code = 0
        if self._process is not None:
            self._process.send_signal(number)
            code = self._process.wait(timeout=60)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
        for process in self._by_hand.values():
            end(process)
        self._by_hand.clear()
        return code

    def __enter__(self) -> Demo:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def till(self) -> str:
        return str(self.line["till_config"])

    @property
    def server(self) -> str:
        return str(self.line["server_config"])

    def person(self, role: str) -> dict[str, Any]:
        found: dict[str, Any] = next(row for row in self.line["users"] if row["role"] == role)
        return found

    def run(self, *arguments: str, stdin: str = "") -> Ran:
        """Run one command to its end."""
        done = subprocess.run(
            [*RUN, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def request(self, **changes: Any) -> dict[str, Any]:
        """Two of the first item for cash, or with changes."""
        cashier = self.person("Cashier")
        sale: dict[str, Any] = {
            "user": cashier["username"],
            "pin": cashier["pin"],
            "lines": [{"item": "PRD001", "quantity": "2"}],
            "tenders": [{"type": "cash", "currency": "USD", "amount": "5.00"}],
        }
        return sale | changes

    def sell(self, **changes: Any) -> Ran:
        """`pos sell`, in a process of its own."""
        return self.run("sell", "--config", self.till, stdin=json.dumps(self.request(**changes)))

    def sell_many(self, count: int, *, workers: int = 2, **changes: Any) -> list[dict[str, Any]]:
        """Sell side by side; every sale must succeed."""
        with ThreadPoolExecutor(workers) as pool:
            answers = list(pool.map(lambda _: self.sell(**changes), range(count)))
        assert [ran.code for ran in answers] == [0] * count, answers
        return [ran.json for ran in answers]

    def begin_sale(self, **changes: Any) -> subprocess.Popen[str]:
        """Start `pos sell` and do not wait for it."""
        process = subprocess.Popen(
            [*RUN, "sell", "--config", self.till],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(self.request(**changes)))
        process.stdin.close()
        process.stdin = None
        return process

    def problems(self) -> str:
        """What `pos check` says of the till and of the server; empty when all adds up."""
        said = []
        for arguments in (("--config", self.till), ("--config", self.server, "--server")):
            ran = self.run("check", *arguments)
            if (ran.code, ran.err) != (0, ""):
                said.append(f"{ran.code} {ran.out} {ran.err}")
        return "\n".join(said)

    def kill(self, name: str) -> None:
        """kill -9, and wait until nothing of it is left."""
        by_hand = self._by_hand.pop(name, None)
        if by_hand is not None:
            end(by_hand, signal.SIGKILL)
            return
        pid = self.line["pids"][name]
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: not is_running(pid), f"{name} is gone")

    def start_by_hand(self, name: str) -> None:
        """Start a part again as a person would, on the same port and directory."""
        process = subprocess.Popen(
            [*RUN, *self._arguments(name)], stdout=subprocess.PIPE, stderr=None, text=True
        )
        self._by_hand[name] = process
        ready(process)

    def _arguments(self, name: str) -> list[str]:
        if name == "agent":
            return ["agent", "--config", self.till]
        if name == "server":
            return ["server", "--config", self.server]
        told = self.line[name]
        port = str(told["sandbox"]).rpartition(":")[2].partition("/")[0]
        made = ["sandbox", name, "--port", port, "--dir", str(self.folder / name)]
        if name == "sap":
            access = ("--company", told["company_db"], "--user", told["user"])
            return [*made, *access, "--password", told["password"]]
        return [*made, "--serial", told["serial"]] if "serial" in told else made

    def ledger(self, name: str) -> dict[str, Any]:
        """What a sandbox has truly committed."""
        found: dict[str, Any] = get(f"{self.line[name]['sandbox']}/ledger")
        return found

    def requests(self, name: str) -> list[dict[str, Any]]:
        """What a sandbox was asked."""
        found = get(f"{self.line[name]['sandbox']}/requests")
        rows: list[dict[str, Any]] = found["requests"] if isinstance(found, dict) else found
        return rows

    def arm(self, name: str, *faults: dict[str, Any]) -> None:
        """Make a sandbox misbehave; none makes it healthy."""
        get(f"{self.line[name]['sandbox']}/faults", list(faults))

    def receipts(self) -> list[ReceiptRow]:
        """Every receipt of the till with its lamps, oldest first."""
        till = install(Path(self.till))
        try:
            return receipt.recent(till.shop, limit=10_000)[::-1]
        finally:
            till.close()

    def until(
        self, condition: Callable[[], Found], what: str, seconds: float = SETTLED_SECONDS
    ) -> Found:
        """Wait for a condition; returns what it found."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"never: {what}; {self.lamps()}")
            time.sleep(0.1)
        return found

    def lamps(self) -> Counter[str]:
        """How often each combination of lamps is shown."""
        return Counter(" ".join(row.lamps.as_words().values()) for row in self.receipts())

    def until_lit(self, count: int, *, but: Sequence[str] = ()) -> list[ReceiptRow]:
        """Wait until there are so many receipts and all lamps of each are on, but those named."""

        def is_lit(row: ReceiptRow) -> bool:
            return all(
                word == "done" for name, word in row.lamps.as_words().items() if name not in but
            )

        def found() -> list[ReceiptRow]:
            rows = self.receipts()
            return rows if len(rows) == count and all(map(is_lit, rows)) else []

        return self.until(found, f"{count} receipts with all lamps lit")

    def check_ledgers(self, *, has_paper: bool = True) -> None:
        """Till, device, server, SAP and paper hold the same sales, each exactly once."""
        rows = self.receipts()
        totals = {row.receipt: Decimal(str(row.total)) for row in rows}
        count = len(rows)
        assert list(totals) == [f"T01-{number:06d}" for number in range(1, count + 1)]
        assert by_number(self.ledger("revmax")["receipts"], "number", "total") == totals
        documents = self.ledger("sap")["documents"]
        invoices = [row for row in documents if row["set"] == "Invoices"]
        payments = [row for row in documents if row["set"] == "IncomingPayments"]
        assert by_number(invoices, "NumAtCard", "DocTotal") == totals
        keys = {row["NumAtCard"]: row["U_Van_saleorder"] for row in invoices}
        assert keys == {row.receipt: row.sale_id for row in rows}
        assert paid_by_invoice(payments) == {
            row["DocEntry"]: Decimal(row["DocTotal"]) for row in invoices
        }
        assert self.server_totals() == totals
        if has_paper:
            assert printed(self.ledger("printer")["receipts"]) == Counter(totals.keys())

    def server_totals(self) -> dict[str, Decimal]:
        """The server's documents by receipt number, as its API tells them."""
        key = self.person("ApiUser")["api_key"]
        found: dict[str, Decimal] = {}
        page = 1
        while True:
            url = f"{self.line['api']}/api/Invoice?page={page}&pageSize=100"
            rows = get(url, key=key)["items"]
            for row in rows:
                assert row["numAtCard"] not in found
                found[row["numAtCard"]] = Decimal(str(row["docTotal"]))
            if len(rows) < 100:
                return dict(sorted(found.items()))
            page += 1


def by_number(rows: list[dict[str, Any]], number: str, total: str) -> dict[str, Decimal]:
    """Totals by receipt number; no number may be there twice."""
    found = {row[number]: Decimal(row[total]) for row in rows}
    assert len(found) == len(rows), Counter(row[number] for row in rows).most_common(3)
    return dict(sorted(found.items()))


def paid_by_invoice(payments: list[dict[str, Any]]) -> dict[int, Decimal]:
    """What was paid on each invoice."""
    found: dict[int, Decimal] = {}
    for payment in payments:
        for row in payment["PaymentInvoices"]:
            found[row["DocEntry"]] = found.get(row["DocEntry"], Decimal(0)) + Decimal(
                row["SumApplied"]
            )
    return found


def printed(rows: list[dict[str, Any]]) -> Counter[str]:
    """How often each receipt was printed as an original."""
    found: Counter[str] = Counter()
    for row in rows:
        for text in row["text"].splitlines():
            name, _, number = text.partition("Customer reference No: ")
            if not name and number and "COPY" not in row["text"]:
                found[number] += 1
    return found


def get(url: str, body: object = None, *, key: str = "") -> Any:
    """GET, or POST a body of JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = ({"X-API-Key": key} if key else {}) | {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def is_running(pid: int) -> bool:
    """Whether a process lives; one that is only waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def processes_of(folder: Path) -> list[str]:
    """Commands that run on a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if any(word.startswith(os.fsencode(folder)) for word in words):
                found.append(b" ".join(words).decode())
    return found


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    """Ask a process to end, and wait for it."""
    if process.poll() is None:
        process.send_signal(number)
    code = process.wait(timeout=60)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return code


def ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for the line of JSON a program says when it is ready."""
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said:
        raise AssertionError(f"it ended with {process.wait()} before it was ready")
    told: dict[str, Any] = json.loads(said)
    assert told.get("ready") is True or "sandbox" in told
    return told
