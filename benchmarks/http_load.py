"""Requests over kept connections, as fast as they are answered or at a rate, and what each took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import cycle

Maker = Callable[[], bytes]
"""Makes the next request, whole."""


class LoadFailed(RuntimeError):
    """A request was not answered as it should be; the sentence says how."""


def flood(
    ports: int | Sequence[int], make: Maker, *, seconds: float, connections: int
) -> list[float]:
    """Ask on each connection again as soon as it was answered; seconds each answer took.

    Connections are shared out among the ports evenly.
    """
    told = [ports] if isinstance(ports, int) else ports
    return asyncio.run(_flood(told, make, seconds, connections))


def pace(port: int, make: Maker, *, count: int, rate: float, connections: int) -> list[float]:
    """Ask so many times a second whatever the answers do; seconds from when each was due."""
    return asyncio.run(_pace(port, make, count, rate, connections))


async def _flood(
    ports: Sequence[int], make: Maker, seconds: float, connections: int
) -> list[float]:
    taken: list[float] = []
    until = time.perf_counter() + seconds

    async def client(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            await _ask(reader, writer, make())
            taken.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client(port) for port, _ in zip(cycle(ports), range(connections))))
    return taken


async def _pace(port: int, make: Maker, count: int, rate: float, connections: int) -> list[float]:
    taken: list[float] = []
    due: asyncio.Queue[float | None] = asyncio.Queue()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (wanted := await due.get()) is not None:
            await _ask(reader, writer, make())
            taken.append(time.perf_counter() - wanted)
        writer.close()

    async def clock() -> None:
        began = time.perf_counter()
        for number in range(count):
            wanted = began + number / rate
            await asyncio.sleep(max(wanted - time.perf_counter(), 0))
            due.put_nowait(wanted)
        for _ in range(connections):
            due.put_nowait(None)

    await asyncio.gather(clock(), *(client() for _ in range(connections)))
    return taken


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> None:
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    if not head.startswith(b"http/1.1 20"):
        raise LoadFailed(f"{head[:40]!r} {body[:300]!r}")
