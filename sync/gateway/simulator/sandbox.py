"""The simulator as a process: HTTP in front, customers and callbacks behind, a control door."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from sandbox.clock import SandboxClock
from sandbox.connection import Connections
from sandbox.control import control_routes
from sandbox.server import serve
from sync.gateway.simulator.books import Books
from sync.gateway.simulator.message import Post, Request
from sync.gateway.simulator.simulator import Simulator

PAUSE_SECONDS = 0.2
STATUSES = ("paid", "failed", "cancelled", "refunded")


class SandboxApp:
    """The ASGI application."""

    def __init__(self, simulator: Simulator, connections: Connections) -> None:
        self._simulator = simulator
        self._connections = connections
        routes = control_routes(
            ledger=simulator.books.ledger,
            requests=simulator.log,
            faults=simulator.faults,
            clock=simulator.clock,
            reset=simulator.books.reset,
        )
        act = Route("/_sandbox/act", self._act, methods=["POST"])
        self._control = Starlette(routes=[*routes, act])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request, or close its connection without an answer."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/_sandbox"):
            await self._control(scope, receive, send)
            return
        request = HttpRequest(scope, receive)
        asked = Request(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            base=f"{request.url.scheme}://{request.url.netloc}",
        )
        reply = await run_in_threadpool(self._simulator.answer, asked)
        if reply is None:
            await self._connections.abort(scope, receive)
            return
        await HttpResponse(reply.body, reply.status, media_type=reply.kind)(scope, receive, send)

    async def _act(self, request: HttpRequest) -> HttpResponse:
        """``{"provider", "key", "status"}``: what a customer or the provider does by hand."""
        try:
            told = json.loads(await request.body())
            provider, key, status = (str(told[name]) for name in ("provider", "key", "status"))
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "Send provider, key and status."}, status_code=400)
        if status not in STATUSES:
            words = f"Send a status of {', '.join(STATUSES)}."
            return JSONResponse({"error": words}, status_code=400)
        if not await run_in_threadpool(self._simulator.do, provider, key, status):
            return JSONResponse({"error": "There is no such payment."}, status_code=404)
        return JSONResponse({"status": status})


class Customers:
    """The thread that lets customers act and delivers callbacks."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._stop = threading.Event()
        self._client = httpx2.Client(timeout=10, trust_env=False)
        self._thread = threading.Thread(target=self._run, name="customers", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a callback on its way is finished first."""
        self._stop.set()
        self._thread.join(timeout=15)
        self._client.close()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            for post in self._simulator.act():
                self._deliver(post)

    def _deliver(self, post: Post) -> None:
        try:
            answer = self._client.post(post.url, content=post.body, headers=dict(post.headers))
            outcome = str(answer.status_code)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            outcome = f"not delivered: {error}"
        self._simulator.log.append(f"callback {post.provider}", outcome, {"to": post.url})


def run(*, port: int, directory: Path, host: str = "127.0.0.1", seed: int = 0) -> None:
    """Serve the gateway until SIGTERM; its ready line has ``url`` and ``sandbox``."""
    directory.mkdir(parents=True, exist_ok=True)
    clock, connections = SandboxClock(), Connections()
    simulator = Simulator(Books(directory, clock), clock, seed=seed)
    customers = Customers(simulator)

    def ready(taken: int) -> dict[str, Any]:
        base = f"http://{host}:{taken}"
        customers.start()
        return {"url": base, "sandbox": f"{base}/_sandbox"}

    serve(
        SandboxApp(simulator, connections),
        host=host,
        port=port,
        ready=ready,
        on_stop=customers.stop,
        connections=connections,
    )
