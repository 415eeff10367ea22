"""Run the server: in a thread of its own, or as a whole process until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from pos_app.api.app import create_app
from pos_app.api.patience import PatientProtocol
from pos_app.api.settings import ApiSettings
from pos_app.errors import Unavailable
from pos_app.services.shop import Shop

BACKLOG = 512
CONNECTIONS_MOST = 2000
IDLE_SECONDS = 75
MESSAGE_BYTES = 64 * 1024
STOP_SECONDS = 10


class PortTaken(Unavailable):
    """Another program listens there already, or the address is not this machine's."""

    code = "port_taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The server cannot listen on {host}:{port}, {reason}: choose another port, or stop "
            "the other program.",
            host=host,
            port=port,
        )


class HttpServer:
    """An application that listens in a thread of its own.

    Attributes:
        port: the port it listens on.
    """

    def __init__(self, app: Starlette, *, host: str, port: int) -> None:
        """Take the port; nothing is answered yet.

        Args:
            app: the application.
            host: address to listen on.
            port: port, 0 for a free one.

        Raises:
            PortTaken: it cannot be had.
        """
        self._socket = _listen(host, port)
        self.port = int(self._socket.getsockname()[1])
        self._server = uvicorn.Server(_config(app))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="http"
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what has come in, then end; the port is free afterwards."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_SECONDS)
        self._socket.close()


def run(
    shop: Shop,
    settings: ApiSettings,
    host: str,
    port: int,
    on_ready: Callable[[int], None],
) -> None:
    """Serve a shop until SIGTERM or SIGINT.

    Args:
        shop: the shop.
        settings: of the API.
        host: address to listen on.
        port: port, 0 for a free one.
        on_ready: told the port once it answers.

    Raises:
        PortTaken: the port cannot be had.
    """
    server = HttpServer(create_app(shop, settings), host=host, port=port)
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    server.start()
    on_ready(server.port)
    stop.wait()
    server.stop()


def _config(app: Starlette) -> uvicorn.Config:
    """What uvicorn is told: addresses of peers are the socket's, never a header's."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        access_log=False,
        log_level=logging.WARNING,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        limit_concurrency=CONNECTIONS_MOST,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, since asyncio turns Nagle off only where the protocol is: else 40 ms per answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTaken(host, port, error.strerror or str(error)) from error
    return listener
