"""The box on HTTP: the routes of a REVMax service, status 200 for refusals too."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fiscal import decimal_json
from fiscal.operations import BASE_PATH, POSTS, Op
from fiscal.simulator.answers import Answer
from fiscal.simulator.box import Box, End, Reply
from fiscal.simulator.spoil import spoiled
from sandbox.connection import Connections
from sandbox.fault import Fault

_BODY_MAX = 2_000_000
_OPS = {op.value.lower(): op for op in Op}


class HttpFace:
    """An ASGI application for the paths below ``/api/RevmaxAPI/``; there is no sign-in."""

    def __init__(self, box: Box, connections: Connections, *, rng: random.Random) -> None:
        self._box = box
        self._connections = connections
        self._rng = rng

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or cut its connection."""
        request = Request(scope, receive)
        taken = await _take(request)
        if isinstance(taken, Response):
            await taken(scope, receive, send)
            return
        op, body = taken
        if self._box.is_off:
            await self._connections.abort(scope, receive)
            return
        if self._box.refuses_frame(op, body):
            await Response("Service Unavailable", 503)(scope, receive, send)
            return
        reply = await self._reply(op, body)
        await self._send(reply, op, body, door=(scope, receive, send))

    async def _reply(self, op: Op, body: Mapping[str, Any]) -> Reply:
        loop = asyncio.get_running_loop()

        def wait(seconds: float) -> None:
            asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), loop).result()

        return await run_in_threadpool(self._box.reply, op, body, wait=wait)

    async def _send(
        self, reply: Reply, op: Op, body: Mapping[str, Any], *, door: tuple[Any, Any, Any]
    ) -> None:
        scope, receive, send = door
        if reply.end is End.SILENCE:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        if reply.end in {End.DROPPED, End.POWER_CUT} or reply.envelope is None:
            await self._connections.abort(scope, receive)
            return
        data = decimal_json.dumps(self._chosen(reply.envelope, op, body)).encode()
        if reply.end is End.CUT_MID_REPLY:
            await _start(send, len(data))
            await send(_body(data[: len(data) // 2], is_more=True))
            await self._connections.abort(scope, receive)
            return
        data, length = self._damaged(data, self._box.spoils(op, body))
        await _start(send, length)
        await send(_body(data, is_more=length > len(data)))
        if length > len(data):
            await self._connections.abort(scope, receive)

    def _chosen(self, envelope: Answer, op: Op, body: Mapping[str, Any]) -> Answer:
        old = self._box.repeats_old(op, body)
        self._box.remember(op, envelope)
        return old or envelope

    def _damaged(self, data: bytes, fault: Fault | None) -> tuple[bytes, int]:
        """The bytes and the length announced; TCP lets no flipped byte through as if whole."""
        if fault is None:
            return data, len(data)
        if fault.do == "flip_byte":
            return bytes([data[0] ^ 0x80]) + data[1:], len(data)
        if fault.do == "drop_bytes":
            return data[: len(data) // 2], len(data)
        damaged = spoiled(data, fault, self._rng)
        return damaged + b"\x00", len(damaged) + 1


async def _take(request: Request) -> tuple[Op, Mapping[str, Any]] | Response:
    """Operation and parameters, or the answer a web service gives before its code is reached."""
    path = request.scope["path"][len(BASE_PATH) :]
    name, _, rest = path.partition("/")
    op = _OPS.get(name.lower())
    if op is None or bool(rest) is not (op is Op.GET_INVOICE):
        return JSONResponse({"Message": "No HTTP resource was found."}, 404)
    if request.method != ("POST" if op in POSTS else "GET"):
        return JSONResponse({"Message": "The requested resource does not support this."}, 405)
    if op is Op.GET_INVOICE:
        return op, {"InvoiceNumber": rest}
    if op not in POSTS:
        return op, dict(request.query_params)
    return await _take_body(request, op)


async def _take_body(request: Request, op: Op) -> tuple[Op, Mapping[str, Any]] | Response:
    data = await request.body()
    if len(data) > _BODY_MAX:
        return JSONResponse({"Message": "The request is too large."}, 413)
    try:
        body = decimal_json.loads(data)
    except (ValueError, RecursionError):
        return JSONResponse({"Message": "The request is not JSON."}, 400)
    return op, body if isinstance(body, Mapping) else {}


async def _start(send: Any, length: int) -> None:
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(length).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def _body(data: bytes, *, is_more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": is_more}
