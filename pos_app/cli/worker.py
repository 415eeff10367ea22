"""pos worker: the worker of the SAP posting queue, any number of them on PostgreSQL."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import click

from pos_app.cli import garbage, option


@click.command("worker")
@option.config
def command(config: Path) -> None:
    """Post what is queued until told to stop."""
    with garbage.left_lying():
        from pos_app.bootstrap import install
        from pos_app.log import to_file
        from pos_app.server_work import ServerWork
    garbage.look_at_new_only()

    installation = install(config, role="server")
    to_file(installation.folder / "log" / "worker.log")
    work = ServerWork(installation)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work.start()
    click.echo(json.dumps({"ready": True}))
    stop.wait()
    work.stop()
    installation.close()
