"""A mail server for tests: takes letters on a loopback port, and misbehaves when it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """What it does and what it has got.

    Attributes:
        answers: what it says to a command, by the command's line or its first word; ``END`` is the
            end of a message. Empty hangs up without a word.
        got: (recipients, message) of each letter it has taken.
    """

    answers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    starts_tls: bool = False
    port: int = 0

    def serve(self, connection: socket.socket) -> None:
        """One dialogue."""
        dialogue = _Dialogue(self, connection)
        try:
            dialogue.run()
        finally:
            dialogue.close()


class _HungUp(Exception):
    """The server ends the dialogue."""


class _Dialogue:
    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._recipients: list[str] = []

    def run(self) -> None:
        with suppress(_HungUp):
            self._say("HELLO", "220 mail")
            while line := self._reader.readline():
                told = line.decode().strip()
                verb = told.partition(" ")[0].upper()
                {"RCPT": self._recipient, "STARTTLS": self._start_tls, "DATA": self._data}.get(
                    verb, self._other
                )(told)

    def close(self) -> None:
        self._reader.close()
        self._connection.close()

    def _say(self, key: str, usual: str) -> str:
        words = self._server.answers.get(key, usual)
        if not words:
            raise _HungUp
        self._connection.sendall(f"{words}\r\n".encode())
        return words

    def _other(self, told: str) -> None:
        verb = told.partition(" ")[0].upper()
        offers = "250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN"
        self._say(verb, offers if self._server.starts_tls else "250 mail")
        if verb == "QUIT":
            raise _HungUp

    def _recipient(self, told: str) -> None:
        name = told.partition("<")[2].partition(">")[0]
        if self._say(name, "250 ok").startswith("2"):
            self._recipients.append(name)

    def _start_tls(self, told: str) -> None:
        if self._server.tls is None:
            self._say(told, "502 no")
            return
        self._say(told, "220 go")
        self._reader.close()
        self._connection = self._server.tls.wrap_socket(self._connection, server_side=True)
        self._reader = self._connection.makefile("rb")

    def _data(self, told: str) -> None:
        if not self._say(told, "354 go on").startswith("3"):
            return
        message = _body(self._reader)
        if message is None:
            raise _HungUp
        if self._say("END", "250 taken").startswith("2"):
            self._server.got.append((tuple(self._recipients), message))


def _body(reader: Iterator[bytes]) -> bytes | None:
    lines = []
    for line in reader:
        if line == b".\r\n":
            return b"".join(lines)
        lines.append(line[1:] if line.startswith(b".") else line)
    return None


@contextmanager
def serving(answers: Mapping[str, str] | None = None, **facts: object) -> Iterator[MailServer]:
    """A mail server that answers until the block ends."""
    server = MailServer(dict(answers or {}), **facts)  # type: ignore[arg-type]
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    server.serve(connection)
                except (OSError, ssl.SSLError):
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)
