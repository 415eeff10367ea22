"""The simulator as a process of its own: HTTP in front, a directory behind, a control door."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from sandbox.clock import KeptClock, SandboxClock
from sandbox.connection import Connections
from sandbox.control import control_routes
from sandbox.fault import Faults
from sandbox.log import RequestLog
from sandbox.server import serve
from sync.sap import decimal_json
from sync.sap.port import Response
from sync.sap.simulator.books import Books
from sync.sap.simulator.company import Company
from sync.sap.simulator.core import Core
from sync.sap.simulator.gate import KNOWN, LOGIN_CALL, Gate
from sync.sap.simulator.journal import Journal
from sync.sap.simulator.latency import read_latency
from sync.sap.simulator.message import Request, gateway_page, method_of
from sync.sap.simulator.shop import ShopInvalid, books_of, read_shop

BODY_MAX = 64 * 1024 * 1024
SHOP_FILE = "shop.json"
JOURNAL_FILE = "journal.jsonl"
CLOCK_FILE = "clock.json"
COMPANY_DB, USER, PASSWORD = "SBO_SANDBOX", "manager", "sandbox"


class SandboxApp:
    """The ASGI application: Service Layer below ``/b1s``, the control door below ``/_sandbox``."""

    def __init__(
        self,
        gate: Gate,
        clock: SandboxClock,
        connections: Connections,
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._gate = gate
        self._connections = connections
        self._logins = 0
        routes = control_routes(
            ledger=gate.core.ledger,
            requests=gate.log,
            faults=gate.faults,
            clock=clock,
            reset=gate.core.reset,
            changed=changed,
        )
        company = Route("/_sandbox/company", self._change_company, methods=["POST"])
        latency = Route("/_sandbox/latency", self._change_latency, methods=["POST"])
        self._control = Starlette(routes=[*routes, company, latency])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request, or close its connection without an answer."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/_sandbox"):
            await self._control(scope, receive, send)
            return
        request = await _read(scope, receive)
        if request is None:
            response: Response | None = gateway_page(413)
        else:
            response = await self._exchange(request)
        if response is None:
            await self._connections.abort(scope, receive)
            return
        sent = HttpResponse(response.body, response.status)
        for name, value in response.headers:
            sent.headers.append(name, value)
        await sent(scope, receive, send)

    async def _exchange(self, request: Request) -> Response | None:
        admission = self._gate.admit(request)
        if admission.verdict is not None:
            return None
        if request.call != LOGIN_CALL:
            await asyncio.sleep(admission.wait)
            return await run_in_threadpool(self._gate.answer, request)
        if self._logins:
            return self._gate.busy_login(request)
        self._logins += 1
        try:
            await asyncio.sleep(admission.wait)
            return await run_in_threadpool(self._gate.answer, request)
        finally:
            self._logins -= 1

    async def _change_company(self, request: HttpRequest) -> HttpResponse:
        try:
            changes = decimal_json.loads(await request.body())
            await run_in_threadpool(self._gate.core.change_company, changes)
        except (ValueError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"changed": sorted(changes)})

    async def _change_latency(self, request: HttpRequest) -> HttpResponse:
        try:
            self._gate.latency = read_latency(await request.json())
        except (ValueError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(asdict(self._gate.latency))


def open_gate(
    directory: Path,
    *,
    clock: SandboxClock,
    company_db: str = COMPANY_DB,
    user: str = USER,
    password: str = PASSWORD,
) -> Gate:
    """A simulator on its directory: the shop it was given and everything committed since.

    Raises:
        ShopInvalid: the shop file cannot be loaded.
        JournalDamaged: the journal cannot be read.
    """
    core = Core(
        _books_from(directory / SHOP_FILE),
        now=clock.now,
        rng=random.SystemRandom(),
        company_db=company_db,
        user=user,
        password=password,
        journal=Journal(directory / JOURNAL_FILE),
    )
    faults = Faults(random.Random(), known=KNOWN)  # noqa: S311 - chances of faults, not secrets
    return Gate(core, faults, RequestLog(clock.now))


def run(
    *,
    port: int,
    directory: Path,
    shop: Path | None = None,
    host: str = "127.0.0.1",
    company_db: str = COMPANY_DB,
    user: str = USER,
    password: str = PASSWORD,
) -> None:
    """Serve until SIGTERM or SIGINT; prints one line of JSON when ready.

    Args:
        port: port to bind, 0 for a free one.
        directory: keeps the shop and the journal; the same one again resumes.
        shop: the shop of a directory that has none yet; ignored when it has one.
        host: address to bind.
        company_db: what Login must name,
        user: with this user code
        password: and this password.

    Raises:
        ShopInvalid, JournalDamaged: as `open_gate`; a shop that was given just now is not kept.
        ClockDamaged: what was kept of the clock cannot be read.
        OSError: the directory or the port cannot be used.
    """
    directory.mkdir(parents=True, exist_ok=True)
    is_first = shop is not None and not (directory / SHOP_FILE).exists()
    if shop is not None and is_first:
        _copy(shop, directory / SHOP_FILE)
    clock = KeptClock(directory / CLOCK_FILE)
    access = {"company_db": company_db, "user": user, "password": password}
    try:
        gate = open_gate(directory, clock=clock, **access)
    except ShopInvalid:
        if is_first:
            # The next start gets another try with a better file.
            (directory / SHOP_FILE).unlink()
        raise
    connections = Connections()

    def ready(taken: int) -> dict[str, Any]:
        base = f"http://{host}:{taken}"
        return {"url": f"{base}/b1s/v1", "sandbox": f"{base}/_sandbox", **access}

    app = SandboxApp(gate, clock, connections, changed=clock.keep)
    serve(app, host=host, port=port, ready=ready, connections=connections)


def _books_from(path: Path) -> Callable[[], Books]:
    def build() -> Books:
        if not path.exists():
            return Books(Company())
        shop = dict(read_shop(path))
        items = shop.get("items")
        if isinstance(items, list):
            shop["items"] = _drain(items)
        return books_of(shop)

    return build


def _drain(entries: list[Any]) -> Iterator[Any]:
    """Entries one by one, each let go once taken: a large shop need not be held twice."""
    entries.reverse()
    while entries:
        yield entries.pop()


def _copy(source: Path, target: Path) -> None:
    """Copy whole or not at all, so that a killed start leaves no half a shop."""
    half = target.with_suffix(".new")
    if source.is_dir():
        half.write_text(decimal_json.dumps(read_shop(source)), encoding="utf-8")
    else:
        shutil.copyfile(source, half)
    half.replace(target)


async def _read(scope: Any, receive: Any) -> Request | None:
    """The request, or None for one whose body no server in front of SAP lets through."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_MAX:
            return None
        if not message.get("more_body"):
            break
    raw = scope.get("raw_path") or scope["path"].encode()
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(
        method=method_of(scope["method"], headers),
        path=raw.partition(b"?")[0].decode("ascii", "replace"),
        query=scope["query_string"].decode("ascii", "replace"),
        headers=headers,
        body=bytes(body),
    )
