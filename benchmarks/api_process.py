"""Servers to be measured, each in a process of its own that ends when nobody wants it any more."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

ENDING_SECONDS = 10


class ServerFailed(RuntimeError):
    """A server to be measured did not start; its own words stand above."""


@contextmanager
def serving(kind: str, told: str) -> Iterator[int]:
    """A server in a process of its own; its port.

    The server ends with its standard input, so that it outlives nobody who started it.
    """
    pipe = subprocess.PIPE
    with tempfile.TemporaryDirectory(prefix="pos-bench-log-") as logs:
        command = [sys.executable, "-m", "benchmarks.api_server", kind, told, logs]
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        try:
            port = child.stdout.readline() if child.stdout else ""
            if not port:
                raise ServerFailed(f"{kind} {told}")
            yield int(port)
        finally:
            child.kill()  # it holds nothing anybody wants to see again
            child.communicate(timeout=ENDING_SECONDS)


def get(path: str, key: str) -> bytes:
    """A request for a page, as it goes over the line."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n\r\n".encode()


def post(path: str, key: str, body: bytes, *, once: str = "") -> bytes:
    """A request that makes something; under an idempotency key, where one is given."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    named = f"Idempotency-Key: {once}\r\n" if once else ""
    return f"{head}{named}\r\n".encode() + body
