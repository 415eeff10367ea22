"""pos agent: a till's background work without a screen."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import click

from pos_app.cli import garbage, option


@click.command("agent")
@option.config
def command(config: Path) -> None:
    """Settle and send fiscal receipts, print and sync until told to stop."""
    with garbage.left_lying():
        from pos_app.background import TillBackground
        from pos_app.bootstrap import install
        from pos_app.log import to_file
    garbage.look_at_new_only()

    installation = install(config, role="till")
    to_file(installation.folder / "log" / "agent.log")
    background = TillBackground(installation)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    background.start()
    click.echo(json.dumps({"ready": True, "till": installation.shop.rules.till}))
    stop.wait()
    background.stop()
    installation.close()
