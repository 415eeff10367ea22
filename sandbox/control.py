"""The control door of a simulator: ledger, requests, faults, clock, reset."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import SandboxClock
from sandbox.fault import Fault, FaultInvalid, Faults
from sandbox.log import RequestLog

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


def control_routes(
    *,
    ledger: Callable[[], Any],
    requests: RequestLog,
    faults: Faults,
    clock: SandboxClock,
    reset: Callable[[], None],
    changed: Callable[[], None] = lambda: None,
) -> list[Route]:
    """Routes under ``/_sandbox``; the names and bodies are a fixed interface.

    Args:
        ledger: what the simulator has truly committed, as JSON data.
        requests: the log of calls.
        faults: armed by ``POST faults``, which replaces the list.
        clock: turned by ``POST clock``.
        reset: empties the simulator.
        changed: called after faults or clock changed, for simulators that must act at once.
    """

    async def read_ledger(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(ledger))

    async def read_requests(_: Request) -> Response:
        return JSONResponse(requests.rows())

    async def arm(request: Request) -> Response:
        try:
            faults.replace(_read_faults(await request.body()))
        except FaultInvalid as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        await run_in_threadpool(changed)
        return JSONResponse({"armed": len(faults.standing())})

    async def turn(request: Request) -> Response:
        try:
            _turn_clock(clock, json.loads(await request.body() or b"{}"))
        except UNREADABLE:
            sentence = "Send now as an ISO date and time, or advance_seconds as a number."
            return JSONResponse({"error": sentence}, status_code=400)
        await run_in_threadpool(changed)
        return JSONResponse({"now": clock.now().isoformat()})

    async def empty(_: Request) -> Response:
        await run_in_threadpool(reset)
        requests.clear()
        faults.replace([])
        return JSONResponse({"reset": True})

    return [
        Route("/_sandbox/ledger", read_ledger, methods=["GET"]),
        Route("/_sandbox/requests", read_requests, methods=["GET"]),
        Route("/_sandbox/faults", arm, methods=["POST"]),
        Route("/_sandbox/clock", turn, methods=["POST"]),
        Route("/_sandbox/reset", empty, methods=["POST"]),
    ]


def _read_faults(body: bytes) -> list[Fault]:
    try:
        data = json.loads(body or b"[]")
    except (ValueError, RecursionError) as error:
        raise FaultInvalid("Send the faults as a JSON list.") from error
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise FaultInvalid("Send the faults as a JSON list of objects.")
    return [Fault.read(entry) for entry in data]


def _turn_clock(clock: SandboxClock, data: dict[str, Any]) -> None:
    if "now" in data:
        clock.set(datetime.fromisoformat(data["now"]))
    else:
        clock.advance(float(data["advance_seconds"]))
