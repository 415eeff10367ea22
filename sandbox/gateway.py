"""A mobile-money gateway to try things against: payments asked for, approved, polled; on disk."""

from __future__ import annotations

import json
import os
import random
import threading
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import SandboxClock
from sandbox.control import control_routes
from sandbox.fault import Faults
from sandbox.log import RequestLog
from sandbox.server import serve

FIELDS = ("reference", "amount", "currency", "phone")
LEDGER_FILE = "transactions.json"


class Gateway:
    """Transactions by the caller's reference; the same reference again is the same transaction."""

    def __init__(self, directory: Path, clock: SandboxClock) -> None:
        self._path = directory / LEDGER_FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: dict[str, dict[str, Any]] = (
            json.loads(self._path.read_text(encoding="utf-8")) if self._path.is_file() else {}
        )

    def ask(self, request: dict[str, str]) -> dict[str, Any]:
        """Ask a customer to pay; raises ValueError when the reference stands for something else."""
        with self._lock:
            known = self._rows.get(request["reference"])
            if known is not None:
                if any(known[name] != request[name] for name in FIELDS):
                    raise ValueError(request["reference"])
                return known
            row: dict[str, Any] = {name: request[name] for name in FIELDS}
            row |= {"status": "paid", "at": self._clock.now().isoformat()}
            self._rows[request["reference"]] = row
            self._save()
            return row

    def find(self, reference: str) -> dict[str, Any] | None:
        """The transaction of a reference."""
        return self._rows.get(reference)

    def ledger(self) -> dict[str, Any]:
        """Everything it holds."""
        return {"transactions": list(self._rows.values())}

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._rows.clear()
            self._save()

    def _save(self) -> None:
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(self._rows, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def run(*, port: int, directory: Path, host: str = "127.0.0.1") -> None:
    """Serve the gateway until SIGTERM; its ready line has ``url`` and ``sandbox``."""
    directory.mkdir(parents=True, exist_ok=True)
    clock = SandboxClock()
    gateway, log = Gateway(directory, clock), RequestLog(clock.now)
    faults = Faults(random.Random(0))  # noqa: S311 - repeatable on purpose

    async def ask(request: Request) -> Response:
        try:
            data = json.loads(await request.body())
            wanted = {name: str(data[name]) for name in FIELDS}
        except (ValueError, KeyError, TypeError):
            return _answer(log, "POST transactions", 400, {"error": f"Send {', '.join(FIELDS)}."})
        fault = faults.take("POST transactions")
        try:
            row = await run_in_threadpool(gateway.ask, wanted)
        except ValueError:
            text = "This reference belongs to another payment."
            return _answer(log, "POST transactions", 409, {"error": text})
        if fault is not None:
            return _answer(log, "POST transactions", 504, {"error": fault.do})
        return _answer(log, "POST transactions", 200, row)

    async def find(request: Request) -> Response:
        row = gateway.find(request.path_params["reference"])
        if row is None:
            return _answer(log, "GET transactions", 404, {"error": "There is no such payment."})
        return _answer(log, "GET transactions", 200, row)

    app = Starlette(
        routes=[
            Route("/transactions", ask, methods=["POST"]),
            Route("/transactions/{reference}", find, methods=["GET"]),
            *control_routes(
                ledger=gateway.ledger,
                requests=log,
                faults=faults,
                clock=clock,
                reset=gateway.reset,
            ),
        ]
    )

    def ready(taken: int) -> dict[str, Any]:
        base = f"http://{host}:{taken}"
        return {"url": base, "sandbox": f"{base}/_sandbox"}

    serve(app, host=host, port=port, ready=ready)


def _answer(log: RequestLog, call: str, status: int, body: dict[str, Any]) -> Response:
    log.append(call, str(status))
    return JSONResponse(body, status_code=status)
