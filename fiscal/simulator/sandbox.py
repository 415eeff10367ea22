"""The simulated box as a process of its own: HTTP, a pseudo-serial port, and a control door."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fiscal import decimal_json
from fiscal.operations import BASE_PATH, Op
from fiscal.signing import KeyKind
from fiscal.simulator import fault
from fiscal.simulator.assembly import add_sister, stored_device, stored_sister
from fiscal.simulator.authority.gateway import Unreachable
from fiscal.simulator.box import Box
from fiscal.simulator.http_face import HttpFace
from fiscal.simulator.proof import violations
from fiscal.simulator.serial_face import SerialFace
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.world import WorldInvalid
from sandbox.clock import KeptClock
from sandbox.connection import Connections
from sandbox.control import control_routes
from sandbox.fault import Faults
from sandbox.log import RequestLog
from sandbox.server import serve

CLOCK_FILE = "clock.json"


class BoxClock:
    """The clock of a box: can be turned from outside, and remembers that in its directory."""

    def __init__(self, directory: Path) -> None:
        self.turned = KeptClock(directory / CLOCK_FILE)

    def now(self) -> datetime:
        """The current aware instant."""
        return self.turned.now()

    def sleep(self, seconds: float) -> None:
        """Let real time pass."""
        time.sleep(seconds)


def application(box: Box, clock: BoxClock, connections: Connections, *, seed: int) -> Starlette:
    """The routes of the box, its control door, and what happens around it."""

    def ledger() -> dict[str, Any]:
        found = box.ledger()
        return found | {"violations": violations(found)}

    async def change(request: Request) -> Response:
        return await _obeyed(box.change, await request.body())

    async def ask_sister(request: Request) -> Response:
        return await _obeyed(lambda sent: _ask_sister(box, sent), await request.body())

    control = control_routes(
        ledger=ledger,
        requests=box.log,
        faults=box.faults,
        clock=clock.turned,
        reset=box.reset,
        changed=clock.turned.keep,
    )
    face = HttpFace(box, connections, rng=random.Random(seed))  # noqa: S311 - damage, no secret
    around = [
        Route("/_sandbox/world", change, methods=["POST"]),
        Route("/_sandbox/sister", ask_sister, methods=["POST"]),
    ]
    return Starlette(routes=[*control, *around, Route(BASE_PATH + "{rest:path}", face)])


async def _obeyed(do: Callable[[dict[str, Any]], dict[str, Any]], body: bytes) -> Response:
    """Do what a JSON object asks for, or say in a sentence why not."""
    try:
        sent = decimal_json.loads(body or b"{}")
        if not isinstance(sent, dict):
            raise WorldInvalid("Send a JSON object.")
        found = await run_in_threadpool(do, sent)
    except (WorldInvalid, Unreachable) as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except ValueError:
        return JSONResponse({"error": "Send a JSON object."}, status_code=400)
    return Response(decimal_json.dumps(found), media_type="application/json")


def _ask_sister(box: Box, sent: dict[str, Any]) -> dict[str, Any]:
    device, op, body = sent.get("device_id"), sent.get("op"), sent.get("body")
    if not isinstance(device, str) or op not in set(Op) or not isinstance(body, dict | None):
        raise WorldInvalid("Send device_id as text, op as an operation of the box, and its body.")
    return box.ask_sister(device, str(op), body)


def run(
    *,
    port: int,
    serial_link: str | Path | None,
    directory: str | Path,
    host: str = "127.0.0.1",
    seed: int = 0,
    settings: DeviceSettings | None = None,
    key: KeyKind = "rsa",
) -> None:
    """Serve until SIGTERM or SIGINT; prints one line of JSON when ready.

    Args:
        port: port to bind, 0 for a free one.
        serial_link: symbolic link to the pseudo-serial port, or None for none.
        directory: keeps journal, key and clock; the same one again resumes.
        host: address to bind.
        seed: of the damage and the chances of faults.
        settings: the fixed facts of the box.
        key: the kind of key to make when there is none.

    Raises:
        JournalInUse, JournalDamaged, DeviceAnother: as `stored_device`.
        LinkTaken: the link's name belongs to something else.
        OSError: the directory, the link or the port cannot be used.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    clock = BoxClock(folder)
    device = stored_device(folder, clock, settings=settings, key=key, boot_ids=_boots())
    faults = Faults(random.Random(seed), known=fault.KNOWN)  # noqa: S311 - chances, no secret
    for sister in sorted(folder.glob("sisters/*")):
        add_sister(device, stored_sister(folder, device, sister.name))
    box = Box(
        device,
        clock,
        faults=faults,
        log=RequestLog(clock.now),
        rng=random.Random(seed),  # noqa: S311 - shapes, no secret
        make_sister=lambda device_id: stored_sister(folder, device, device_id),
    )
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
