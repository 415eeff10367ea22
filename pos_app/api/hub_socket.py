"""One connection to the hub: sign in, greet, tell what is new, and end cleanly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import structlog
from fastapi.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from pos_app.api.auth import API_ROLES, Shown, Standing, standing_for
from pos_app.api.context import Context
from pos_app.api.hub import CLOSE, COMPLETION, END, INVOCATION, PING, Client, frame
from pos_app.services.notification.view import reader_of

log = structlog.get_logger(__name__)

MESSAGE_MOST = 16 * 1024
HANDSHAKE_SECONDS, PING_SECONDS, LOOK_SECONDS, CLOSE_SECONDS = 10.0, 15.0, 60.0, 5.0
GONE = (WebSocketDisconnect, RuntimeError)
"""What sending to a connection raises whose other end is gone."""

REFUSED, TOO_MANY, GONE_AWAY, TOO_SLOW = 4401, 4429, 1001, 1013


async def serve(socket: WebSocket, context: Context) -> None:
    """Serve one connection until either side ends it."""
    account = (await _standing(socket, context)).account
    await socket.accept()
    if account is None or account.actor.role not in API_ROLES:
        await socket.close(REFUSED, "Sign in first, or send a valid API key.")
        return
    client = Client(reader_of(account.actor), asyncio.get_running_loop())
    if not context.settings.hub.join(client):
        await socket.close(TOO_MANY, "Too many connections: close one, or come later.")
        return
    try:
        if await _greeted(socket):
            await _talk(socket, client, context)
    except WebSocketDisconnect:
        log.debug("hub client gone")
    finally:
        context.settings.hub.leave(client)
    await _end(socket, client)


async def _end(socket: WebSocket, client: Client) -> None:
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        code = TOO_SLOW if client.too_slow.is_set() else GONE_AWAY
        with anyio.fail_after(CLOSE_SECONDS):
            await socket.close(code)
    except (RuntimeError, TimeoutError):
        # It is closed already, or nobody takes what is sent.
        log.debug("hub connection was gone")


async def _standing(socket: WebSocket, context: Context) -> Standing:
    """Who is there: a browser cannot send headers, so a token may stand in the address, too."""
    bearer = socket.headers.get("Authorization", "")
    token = socket.query_params.get("access_token", "")
    key = socket.headers.get("X-API-Key", "")
    if token and not bearer:
        bearer = f"Bearer {token}"
    address = socket.client.host if socket.client else "unknown"
    if not bearer and not key:
        return Standing(address)
    shown = Shown(address, bearer, key)
    return await run_in_threadpool(standing_for, context.shop, context.tokens, shown)


async def _greeted(socket: WebSocket) -> bool:
    """Agree on the protocol."""
    try:
        with anyio.fail_after(HANDSHAKE_SECONDS):
            text = await socket.receive_text()
    except (TimeoutError, KeyError):
        return False
    asked = _read(text.partition(END)[0])
    if asked.get("protocol") != "json" or asked.get("version") != 1:
        await socket.send_text(frame({"error": "Only protocol json, version 1, is spoken here."}))
        return False
    await socket.send_text(frame({}))
    return True


async def _talk(socket: WebSocket, client: Client, context: Context) -> None:
    """Send, listen and look after the session at once, until the first of them is over."""
    async with anyio.create_task_group() as group:

        async def run(work: Callable[..., Awaitable[object]], *given: object) -> None:
            try:
                await work(*given)
            except GONE:
                log.debug("hub client gone")
            finally:
                group.cancel_scope.cancel()

        group.start_soon(run, _send, socket, client)
        group.start_soon(run, _listen, socket)
        group.start_soon(run, _watch, socket, client, context)
        group.start_soon(run, client.too_slow.wait)


async def _send(socket: WebSocket, client: Client) -> None:
    """Send what waits; a ping when there is nothing, so that the way stays open."""
    while True:
        message = frame({"type": PING})
        with anyio.move_on_after(PING_SECONDS):
            message = await client.waiting.get()
        await socket.send_text(message)


async def _listen(socket: WebSocket) -> None:
    """Take pings and the end; whatever else is asked for is not served here."""
    while True:
        received = await socket.receive()
        text = received.get("text")
        if received["type"] == "websocket.disconnect" or text is None or len(text) > MESSAGE_MOST:
            return
        for part in filter(None, text.split(END)):
            said = _read(part)
            if said.get("type") == CLOSE:
                return
            if said.get("type") == INVOCATION and isinstance(said.get("invocationId"), str):
                told = {"type": COMPLETION, "invocationId": said["invocationId"][:100]}
                await socket.send_text(frame(told | {"error": "The hub only tells."}))


async def _watch(socket: WebSocket, client: Client, context: Context) -> None:
    """Look every minute whether whoever connected is still let in, and still the same."""
    while True:
        await anyio.sleep(LOOK_SECONDS)
        account = (await _standing(socket, context)).account
        if account is None or reader_of(account.actor) != client.reader:
            await socket.send_text(frame({"type": CLOSE, "error": "The session is over."}))
            return


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
