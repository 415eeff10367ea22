"""The simulated box as a process of its own: HTTP, a pseudo-serial port, and a control door."""

from __future__ import annotations

import json
import os
import random
import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fiscal.operations import BASE_PATH
from fiscal.simulator import fault
from fiscal.simulator.box import Box
from fiscal.simulator.device import stored_device
from fiscal.simulator.http_face import HttpFace
from fiscal.simulator.serial_face import SerialFace
from fiscal.simulator.settings import DeviceSettings
from sandbox.clock import SandboxClock
from sandbox.connection import Connections
from sandbox.control import control_routes
from sandbox.fault import Faults
from sandbox.log import RequestLog
from sandbox.server import serve

CLOCK_FILE = "clock.json"


class BoxClock:
    """The clock of a box: can be turned from outside, and remembers that in its directory."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / CLOCK_FILE
        self.turned = SandboxClock(offset=timedelta(seconds=self._kept()))

    def now(self) -> datetime:
        """The current aware instant."""
        return self.turned.now()

    def sleep(self, seconds: float) -> None:
        """Let real time pass."""
        time.sleep(seconds)

    def keep(self) -> None:
        """Write down how far it was turned."""
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({"offset_seconds": self.turned.offset.total_seconds()}))
        draft.replace(self._path)

    def _kept(self) -> float:
        try:
            return float(json.loads(self._path.read_text())["offset_seconds"])
        except FileNotFoundError:
            return 0


def application(box: Box, clock: BoxClock, connections: Connections, *, seed: int) -> Starlette:
    """The routes of the box and its control door, which also has ``manual_close``."""

    async def close_manually(_: Request) -> Response:
        await run_in_threadpool(box.close_by_authority)
        return JSONResponse({"closed": True})

    control = control_routes(
        ledger=box.ledger,
        requests=box.log,
        faults=box.faults,
        clock=clock.turned,
        reset=box.reset,
        changed=clock.keep,
    )
    face = HttpFace(box, connections, rng=random.Random(seed))  # noqa: S311 - damage, no secret
    device = Route(BASE_PATH + "{rest:path}", face)
    manual = Route("/_sandbox/manual_close", close_manually, methods=["POST"])
    return Starlette(routes=[*control, manual, device])


def run(
    *,
    port: int,
    serial_link: str | Path | None,
    directory: str | Path,
    host: str = "127.0.0.1",
    seed: int = 0,
    settings: DeviceSettings | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; prints one line of JSON when ready.

    Args:
        port: port to bind, 0 for a free one.
        serial_link: symbolic link to the pseudo-serial port, or None for none.
        directory: keeps journal, key and clock; the same one again resumes.
        host: address to bind.
        seed: of the damage and the chances of faults.
        settings: the fixed facts of the box.

    Raises:
        JournalInUse, JournalDamaged: as `stored_device`.
        LinkTaken: the link's name belongs to something else.
        OSError: the directory, the link or the port cannot be used.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    clock = BoxClock(folder)
    device = stored_device(folder, clock, settings=settings, boot_ids=_boots())
    faults = Faults(random.Random(seed), known=fault.KNOWN)  # noqa: S311 - chances, no secret
    box = Box(device, clock, faults=faults, log=RequestLog(clock.now))
    face = _plug_in(box, serial_link, seed)
    connections = Connections()

    def ready(taken: int) -> dict[str, Any]:
        base = f"http://{host}:{taken}"
        serial = os.path.abspath(serial_link) if serial_link else None  # noqa: PTH100 - not its target
        return {"http": base, "serial": serial, "sandbox": f"{base}/_sandbox"}

    def stop() -> None:
        if face is not None:
            face.stop()
        device.close()

    app = application(box, clock, connections, seed=seed)
    try:
        serve(app, host=host, port=port, ready=ready, connections=connections)
    finally:
        stop()


def _plug_in(box: Box, serial_link: str | Path | None, seed: int) -> SerialFace | None:
    if not serial_link:
        return None
    rng = random.Random(seed)  # noqa: S311 - damage, no secret
    face = SerialFace(box, Path(serial_link), rng=rng)
    face.start()
    return face


def _boots() -> Iterator[str]:
    while True:
        yield secrets.token_hex(4)
