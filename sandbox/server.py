"""Run a simulator as a process: bind, say so in one line of JSON, serve, stop."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from sandbox.connection import Connections


class PortTaken(OSError):
    """The address cannot be listened on, most often because another program does already."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Port {port} of {host} cannot be used ({reason}): "
            "choose another with --port, or end the program that has it."
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises PortTaken."""
    # Named, since asyncio turns Nagle off only where the protocol is: else 40 ms per answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise PortTaken(host, port, error.strerror or str(error)) from error
    return listener


def server_of(app: Any, connections: Connections | None = None) -> uvicorn.Server:
    """A server that is not running yet; run it with a socket of `listen`."""
    http: Any = "auto" if connections is None else connections.protocol()
    return uvicorn.Server(
        uvicorn.Config(
            app, http=http, log_level="error", access_log=False, lifespan="off", ws="none"
        )
    )


def serve(
    app: Any,
    *,
    host: str,
    port: int,
    ready: Callable[[int], dict[str, Any]],
    on_stop: Callable[[], None] = lambda: None,
    connections: Connections | None = None,
) -> None:
    """Serve an ASGI application until SIGTERM or SIGINT.

    Args:
        app: the application.
        host: address to bind.
        port: port to bind, 0 for a free one.
        ready: given the port in use, returns the object printed as one line of JSON.
        on_stop: called once, after the last request.
        connections: for an application that cuts connections.
    """
    listener = listen(host, port)
    taken = int(listener.getsockname()[1])
    # Uvicorn's own handlers re-raise the signal after shutdown, which would skip on_stop.
    server = server_of(app, connections)
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="http")
    thread.start()
    print(json.dumps(ready(taken)), file=sys.stdout, flush=True)  # noqa: T201 - the interface
    stop.wait()
    thread.join(timeout=10)
    on_stop()
